"""A sheet as CSV: semicolons and a byte-order mark, as spreadsheets of the countries of the books open it; streamed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

from razao.reports.sheet import Cell, Sheet

#: A spreadsheet would run what begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_text(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula (OWASP: CSV injection)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", ",")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return str(cell)
    return safe_text(cell)


def lines(sheet: Sheet) -> Iterator[str]:
    """The file, line by line; the first begins with the byte-order mark."""
    yield "\ufeff" + _line([column.title for column in sheet.columns])
    for row in sheet.rows():
        yield _line([_field(cell) for cell in row.cells])


def _line(fields: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(fields)
    return buffer.getvalue()
