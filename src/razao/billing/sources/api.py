"""Razão's own API: documents as JSON in, the same as invoices out; amounts and quantities are texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from razao.billing.loaded import Asked, Loaded, documents
from razao.invoices.frame import DOCUMENTS, LINES, VAT, InvoiceFrames, source_key_column
from razao.kernel.money import NotAnAmount, exact, fixed_point
from razao.kernel.problems import Problem, Refused

#: Columns that hold a number, with their decimals; the other whole numbers are places in a list and given by it.
_PLACES = {
    **dict.fromkeys(("quantity", "unit_price", "unit_cost"), 4),
    **dict.fromkeys(("exchange_rate", "advance_exchange_rate"), 8),
    **dict.fromkeys(("net", "vat", "gross", "withholding", "payable", "foreign_gross"), 2),
    **dict.fromkeys(("base", "amount", "rate", "vat_rate", "vat_amount", "discount"), 2),
}
#: The most that a number may be in units of its last decimal, so that sums stay within 64 bits, and a rate.
_MOST, _MOST_RATE = 10**15, 100_000
#: Without these a document cannot be told from others.
_NEEDED = ("number", "document_type", "issue_date")
_GIVEN = ("doc", "position")
_PARTS = ("breakdown", "lines")


def load(asked: Asked) -> Loaded:
    """``settings``: ``documents``, each with the fields of ``invoices.frame`` by name, ``breakdown`` and ``lines``.

    One that cannot be understood is told (``source.row_wrong``, ``source.field_unknown``, ``source.field_missing``) and left out.
    """
    heads: list[dict[str, Any]] = []
    vat: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    problems: list[Problem] = []
    sent = asked.settings.get("documents") or ()
    for at, given in enumerate(sent if isinstance(sent, list | tuple) else (sent,)):
        where = _name(given, at)
        try:
            head = _head(given, where)
            rows, parts = (
                [_values(row, schema, where) for row in _rows(given, name, where)]
                for name, schema in zip(_PARTS, (VAT, LINES), strict=True)
            )
        except Refused as refused:
            problems.extend(refused.problems)
            continue
        heads.append({"seller_tax_id": asked.tax_id, "currency": "EUR"} | head | {"doc": at})
        vat.extend(row | {"doc": at, "position": n} for n, row in enumerate(rows, 1))
        lines.extend(row | {"doc": at, "position": n} for n, row in enumerate(parts, 1))
    if not heads:
        return Loaded.nothing(*problems)
    table = _framed(heads, DOCUMENTS)
    own = ["source_key"] if "source_key" in table.columns else []
    table = table.with_columns(pl.coalesce(*own, source_key_column()).alias("source_key"))
    frames = InvoiceFrames.of(table, _framed(vat, VAT), _framed(lines, LINES))
    return documents(frames, problems, asked)


def _framed(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    names = [n for n in schema if any(n in row for row in rows)]
    if not names:
        return pl.DataFrame(schema=dict(schema))
    columns = {n: pl.Series(n, [row.get(n) for row in rows], schema[n]) for n in names}
    return pl.DataFrame(columns)


def _name(given: Any, at: int) -> str:
    """How the sender finds a document again: its number, or its place in what was sent."""
    number = given.get("number") if isinstance(given, Mapping) else None
    return number[:80] if isinstance(number, str) and number else f"[{at}]"


def _head(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _wrong(where, "documents", given)
    head = _values({n: v for n, v in given.items() if n not in _PARTS}, DOCUMENTS, where)
    missing = [name for name in _NEEDED if head.get(name) in (None, "")]
    if missing:
        raise Refused(
            *(Problem("source.field_missing", where=where, values={"field": n}) for n in missing)
        )
    return head


def _rows(given: Mapping[str, Any], name: str, where: str) -> Iterator[Mapping[str, Any]]:
    rows = given.get(name) or ()
    if not isinstance(rows, list | tuple):
        raise _wrong(where, name, rows)
    for row in rows:
        if not isinstance(row, Mapping):
            raise _wrong(where, name, row)
        yield row


def _values(
    given: Mapping[str, Any], schema: Mapping[str, pl.DataType], where: str
) -> dict[str, Any]:
    unknown = [name for name in given if name not in schema]
    if unknown:
        values = {"fields": ", ".join(name[:80] for name in unknown[:20])}
        raise Refused(Problem("source.field_unknown", where=where, values=values))
    try:
        return {n: _value(n, v, schema[n]) for n, v in given.items() if n not in _GIVEN}
    except _Wrong as wrong:
        raise _wrong(where, *wrong.args) from wrong


class _Wrong(ValueError):
    """A field and the value that it cannot hold."""


def _value(name: str, value: Any, kind: pl.DataType) -> Any:
    if value is None:
        return None
    try:
        if isinstance(kind, pl.Boolean):
            return _of(bool, value)
        if isinstance(kind, pl.Date):
            return date.fromisoformat(_of(str, value))
        if name in _PLACES:
            number = fixed_point(exact(_of((str, int, float), value)), _PLACES[name])
            if abs(number) > (_MOST_RATE if isinstance(kind, pl.Int32) else _MOST):
                raise NotAnAmount(str(value))
            return number
        return str(_of((str, int), value))
    except (ValueError, TypeError) as error:
        raise _Wrong(name, value) from error


def _of(kinds: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
        raise TypeError
    return value


def _wrong(where: str, field: str, value: Any) -> Refused:
    values = {"field": field, "text": str(value)[:80]}
    return Refused(Problem("source.row_wrong", where=where, values=values))
