"""Capture from top to bottom: file ─receive▶ archived file ─read▶ invoice ─propose▶ plan ─review▶ post ▶ batch.

Each step is a function here that loads, calls the step's own module, saves, and defers the next as a job on
the same transaction. Any of them may be killed anywhere and made again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from razao.archive import custody, filing
from razao.archive.models import Folder
from razao.capture import (
    copies,
    imap,
    intake,
    mailboxes,
    piles,
    posting,
    proposing,
    queries,
    readings,
    review,
    sheets,
)
from razao.capture.addressing import Directory, Target
from razao.capture.intake import Receipt, Sender
from razao.capture.mail import parse_mail
from razao.capture.models import CapturedInvoice, Flow, Intake, Mailbox, Origin, Scan
from razao.capture.posting import Outcome
from razao.capture.reading.read import read_file
from razao.companies.models import Company
from razao.companies.rights import Access, May, company_for, office_for, system_user
from razao.kernel.jobs import Run, job, timer
from razao.kernel.models import JobRun
from razao.kernel.problems import NotFound, Problem, Refused, as_json
from razao.kernel.tenancy import act_as, all_company_ids


def receive(sender: Sender, source: BinaryIO, name: str) -> Receipt:
    """Keep a content, put it in custody and have it read, all within the caller's transaction.

    Raises Refused (``archive.cannot_write``).
    """
    return _have_read(sender, intake.record(sender, source, name))


def upload(
    access: Access, direction: Flow, source: BinaryIO, name: str, origin: Origin = Origin.UPLOAD
) -> Receipt:
    """Receive a file from a person or a program. Raises Refused (``rights.not_allowed`` and as ``receive``)."""
    access.require(May.REVIEW)
    return receive(Sender(access.company, direction, origin, access.user_id), source, name)


def send_files(access: Access, found: Intake) -> JobRun:
    """Empty a source folder now (S6); progress and what was refused show in the job."""
    access.require(May.REVIEW)
    return receive_folder.defer(
        user=access.user_id, company=access.company.pk, title=found.folder, intake=str(found.pk)
    )


@job(queue="intake", title=gettext_noop("Receiving files"), attempts=3)
def receive_folder(run: Run, intake: str) -> None:
    """Receive every whole file of a source folder, each in a transaction of its own."""
    with run.transaction():
        found = Intake.objects.select_related("company__office").get(pk=intake)
    sender = Sender(found.company, Flow(found.direction), Origin.FOLDER, run.user_id)
    problems = _receive_files(run, sender, Path(found.folder))
    with run.transaction():
        Intake.objects.filter(pk=found.pk).update(
            looked_at=timezone.now(), problems=as_json(problems)
        )


def _receive_files(run: Run, sender: Sender, folder: Path) -> list[Problem]:
    """Receive what lies in a folder; what cannot be received stays there and is named."""
    try:
        files = intake.whole_files(folder)
    except OSError as error:
        values = {"cause": str(error)}
        return [Problem("capture.folder_unreadable", where=str(folder), values=values)]
    problems: list[Problem] = []
    for number, file in enumerate(files, 1):
        try:
            with run.transaction():
                problems += _have_read(sender, intake.take(sender, file)).problems
        except Refused as refusal:
            problems += refusal.problems
        except OSError as error:
            values = {"cause": str(error)}
            problems.append(Problem("capture.source_stays", where=file.path.name, values=values))
        run.progress(number, len(files), file.path.name)
    return problems


def _have_read(sender: Sender, receipt: Receipt) -> Receipt:
    _read_later(receipt.unread, sender.user_id or system_user().pk)
    return receipt


def _read_later(scans: Iterable[Scan], user: UUID) -> None:
    for scan in scans:
        scan.run = read_scan.defer(
            user=user, company=scan.company_id, title=scan.name, scan=str(scan.pk)
        )
        scan.save(update_fields=["run"])


@job(queue="reading", title=gettext_noop("Reading a file"))
def read_scan(run: Run, scan: str) -> None:
    """Read a file in a sandbox, then record what was found and propose its entries, in one transaction."""
    with run.transaction():
        found = Scan.objects.select_related("file", "company__office").get(pk=scan)
        if found.read_at is not None:
            return  # read already: the worker was lost between the reading and the job's end
        task = readings.task_of(found)
    reading = read_file(task.path, country=task.country, known=task.known)
    with run.transaction():
        found = readings.locked(scan)
        rows = readings.record_reading(found, reading, run.user_id)
        proposing.refresh(found.company, rows)


@job(queue="reading", title=gettext_noop("Reading part of a file"))
def read_part(run: Run, invoice: str) -> None:
    """Read the pages of one item again, as one invoice, after a person cut or joined them."""
    with run.transaction():
        row = queries.received_row(invoice)
        if row is None:
            return  # cut or joined again meanwhile: another job reads what is there now
        task, pages = readings.task_of(row.scan), list(row.pages)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        path.write_bytes(sheets.part(task.path, pages))
        reading = read_file(path, country=task.country, known=task.known)
    with run.transaction():
        rows = [r for r in queries.locked_rows([UUID(invoice)]) if list(r.pages) == pages]
        for row in rows:
            piles.record_part(row, reading)
            proposing.refresh(row.company, [row])


def cut(access: Access, scan: UUID, page: int) -> None:
    """Begin a new invoice at a page of a pile, and have both parts read. Raises as ``piles.cut``."""
    _read_parts(access, piles.cut(access, scan, page))


def join(access: Access, scan: UUID, page: int) -> None:
    """Take away the cut before a page of a pile, and have what is joined read. Raises as ``piles.join``."""
    _read_parts(access, piles.join(access, scan, page))


def _read_parts(access: Access, rows: list[CapturedInvoice]) -> None:
    for row in rows:
        read_part.defer(
            user=access.user_id,
            company=access.company.pk,
            title=row.scan.name,
            invoice=str(row.pk),
        )


def post(
    access: Access, ids: Sequence[UUID], seen: Mapping[UUID, str] | None = None
) -> list[Outcome]:
    """Post invoices now; what was learnt reaches the parties' other waiting invoices in the background (M5)."""
    outcomes = posting.post_invoices(access, ids, seen)
    parties = queries.parties_waiting([o.invoice for o in outcomes if o.entry])
    if parties:
        propose_again.defer(user=access.user_id, company=access.company.pk, parties=parties)
    return outcomes


