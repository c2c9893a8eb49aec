"""Django's entry for the part ``ledger``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.ledger"
    label = "ledger"
