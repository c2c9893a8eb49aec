"""The pages of one document in, the invoice that they say out: fiscal code first, then labels, geometry and arithmetic.

The spine of reading a document; each field is found by a leaf of its own and carries its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from razao.capture.reading import (
    fiscal,
    money_marks,
    nfe,
    regions,
    table,
    taxids,
    totals,
    vat_lines,
    vat_rates,
    vat_rows,
)
from razao.capture.reading.blocks import address_of
from razao.capture.reading.certainty import certain
from razao.capture.reading.document import Code, Known, Page
from razao.capture.reading.kinds import corrects, disputed, type_of
from razao.capture.reading.layout import Run
from razao.capture.reading.numbers import atcud_of, number_of, reference_of
from razao.capture.reading.parties import Party, parties_of
from razao.capture.reading.sums import Totals
from razao.capture.reading.text import Text, month_first, text_of
from razao.capture.reading.when import due_by_terms, due_date_of, issue_date_of
from razao.invoices.invoice import Evidence, Invoice, Source, VatAmount

CORRECTING = frozenset({"NC", "ND"})
"""types that refer to the document that they correct"""
ON_TERMS = frozenset({"FT", "ND"})
"""types that are paid later, so that days of payment lead to a due date"""


@dataclass
class Draft:
    """The fields found so far, each with its evidence; the first and most exact source of a field stays."""

    source: Source
    values: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    sure: set[str] = field(default_factory=set)
    """fields whose text leaves no doubt"""
    conflicts: set[str] = field(default_factory=set)
    """fields on which two sources differ"""

    def put(
        self, name: str, value: Any, run: Run | None, *, score: float = 5.0, sure: bool = False
    ) -> None:
        """Set a field unless a more exact source has set it; a difference between the two is noted."""
        if value in {None, (), ""}:
            return
        if name in self.values and self.values[name] not in (None, ()):
            if self.values[name] != value and sure:
                self.conflicts.add(name)
            return
        self.values[name] = value
        self.evidence[name] = self._proof(run, score)
        if sure:
            self.sure.add(name)

    def prove(self, name: str, run: Run, score: float) -> None:
        """Add the place of a part of a field."""
        self.evidence[name] = self._proof(run, score)

    def _proof(self, run: Run | None, score: float) -> Evidence:
        if run is None:
            return Evidence(Source.DERIVED, confidence=round(min(0.95, score / 10), 2))
        seen = min(1.0, max(0.05, score / 11)) * run.confidence
        box = tuple(round(v, 4) for v in run.box)
        return Evidence(self.source, run.page, box, round(seen, 2))  # type: ignore[arg-type]


def invoice_of(
    pages: Sequence[Page],
    country: str = "PT",
    known: Known | None = None,
    codes: Iterable[Code] | None = None,
) -> Invoice | None:
    """The invoice on the pages of one document; None when they hold nothing that an invoice says."""
    text = text_of(pages)
    all_codes = tuple(codes) if codes is not None else tuple(c for p in pages for c in p.codes)
    source = Source.OCR if any(p.source is Source.OCR for p in pages) else Source.TEXT
    draft = Draft(source)
    found = fiscal.fiscal_code(all_codes)
    complete = False
    if found:
        said = fiscal.stated(*found)
        draft.values.update(said.fields)
        draft.evidence.update(said.evidence)
        complete = said.complete
    _put_access_key(draft, text)
    chosen = _read_text(draft, text, country, known)
    if not found and chosen.gross_value is None and "number" not in draft.values:
        return None
    draft.values["pages"] = tuple(p.number for p in pages)
    draft.values["evidence"] = MappingProxyType(draft.evidence)
    draft.values["confident"] = certain(
        draft.values, draft.sure, draft.conflicts, draft.evidence, complete=complete, totals=chosen
    )
    return Invoice(**draft.values)


def _put_access_key(draft: Draft, text: Text) -> None:
    """What the access key of a Brazilian DANFE says beyond doubt."""
    found = nfe.key_of(text)
    if found is None:
        return
    issuer = found.key.issuer
    person = issuer.removeprefix("000")
    for name, value in (
        ("seller_tax_id", person),
        ("seller_country", nfe.BRAZIL),
        ("currency", "BRL"),
        ("document_type", "FT"),
    ):
        draft.put(name, value, found.run, score=11, sure=True)


def _read_text(draft: Draft, text: Text, country: str, known: Known | None) -> Totals:
    """Everything that the words say, into the draft."""
    coded = draft.values.get("seller_tax_id")
    seller, buyer = parties_of(text, country, known, coded, draft.values.get("buyer_tax_id"))
    _put_parties(draft, text, seller, buyer, country)
    currency, run = money_marks.currency_of(text, draft.values.get("seller_country"))
    american = month_first(text, currency)
    _put_dates(draft, text, american)
    _put_heading(draft, text)
    if draft.values.get("document_type") in ON_TERMS:
        draft.put("due_date", due_by_terms(text, draft.values.get("issue_date")), None, score=6)
    place = regions.place_of(text, draft.values.get("seller_country") or country)
    if place in vat_lines.WHOLE:
        text = text.in_whole_units()
    chosen = totals.totals_of(text, place, draft.values.get("issue_date"))
    _put_totals(draft, text, chosen, place)
    draft.put("currency", currency, run, score=8 if run else 6, sure=run is not None)
    draft.put("lines", table.lines_of(text, chosen), None, score=6)
    return chosen


def _put_parties(draft: Draft, text: Text, seller: Party, buyer: Party, country: str) -> None:
    for side, party in (("seller", seller), ("buyer", buyer)):
        if party.tax_id is not None:
            checked = party.tax_id.checked
            value = _own_form(party.tax_id.value)
            draft.put(
                f"{side}_tax_id", value, party.tax_run, score=9 if checked else 5, sure=party.sure
            )
        if party.name is not None:
            draft.put(f"{side}_name", party.name.value, party.name.run, score=party.name.score)
        draft.put(f"{side}_country", _home(draft, text, side, party), party.tax_run, score=8)
    other = buyer.name.run if buyer.name else None
    address = address_of(text, seller.name.run, other) if seller.name else None
    if address is not None:
        draft.put("seller_address", address[0], address[1], score=6)
    for side in ("seller", "buyer"):
        place = money_marks.country_near(text, draft.evidence.get(f"{side}_name"))
        draft.put(f"{side}_country", place, None, score=5)


PORTUGUESE = re.compile(r"\batcud\b|/at\b")
"""what only programs of Portuguese sellers print: the document's code, the number of their certificate"""


