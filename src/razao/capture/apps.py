"""Django's entry for the part ``capture``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.capture"
    label = "capture"
