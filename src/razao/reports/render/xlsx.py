"""A sheet as XLSX: amounts are numbers, dates are dates, the head stays in view; written row by row with flat memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from razao.reports.sheet import Cell, Kind, Row, Sheet, Weight

FORMATS = {
    Kind.DATE: "dd/mm/yyyy",
    Kind.PERCENT: "0.0%",
}
HEADING_ROW_GAP = 1


def write(sheet: Sheet, path: Path, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Write ``sheet`` to ``path``; ``progress`` is told the number of rows now and then."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        styles = _styles(book, sheet.places)
        page = book.add_worksheet(_tab_name(sheet.title))
        first = _head(page, sheet, book)
        last = first
        for number, row in enumerate(sheet.rows()):
            last = first + number
            _row(page, last, row, sheet, styles)
            if number % 1000 == 0:
                progress(number)
        page.freeze_panes(first, 0)
        page.autofilter(first - 1, 0, max(first, last), len(sheet.columns) - 1)
        _print_setup(page, sheet, first)


def _tab_name(title: str) -> str:
    # A tab's name has at most 31 characters and none of these.
    return "".join(c for c in title if c not in "[]:*?/\\")[:31] or "Razão"


def _amount_format(places: int) -> str:
    cents = "." + "0" * places if places else ""
    return f"#,##0{cents};\u2212#,##0{cents};0{cents}"


def _styles(book: Any, places: int) -> dict[tuple[Weight, Kind, int], Any]:
    formats = {**FORMATS, Kind.AMOUNT: _amount_format(places)}
    made: dict[tuple[Weight, Kind, int], Any] = {}
    for weight in Weight:
        for kind in Kind:
            for level in range(8):
                style: dict[str, Any] = {
                    "num_format": formats.get(kind, "@" if kind is Kind.CODE else "General")
                }
                if level and kind in (Kind.TEXT, Kind.CODE):
                    style["indent"] = level
                if weight is not Weight.PLAIN:
                    style["bold"] = True
                if weight in (Weight.SUBTOTAL, Weight.TOTAL):
                    style["top"] = 1 if weight is Weight.SUBTOTAL else 6
                made[weight, kind, level] = book.add_format(style)
    return made


def _head(page: Any, sheet: Sheet, book: Any) -> int:
    """Title, facts and column titles; returns the row where data begins."""
    page.write_string(0, 0, sheet.title, book.add_format({"bold": True, "font_size": 14}))
    for number, (name, value) in enumerate(sheet.facts.items(), start=1):
        page.write_string(number, 0, f"{name}: {value}")
    head = len(sheet.facts) + 1 + HEADING_ROW_GAP
    style = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, max(8, min(60, 14 * column.share)))
        page.write_string(head, place, column.title, style)
    return head + 1


def _row(
    page: Any, line: int, row: Row, sheet: Sheet, styles: dict[tuple[Weight, Kind, int], Any]
) -> None:
    for place, (cell, column) in enumerate(zip(row.cells, sheet.columns, strict=True)):
        level = min(row.level, 7) if place <= 1 else 0
        _cell(page, line, place, cell, styles[row.weight, column.kind, level])


def _cell(page: Any, line: int, place: int, cell: Cell, style: Any) -> None:
    if cell is None:
        page.write_blank(line, place, None, style)
    elif isinstance(cell, Decimal):
        # A workbook's number is a double: cents are exact up to 90 million million.
        page.write_number(line, place, float(cell), style)
    elif isinstance(cell, date):
        page.write_datetime(line, place, cell, style)
    elif isinstance(cell, int):
        page.write_number(line, place, cell, style)
    else:
        page.write_string(line, place, cell, style)


def _print_setup(page: Any, sheet: Sheet, first: int) -> None:
    if sheet.landscape:
        page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(first - 1)
    page.set_footer("&L&8&A&R&8&P / &N")
