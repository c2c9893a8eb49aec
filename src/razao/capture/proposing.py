"""Proposing: captured invoices in, what is doubtful, what stands against posting and what would be posted out.

The same for one invoice that a clerk just corrected and for all that wait: one plan is made of a bunch,
and each row keeps its own part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from razao.booking.invoice_entries import propose
from razao.booking.loading import About, rules_for
from razao.booking.plan import Plan
from razao.booking.rules import Rules
from razao.capture import plans, queries, recording
from razao.capture.corrections import corrected
from razao.capture.doubts import PARTY, doubtful_fields
from razao.capture.likeness import Marked, Marks, likenesses
from razao.capture.models import CapturedInvoice, Flow
from razao.companies.models import Company
from razao.countries.facts import Direction
from razao.invoices.frame import InvoiceFrames, source_key, to_frames
from razao.invoices.invoice import Invoice
from razao.kernel.problems import Problem, Severity, as_json

State = CapturedInvoice.State
#: How many invoices are proposed in one transaction when many are.
BUNCH = 500
#: Up to so many, only what they can touch of the chart is read.
FEW = 10
DIRECTIONS = {Flow.RECEIVED: Direction.PURCHASE, Flow.ISSUED: Direction.SALE}
#: How many likenesses an invoice tells of: a person settles one at a time.
TOLD = 5
#: States that a proposal never changes.
SETTLED = (State.POSTED, State.REJECTED, State.JOINED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One captured invoice as it stands, with its own plan."""

    row: CapturedInvoice
    invoice: Invoice
    plan: Plan

    @property
    def fingerprint(self) -> str:
        return plans.fingerprint(self.plan)


def invoice_as_it_stands(row: CapturedInvoice) -> Invoice:
    """What was read with what people said."""
    return corrected(recording.from_json(row.reading), row.corrections)


def key_of(row: CapturedInvoice, invoice: Invoice) -> str:
    """The document's key (invariant 4): seller, type, number and year; where one is unknown, its place in its file."""
    return source_key(invoice) or f"file|{row.scan.file.sha256}|{row.position}"


def proposals(
    company: Company, rows: Sequence[CapturedInvoice], rules: Rules | None = None
) -> Iterator[Proposal]:
    """The proposal of each row, by direction; rows need ``scan.file``."""
    rules = rules or rules_for(company, keys=[row.source_key for row in rows], about=_about(rows))
    for flow, direction in DIRECTIONS.items():
        for bunch in _without_repeats([r for r in rows if r.direction == flow]):
            plan = propose(
                _frames(bunch),
                rules,
                direction=direction,
                overrides=plans.overrides_of([row.overrides for row, _ in bunch]),
            )
            for (row, invoice), part in zip(bunch, plans.parts(plan), strict=True):
                yield Proposal(row, invoice, part)


def _about(rows: Sequence[CapturedInvoice]) -> About | None:
    """What a few invoices can touch of the directory; of many, everything is at hand at once."""
    if len(rows) > FEW:
        return None
    said = [row.overrides for row in rows]
    parts = [p for o in said for p in (*o.get("rows", {}).values(), *o.get("splits", ()))]
    codes = [o.get("account") for o in said] + [p.get("counterpart") for p in parts]
    tax_ids = frozenset(row.party_tax_id for row in rows if row.party_tax_id)
    return About(tax_ids, frozenset(code for code in codes if code))


def refresh(company: Company, rows: Sequence[CapturedInvoice]) -> list[Proposal]:
    """Propose rows anew and keep what came out: columns, doubts, problems, state, fingerprint. Settled rows stay."""
    open_rows = [row for row in rows if row.state not in SETTLED]
    if not open_rows:
        return []
    for row in open_rows:
        _fill_columns(row, invoice_as_it_stands(row))
    made = list(proposals(company, open_rows))
    others = Marked(_marks(other) for other in queries.like(open_rows, company))
    for proposal in made:
        _keep(proposal, _alike(proposal.row, others))
        proposal.row.save(update_fields=[*COLUMNS, *PROPOSED])
    return made


COLUMNS = (
    *("document_type", "number", "atcud", "issue_date", "party_tax_id", "party_name"),
    *("gross_total", "currency", "source_key"),
)


