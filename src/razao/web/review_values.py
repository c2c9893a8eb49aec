"""What the review page shows of one invoice: in: its proposal, out: fields with doubts and incidences, rows, entry lines, boxes.

Nothing is decided here: values are worded, incidences are put beside the field they are about, and each
gets the button that mends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.booking.reasons import explain as explain_reason
from razao.capture import queries
from razao.capture.models import CapturedInvoice
from razao.capture.recording import value as value_of
from razao.invoices.invoice import Invoice
from razao.kernel.money import from_minor_units
from razao.kernel.problems import Problem, Text
from razao.ledger.models import Line
from razao.web import figures
from razao.web.review_words import (
    ALIKE,
    DOCUMENT_FIELDS,
    DOCUMENT_TYPES,
    IN_PROFILE,
    NO_ACCOUNT,
    PARTY_FIELDS,
    RARE_FIELDS,
    SOURCE_MARKS,
    SOURCES,
    TOTAL_FIELDS,
)
from razao.web.templatetags.razao_ui import address
from razao.web.vat_words import told


@dataclass(frozen=True, slots=True)
class Incidence:
    """A problem with its texts and what mends it: a link, or an act of the page."""

    problem: Problem
    text: Text
    label: str = ""
    href: str = ""
    act: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field of the form."""

    name: str
    label: str
    value: str
    kind: str = "text"
    doubt: bool = False
    incidences: tuple[Incidence, ...] = ()
    source: str = ""
    said: str = ""
    """what stands behind the value: an account's name"""
    page: int | None = None
    mark: str = ""
    """the source in a few letters"""

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(".", "-")

    @property
    def wrong(self) -> bool:
        return any(i.problem.blocks for i in self.incidences)


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the tax breakdown, and how it is booked."""

    number: int
    cells: tuple[FieldShown, ...]
    booked: tuple[FieldShown, ...]
    parts: tuple[tuple[int, tuple[FieldShown, ...]], ...] = ()
    incidences: tuple[Incidence, ...] = ()
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of the proposed entry, with its reason."""

    account: str
    name: str
    debit: Decimal
    credit: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class BoxShown:
    """The place of a field on a page, in ten-thousandths."""

    field: str
    left: int
    top: int
    width: int
    height: int
    doubt: bool


@dataclass(slots=True)
class Sheet:
    """Everything of the data pane."""

    party: list[FieldShown]
    document: list[FieldShown]
    rows: list[RowShown]
    totals: list[FieldShown]
    lines: list[LineShown]
    general: list[Incidence]
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    first_doubt: str = ""
    blocked: bool = False
    posted: bool = False
    types: Mapping[str, Any] = field(default_factory=lambda: DOCUMENT_TYPES)

    def stand_posted(self, lines: Iterable[Line]) -> None:
        """Show the entry's own lines in place of those proposed."""
        self.posted = True
        self.lines = [
            LineShown(
                line.account.code, line.account.name, line.debit, line.credit, line.text or ""
            )
            for line in lines
        ]
        self.debit = sum((line.debit for line in self.lines), Decimal(0))
        self.credit = sum((line.credit for line in self.lines), Decimal(0))


def sheet_of(
    row: CapturedInvoice,
    invoice: Invoice,
    names: Mapping[str, str],
    refused: Iterable[Problem] = (),
    typed: Mapping[str, str] | None = None,
) -> Sheet:
    """The data pane. ``names`` are those of accounts; ``typed`` keeps what a refused change had typed."""
    worded = _Worded(row, invoice, names, list(refused), typed or {})
    side = "seller" if row.direction == "received" else "buyer"
    party = [worded.field(n.format(side=side), label, kind) for n, label, kind in PARTY_FIELDS]
    document = [worded.field(n, label, kind) for n, label, kind in DOCUMENT_FIELDS]
    document += worded.rare()
    rows = [worded.row(n) for n in range(len(invoice.vat))]
    totals = [worded.field(n, label, kind) for n, label, kind in TOTAL_FIELDS]
    lines = worded.lines()
    doubts = [f.name for f in (*party, *document) if f.doubt]
    doubts += [c.name for r in rows for c in r.cells if c.doubt]
    doubts += [f.name for f in totals if f.doubt]
    return Sheet(
        party,
        document,
        rows,
        totals,
        lines,
        worded.left_over(),
        debit=sum((line.debit for line in lines), Decimal(0)),
        credit=sum((line.credit for line in lines), Decimal(0)),
        first_doubt=doubts[0] if doubts else "",
        blocked=any(p.blocks for p in worded.problems),
    )


