"""Accounts of people: nobody signs up by themselves, people are invited; what changes of an account is written down and told."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from razao.companies.models import User
from razao.companies.people import prove
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused

log = logging.getLogger("razao.accounts")
#: Letters without which the person cannot go on.
WAITED_FOR = "account/email/email_confirmation"


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    """The first person is made by the first-run page, all others by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter, or say where it ends that it could not be sent.

        Raises Refused (``mail.not_sent``) where the person waits for it. Of a change that stands, and of a forgotten password
        (who may not learn that way which address has an account), only the log says so.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.exception("letter not sent")
            if template_prefix.startswith(WAITED_FOR):
                raise Refused(Problem("mail.not_sent", where=email)) from error


def proven(user: User) -> None:
    """The person used what only their mailbox had. The first time, what opened the account without a password opens it no more.

    A code of an app stays: it opens nothing by itself, and a mailbox alone shall not get past it.
    """
    if prove(user):
        Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).delete()


def password_reset(*, user: User, **_signal: object) -> None:
    """A password was chosen by a link that is mailed and nothing else; allauth calls this then.

    It is no proof while another address waits: allauth mails the link there too. (Without one none waited when it was mailed:
    the link ends with any change of the addresses.)
    """
    if not EmailAddress.objects.filter(user=user, verified=False).exists():
        proven(user)


def address_changed(
    *, user: User, from_email_address: EmailAddress | None, **_signal: object
) -> None:
    """Write down that the person has another address now; allauth calls this once it is proven."""
    before = from_email_address.email if from_email_address else ""
    prove(user)
    record("person.address_changed", user=user.pk, subject=user.email, details={"before": before})
