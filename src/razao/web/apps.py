"""Django's entry for the part ``web``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.web"
    label = "web"

    def ready(self) -> None:
        from allauth.account.signals import email_changed

        from razao.web.accounts import address_changed

        email_changed.connect(address_changed, dispatch_uid="razao.web")