class _Worded:
    """Puts a proposal into words, remembering which incidences have found their field."""

    def __init__(
        self,
        row: CapturedInvoice,
        invoice: Invoice,
        names: Mapping[str, str],
        refused: list[Problem],
        typed: Mapping[str, str],
    ) -> None:
        self.row_, self.invoice, self.names, self.typed = row, invoice, names, typed
        self.booked = {(r["position"] - 1, r["part"]): r for r in row.plan.get("rows", ())}
        self.problems = [*refused, *queries.problems_of(row)]
        self.doubts = set(row.doubts)
        self.placed: set[int] = set()

    def incidences(self, place: str) -> tuple[Incidence, ...]:
        """The incidences at a place of the form, each with its remedy."""
        found = [(n, p) for n, p in enumerate(self.problems) if p.where == place]
        self.placed |= {n for n, _p in found}
        return tuple(self._remedied(p) for _n, p in found)

    def left_over(self) -> list[Incidence]:
        """Incidences that are about no field of the form."""
        rest = [p for n, p in enumerate(self.problems) if n not in self.placed]
        return [self._remedied(p) for p in rest]

    def _remedied(self, problem: Problem) -> Incidence:
        text = told(problem)
        company = self.row_.company_id
        if problem.code in IN_PROFILE:
            href = reverse("capture:profile", kwargs={"company": company})
            return Incidence(problem, text, gettext("Open the posting profile"), href)
        if problem.code in NO_ACCOUNT:
            return Incidence(problem, text, gettext("Open an account"), act="account-form")
        if problem.code in ALIKE:
            return Incidence(
                problem, text, gettext("Compare"), act="compare", value=problem.values["invoice"]
            )
        if problem.code == "booking.period_closed":
            return Incidence(
                problem, text, gettext("Periods"), address("ledger:periods", company=company)
            )
        return Incidence(problem, text)

    def field(self, name: str, label: Any, kind: str) -> FieldShown:
        """A field of the document or of its entry."""
        evidence = self.invoice.evidence.get(name)
        value = self._value(name)
        return FieldShown(
            name,
            str(label),
            self.typed.get(name, value),
            kind,
            name in self.doubts,
            self.incidences(name),
            str(SOURCES[evidence.source]) if evidence else "",
            self.names.get(value, "") if kind == "account" else "",
            evidence.page if evidence else None,
            str(SOURCE_MARKS[evidence.source]) if evidence else "",
        )

    def rare(self) -> list[FieldShown]:
        """Fields that are shown only when there is something to say."""
        invoice = self.invoice
        there = {p.where for p in self.problems} | self.doubts
        wanted = set()
        if invoice.is_credit or invoice.reference:
            wanted.add("reference")
        if invoice.currency not in (None, self.row_.company.currency):
            wanted |= {"currency", "exchange_rate"}
        own = "buyer_tax_id" if self.row_.direction == "received" else "seller_tax_id"
        shown = [
            n
            for n in RARE_FIELDS
            if n in wanted or (n in there and n in (own, "status", "currency"))
        ]
        return [self.field(n, RARE_FIELDS[n], "text") for n in shown]

    def _value(self, name: str) -> str:
        chosen = self.row_.overrides.get(name)
        if name == "account":
            return self.row_.account or chosen or ""
        if name == "date":
            return _written(value_of("date", self.row_.plan.get("date")))
        if name == "withholding_code":
            proposed = next((r["withholding_code"] for r in self.booked.values()), None)
            return str(chosen or proposed or "")
        if name in ("cost_center", "exchange_rate"):
            return str(chosen or "")
        return _written(getattr(self.invoice, name))

    def row(self, number: int) -> RowShown:
        """A row of the breakdown: what the document says, and how it is booked."""
        stated = self.invoice.vat[number]
        cells = tuple(
            self._cell(number, part, label, _written(getattr(stated, part)))
            for part, label in (("rate", _("Rate")), ("base", _("Base")), ("amount", _("VAT")))
        )
        place = f"vat.{number}"
        booked = self._booked(number)
        parts = self._parts(number)
        return RowShown(
            number, cells, booked, parts, self.incidences(place), any(c.doubt for c in cells)
        )

    def _cell(self, number: int, part: str, label: Any, value: str) -> FieldShown:
        name = f"vat.{number}.{part}"
        return FieldShown(
            name,
            str(label),
            self.typed.get(name, value),
            "amount",
            name in self.doubts,
            self.incidences(name),
        )

    def _booked(self, number: int) -> tuple[FieldShown, ...]:
        mine = self.booked.get((number, 0))
        if mine is None:
            return ()
        return tuple(
            self._booked_cell(f"row.{number}.{part}", label, kind, str(mine[part] or ""))
            for part, label, kind in (
                ("counterpart", _("Booked to"), "account"),
                ("vat_code", _("VAT code"), "vat_code"),
            )
            if part != "counterpart" or not self._is_split(number)
        )

    def _booked_cell(self, name: str, label: Any, kind: str, value: str) -> FieldShown:
        said = self.names.get(value, "") if kind == "account" else ""
        shown = self.typed.get(name, value)
        return FieldShown(name, str(label), shown, kind, False, self.incidences(name), said=said)

    def _is_split(self, number: int) -> bool:
        return any(s["row"] == number for s in self.row_.overrides.get("splits", ()))

    def _parts(self, number: int) -> tuple[tuple[int, tuple[FieldShown, ...]], ...]:
        splits = enumerate(self.row_.overrides.get("splits", ()))
        return tuple(
            (
                at,
                tuple(
                    self._booked_cell(f"split.{at}.{part}", label, kind, _split_value(split, part))
                    for part, label, kind in (
                        ("base", _("Base"), "amount"),
                        ("counterpart", _("Booked to"), "account"),
                    )
                ),
            )
            for at, split in splits
            if split["row"] == number
        )

    def lines(self) -> list[LineShown]:
        """The entry as it will stand in the journal."""
        return [
            LineShown(
                line["account"] or "",
                self.names.get(line["account"] or "", ""),
                from_minor_units(line["debit"]),
                from_minor_units(line["credit"]),
                explain_reason(line["rule"] or "", line["because"] or "", gettext),
            )
            for line in self.row_.plan.get("lines", ())
        ]


def _split_value(split: Mapping[str, Any], part: str) -> str:
    value = split.get(part)
    return figures.plain(Decimal(value)) if part == "base" and value else str(value or "")


def _written(value: Any) -> str:
    """A value as a field holds it, so that it can be typed over."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return figures.plain(value)
    return figures.day(value) if hasattr(value, "isoformat") else str(value)


def boxes_of(invoice: Invoice, page: int, doubts: Iterable[str]) -> list[BoxShown]:
    """Where the fields are on a page; each place once, under the first field that was read there."""
    doubtful = set(doubts)
    found: dict[tuple[int, int, int, int], BoxShown] = {}
    for name, evidence in invoice.evidence.items():
        if evidence.page != page or evidence.box is None:
            continue
        left, top, right, bottom = (round(side * 10_000) for side in evidence.box)
        shown = BoxShown(name, left, top, right - left, bottom - top, name in doubtful)
        # A fiscal code holds many fields: it is drawn once.
        found.setdefault((left, top, right, bottom), shown)
    return list(found.values())
