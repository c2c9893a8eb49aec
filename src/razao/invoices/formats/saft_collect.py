"""SAF-T records as typed columns: elements in, polars frames of what they say out.

Rows are gathered as tuples and typed in parts, so that memory holds integers and short strings of the
whole file but elements of one record only. Amounts of lines keep six decimals until they are summed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from lxml import etree

from razao.kernel.money import units_of_text

_PART = 50_000

#: Kinds of columns: text, date, and whole numbers of units with so many decimals.
TEXT, DAY, WHOLE, CENTS, TEN_THOUSANDTHS, MILLIONTHS, HUNDRED_MILLIONTHS = (
    *("text", "day", 0, 2, 4, 6, 8),
)
Kind = str | int
#: What a value of any column may be at most, so that sums and products stay within 64 bits, places of lines within 32.
LIMIT = 10**16
LIMITS = {
    "vat_rate": 100_000,
    "rate": 100_000,
    "position": 2**31 - 1,
    "quantity": 10**13,
    "tax_base": 10**13,
}


@dataclass(slots=True)
class Columns:
    """Rows of one kind of record; ``kinds`` names the columns in the order of the tuples added."""

    kinds: Mapping[str, Kind]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    parts: list[pl.DataFrame] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    """column → first text that is no value of its kind"""

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows.append(row)
        if len(self.rows) >= _PART:
            self._flush()

    def frame(self) -> pl.DataFrame:
        """All rows, typed."""
        self._flush()
        if len(self.parts) > 1:
            self.parts = [pl.concat(self.parts)]
        return self.parts[0]

    def clear(self) -> None:
        self.rows.clear()
        self.parts.clear()
        self.unreadable.clear()

    def _flush(self) -> None:
        if not self.rows and self.parts:
            return
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.kinds)
        raw = pl.DataFrame(
            [
                pl.Series(name, values, dtype=pl.Int64 if name == "doc" else pl.String)
                for name, values in zip(self.kinds, columns, strict=True)
            ]
        )
        typed = raw.select(_typed(n, k) for n, k in self.kinds.items())
        self._note_unreadable(raw, typed)
        self.parts.append(typed)
        self.rows.clear()

    def _note_unreadable(self, raw: pl.DataFrame, typed: pl.DataFrame) -> None:
        for name, kind in self.kinds.items():
            if kind == TEXT or name == "doc" or name in self.unreadable:
                continue
            lost = raw[name].is_not_null() & typed[name].is_null()
            texts = raw[name].filter(lost).str.strip_chars()
            texts = texts.filter(texts != "")
            if len(texts):
                self.unreadable[name] = texts[0]


def _typed(name: str, kind: Kind) -> pl.Expr:
    column = pl.col(name)
    if name == "doc":
        return column
    if kind == TEXT:
        trimmed = column.str.strip_chars()
        return pl.when(trimmed != "").then(trimmed).alias(name)
    if kind == DAY:
        return column.str.strip_chars().str.head(10).str.to_date("%Y-%m-%d", strict=False)
    units = units_of_text(column, int(kind))
    return pl.when(units.abs() <= LIMITS.get(name, LIMIT)).then(units).alias(name)


def leaves(element: etree._Element, skip: int) -> dict[str, str | None]:
    """Text of the children by local name; the last one counts where a name comes twice."""
    return {child.tag[skip:]: child.text for child in element}


def texts(element: etree._Element, skip: int, nested: Iterable[str]) -> dict[str, str | None]:
    """Text of the children by local name, and of the children of those named in ``nested``."""
    found: dict[str, str | None] = {}
    for child in element:
        name = child.tag[skip:]
        if name in nested:
            found.update(leaves(child, skip))
        else:
            found[name] = child.text
    return found
