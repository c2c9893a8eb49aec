"""PHC's rows as invoices: records of FT, FI and FTT in (from its tables or its web service), invoice frames out.

Column names are PHC's: ``e…`` amounts are euros, ``iva`` a rate, ``ivaincl`` a price with tax, ``anulado`` a
cancelled document. What is said here of PHC comes from public code that reads customers' systems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from razao.billing.loaded import MARKS, SEEN_CUSTOMERS, Loaded
from razao.invoices.frame import LINES, VAT, InvoiceFrames, source_key_column
from razao.invoices.invoice import CREDIT_TYPES
from razao.kernel.money import NotAnAmount, exact, fixed_point
from razao.kernel.problems import Problem, Severity

Row = Mapping[str, Any]
_PTE = {"PTE OU EURO", "EURO", "EUROS", ""}


def loaded(
    heads: Iterable[Row], lines: Iterable[Row], taxes: Iterable[Row], *, seller: str
) -> Loaded:
    """The documents, with the stamp of each as its mark. A line or tax whose document is missing is left out."""
    documents: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for row in heads:
        stamp = _text(row.get("ftstamp")) or ""
        if stamp in documents:
            problems.append(Problem("source.row_twice", Severity.WARNING, where=stamp))
            continue
        documents[stamp] = _head(len(documents), row, seller)
    signs = {stamp: d["_sign"] for stamp, d in documents.items()}
    places = {stamp: d["doc"] for stamp, d in documents.items()}
    nets = {stamp: d["net"] for stamp, d in documents.items()}
    line_rows = [
        _line(places[stamp], signs[stamp], row)
        for row in lines
        if (stamp := _text(row.get("ftstamp")) or "") in places
        and not _is_summary(row, nets[stamp])
    ]
    tax_rows = [
        _tax(places[stamp], signs[stamp], row)
        for row in taxes
        if (stamp := _text(row.get("ftstamp")) or "") in places
    ]
    return _framed(documents, line_rows, tax_rows, problems)


def _framed(
    documents: dict[str, dict[str, Any]],
    lines: list[dict[str, Any]],
    taxes: list[dict[str, Any]],
    problems: list[Problem],
) -> Loaded:
    if not documents:
        return Loaded.nothing(*problems)
    stamps = pl.Series("mark", list(documents))
    table = pl.DataFrame([*documents.values()], infer_schema_length=None).drop("_sign", "_address")
    table = table.with_columns(source_key_column())
    frames = InvoiceFrames.of(
        table, _numbered(_frame(taxes, VAT)), _frame(lines, LINES).sort("doc", "position")
    )
    people = pl.DataFrame(
        [
            (d["buyer_id"], d["buyer_tax_id"], d["buyer_name"], d["buyer_country"], d["_address"])
            for d in documents.values()
        ],
        SEEN_CUSTOMERS,
        orient="row",
    ).drop_nulls("number")
    marks = pl.DataFrame({"source_key": table["source_key"], "mark": stamps}, schema=MARKS)
    return Loaded(
        frames, tuple(problems), people.unique("number", keep="first", maintain_order=True), marks
    )


def _frame(rows: list[dict[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    names = list(rows[0]) if rows else ["doc", "position"]
    return pl.DataFrame(rows, {n: schema[n] for n in names}, orient="row")


def _numbered(taxes: pl.DataFrame) -> pl.DataFrame:
    if taxes.height == 0:
        return pl.DataFrame(schema=dict(VAT))
    return taxes.with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int32).over("doc") + 1).alias("position")
    )


def _head(doc: int, row: Row, seller: str) -> dict[str, Any]:
    kind = (_text(row.get("tiposaft")) or "FT").upper()
    total = _cents(row.get("etotal")) or 0
    sign = -1 if kind in CREDIT_TYPES and total < 0 else 1
    currency = (_text(row.get("moeda")) or "").upper()
    held = _cents(row.get("evirs")) or 0
    return {
        "doc": doc,
        "billing_type": _text(row.get("ndoc")),
        "document_type": kind,
        "series": _text(row.get("nmdoc")),
        "number": f"{kind} {_text(row.get('ndoc'))}/{_text(row.get('fno'))}",
        "issue_date": _day(row.get("fdata")),
        "internal_date": _day(row.get("cdata")),
        "currency": "EUR" if currency in _PTE else currency,
        "seller_tax_id": seller,
        "buyer_id": _customer(row),
        "buyer_tax_id": _text(row.get("ncont")),
        "buyer_name": _text(row.get("nome")),
        "buyer_country": _text(row.get("codpais")),
        "status": "A" if _true(row.get("anulado")) else "N",
        "net": sign * (_cents(row.get("ettiliq")) or 0),
        "vat": sign * (_cents(row.get("ettiva")) or 0),
        "gross": sign * total + held,
        "withholding": held or None,
        "treasury_place": _text(row.get("ollocal")),
        "paid_by_title": _true(row.get("chtotal")),
        "cost_center": _text(row.get("ccusto")),
        "_sign": sign,
        "_address": _text(row.get("morada")),
    }


def _customer(row: Row) -> str | None:
    """Customer number and establishment: PHC's key of a customer."""
    number, place = _text(row.get("no")), _text(row.get("estab"))
    return f"{number}.{place}" if number and place not in (None, "0") else number


def _line(doc: int, sign: int, row: Row) -> dict[str, Any]:
    rate = _scaled(row.get("iva"), 2) or 0
    net = _decimal(row.get("etiliquido")) or Decimal(0)
    if _true(row.get("ivaincl")):
        net = net / (1 + Decimal(rate) / 10_000)
    return {
        "doc": doc,
        "position": int(_decimal(row.get("lordem")) or 0) % 2**31,
        "article": _text(row.get("ref")),
        "description": _text(row.get("design")) or "",
        "quantity": _scaled(row.get("qtt"), 4),
        "unit": _text(row.get("unidade")),
        "unit_price": _scaled(row.get("epv"), 4),
        "net": sign * fixed_point(net, 2),
        "vat_rate": rate,
        "exemption": _text(row.get("codmotiseimp")),
        "cost_center": _text(row.get("ficcusto")),
        "internal_reference": _text(row.get("lobs")),
        "unit_cost": _scaled(row.get("ecusto"), 4),
        "service": _true(row.get("stns")),
    }


def _is_summary(row: Row, net: int) -> bool:
    """A line that repeats the document's base beside the detail (a known fault): counted, it would double it."""
    blank = not _text(row.get("ref")) and not _text(row.get("design"))
    return blank and not _scaled(row.get("qtt"), 4) and _cents(row.get("etiliquido")) == net


def _tax(doc: int, sign: int, row: Row) -> dict[str, Any]:
    return {
        "doc": doc,
        "position": 0,
        "rate": _scaled(row.get("taxa"), 2) or 0,
        "base": sign * (_cents(row.get("ebaseinc")) or 0),
        "amount": sign * (_cents(row.get("evalor")) or 0),
    }


def _text(value: Any) -> str | None:
    if value is None:
        return None
    number = _decimal(value) if isinstance(value, (Decimal, float)) else None
    if number is not None and number == int(number):
        value = int(number)
    return str(value).strip() or None


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value in (None, "") else exact(str(value))
    except NotAnAmount:
        return None


def _scaled(value: Any, places: int) -> int | None:
    number = _decimal(value)
    return None if number is None else fixed_point(number, places)


def _cents(value: Any) -> int | None:
    return _scaled(value, 2)


def _true(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True", "t") or (
        isinstance(value, (Decimal, float)) and value > 0
    )


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value or "")[:10]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return None if day.year == 1900 else day  # PHC's "no date"