PROPOSED = ("account", "problems", "doubts", "weight", "state", "fingerprint", "plan")


def _fill_columns(row: CapturedInvoice, invoice: Invoice) -> None:
    """Repeat the invoice in the row's columns, for lists and look-ups."""
    side = PARTY[row.direction].removesuffix("_tax_id")
    row.document_type = invoice.document_type or ""
    row.number = (invoice.number or "")[:100]
    row.atcud = (invoice.atcud or "")[:100]
    row.issue_date = invoice.issue_date
    row.party_tax_id = (getattr(invoice, f"{side}_tax_id") or "")[:30]
    row.party_name = (getattr(invoice, f"{side}_name") or "")[:300]
    row.gross_total = invoice.gross_total
    row.currency = (invoice.currency or "")[:3]
    row.source_key = source_key(invoice) or ""


def _keep(proposal: Proposal, alike: list[Problem]) -> None:
    row = proposal.row
    read = [p for p in _reader_problems(row) if p.blocks and not row.corrections]
    found = [*plans.problems_in(proposal.plan), *alike, *read]
    row.doubts = list(doubtful_fields(proposal.invoice, row.direction, _reader_problems(row)))
    row.problems = as_json(found)
    row.weight = min(len(row.doubts) + sum(p.blocks for p in found), 999)
    row.fingerprint = proposal.fingerprint
    row.plan = plans.kept(proposal.plan)
    row.account = _party_account(proposal.plan) or ""
    if row.state != State.ASKED:
        row.state = State.DOUBTFUL if row.weight else State.READY


def _party_account(plan: Plan) -> str | None:
    """The account of the line that stands for the party."""
    lines = plan.lines.filter(pl.col("rule").str.starts_with("party."))
    found: str | None = lines["account"][0] if lines.height else None
    return found


def counterpart_of(plan: Plan, number: int) -> str | None:
    """The account that a row of the breakdown (from 0) is booked to."""
    rows = plan.rows.filter(pl.col("position") == number + 1)
    found: str | None = rows["counterpart"][0] if rows.height else None
    return found


def _reader_problems(row: CapturedInvoice) -> list[Problem]:
    return [
        Problem(p["code"], Severity(p["severity"]), p["where"], p["values"])
        for p in row.scan.problems
    ]


def _alike(row: CapturedInvoice, others: Marked) -> list[Problem]:
    """Likenesses that nobody has yet said to be none."""
    dismissed = set(row.overrides.get("different", ()))
    marks = _marks(row)
    found = likenesses(marks, others.near(marks))
    told = [p for p in found if p.values["invoice"] not in dismissed]
    return sorted(told, key=lambda p: not p.blocks)[:TOLD]


def _marks(row: CapturedInvoice) -> Marks:
    return Marks(
        id=str(row.pk),
        source_key=row.source_key,
        atcud=row.atcud,
        party_tax_id=row.party_tax_id,
        gross_total=row.gross_total,
        issue_date=row.issue_date,
        number=row.number,
        posted=row.state == State.POSTED,
    )


def _frames(bunch: Sequence[tuple[CapturedInvoice, Invoice]]) -> InvoiceFrames:
    frames = to_frames([invoice for _, invoice in bunch])
    documents = frames.documents.with_columns(
        pl.Series("source_key", [key_of(*pair) for pair in bunch], pl.String),
        pl.Series("file_id", [row.scan.file.sha256 for row, _ in bunch], pl.String),
    )
    return InvoiceFrames(documents, frames.vat, frames.lines)


def _without_repeats(
    rows: Iterable[CapturedInvoice],
) -> Iterator[list[tuple[CapturedInvoice, Invoice]]]:
    """The rows in as few bunches as hold no document twice: whether it is here twice is asked elsewhere, for all rows."""
    waiting = [(row, invoice_as_it_stands(row)) for row in rows]
    while waiting:
        bunch: dict[str, tuple[CapturedInvoice, Invoice]] = {}
        for pair in waiting:
            bunch.setdefault(key_of(*pair), pair)
        taken = {row.pk for row, _ in bunch.values()}
        yield list(bunch.values())
        waiting = [pair for pair in waiting if pair[0].pk not in taken]
