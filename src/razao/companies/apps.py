"""Django's entry for the part ``companies``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.companies"
    label = "companies"