def _home(draft: Draft, text: Text, side: str, party: Party) -> str | None:
    """The country of a party by its identifier; where a form without check digit left it open, by what stands around."""
    found = party.tax_id
    if found is None or found.checked or found.country is None:
        return party.country
    proof = draft.evidence.get(f"{side}_name")
    near = money_marks.address_country(text, proof) if proof else None
    signed = "PT" if side == "seller" and PORTUGUESE.search(text.plain) else None
    for place in (signed, near):
        other = taxids.identify(found.value, place) if place else None
        if other is not None and other.checked and other.country == place:
            return place
    return party.country


def _own_form(value: str) -> str:
    """A Portuguese number without the prefix that the EU form puts before it; others stay as printed."""
    rest = value[2:]
    if value[:2] == "PT" and taxids.identify(rest, "PT"):
        return rest
    return value


def _put_dates(draft: Draft, text: Text, american: bool) -> None:
    known_order = draft.values.get("seller_country") not in {None, "US"}
    issued = issue_date_of(text, american, known_order)
    if issued:
        draft.put(
            "issue_date", issued.value, issued.found.run, score=issued.score, sure=issued.certain
        )
    due = due_date_of(text, american, draft.values.get("issue_date"))
    if due:
        draft.put("due_date", due.value, due.found.run, score=due.score, sure=due.certain)


def _put_heading(draft: Draft, text: Text) -> None:
    atcud = atcud_of(text)
    number = number_of(text, atcud.value if atcud else None)
    if number:
        draft.put("number", number.value, number.run, score=number.score, sure=number.strong)
    if atcud:
        draft.put("atcud", atcud.value, atcud.run, score=9, sure=True)
    titled = type_of(text)
    if titled:
        draft.put(
            "document_type",
            titled.document_type,
            titled.run,
            score=titled.score,
            sure=titled.score >= 6
            and not corrects(text, titled.document_type)
            and not disputed(text, titled),
        )
    reference = reference_of(text, draft.values.get("number"))
    if reference and draft.values.get("document_type") in CORRECTING:
        draft.put("reference", reference.value, reference.run, score=reference.score)


