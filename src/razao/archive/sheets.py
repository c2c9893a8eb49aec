"""Sheets: the bytes of a CSV file or an XLSX workbook in, their rows as texts out; bounded, whatever the bytes are. Pure.

Numbers and dates stay as they are written; what they mean is for whoever reads the rows.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from razao.archive.media import storable

SEPARATORS = (";", "\t", "|", ",")
ZIP = b"PK\x03\x04"
_MAX_UNPACKED = 1 << 30
#: A sheet's rows are numbered, and what lies between two of them is gone through as empty: a few bytes may ask for hours.
_MAX_ROWS, _MAX_CELLS = 1 << 20, 1 << 26
#: What a damaged workbook makes the libraries raise.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, InvalidFileException, RuntimeError, EOFError, OSError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError, OverflowError),
)


class UnreadableSheet(ValueError):
    """The bytes are no table, or one beyond all measure; says why."""


def rows_of(
    data: bytes,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Iterator[list[str]]:
    """The rows of the table, blank ones included, so that the n-th is row n of the file.

    XLSX is known by its content; ``sheet`` names one of its sheets, else it is the first. Text is in UTF-8 (or -16)
    where its bytes are, else in Windows-1252; the separator is the one that the first line with a text has most of.
    Raises UnreadableSheet, at the latest where it breaks off.
    """
    if data[:4] == ZIP:
        return _of_workbook(data, sheet)
    return _of_csv(storable(_decoded(data, encoding)), separator)


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            encoding = "cp1252"
    try:
        return data.decode(encoding, "replace")
    except LookupError as error:
        raise UnreadableSheet(str(error)) from error


def _of_csv(text: str, separator: str | None) -> Iterator[list[str]]:
    head = next((line for line in text.splitlines() if line.strip()), "")
    chosen = separator or max(SEPARATORS, key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=chosen)
    except csv.Error as error:
        raise UnreadableSheet(str(error)) from error


def _of_workbook(data: bytes, sheet: str | None) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > _MAX_UNPACKED:
            raise UnreadableSheet(f"{unpacked} bytes")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        chosen = book[sheet] if sheet else book.worksheets[0]
        cells = 0
        for number, row in enumerate(chosen.iter_rows(max_row=_MAX_ROWS + 1, values_only=True), 1):
            cells += len(row)
            if number > _MAX_ROWS or cells > _MAX_CELLS:
                raise UnreadableSheet(f"> {min(number, _MAX_ROWS)} × {len(row)}")
            yield [_written(value) for value in row]
    except _DAMAGE as error:
        raise UnreadableSheet(str(error)) from error


def _written(value: object) -> str:
    """A cell of a spreadsheet as text: dates in ISO form, whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
