"""Rows cut into pages with totals carried forward; in: a sheet, out: pages of texts for print. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from razao.reports.render.text import cell_text
from razao.reports.sheet import Kind, Row, Sheet, Weight

#: Rows that fit below the head of the first page, and on the others; measured on the template.
PORTRAIT = (46, 56)
LANDSCAPE = (27, 37)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row as it is printed. ``weight`` is a Weight or ``carried``."""

    cells: tuple[str, ...]
    weight: str
    level: int


def carried_columns(sheet: Sheet) -> tuple[int, ...]:
    return tuple(n for n, column in enumerate(sheet.columns) if column.carried)


def page_rows(sheet: Sheet) -> Iterator[tuple[PrintedRow, ...]]:
    """The pages, one at a time; where columns are carried, each page ends and the next begins with their sums so far."""
    first, other = LANDSCAPE if sheet.landscape else PORTRAIT
    carried = carried_columns(sheet)
    sums = dict.fromkeys(carried, Decimal(0))
    page: list[PrintedRow] = []
    # The head grows with its facts, and takes that many rows from the first page.
    room = max(10, first - max(0, len(sheet.facts) - 4))
    waiting: Row | None = None
    for row in sheet.rows():
        if waiting is not None:
            if len(page) >= room - bool(carried):
                if carried:
                    page.append(_carried(sheet, sums, "to"))
                yield tuple(page)
                page = [_carried(sheet, sums, "from")] if carried else []
                room = other
            page.append(_printed(sheet, waiting))
            _add(sums, waiting)
        waiting = row
    if waiting is not None:
        page.append(_printed(sheet, waiting))
    yield tuple(page)


def _add(sums: dict[int, Decimal], row: Row) -> None:
    if row.weight is not Weight.PLAIN:
        return
    for place in sums:
        value = row.cells[place]
        if isinstance(value, Decimal):
            sums[place] += value


def _printed(sheet: Sheet, row: Row) -> PrintedRow:
    cells = tuple(
        cell_text(cell, column.kind, sheet.language, sheet.places)
        for cell, column in zip(row.cells, sheet.columns, strict=True)
    )
    return PrintedRow(cells, str(row.weight), row.level)


CARRIED_WORDS = {
    "pt": {"to": "A transportar", "from": "Transporte"},
    "pt-br": {"to": "A transportar", "from": "Transporte"},
    "es": {"to": "Suma y sigue", "from": "Suma anterior"},
    "en": {"to": "Carried forward", "from": "Brought forward"},
}


def _carried(sheet: Sheet, sums: dict[int, Decimal], way: str) -> PrintedRow:
    words = CARRIED_WORDS.get(sheet.language, CARRIED_WORDS["en"])
    label = next(
        (n for n, c in enumerate(sheet.columns) if c.kind is Kind.TEXT and n not in sums), 0
    )
    cells = [""] * len(sheet.columns)
    cells[label] = words[way]
    for place, value in sums.items():
        cells[place] = cell_text(value, Kind.AMOUNT, sheet.language, sheet.places)
    return PrintedRow(tuple(cells), "carried", 0)