def _put_totals(draft: Draft, text: Text, chosen: Totals, place: str) -> None:
    agreed = "rows" in chosen.agreeing or "rate" in chosen.agreeing
    sure = (
        not chosen.unexplained
        and agreed
        and "net+vat=gross" in chosen.agreeing
        and not chosen.rivals
        and _tied(chosen)
    )
    score = min(10.0, chosen.score / 2.2)
    for name, candidate, value in (
        ("gross_total", chosen.gross, chosen.gross_value),
        ("net_total", chosen.net, chosen.net_value),
        ("vat_total", chosen.vat, chosen.vat_value),
    ):
        run = candidate.amount.run if candidate and candidate.value == value else None
        draft.put(name, value, run, score=score, sure=sure)
    if chosen.withholding and "status" not in draft.values:
        draft.put("withholding", chosen.withholding.value, chosen.withholding.amount.run, score=8)
    if chosen.payable:
        draft.put("payable", chosen.payable.value, chosen.payable.amount.run, score=8)
    gross = draft.values.get("gross_total")
    if gross is not None:
        draft.put("payable", gross - (draft.values.get("withholding") or Decimal(0)), None, score=5)
    if draft.values.get("vat"):
        located = _located(draft, draft.values["vat"], text)
        draft.values["vat"] = tuple(_reasons(located, text))
    else:
        _put_rows(draft, text, chosen, place, score=score, sure=sure)


def _tied(chosen: Totals) -> bool:
    """True when the breakdown adds up to the cent: what is off by one may lack a row of a cent."""
    net, vat = chosen.net_value, chosen.taxed_value
    rows = [r for r in chosen.rows if not r.kind]
    extra = sum((r.tax for r in chosen.rows if r.kind), Decimal(0))
    return net is not None and bool(rows) and vat_rows.exact(rows, net, vat - extra)


def _located(draft: Draft, rows: Sequence[VatAmount], text: Text) -> list[VatAmount]:
    """The rows of a fiscal code, in the seller's region where the code names none because nothing is taxed."""
    day = draft.values.get("issue_date") or date(2023, 6, 1)
    home = regions.region_of(text, (), day, "PT", _seat(draft))
    return [r if r.region != fiscal.UNSAID else replace(r, region=home) for r in rows]


def _seat(draft: Draft) -> tuple[Evidence | None, ...]:
    return draft.evidence.get("seller_name"), draft.evidence.get("seller_tax_id")


def _reasons(rows: Sequence[VatAmount], text: Text) -> Iterator[VatAmount]:
    """The rows that a fiscal code gave, those without tax with the reasons that the page prints."""
    for row in rows:
        if row.rate or row.kind or not row.base:
            yield row
            continue
        for part in vat_rows.zero_rows(text, row.base):
            yield replace(row, base=part.base, exemption=part.exemption)


def _put_rows(
    draft: Draft, text: Text, chosen: Totals, place: str, *, score: float, sure: bool
) -> None:
    """The breakdown, highest rate first, with the places of its amounts."""
    if not chosen.rows:
        return
    day = draft.values.get("issue_date") or date(2023, 6, 1)
    ordered = sorted(chosen.rows, key=lambda r: (r.kind or "", -r.rate))
    taxed = [r.rate for r in ordered if r.rate and not r.kind]
    region = regions.region_of(text, taxed, day, place, _seat(draft))
    made = [VatAmount(_plain(r.rate), r.base, r.tax, region, r.exemption, r.kind) for r in ordered]
    if chosen.stamp and chosen.net_value:
        duty = chosen.stamp.value
        rate = vat_rates.implied_rate(chosen.net_value, duty) or Decimal(0)
        made.append(VatAmount(_plain(rate), chosen.net_value, duty, region, kind="stamp_duty"))
    draft.put("vat", tuple(made), None, score=score, sure=sure)
    for index, row in enumerate(ordered):
        for part, amount in (("base", row.base_amount), ("amount", row.tax_amount)):
            if amount is not None:
                draft.prove(f"vat.{index}.{part}", amount.run, score)


def _plain(rate: Decimal) -> Decimal:
    """The rate without trailing zeros, never in exponent form."""
    whole = rate.quantize(Decimal(1))
    return whole if rate == whole else rate.normalize()