def reject(access: Access, invoice: UUID, reason: str) -> None:
    """Reject a document; those that only it stood in the way of are free at once. Raises as ``review.reject``."""
    review.reject(access, invoice, reason)
    proposing.refresh(access.company, queries.locked_like(access.company, invoice))


def post_many(access: Access, ids: Sequence[UUID]) -> JobRun:
    """Post a long selection in the background, as it is proposed now; what cannot be posted shows in the job."""
    access.require(May.REVIEW)
    return post_selection.defer(
        user=access.user_id, company=access.company.pk, ids=[str(i) for i in ids]
    )


@job(queue="default", title=gettext_noop("Posting invoices"))
def post_selection(run: Run, ids: list[str]) -> None:
    """Post invoices in bunches, each one batch. Raises Refused at the end with the reasons of those that stayed."""
    assert run.user_id is not None
    assert run.company_id is not None
    stayed: list[Problem] = []
    for start in range(0, len(ids), proposing.BUNCH):
        bunch = [UUID(i) for i in ids[start : start + proposing.BUNCH]]
        with run.transaction():
            access = company_for(run.user_id, run.company_id)
            outcomes = posting.post_invoices(access, bunch)
            stayed += [p for o in outcomes if o.entry is None for p in posting.told(o)]
        run.progress(min(start + proposing.BUNCH, len(ids)), len(ids))
    if stayed:
        raise Refused(*stayed)


def look_for_mail(user: UUID, found: Iterable[Mailbox]) -> list[JobRun]:
    """Have mailboxes of an office looked at now; each is a job of its own."""
    return [
        receive_mail.defer(
            user=user,
            company=None,
            title=box.username,
            office=str(box.office_id),
            mailbox=str(box.pk),
        )
        for box in found
    ]


@job(queue="intake", title=gettext_noop("Receiving mail"), attempts=3)
def receive_mail(run: Run, office: str, mailbox: str) -> None:
    """Receive every message that finds its company; it leaves its folder once the archive holds it (S1).

    Raises Refused at the end with what stood in the way; the others have gone on.
    """
    assert run.user_id is not None
    with run.transaction():
        access = office_for(run.user_id, UUID(office))
        box = mailboxes.mailbox_of(access.office, UUID(mailbox))
        directory = mailboxes.directory_of(box)
    try:
        with imap.Inbox(mailboxes.place_of(box)) as inbox:
            problems = _receive_messages(run, box, directory, inbox)
    except Refused as refusal:
        problems = list(refusal.problems)
    with run.transaction():
        office_for(run.user_id, UUID(office))
        mailboxes.looked(box, problems)
    if problems:
        raise Refused(*problems)


