"""Django's entry for the part ``web``."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "razao.web"
    label = "web"

    def ready(self) -> None:
        from allauth.account import signals

        from razao.web.accounts import address_changed, password_reset

        signals.email_changed.connect(address_changed, dispatch_uid="razao.web")
        signals.password_reset.connect(password_reset, dispatch_uid="razao.web")
