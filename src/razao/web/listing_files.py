"""A list as a file: in: headings and rows, out: a CSV or XLSX response of what the list shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Echo:
    """A file whose ``write`` gives back what it is given, so that csv can stream."""

    def write(self, text: str) -> str:
        return text


def csv_file(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Semicolons, decimal comma and a byte order mark: what spreadsheets of the countries of the books open as a table."""
    writer = csv.writer(_Echo(), delimiter=";")

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(head))
        for row in rows:
            yield str(writer.writerow([_cell(value) for value in row]))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if value is None:
        return ""
    text = str(value)
    # A text that a spreadsheet would run as a formula is told to be text.
    return f"'{text}" if text[:1] in "=+-@\t\r" and not isinstance(value, int | float) else text


def xlsx_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """One sheet with a frozen, filterable head; amounts are numbers, days are dates."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(name[:31])
    amount = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.write_row(0, 0, head, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, last, column, value, amount, day)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), max(0, len(head) - 1))
    sheet.autofit()
    book.close()
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _write(sheet: Any, row: int, column: int, value: Any, amount: Any, day: Any) -> None:
    if isinstance(value, Decimal):
        sheet.write_number(row, column, value, amount)
    elif isinstance(value, datetime):
        sheet.write_string(row, column, f"{value:%Y-%m-%d %H:%M}")
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, datetime.min.time()), day)
    elif isinstance(value, bool) or value is None:
        sheet.write_string(row, column, "" if value is None else str(value))
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))