def _receive_messages(
    run: Run, box: Mailbox, directory: Directory, inbox: imap.Inbox
) -> list[Problem]:
    """Receive what nobody has to decide about first; what stands in one message's way is no other's."""
    assert run.user_id is not None
    with run.transaction():
        office_for(run.user_id, box.office_id)
        left = mailboxes.undecided(box, inbox.validity)
        said = mailboxes.decided(box, inbox.validity)
    problems: list[Problem] = []
    numbers = [n for n in inbox.numbers(box.since) if n not in left]
    for at, number in enumerate(numbers, 1):
        try:
            _receive_message(run, box, directory, inbox, number, said.get(number))
        except Refused as refusal:
            problems += refusal.problems
        run.progress(at, len(numbers))
    return problems


def _receive_message(
    run: Run,
    box: Mailbox,
    directory: Directory,
    inbox: imap.Inbox,
    number: int,
    decided: Target | None,
) -> None:
    """Receive one message for whom it is; made again after any cut-off, it is known by its content."""
    assert run.user_id is not None
    mailboxes.check_size(inbox.size(number), number)
    message = inbox.content(number)
    if not message:
        return  # somebody moved it meanwhile
    mail = parse_mail(message)
    parcels = mailboxes.parcels_of(directory, mail, box.office.country, decided)
    for parcel in parcels:
        with run.transaction():
            access = company_for(run.user_id, parcel.target.company)
            sender = Sender(access.company, Flow(parcel.target.direction), Origin.MAIL, run.user_id)
            for content, name in mailboxes.contents(parcel, message, mail.subject[:200] or "–"):
                receive(sender, content, name)
    with run.transaction():
        office_for(run.user_id, box.office_id)
        mailboxes.note(box, inbox.validity, number, mail, parcels)
    if parcels:
        inbox.put_away(number, box.done_folder)


@timer("* * * * *")
def receive_due() -> None:
    """Each minute: have the source folders and mailboxes emptied whose office's time has come (S8)."""
    person = system_user().pk
    offices: set[UUID] = set()
    for company_id in all_company_ids():
        with transaction.atomic():
            access = company_for(person, company_id)
            offices.add(access.company.office_id)
            for found in queries.due_intakes(access.company):
                found.looked_at = timezone.now()
                found.save(update_fields=["looked_at"])
                if intake.has_files(Path(found.folder)):
                    send_files(access, found)
    for office_id in offices:
        with transaction.atomic():
            office = office_for(person, office_id).office
            look_for_mail(person, mailboxes.due(office))


@timer("20 2 * * *")
def prove_custody() -> None:
    """Each night: mend the archive of every company, move closed years, and prove custody (M7)."""
    for company_id in all_company_ids():
        filing.sweep(company_id, partial(act_as, companies=[company_id]))
        with transaction.atomic():
            act_as(companies=[company_id])
            company = Company.objects.get(pk=company_id)
            posting.free_reversed(company, None)
            for row in queries.locked_rows(queries.closed_year_ids(company)):
                copies.move_file(row, Folder.PF_HCO_ASIENTO)
        with transaction.atomic():
            act_as(companies=[company_id])
            custody.prove(company_id, queries.living(company_id))


@timer("10 3 * * *")
def copy_scans() -> None:
    """Each night: make the searchable PDF/A copies of posted scans, one transaction each."""
    for company_id in all_company_ids():
        with transaction.atomic():
            act_as(companies=[company_id])
            wanted = copies.without_copy(Company.objects.get(pk=company_id))
        for scan in wanted:
            # A page that cannot be drawn stands in nobody else's way.
            with contextlib.suppress(NotFound), transaction.atomic():
                act_as(companies=[company_id])
                copies.copy_of(readings.locked(scan))


def refresh_all(access: Access) -> list[JobRun]:
    """The button "Refresh": empty source folders and mailboxes, read what nobody reads, propose anew what waits."""
    access.require(May.REVIEW)
    intake.open_folders(access.company)
    _read_later(queries.unread_scans(access.company), access.user_id)
    runs = [send_files(access, found) for found in queries.intakes_with_files(access.company)]
    runs += look_for_mail(access.user_id, mailboxes.in_use(access.company.office))
    return [*runs, propose_again.defer(user=access.user_id, company=access.company.pk)]


@job(queue="default", title=gettext_noop("Proposing entries again"))
def propose_again(run: Run, parties: list[str] | None = None) -> None:
    """Propose the waiting invoices of a company (or of some parties) anew, after its rules or accounts changed."""
    assert run.company_id is not None
    with run.transaction():
        company = Company.objects.select_related("office").get(pk=run.company_id)
        ids = queries.waiting_ids(company, parties)
    for start in range(0, len(ids), proposing.BUNCH):
        with run.transaction():
            proposing.refresh(company, queries.locked_rows(ids[start : start + proposing.BUNCH]))
        run.progress(min(start + proposing.BUNCH, len(ids)), len(ids))
