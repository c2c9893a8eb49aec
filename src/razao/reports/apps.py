"""Django's entry for the part ``reports``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.reports"
    label = "reports"
