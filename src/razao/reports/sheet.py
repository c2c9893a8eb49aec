"""The sheet: what every report yields and every form of it (screen, PDF/A, XLSX, CSV) shows; a frozen value, no Django.

Rows come from a function, so that a report of fifty thousand lines is streamed and can be read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a column holds; decides alignment and format."""

    TEXT = "text"
    CODE = "code"
    AMOUNT = "amount"
    DATE = "date"
    NUMBER = "number"
    PERCENT = "percent"


class Weight(StrEnum):
    """How a row stands out."""

    PLAIN = "plain"
    GROUP = "group"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


Cell = str | Decimal | date | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``share`` is its part of the page's width; ``carried`` sums it from page to page in print."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    share: float = 1.0
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row. ``link`` names what lies behind it; ``level`` indents.

    ``entry:<id>``; ``account:2111`` and ``accounts:21 22`` their statement; or a report and the parameters in which it
    differs: ``account_statement:account=6211&cost_center=LOJA``, ``vat_lines:vat_field=4``.
    """

    cells: tuple[Cell, ...]
    weight: Weight = Weight.PLAIN
    level: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report's content. ``facts`` are shown under the title (company, tax id, period …) in their order."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    empty: str = ""
    """what is said where there is no row"""
    made_at: datetime | None = None
    language: str = "pt"
    places: int = 2
    """decimals of amounts: those of the company's currency"""
    landscape: bool = False
    row_count: int | None = None
    """number of rows where it is known beforehand: progress is told against it"""

    def fixed(self) -> tuple[Row, ...]:
        """All rows at once, for short reports and tests."""
        return tuple(self.rows())


def rows_of(*rows: Row) -> Callable[[], Iterator[Row]]:
    """A row source for rows that are at hand."""
    return lambda: iter(rows)
