"""Razão's own API: documents as JSON in, the same as invoices out; amounts and quantities are texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from razao.billing.loaded import Asked, Loaded, documents
from razao.invoices.frame import DOCUMENTS, LINES, VAT, InvoiceFrames, source_key_column
from razao.kernel.money import NotAnAmount, fixed_point
from razao.kernel.problems import Problem

#: Columns that hold a number, with their decimals.
_PLACES = {
    "quantity": 4,
    "unit_price": 4,
    "unit_cost": 4,
    "exchange_rate": 8,
    "advance_exchange_rate": 8,
}
_HUNDREDTHS = {
    *("net", "vat", "gross", "withholding", "payable", "base", "amount", "rate", "vat_rate"),
    *("vat_amount", "discount"),
}


def load(asked: Asked) -> Loaded:
    """``settings``: ``documents``, each with the fields of ``invoices.frame`` by name, ``breakdown`` and ``lines``."""
    heads: list[dict[str, Any]] = []
    vat: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for at, given in enumerate(asked.settings.get("documents") or ()):
        try:
            head = _values(given, DOCUMENTS, skip=("breakdown", "lines"))
            rows = [_values(row, VAT) for row in given.get("breakdown") or ()]
            parts = [_values(row, LINES) for row in given.get("lines") or ()]
        except (ValueError, InvalidOperation, NotAnAmount, AttributeError) as error:
            where = str(given.get("number", at)) if isinstance(given, Mapping) else str(at)
            problems.append(
                Problem("source.row_wrong", where=where, values={"message": str(error)})
            )
            continue
        heads.append({"seller_tax_id": asked.tax_id, "currency": "EUR"} | head | {"doc": at})
        vat.extend(row | {"doc": at, "position": n} for n, row in enumerate(rows, 1))
        lines.extend(row | {"doc": at, "position": n} for n, row in enumerate(parts, 1))
    if not heads:
        return Loaded.nothing(*problems)
    table = _framed(heads, DOCUMENTS)
    if "source_key" not in table.columns:
        table = table.with_columns(source_key_column())
    frames = InvoiceFrames.of(table, _framed(vat, VAT), _framed(lines, LINES))
    return documents(frames, problems, asked)


def _framed(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    names = [n for n in schema if any(n in row for row in rows)]
    if not names:
        return pl.DataFrame(schema=dict(schema))
    columns = {n: pl.Series(n, [row.get(n) for row in rows], schema[n]) for n in names}
    return pl.DataFrame(columns)


def _values(
    given: Mapping[str, Any], schema: Mapping[str, pl.DataType], *, skip: tuple[str, ...] = ()
) -> dict[str, Any]:
    unknown = [n for n in given if n not in schema and n not in skip]
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(unknown)}")
    return {n: _value(n, v, schema[n]) for n, v in given.items() if n not in skip}


def _value(name: str, value: Any, kind: pl.DataType) -> Any:
    if value is None or isinstance(kind, pl.Boolean):
        return value
    if isinstance(kind, pl.Date):
        return date.fromisoformat(value)
    if name in _HUNDREDTHS or name in _PLACES:
        return fixed_point(Decimal(value), _PLACES.get(name, 2))
    return value if isinstance(kind, (pl.Int32, pl.Int64)) else str(value)
