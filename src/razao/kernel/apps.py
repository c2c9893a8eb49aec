"""Django's entry for the part ``kernel``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.kernel"
    label = "kernel"
