"""Invoices as columns: a list of invoices in, three polars frames out, and back.

Billing sources yield this form and booking consumes it, so that one invoice and a million take the same
way. Amounts are *minor units* (hundredths of the document's currency, ``Int64``); quantities and unit
prices are ten-thousandths; rates are hundredths of a per cent (2300 is 23 %). As in ``Invoice``, amounts
are positive for an ordinary document and the sign of a credit note lies in ``document_type``.

A column that a source does not know is null. ``InvoiceFrames.of`` builds the frames from whatever columns
a source has; the constructor itself accepts the exact schemas only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from razao.invoices.invoice import CASH_TYPES, Invoice, InvoiceLine, VatAmount
from razao.kernel.money import NotAnAmount, fixed_point, from_minor_units

Schema = Mapping[str, pl.DataType]

#: One row per document.
DOCUMENTS: Schema = {
    "doc": pl.Int64(),  # key of the document within these frames, 0, 1, 2 …
    "source_key": pl.String(),  # the same document always has the same key; see ``source_key``
    "billing_type": pl.String(),  # the source system's own type code, e.g. FT, FTM, 1
    "document_type": pl.String(),  # SAF-T (PT) code: FT FR FS NC ND …
    "series": pl.String(),
    "number": pl.String(),  # the whole number as printed, e.g. "FT A/12"
    "atcud": pl.String(),
    "issue_date": pl.Date(),
    "internal_date": pl.Date(),  # accounting date of the source system (P18)
    "due_date": pl.Date(),
    "currency": pl.String(),  # ISO 4217, of every amount of the document in these frames
    "exchange_rate": pl.Int64(),  # hundred-millionths of the company's currency for one foreign unit
    "foreign_currency": pl.String(),  # where the source has converted: what the document is really in
    "foreign_gross": pl.Int64(),  # and its total there
    "seller_tax_id": pl.String(),
    "seller_name": pl.String(),
    "seller_country": pl.String(),
    "buyer_id": pl.String(),  # the source system's customer id
    "buyer_tax_id": pl.String(),
    "buyer_name": pl.String(),
    "buyer_country": pl.String(),
    "status": pl.String(),  # SAF-T: N normal, A cancelled, S self-billed, R summary, F invoiced
    "net": pl.Int64(),
    "vat": pl.Int64(),  # all taxes of the ``vat`` frame together, stamp duty and surcharge included
    "gross": pl.Int64(),  # net + vat, before withholding
    "withholding": pl.Int64(),
    "payable": pl.Int64(),
    "treasury_place": pl.String(),  # where a cash sale was received (P14)
    "paid_by_title": pl.Boolean(),  # received by cheque or another title (P15)
    "cost_center": pl.String(),
    "reference": pl.String(),  # number of the document that this one corrects
    "self_settling": pl.Boolean(),  # leaves no debt: cash sales, invoice-receipts (P16)
    "confident": pl.Boolean(),  # every field that posting needs is certain
    "file_id": pl.String(),  # archived file that the document was read from
}

#: One row per rate, region, exemption and kind of tax of a document.
VAT: Schema = {
    "doc": pl.Int64(),
    "position": pl.Int32(),  # order within the document, from 1
    "rate": pl.Int32(),  # hundredths of a per cent
    "region": pl.String(),  # SAF-T TaxCountryRegion (PT, PT-AC, PT-MA) or ISO country
    "exemption": pl.String(),
    "base": pl.Int64(),
    "amount": pl.Int64(),
    "kind": pl.String(),  # null for VAT; surcharge, stamp_duty, outside_scope
}

#: One row per invoiced line.
LINES: Schema = {
    "doc": pl.Int64(),
    "position": pl.Int32(),
    "article": pl.String(),
    "description": pl.String(),
    "quantity": pl.Int64(),  # ten-thousandths
    "unit": pl.String(),
    "unit_price": pl.Int64(),  # ten-thousandths of the currency
    "net": pl.Int64(),  # after the line's discounts
    "vat_rate": pl.Int32(),  # hundredths of a per cent
    "region": pl.String(),
    "vat_amount": pl.Int64(),
    "exemption": pl.String(),
    "discount": pl.Int64(),  # already taken off ``net``
    "cost_center": pl.String(),
    "internal_reference": pl.String(),  # becomes the rubric (P9)
    "unit_cost": pl.Int64(),  # ten-thousandths; cost of one unit, for inventory and gifts (P12, P13)
    "service": pl.Boolean(),
    "advance": pl.Boolean(),  # receives an advance, or regularises one where ``net`` is negative (P16)
    "advance_exchange_rate": pl.Int64(),  # at which the regularised advance was booked
}

#: What stands in a column that the source does not have and that must not be null.
DEFAULTS: Mapping[str, Any] = {
    "status": "N",
    "paid_by_title": False,
    "confident": False,
    "region": "PT",
    "service": False,
    "advance": False,
    "discount": 0,
    "description": "",
}

_BLANKS = r"[\x00-\x20\x7f\u00a0]+"
_SERIES = re.compile(r"^(?P<type>\S+) (?P<series>\S+)/\d+$")


class WrongColumns(TypeError):
    """A frame has not exactly the columns and types that the schema names."""


@dataclass(frozen=True, slots=True)
class InvoiceFrames:
    """Invoices in columns. Raises WrongColumns unless each frame has exactly its schema."""

    documents: pl.DataFrame
    vat: pl.DataFrame
    lines: pl.DataFrame

    def __post_init__(self) -> None:
        for name, schema in (("documents", DOCUMENTS), ("vat", VAT), ("lines", LINES)):
            found = dict(getattr(self, name).schema)
            if found != dict(schema):
                raise WrongColumns(f"{name}: {_difference(found, schema)}")

    def __len__(self) -> int:
        return self.documents.height

    @classmethod
    def of(
        cls,
        documents: pl.DataFrame,
        vat: pl.DataFrame | None = None,
        lines: pl.DataFrame | None = None,
    ) -> InvoiceFrames:
        """Frames from the columns that a source has: absent ones become null or their default.

        ``doc`` must be given. Raises WrongColumns for a column that the schema does not know.
        """
        documents = _conformed(documents, DOCUMENTS)
        cash = pl.col("document_type").is_in(sorted(CASH_TYPES))
        documents = documents.with_columns(
            self_settling=pl.coalesce("self_settling", cash, pl.lit(False))
        )
        return cls(
            documents,
            _conformed(pl.DataFrame() if vat is None else vat, VAT),
            _conformed(pl.DataFrame() if lines is None else lines, LINES),
        )

    def where(self, documents: pl.Expr) -> InvoiceFrames:
        """The documents for which the expression over ``documents`` is true, with their rows and lines."""
        kept = self.documents.filter(documents)
        keys = kept.select("doc")
        return InvoiceFrames(
            kept,
            self.vat.join(keys, on="doc", how="semi", maintain_order="left"),
            self.lines.join(keys, on="doc", how="semi", maintain_order="left"),
        )


def concat(parts: Sequence[InvoiceFrames]) -> InvoiceFrames:
    """Several frames as one, with ``doc`` counted anew so that it stays unique."""
    documents, vat, lines = [], [], []
    start = 0
    for part in parts:
        lowest = part.documents["doc"].min() or 0
        shift = pl.col("doc") + (start - int(str(lowest)))
        documents.append(part.documents.with_columns(shift))
        vat.append(part.vat.with_columns(shift))
        lines.append(part.lines.with_columns(shift))
        highest = documents[-1]["doc"].max()
        start = start if highest is None else int(str(highest)) + 1
    if not documents:
        return to_frames([])
    return InvoiceFrames(pl.concat(documents), pl.concat(vat), pl.concat(lines))


def source_key(invoice: Invoice) -> str | None:
    """What identifies a document wherever it was read from: seller, type, number and year of issue.

    The year is part of it because sellers outside Portugal may count from one again each year.
    None when one of these is unknown: such a document cannot be told from another.
    """
    if not (invoice.number and invoice.document_type and invoice.issue_date):
        return None
    if not invoice.seller_tax_id:
        return None
    number = re.sub(_BLANKS, " ", invoice.number).strip(" ")
    if not number:
        return None
    return f"{invoice.seller_tax_id}|{invoice.document_type}|{number}|{invoice.issue_date.year}"


def source_key_column() -> pl.Expr:
    """``source_key`` over the columns of ``documents``."""
    number = pl.col("number").str.replace_all(_BLANKS, " ").str.strip_chars(" ")
    year = pl.col("issue_date").dt.year().cast(pl.String)
    known = [
        part.replace("", None)
        for part in (pl.col("seller_tax_id"), pl.col("document_type"), number)
    ]
    parts = [*known, year]
    return pl.concat_str(parts, separator="|").alias("source_key")


def to_frames(invoices: Iterable[Invoice]) -> InvoiceFrames:
    """The invoices as columns, in their order; ``doc`` counts from 0.

    Pages, evidence and addresses have no column. Quantities and prices keep four decimals.
    Raises NotAnAmount for an amount that no column can hold.
    """
    documents: list[tuple[Any, ...]] = []
    vat: list[tuple[Any, ...]] = []
    lines: list[tuple[Any, ...]] = []
    for doc, invoice in enumerate(invoices):
        documents.append(_document_row(doc, invoice))
        vat.extend(_vat_row(doc, at, row) for at, row in enumerate(invoice.vat, 1))
        lines.extend(_line_row(doc, at, row) for at, row in enumerate(invoice.lines, 1))
    return InvoiceFrames.of(
        pl.DataFrame(documents, {c: DOCUMENTS[c] for c in _DOCUMENT_COLUMNS}, orient="row"),
        pl.DataFrame(vat, VAT, orient="row"),
        pl.DataFrame(lines, {c: LINES[c] for c in _LINE_COLUMNS}, orient="row"),
    )


def to_invoices(frames: InvoiceFrames) -> list[Invoice]:
    """The documents of the frames as values, in the order of ``documents``."""
    vat: dict[int, list[VatAmount]] = {}
    for row in frames.vat.sort("doc", "position").iter_rows(named=True):
        vat.setdefault(row["doc"], []).append(_vat_of(row))
    lines: dict[int, list[InvoiceLine]] = {}
    for row in frames.lines.sort("doc", "position").iter_rows(named=True):
        lines.setdefault(row["doc"], []).append(_line_of(row))
    return [
        _invoice_of(row, tuple(vat.get(row["doc"], ())), tuple(lines.get(row["doc"], ())))
        for row in frames.documents.iter_rows(named=True)
    ]


_DOCUMENT_COLUMNS = (
    *("doc", "source_key", "billing_type", "document_type", "series", "number", "atcud"),
    *("issue_date", "due_date", "currency", "seller_tax_id", "seller_name", "seller_country"),
    *("buyer_tax_id", "buyer_name", "buyer_country", "status", "net", "vat", "gross"),
    *("withholding", "payable", "reference", "confident"),
)
_LINE_COLUMNS = (
    *("doc", "position", "article", "description", "quantity", "unit", "unit_price", "net"),
    *("vat_rate", "exemption"),
)


def _document_row(doc: int, invoice: Invoice) -> tuple[Any, ...]:
    form = _SERIES.match(invoice.number or "")
    head = (
        doc,
        source_key(invoice),
        form["type"] if form else invoice.document_type,
        invoice.document_type,
        form["series"] if form else None,
    )
    amounts = (invoice.net_total, invoice.vat_total, invoice.gross_total)
    return (
        *head,
        *(invoice.number, invoice.atcud, invoice.issue_date, invoice.due_date, invoice.currency),
        *(invoice.seller_tax_id, invoice.seller_name, invoice.seller_country),
        *(invoice.buyer_tax_id, invoice.buyer_name, invoice.buyer_country, invoice.status),
        *(_scaled(a, 2) for a in (*amounts, invoice.withholding, invoice.payable)),
        *(invoice.reference, invoice.confident),
    )


def _vat_row(doc: int, position: int, row: VatAmount) -> tuple[Any, ...]:
    rate, base, amount = (_scaled(n, 2) for n in (row.rate, row.base, row.amount))
    return (doc, position, rate, row.region, row.exemption, base, amount, row.kind)


def _line_row(doc: int, position: int, row: InvoiceLine) -> tuple[Any, ...]:
    return (
        *(doc, position, row.article, row.description, _detail(row.quantity), row.unit),
        *(_detail(row.unit_price), _scaled(row.net_amount, 2), _scaled(row.vat_rate, 2)),
        row.exemption,
    )


def _vat_of(row: Mapping[str, Any]) -> VatAmount:
    return VatAmount(
        rate=from_minor_units(row["rate"]),
        base=from_minor_units(row["base"]),
        amount=from_minor_units(row["amount"]),
        region=row["region"],
        exemption=row["exemption"],
        kind=row["kind"],
    )


def _line_of(row: Mapping[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        description=row["description"],
        article=row["article"],
        quantity=_unscaled(row["quantity"], 4),
        unit=row["unit"],
        unit_price=_unscaled(row["unit_price"], 4),
        net_amount=_unscaled(row["net"], 2),
        vat_rate=_unscaled(row["vat_rate"], 2),
        exemption=row["exemption"],
    )


_SAME_NAME = (
    *("document_type", "number", "atcud", "issue_date", "due_date", "currency"),
    *("seller_tax_id", "seller_name", "seller_country"),
    *("buyer_tax_id", "buyer_name", "buyer_country", "status", "reference", "confident"),
)


def _invoice_of(
    row: Mapping[str, Any], vat: tuple[VatAmount, ...], lines: tuple[InvoiceLine, ...]
) -> Invoice:
    return Invoice(
        **{name: row[name] for name in _SAME_NAME},
        vat=vat,
        lines=lines,
        net_total=_unscaled(row["net"], 2),
        vat_total=_unscaled(row["vat"], 2),
        gross_total=_unscaled(row["gross"], 2),
        withholding=_unscaled(row["withholding"], 2),
        payable=_unscaled(row["payable"], 2),
    )


def _scaled(value: Decimal | None, places: int) -> int | None:
    return None if value is None else fixed_point(value, places)


def _detail(value: Decimal | None) -> int | None:
    """Quantities and prices only explain an amount: one that no column can hold is left out."""
    try:
        return _scaled(value, 4)
    except NotAnAmount:
        return None


def _unscaled(units: int | None, places: int) -> Decimal | None:
    return None if units is None else Decimal(units).scaleb(-places)


def _conformed(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    unknown = [name for name in frame.columns if name not in schema]
    if unknown:
        raise WrongColumns(f"unknown columns {unknown}")
    columns = []
    for name, kind in schema.items():
        default = DEFAULTS.get(name)
        if name not in frame.columns:
            columns.append(pl.lit(default, kind).alias(name))
            continue
        column = pl.col(name).cast(kind)
        columns.append(column if default is None else column.fill_null(pl.lit(default, kind)))
    return frame.select(columns) if frame.columns else pl.DataFrame(schema=dict(schema))


def _difference(found: Mapping[str, pl.DataType], schema: Schema) -> str:
    missing = [name for name in schema if name not in found]
    unknown = [name for name in found if name not in schema]
    types = [n for n, kind in schema.items() if n in found and found[n] != kind]
    return f"missing {missing}, unknown {unknown}, of another type {types} (or in another order)"
