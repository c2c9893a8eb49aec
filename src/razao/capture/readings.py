"""A scan in, what the reader needs to know out; a reading in, the scan's pages and invoices as rows out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from razao.archive import custody
from razao.archive.filing import Subject, file_for, filing_of, keep_words, move, path_to
from razao.archive.models import Folder, IntakeEvent
from razao.capture import recording
from razao.capture.models import CapturedInvoice, Flow, Scan, ScanPage
from razao.capture.reading.document import Known, KnownParty, Reading, Word
from razao.companies.models import Company, Party
from razao.invoices.invoice import Invoice
from razao.kernel.problems import as_json

State = CapturedInvoice.State
#: States of an item whose place in the archive and in the books is settled: a new reading leaves them alone.
SETTLED = (State.POSTED, State.REJECTED, State.JOINED)


@dataclass(frozen=True, slots=True)
class Task:
    """What the reader is asked."""

    path: Path
    country: str
    known: Known


def task_of(scan: Scan) -> Task:
    """Where the scan's bytes are, and what the books know of whom it may come from."""
    company = scan.company
    return Task(path_to(scan.file), company.country, known_of(company, Flow(scan.direction)))


def known_of(company: Company, direction: Flow) -> Known:
    """The company and its parties as the reader takes them."""
    parties = Party.objects.filter(company=company).values_list("tax_id", "name", "country")
    return Known(
        KnownParty(company.tax_id, company.name, company.country),
        tuple(KnownParty(*party) for party in parties.iterator()),
        direction.value,  # a plain text: it travels to a process that knows no Django
    )


def locked(scan_id: UUID | str) -> Scan:
    """The scan, which nobody else changes until the transaction ends. Raises Scan.DoesNotExist."""
    found = Scan.objects.select_related("file", "company__office")
    return found.select_for_update(of=("self",)).get(pk=scan_id)


def record_reading(scan: Scan, reading: Reading, user: UUID | None) -> list[CapturedInvoice]:
    """Write what was read, within the caller's transaction, and move the file to the drafts.

    Idempotent: a scan that has been read keeps its first reading. An unreadable file keeps its one item,
    with the reader's problems.
    """
    if scan.read_at is not None:
        return []
    scan.read_at = timezone.now()
    scan.page_count = reading.page_count
    scan.problems = as_json(reading.problems)
    scan.cuts = [
        {"before": c.before_page, "certain": c.certain, "reasons": list(c.reasons)}
        for c in reading.cuts
    ]
    scan.save()
    _record_pages(scan, reading)
    return record_invoices(scan, reading.invoices or (Invoice(),), user)


def record_invoices(
    scan: Scan, invoices: Sequence[Invoice], user: UUID | None
) -> list[CapturedInvoice]:
    """One item for each invoice of a scan: the first takes over the item that was received, further ones are split off."""
    first = scan.invoices.exclude(state__in=SETTLED).order_by("position", "id").first()
    if first is None:
        return []
    rows = [first] + [
        CapturedInvoice(
            company_id=scan.company_id, scan=scan, direction=scan.direction, day=scan.day
        )
        for _ in invoices[1:]
    ]
    for position, (row, invoice) in enumerate(zip(rows, invoices, strict=True), first.position):
        row.position = position
        row.pages = list(invoice.pages)
        row.reading = recording.to_json(invoice)
        row.problems = scan.problems
        row.state = State.DOUBTFUL
        row.save()
        if row is not first:
            split_off(row, scan, user)
    move(filing_of(scan.company_id, Subject("invoice", first.pk)), Folder.PF_BORRADOR)
    return rows


def split_off(row: CapturedInvoice, scan: Scan, user: UUID | None) -> None:
    """A further item of a scan: in custody and filed among the drafts."""
    file_for(scan.file, Folder.PF_BORRADOR, Subject("invoice", row.pk))
    custody.note(IntakeEvent.Kind.SPLIT, item=row.pk, day=scan.day, file=scan.file, user=user)


def _record_pages(scan: Scan, reading: Reading) -> None:
    numbers = range(1, reading.page_count + 1)
    ScanPage.objects.bulk_create(
        ScanPage(
            company_id=scan.company_id,
            scan=scan,
            number=number,
            rotation=reading.rotations.get(number, 0),
            scanned=any(word.confidence < 1 for word in reading.words.get(number, ())),
            words=_words(reading.words.get(number, ())),
        )
        for number in numbers
    )
    text = "\n".join(
        " ".join(word.text for word in reading.words.get(number, ())) for number in numbers
    )
    keep_words(scan.file, "\n".join([text, *_said(reading.invoices)]))


def _words(words: Iterable[Word]) -> list[list[str | int]]:
    return [[w.text, *(round(side * 10_000) for side in w.box)] for w in words]


def _said(invoices: Iterable[Invoice]) -> Iterable[str]:
    """Fields and lines as words, so that an e-invoice without pages is found too."""
    for i in invoices:
        said = (i.number, i.atcud, i.seller_tax_id, i.seller_name, i.buyer_tax_id, i.buyer_name)
        yield " ".join(part for part in said if part)
        yield from (line.description for line in i.lines if line.description)
