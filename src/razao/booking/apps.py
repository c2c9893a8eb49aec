"""Django's entry for the part ``booking``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.booking"
    label = "booking"
