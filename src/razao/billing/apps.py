"""Django's entry for the part ``billing``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.billing"
    label = "billing"
