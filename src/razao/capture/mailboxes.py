"""Mailboxes of an office (S1): what an administrator or a clerk says of them in, rows and an office's directory out.

A message stays in its mailbox until the archive holds it; whose it is and what became of it is a
``MailMessage``, so that nothing is looked at twice in vain.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from razao.archive.media import DIGITISED
from razao.capture import addressing
from razao.capture.addressing import Directory, Parcel, Target
from razao.capture.imap import Place
from razao.capture.mail import Attachment, Mail
from razao.capture.models import MailAddress, Mailbox, MailMessage
from razao.capture.reading.read import read_file
from razao.companies.models import Company, Office
from razao.companies.outside import resolved
from razao.companies.rights import May, OfficeAccess
from razao.companies.sealing import seal, unseal
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused, Severity, as_json

State = MailMessage.State
FIELDS = ("host", "port", "username", "folder", "done_folder", "since", "enabled")


def save_mailbox(
    access: OfficeAccess, values: Mapping[str, Any], mailbox: UUID | None = None
) -> Mailbox:
    """Write a mailbox down; a blank password leaves the one that is there. Raises NotFound, Refused (``mail.mailbox_taken``)."""
    access.require(May.ADMINISTER)
    box = mailbox_of(access.office, mailbox) if mailbox else Mailbox(office=access.office)
    for name in FIELDS:
        setattr(box, name, values[name])
    if values.get("password"):
        box.secret = seal(values["password"])
    box.looked_at, box.problems = None, []
    try:
        with transaction.atomic():
            box.save()
    except IntegrityError as error:
        raise Refused(Problem("mail.mailbox_taken", where=box.username)) from error
    record("mailbox.saved", user=access.user_id, subject=box.username)
    return box


def forget_mailbox(access: OfficeAccess, mailbox: UUID) -> None:
    """Look there no more; what was received stays. Raises NotFound."""
    access.require(May.ADMINISTER)
    box = mailbox_of(access.office, mailbox)
    record("mailbox.removed", user=access.user_id, subject=box.username)
    box.delete()


def save_address(access: OfficeAccess, address: str, company: UUID, direction: str) -> MailAddress:
    """Messages to this address are for this company. Raises NotFound, Refused (``mail.address_taken``)."""
    access.require(May.ADMINISTER)
    row, made = MailAddress.objects.get_or_create(
        office=access.office,
        address=address.strip().lower(),
        defaults={"company": company_of(access.office, company), "direction": direction},
    )
    if not made and (row.company_id, row.direction) != (company, direction):
        raise Refused(Problem("mail.address_taken", where=row.address))
    record("mailbox.address", user=access.user_id, company=company, subject=row.address)
    return row


def forget_address(access: OfficeAccess, address: UUID) -> None:
    """Messages to this address find their company by other marks again. Raises NotFound."""
    access.require(May.ADMINISTER)
    if not MailAddress.objects.filter(office=access.office, pk=address).delete()[0]:
        raise NotFound(f"address {address}")


def decide(
    access: OfficeAccess, message: UUID, company: UUID | None, direction: str
) -> MailMessage:
    """A person says for whom a waiting message is, or that it is for nobody (``company`` None). Raises NotFound."""
    access.require(May.REVIEW)
    rows = MailMessage.objects.select_for_update().filter(office=access.office)
    row = rows.filter(pk=message, state=State.WAITING).first()
    if row is None:
        raise NotFound(f"message {message}")
    if company is None:
        row.state = State.LEFT
    else:
        row.company, row.direction = company_of(access.office, company), direction
    row.save()
    record("mailbox.decided", user=access.user_id, company=company, subject=row.pk)
    return row


def mailbox_of(office: Office, mailbox: UUID) -> Mailbox:
    """One mailbox of the office. Raises NotFound."""
    found = Mailbox.objects.filter(office=office, pk=mailbox).first()
    if found is None:
        raise NotFound(f"mailbox {mailbox}")
    return found


def company_of(office: Office, company: UUID) -> Company:
    """One company of the office. Raises NotFound."""
    found = Company.objects.filter(office=office, pk=company).first()
    if found is None:
        raise NotFound(f"company {company}")
    return found


def in_use(office: Office) -> list[Mailbox]:
    """Mailboxes that are looked at."""
    return list(Mailbox.objects.filter(office=office, enabled=True))


def due(office: Office) -> list[Mailbox]:
    """Mailboxes whose time to be looked at has come; told once."""
    before = timezone.now() - timedelta(minutes=office.reception_minutes)
    found = [b for b in in_use(office) if b.looked_at is None or b.looked_at <= before]
    Mailbox.objects.filter(pk__in=[b.pk for b in found]).update(looked_at=timezone.now())
    return found


def place_of(box: Mailbox) -> Place:
    """How to get in. Raises Refused (``source.secret_lost``, ``source.host_unknown``, ``source.inside``)."""
    inside = box.host in settings.RAZAO_INSIDE_HOSTS
    address = resolved(box.host, box.port, inside_allowed=inside)
    return Place(box.host, address, box.port, box.username, unseal(box.secret), box.folder)


def directory_of(box: Mailbox) -> Directory:
    """How the office's messages find their company, as it stands now."""
    companies = list(Company.objects.filter(office=box.office, active=True))
    addresses = MailAddress.objects.filter(office=box.office)
    tax_ids = [c.tax_id for c in companies]
    return Directory(
        mailbox=box.username.lower(),
        addresses={a.address: Target(a.company_id, a.direction) for a in addresses},
        codes={c.code.lower(): c.pk for c in companies},
        # A number that two companies share names neither.
        tax_ids={c.tax_id: c.pk for c in companies if tax_ids.count(c.tax_id) == 1},
    )


