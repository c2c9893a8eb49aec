"""Django's entry for the part ``delivery``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.delivery"
    label = "delivery"
