"""Django's entry for the part ``web``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.web"
    label = "web"
