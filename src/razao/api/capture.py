"""Digitised documents through the API: files in, invoices with their doubts and problems out; corrected and posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import File, Router, Schema, UploadedFile

from razao.api.person import person_id
from razao.capture import flow, queries, review
from razao.capture.models import CapturedInvoice, Flow, Origin
from razao.companies.rights import Access, May, company_for
from razao.kernel.problems import NotFound, Problem, explain

router = Router(tags=["capture"])
PAGE_ROWS = 100


class ProblemOut(Schema):
    code: str
    severity: str
    where: str
    title: str
    remedy: str


class InvoiceOut(Schema):
    """A captured invoice as it stands: what was read with what people corrected."""

    id: UUID
    state: str
    direction: str
    file: str
    received: date
    pages: list[int]
    document_type: str
    number: str
    atcud: str
    issue_date: date | None
    party_tax_id: str
    party_name: str
    account: str
    gross_total: Decimal | None
    currency: str
    doubts: list[str]
    problems: list[ProblemOut]
    fingerprint: str
    version: int
    entry: UUID | None


class ReceiptOut(Schema):
    """The invoices that a file has become so far (more may be found when it is read), and what there is to say."""

    invoices: list[UUID]
    problems: list[ProblemOut]


class CorrectionIn(Schema):
    """Fields as a person types them: ``number``, ``issue_date``, ``vat.0.base``, ``account``, ``row.0.counterpart`` …"""

    version: int | None = None
    fields: dict[str, str]


class PostIn(Schema):
    """Invoices to post; with the fingerprints that were looked at, a changed proposal is refused."""

    invoices: list[UUID]
    fingerprints: dict[UUID, str] = {}


class OutcomeOut(Schema):
    invoice: UUID
    entry: UUID | None
    problems: list[ProblemOut]


def _problem(problem: Problem) -> ProblemOut:
    text = explain(problem)
    return ProblemOut(
        code=problem.code,
        severity=str(problem.severity),
        where=problem.where,
        title=text.title,
        remedy=text.remedy,
    )


def _out(row: CapturedInvoice) -> dict[str, Any]:
    same = (
        *("state", "direction", "document_type", "number", "atcud", "issue_date", "party_tax_id"),
        *("party_name", "account", "gross_total", "currency", "doubts", "fingerprint", "version"),
        "pages",
    )
    return {
        "id": row.pk,
        "file": row.scan.name,
        "received": row.day,
        "problems": [_problem(p) for p in queries.problems_of(row)],
        "entry": row.entry_id,
        **{name: getattr(row, name) for name in same},
    }


def _access(request: HttpRequest, company: UUID, right: May) -> Access:
    return company_for(person_id(request), company, right)


@router.post("/{company}/documents", response=ReceiptOut)
def send_file(
    request: HttpRequest,
    company: UUID,
    file: File[UploadedFile],
    direction: Flow = Flow.RECEIVED,
) -> ReceiptOut:
    """Send a file to digitisation. The same content sent again is the same document."""
    access = _access(request, company, May.REVIEW)
    receipt = flow.upload(
        access, direction, cast("BinaryIO", file.file), file.name or "–", Origin.API
    )
    rows = CapturedInvoice.objects.filter(scan__in=receipt.scans).order_by("pk")
    return ReceiptOut(
        invoices=list(rows.values_list("pk", flat=True)),
        problems=[_problem(p) for p in receipt.problems],
    )


@router.get("/{company}/documents", response=list[InvoiceOut])
def list_documents(
    request: HttpRequest,
    company: UUID,
    direction: Flow = Flow.RECEIVED,
    state: str = "",
    after: UUID | None = None,
) -> list[dict[str, Any]]:
    """Invoices of a direction in the order of their receipt, 100 at a time; ``after`` is the last id seen."""
    access = _access(request, company, May.SEE_BOOKS)
    rows = CapturedInvoice.objects.filter(company=access.company, direction=direction)
    rows = rows.exclude(state=CapturedInvoice.State.JOINED).select_related("scan")
    if state:
        rows = rows.filter(state=state)
    if after:
        rows = rows.filter(pk__gt=after)
    return [_out(row) for row in rows.order_by("pk")[:PAGE_ROWS]]


@router.get("/{company}/documents/{uuid:invoice}", response=InvoiceOut)
def one_document(request: HttpRequest, company: UUID, invoice: UUID) -> dict[str, Any]:
    """One captured invoice."""
    access = _access(request, company, May.SEE_BOOKS)
    return _out(queries.invoice_of(access.company, invoice))


@router.post("/{company}/documents/{uuid:invoice}/corrections", response=InvoiceOut)
def correct(
    request: HttpRequest, company: UUID, invoice: UUID, correction: CorrectionIn
) -> dict[str, Any]:
    """Correct fields, all or none; the proposal follows."""
    access = _access(request, company, May.REVIEW)
    with transaction.atomic():
        changes = list(correction.fields.items())
        if not changes:
            raise NotFound("fields")
        review.correct(access, invoice, correction.version, changes)
    return _out(queries.invoice_of(access.company, invoice))


@router.post("/{company}/documents/post", response=list[OutcomeOut])
def post(request: HttpRequest, company: UUID, wanted: PostIn) -> list[OutcomeOut]:
    """Post invoices as one batch, each with an entry of its own; those that cannot be posted stay, with every reason."""
    access = _access(request, company, May.REVIEW)
    outcomes = flow.post(access, wanted.invoices, wanted.fingerprints)
    return [
        OutcomeOut(invoice=o.invoice, entry=o.entry, problems=[_problem(p) for p in o.problems])
        for o in outcomes
    ]
