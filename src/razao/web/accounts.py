"""Accounts of people: nobody signs up by themselves, people are invited; what changes of an account is written down and told."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from razao.companies.models import User
from razao.kernel.audit import record

log = logging.getLogger("razao.accounts")


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    """The first person is made by the first-run page, all others by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell the person what changed. The change stands even where no letter can be sent: it is in the trail of acts."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except (OSError, SMTPException):
            log.warning("notification not sent", exc_info=True)


def address_changed(
    *, user: User, from_email_address: EmailAddress | None, **_signal: object
) -> None:
    """Write down that the person has another address now; allauth calls this once it is proven."""
    before = from_email_address.email if from_email_address else ""
    record("person.address_changed", user=user.pk, subject=user.email, details={"before": before})
