"""Review: what a clerk does with an invoice in, the invoice proposed anew out; every act can be undone and collides with nobody's.

Each act names the version of the invoice that the clerk saw; another's change in between refuses it, and
nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from razao.archive import custody
from razao.archive.models import IntakeEvent
from razao.capture import corrections, overriding, proposing, queries
from razao.capture.models import CapturedInvoice, Comment, ReviewStep
from razao.capture.proposing import Proposal, invoice_as_it_stands
from razao.capture.typed import typed
from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused

State = CapturedInvoice.State
#: States in which nothing of an invoice can be typed any more.
CLOSED = (State.POSTED, State.REJECTED, State.RECEIVED, State.JOINED)


def claim(access: Access, row: CapturedInvoice) -> bool:
    """Take an invoice for this clerk, unless somebody else is at it. Says whether it is theirs now."""
    mine = queries.free_for(CapturedInvoice.objects.filter(pk=row.pk), access.user_id)
    return bool(mine.update(claimed_by_id=access.user_id, claimed_at=timezone.now()))


def release(access: Access, invoice_id: UUID) -> None:
    """The clerk has left the invoice."""
    held = CapturedInvoice.objects.filter(pk=invoice_id, claimed_by_id=access.user_id)
    held.update(claimed_by=None, claimed_at=None)


def locked(access: Access, invoice_id: UUID, version: int | None = None) -> CapturedInvoice:
    """The invoice for a change. Raises NotFound, and Refused (``capture.closed``, ``capture.changed_meanwhile``)."""
    access.require(May.REVIEW)
    rows = queries.locked_rows([invoice_id])
    if not rows or rows[0].company_id != access.company.pk:
        raise NotFound(f"invoice {invoice_id}")
    row = rows[0]
    if version is not None and row.version != version:
        who = row.claimed_by or row.posted_by
        raise Refused(Problem("capture.changed_meanwhile", values={"who": who or "–"}))
    return row


def correct(
    access: Access, invoice_id: UUID, version: int | None, changes: Iterable[tuple[str, str]]
) -> Proposal:
    """Set fields to what was typed, and propose anew.

    Raises NotFound for a field that is none, and Refused for text that is no date or amount, and as ``locked``.
    """
    row = _open(access, invoice_id, version)
    before = _said(row)
    fields = []
    for field, text in changes:
        _set(row, field, typed(field, text))
        fields.append(field)
    return _changed(access, row, before, fields)


def _set(row: CapturedInvoice, field: str, value: str | None) -> None:
    try:
        if overriding.is_override(field):
            row.overrides = overriding.override(row.overrides, field, value)
        else:
            invoice = invoice_as_it_stands(row)
            row.corrections = corrections.change(invoice, row.corrections, field, value)
    except LookupError as error:
        raise NotFound(f"field {field}") from error


def confirm(access: Access, invoice_id: UUID, version: int | None, field: str) -> Proposal:
    """The person looked at a doubtful field and it is right."""
    row = _open(access, invoice_id, version)
    before = _said(row)
    row.corrections = corrections.confirm(row.corrections, field)
    return _changed(access, row, before, [field])


def add_row(access: Access, invoice_id: UUID, version: int | None) -> Proposal:
    """One more row of the tax breakdown."""
    row = _open(access, invoice_id, version)
    before = _said(row)
    invoice = invoice_as_it_stands(row)
    row.corrections = corrections.add_row(invoice, row.corrections, access.company.region)
    return _changed(access, row, before, ["vat"])


def drop_row(access: Access, invoice_id: UUID, version: int | None, number: int) -> Proposal:
    """Without one row of the tax breakdown. What was said of rows by number is said anew."""
    row = _open(access, invoice_id, version)
    before = _said(row)
    try:
        row.corrections = corrections.drop_row(invoice_as_it_stands(row), row.corrections, number)
    except LookupError as error:
        raise NotFound(f"row {number}") from error
    row.overrides = {k: v for k, v in row.overrides.items() if k not in ("rows", "splits")}
    return _changed(access, row, before, ["vat"])


def split_row(access: Access, invoice_id: UUID, version: int | None, number: int) -> Proposal:
    """Book a row of the breakdown to one more account."""
    row = _open(access, invoice_id, version)
    before = _said(row)
    rows = invoice_as_it_stands(row).vat
    if not 0 <= number < len(rows):
        raise NotFound(f"row {number}")
    (proposal,) = proposing.proposals(access.company, [row])
    booked = proposing.counterpart_of(proposal.plan, number)
    row.overrides = overriding.split(row.overrides, number, rows[number].base, booked)
    return _changed(access, row, before, [f"vat.{number}"])


def unsplit(access: Access, invoice_id: UUID, version: int | None, part: int) -> Proposal:
    """Take back one part of a split row."""
    row = _open(access, invoice_id, version)
    before = _said(row)
    try:
        row.overrides = overriding.unsplit(row.overrides, part)
    except LookupError as error:
        raise NotFound(f"part {part}") from error
    return _changed(access, row, before, ["vat"])


def not_the_same(access: Access, invoice_id: UUID, other: UUID) -> Proposal:
    """The person compared two invoices: they are not the same one."""
    row = _open(access, invoice_id, None)
    before = _said(row)
    different = {*row.overrides.get("different", ()), str(other)}
    row.overrides = {**row.overrides, "different": sorted(different)}
    return _changed(access, row, before, ["number"])


def undo(access: Access, invoice_id: UUID) -> Proposal:
    """Take back the last change of the invoice. Raises Refused (``capture.nothing_to_undo``)."""
    row = _open(access, invoice_id, None)
    step = row.steps.filter(undone=False).order_by("-pk").first()
    if step is None:
        raise Refused(Problem("capture.nothing_to_undo"))
    row.corrections, row.overrides = step.before["corrections"], step.before["overrides"]
    step.undone = True
    step.save(update_fields=["undone"])
    return _proposed(access, row)


def reject(access: Access, invoice_id: UUID, reason: str) -> None:
    """The document is not to be posted; the file is kept and stays listed. Raises Refused (``capture.reason_missing``)."""
    if not reason.strip():
        raise Refused(Problem("capture.reason_missing", where="reason"))
    row = locked(access, invoice_id)
    if row.state in (State.POSTED, State.REJECTED):
        raise Refused(Problem("capture.closed", values={"state": row.state}))
    _enter(access, row, State.REJECTED, reason, IntakeEvent.Kind.REJECTED)


def restore(access: Access, invoice_id: UUID) -> Proposal:
    """A rejected document waits again."""
    row = locked(access, invoice_id)
    if row.state != State.REJECTED:
        raise Refused(Problem("capture.closed", values={"state": row.state}))
    _enter(access, row, State.DOUBTFUL, "", IntakeEvent.Kind.RESTORED)
    return _proposed(access, row)


def ask(access: Access, invoice_id: UUID, question: str) -> None:
    """Ask the client about the invoice; it waits for the answer. Raises Refused (``capture.reason_missing``)."""
    if not question.strip():
        raise Refused(Problem("capture.reason_missing", where="question"))
    row = _open(access, invoice_id, None)
    comment(access, row, question, to_client=True)
    _enter(access, row, State.ASKED, question, None)


def answered(access: Access, invoice_id: UUID) -> Proposal:
    """The client has answered; the invoice is looked at again."""
    row = _open(access, invoice_id, None)
    row.state, row.reason = State.DOUBTFUL, ""
    row.save(update_fields=["state", "reason"])
    return _proposed(access, row)


def comment(access: Access, row: CapturedInvoice, text: str, *, to_client: bool = False) -> Comment:
    """Say something about an invoice to whoever opens it next."""
    return Comment.objects.create(
        company=access.company,
        invoice=row,
        user_id=access.user_id,
        text=text.strip(),
        to_client=to_client,
    )


def _enter(
    access: Access,
    row: CapturedInvoice,
    state: CapturedInvoice.State,
    reason: str,
    kind: IntakeEvent.Kind | None,
) -> None:
    row.state, row.reason = state, reason.strip()
    row.version = row.version + 1
    row.save(update_fields=["state", "reason", "version", "changed_at"])
    if kind is not None:
        custody.note(
            kind, item=row.pk, day=row.day, file=row.scan.file, user=access.user_id, text=reason
        )
    record(
        f"capture.{state.value}",
        user=access.user_id,
        company=access.company.pk,
        subject=row.pk,
        details={"reason": reason},
    )


def _open(access: Access, invoice_id: UUID, version: int | None) -> CapturedInvoice:
    row = locked(access, invoice_id, version)
    if row.state in CLOSED:
        raise Refused(Problem("capture.closed", values={"state": row.state}))
    return row


def _said(row: CapturedInvoice) -> dict[str, Any]:
    return {"corrections": row.corrections, "overrides": row.overrides}


def _changed(
    access: Access, row: CapturedInvoice, before: dict[str, Any], fields: list[str]
) -> Proposal:
    ReviewStep.objects.create(
        company=access.company, invoice=row, user_id=access.user_id, fields=fields, before=before
    )
    return _proposed(access, row)


def _proposed(access: Access, row: CapturedInvoice) -> Proposal:
    row.version = row.version + 1
    row.claimed_by_id, row.claimed_at = access.user_id, timezone.now()
    row.save()
    (proposal,) = proposing.refresh(access.company, [row])
    return proposal
