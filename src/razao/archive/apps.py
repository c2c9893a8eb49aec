"""Django's entry for the part ``archive``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.archive"
    label = "archive"
