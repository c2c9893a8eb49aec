"""Notices: in: a delivery and what happened to it, out: one e-mail to each person who may read it, never two.

``attempting`` is committed before the mail server is asked. What the server refuses before it takes the
message is tried again; a cut-off in between leaves ``uncertain``, which a person sees and nobody resends
by itself.
"""

from __future__ import annotations

import hashlib
import logging
import smtplib
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.db.models.functions import Now

from razao.companies.models import Office, User
from razao.delivery.letters import letter, sender
from razao.delivery.models import Delivery, Notice, Opening, PortalPreference
from razao.delivery.recipients import recipients
from razao.kernel.jobs import Run, job

ATTEMPTS = 8
log = logging.getLogger(__name__)


class NotTaken(Exception):
    """The mail server did not take the message: nobody got it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is to go out now: its row stands as ``attempting``, committed."""

    notice: UUID
    message: EmailMessage


@job(title="Notify by e-mail", attempts=ATTEMPTS)
def notify(run: Run, *, delivery: str, kind: str, occasion: str = "") -> None:
    """Tell everybody who may read a delivery, each once. Raises OSError while the server takes no mail."""
    company = run.company_id
    assert company is not None
    with run.transaction():
        subject = Delivery.objects.select_related("company").get(pk=UUID(delivery))
        people = [p.pk for p in _people(subject, kind)]
    not_taken = []
    for done, person in enumerate(people):
        run.progress(done, len(people))
        with run.transaction():
            due = _begin(subject, person, kind, occasion)
        if due is None:
            continue
        try:
            _hand_over(due.message)
        except NotTaken as error:
            _end(run, due, Notice.State.FAILED, str(error))
            not_taken.append(str(error))
        except Exception as error:
            # The server may or may not have it: the row says so, and no code sends it again.
            log.exception("notice %s is uncertain", due.notice)
            _end(run, due, Notice.State.UNCERTAIN, str(error))
        else:
            _end(run, due, Notice.State.ACCEPTED)
    if not_taken:
        raise OSError(not_taken[0])


def _people(delivery: Delivery, kind: str) -> list[User]:
    people = recipients(delivery.company_id, delivery.category)
    if kind != Notice.Kind.REMINDER:
        return people
    opened = set(
        Opening.objects.filter(document__delivery=delivery, fact=Opening.Fact.OPENED).values_list(
            "user_id", flat=True
        )
    )
    return [person for person in people if person.pk not in opened]


def _begin(delivery: Delivery, person_id: UUID, kind: str, occasion: str) -> Due | None:
    """Write ``attempting``; None when this person's notice went out, may have gone out, or is not wanted."""
    person = User.objects.get(pk=person_id)
    wanted = _wants(delivery, person, kind)
    notice, new = Notice.objects.select_for_update().get_or_create(
        company_id=delivery.company_id,
        delivery=delivery,
        user=person,
        kind=kind,
        occasion=occasion,
        defaults={
            "state": Notice.State.ATTEMPTING if wanted else Notice.State.UNWANTED,
            "address": person.email,
            "message_id": message_id(delivery.pk, person.pk, kind, occasion),
            "attempts": 1,
        },
    )
    if new:
        return Due(notice.pk, _message(delivery, person, notice)) if wanted else None
    if notice.state == Notice.State.ATTEMPTING:
        # Somebody was cut off between asking the server and writing down its answer.
        Notice.objects.filter(pk=notice.pk).update(state=Notice.State.UNCERTAIN, at=Now())
        return None
    if notice.state != Notice.State.FAILED:
        return None
    Notice.objects.filter(pk=notice.pk).update(
        state=Notice.State.ATTEMPTING, attempts=F("attempts") + 1, at=Now()
    )
    return Due(notice.pk, _message(delivery, person, notice))


def message_id(delivery: UUID, person: UUID, kind: str, occasion: str) -> str:
    """Always the same for the same notice, so that a mail system that gets it twice can tell."""
    name = hashlib.sha256(f"{delivery} {person} {kind} {occasion}".encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return f"<{name}@{domain}>"


def _wants(delivery: Delivery, person: User, kind: str) -> bool:
    if kind == Notice.Kind.REMINDER:
        return True  # a person of the office asked for it by hand
    found = PortalPreference.objects.filter(company_id=delivery.company_id, user=person).first()
    choice = found.notify if found else PortalPreference.Notify.EACH
    if choice == PortalPreference.Notify.DUE:
        return delivery.due_date is not None
    return choice == PortalPreference.Notify.EACH


def _message(delivery: Delivery, person: User, notice: Notice) -> EmailMessage:
    company = delivery.company
    office = Office.objects.filter(pk=company.office_id).values_list("name", flat=True).first()
    words = letter(
        notice.kind,
        delivery,
        company=company.name,
        office=office or "Razão",
        link=f"{settings.RAZAO_URL}/portal/d/{delivery.pk}/",
        language=person.language,
    )
    return EmailMessage(
        words.subject.replace("\n", " "),
        words.text,
        sender(office or "Razão"),
        [notice.address],
        headers={"Message-ID": notice.message_id, "Auto-Submitted": "auto-generated"},
    )


def _hand_over(message: EmailMessage) -> None:
    """Give the message to the server. Raises NotTaken when it surely has not got it; anything else is uncertain."""
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        raise NotTaken(str(error)) from error
    try:
        connection.send_messages([message])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise NotTaken(str(error)) from error
    finally:
        connection.close()


def _end(run: Run, due: Due, state: Notice.State, cause: str = "") -> None:
    with run.transaction():
        Notice.objects.filter(pk=due.notice).update(state=state, cause=cause[:500], at=Now())
        if state is Notice.State.ACCEPTED:
            _note_notified(due.notice)


def _note_notified(notice_id: UUID) -> None:
    notice = Notice.objects.select_related("delivery__document", "user").get(pk=notice_id)
    if notice.kind == Notice.Kind.WITHDRAWN:
        return
    Opening.objects.create(
        company_id=notice.company_id,
        document=notice.delivery.document,
        user=notice.user,
        fact=Opening.Fact.NOTIFIED,
        who=f"{notice.user.name} <{notice.address}>".strip(),
    )
