"""Piles: a file of several invoices, cut or joined by a person; pages in, items of their own out (S4, S5, M6).

A part is read again as one invoice. Custody knows each part as an item; joining takes one out of the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from razao.archive import custody
from razao.archive.filing import Subject, filing_of, withdraw
from razao.archive.models import IntakeEvent
from razao.capture import readings, recording
from razao.capture.models import CapturedInvoice, Scan
from razao.capture.reading.document import Reading
from razao.capture.review import CLOSED
from razao.companies.rights import Access, May
from razao.invoices.invoice import Invoice
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused

State = CapturedInvoice.State


def cut(access: Access, scan_id: UUID, page: int) -> list[CapturedInvoice]:
    """Begin a new invoice at ``page``. Returns the two items, which must be read again.

    Raises NotFound, and Refused (``capture.no_cut_here``, ``capture.closed``).
    """
    scan, rows = _open_scan(access, scan_id)
    found = next((r for r in rows if page in r.pages), None)
    if found is None or page == min(found.pages):
        raise Refused(Problem("capture.no_cut_here", values={"page": page}))
    new = CapturedInvoice.objects.create(
        company=access.company,
        scan=scan,
        direction=scan.direction,
        day=scan.day,
        position=max(r.position for r in rows) + 1,
        pages=[p for p in found.pages if p >= page],
    )
    readings.split_off(new, scan, access.user_id)
    found.pages = [p for p in found.pages if p < page]
    for row in (found, new):
        _read_anew(row)
    record(
        "capture.cut", user=access.user_id, company=access.company.pk, subject=f"{scan.pk}:{page}"
    )
    return [found, new]


def join(access: Access, scan_id: UUID, page: int) -> list[CapturedInvoice]:
    """Take away the cut before ``page``: its invoice goes into the one before. Returns the item to read again.

    Raises NotFound, and Refused (``capture.no_cut_here``, ``capture.closed``).
    """
    scan, rows = _open_scan(access, scan_id)
    gone = next((r for r in rows if r.pages and page == min(r.pages)), None)
    before = [r for r in rows if r.pages and max(r.pages) < page]
    if gone is None or not before:
        raise Refused(Problem("capture.no_cut_here", values={"page": page}))
    kept = max(before, key=lambda r: max(r.pages))
    kept.pages = sorted({*kept.pages, *gone.pages})
    _read_anew(kept)
    custody.note(
        IntakeEvent.Kind.JOINED, item=gone.pk, day=gone.day, file=scan.file, user=access.user_id
    )
    withdraw(filing_of(access.company.pk, Subject("invoice", gone.pk)))
    gone.state, gone.pages = State.JOINED, []
    gone.save()
    record(
        "capture.joined",
        user=access.user_id,
        company=access.company.pk,
        subject=f"{scan.pk}:{page}",
    )
    return [kept]


def record_part(row: CapturedInvoice, reading: Reading) -> None:
    """Write the reading of an item's own pages: a person said that they are one invoice."""
    found = max(reading.invoices, key=lambda i: len(i.evidence), default=Invoice())
    row.reading = recording.to_json(_on_pages(found, row.pages))
    row.state = State.DOUBTFUL
    row.save()


def _on_pages(invoice: Invoice, pages: Sequence[int]) -> Invoice:
    """The invoice with page numbers of the whole file in place of those of its part."""

    def place(page: int | None) -> int | None:
        return pages[page - 1] if page and page <= len(pages) else None

    evidence = {n: replace(e, page=place(e.page)) for n, e in invoice.evidence.items()}
    return replace(invoice, pages=tuple(pages), evidence=evidence)


def _open_scan(access: Access, scan_id: UUID) -> tuple[Scan, list[CapturedInvoice]]:
    access.require(May.REVIEW)
    try:
        scan = readings.locked(scan_id)
    except Scan.DoesNotExist as error:
        raise NotFound(f"scan {scan_id}") from error
    if scan.company_id != access.company.pk:
        raise NotFound(f"scan {scan_id}")
    found = scan.invoices.exclude(state=State.JOINED).order_by("position", "pk")
    rows = list(found.select_for_update())
    closed = [r for r in rows if r.state in CLOSED]
    if closed:
        raise Refused(Problem("capture.closed", values={"state": closed[0].state}))
    return scan, rows


def _read_anew(row: CapturedInvoice) -> None:
    """What was read and said of other pages holds no more."""
    row.state, row.reading = State.RECEIVED, {}
    row.corrections, row.overrides = {}, {}
    row.problems, row.doubts, row.weight = [], [], 0
    row.plan, row.fingerprint = {}, ""
    row.version = row.version + 1
    row.save()
