"""What a person says of the entry rather than of the document in, the invoice's overrides out; pure.

``overrides`` holds ``account``, ``date``, ``withholding_code``, ``cost_center`` and ``exchange_rate`` of the
document, ``rows`` by number of the breakdown's row, and ``splits``: parts of a row with a base of their own.
The first part of a row takes what the others leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Values = dict[str, Any]
DOCUMENT = frozenset({"account", "date", "withholding_code", "cost_center", "exchange_rate"})
ROW = frozenset({"counterpart", "vat_code", "cost_center"})
SPLIT = frozenset({"counterpart", "base", "cost_center"})


def is_override(field: str) -> bool:
    """Whether a field of the review screen is about the entry."""
    return field in DOCUMENT or field.startswith(("row.", "split."))


def override(values: Mapping[str, Any], field: str, text: str | None) -> Values:
    """``values`` after ``field`` was set to ``text`` (JSON value; None goes back to the proposal).

    Raises LookupError for a field that nobody can type.
    """
    if field in DOCUMENT:
        return {**values, field: text}
    kind, at, part = (*field.split("."), "", "")[:3]
    if kind == "row" and at.isdecimal() and part in ROW:
        rows = dict(values.get("rows", {}))
        rows[at] = {**rows.get(at, {}), part: text}
        return {**values, "rows": rows}
    if kind == "split" and at.isdecimal() and part in SPLIT:
        return _with_part(values, int(at), part, text)
    raise LookupError(field)


def split(values: Mapping[str, Any], row: int, base: Decimal, counterpart: str | None) -> Values:
    """``values`` with a row split once more; the new part is empty and takes from the first."""
    parts = list(values.get("splits", ()))
    new = {"row": row, "counterpart": None, "base": "0.00", "cost_center": None}
    if not any(p["row"] == row for p in parts):
        parts.append({**new, "counterpart": counterpart, "base": str(base)})
    return {**values, "splits": [*parts, new]}


def unsplit(values: Mapping[str, Any], at: int) -> Values:
    """``values`` without one part; what it had goes back to the row's first part. Raises LookupError."""
    parts = list(values.get("splits", ()))
    if at >= len(parts):
        raise LookupError(f"split.{at}")
    row = parts[at]["row"]
    total = sum((Decimal(p["base"]) for p in parts if p["row"] == row), Decimal(0))
    left = [p for n, p in enumerate(parts) if n != at]
    mine = [p for p in left if p["row"] == row]
    if len(mine) == 1:
        return {**values, "splits": [p for p in left if p["row"] != row]}
    return {**values, "splits": _balanced(left, row, total)}


def _with_part(values: Mapping[str, Any], at: int, part: str, text: str | None) -> Values:
    parts = [dict(p) for p in values.get("splits", ())]
    if at >= len(parts):
        raise LookupError(f"split.{at}.{part}")
    row = parts[at]["row"]
    total = sum((Decimal(p["base"]) for p in parts if p["row"] == row), Decimal(0))
    parts[at][part] = text if part != "base" else text or "0.00"
    return {**values, "splits": _balanced(parts, row, total)}


def _balanced(parts: list[Values], row: int, total: Decimal) -> list[Values]:
    """The parts, the first of ``row`` taking what its others leave of ``total``."""
    first = next(n for n, p in enumerate(parts) if p["row"] == row)
    others = sum(
        (Decimal(p["base"]) for n, p in enumerate(parts) if p["row"] == row and n != first),
        Decimal(0),
    )
    return [{**p, "base": str(total - others)} if n == first else p for n, p in enumerate(parts)]