def undecided(box: Mailbox, validity: int) -> set[int]:
    """Numbers of messages that wait for a person's word, or that are to be left alone."""
    rows = MailMessage.objects.filter(mailbox=box, validity=validity, company__isnull=True)
    return set(rows.exclude(state=State.RECEIVED).values_list("uid", flat=True))


def decided(box: Mailbox, validity: int) -> dict[int, Target]:
    """For whom a person said that a message is, by its number."""
    rows = MailMessage.objects.filter(
        mailbox=box, validity=validity, state=State.WAITING, company__isnull=False
    )
    return {r.uid: Target(r.company_id, r.direction) for r in rows if r.company_id}


def note(
    box: Mailbox,
    validity: int,
    number: int,
    mail: Mail,
    parcels: Sequence[Parcel],
) -> None:
    """Write down what became of a message, within the caller's transaction."""
    values: dict[str, Any] = {
        "office": box.office,
        "state": State.RECEIVED if parcels else State.WAITING,
        "subject": mail.subject[:500],
        "sender": mail.sender[:500],
        "files": [a.name[:200] for a in mail.attachments],
        "problems": [] if parcels else as_json([Problem("mail.nobody", Severity.WARNING)]),
    }
    if len(parcels) == 1:
        target = parcels[0].target
        values |= {"company_id": target.company, "direction": target.direction}
    MailMessage.objects.update_or_create(
        mailbox=box, validity=validity, uid=number, defaults=values
    )


def parcels_of(
    directory: Directory, mail: Mail, country: str, decided_for: Target | None
) -> list[Parcel]:
    """What each company gets of a message; its documents are read only where its recipients do not tell."""
    if decided_for is not None:
        return [Parcel(decided_for)]
    named = addressing.by_recipient(directory, mail.recipients)
    if len(named) == 1:
        return [Parcel(named[0])]
    inner = [a for a in mail.attachments if a.media_type in DIGITISED]
    found = [(a, _target(directory, a, country)) for a in inner]
    return addressing.parcels(named, found)


def _target(directory: Directory, attachment: Attachment, country: str) -> Target | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        path.write_bytes(attachment.content)
        return addressing.by_tax_id(directory, read_file(path, country=country).invoices)


def contents(parcel: Parcel, message: bytes, name: str) -> list[tuple[BinaryIO, str]]:
    """What is received of a parcel, each with its name: the whole message, or its files."""
    if not parcel.files:
        return [(io.BytesIO(message), name)]
    return [(io.BytesIO(a.content), a.name) for a in parcel.files]


def check_size(size: int, number: int) -> None:
    """Raise Refused (``mail.too_large``) for what would not be received; it stays in the mailbox."""
    limit = settings.RAZAO_FILE_MAX_BYTES
    if size > limit:
        values = {"size": size >> 20, "limit": limit >> 20}
        raise Refused(Problem("mail.too_large", where=str(number), values=values))


def looked(box: Mailbox, problems: list[Problem]) -> None:
    """The mailbox was looked at; what stood in the way is shown beside it."""
    Mailbox.objects.filter(pk=box.pk).update(looked_at=timezone.now(), problems=as_json(problems))
