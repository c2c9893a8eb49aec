"""Tables of other programs as cells of text: CSV or XLSX bytes in, named columns of text with row numbers out.

Numbers and dates stay as they are written until a column is asked for as one; what cannot be read is null there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import polars as pl
from polars import selectors

from razao.archive.sheets import UnreadableSheet, rows_of
from razao.kernel.money import units_of_text
from razao.kernel.problems import Problem, Refused, Severity

#: The column of a table's row numbers, as a spreadsheet counts them: the header stands in row 1. No heading
#: begins with a space.
ROW = " row"
_CURRENCY_SIGNS = r"[\s\u00a0\u202f€$£']|EUR"


def cells_of(
    data: bytes,
    *,
    separator: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    first: int | None = None,
) -> tuple[pl.DataFrame, list[Problem]]:
    """The table's cells as text under their headings, with the row number of each record; of its ``first`` rows where so many do.

    What is not said is found out (``archive.sheets``). Raises Refused with ``table.unreadable`` or ``table.no_header``.
    """
    try:
        rows = rows_of(data, separator=separator, encoding=encoding, sheet=sheet)
        return _table(islice(rows, first))
    except UnreadableSheet as error:
        raise Refused(Problem("table.unreadable", values={"reason": str(error)})) from error


def _table(rows: Iterator[Sequence[str]]) -> tuple[pl.DataFrame, list[Problem]]:
    heading, start = _heading(rows)
    problems: list[Problem] = []
    kept: list[tuple[int, Sequence[str]]] = []
    width = len(heading)
    for number, row in enumerate(rows, start):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[width:]):
            values = {"row": number, "cells": len(row), "columns": width}
            problems.append(Problem("table.ragged", Severity.ERROR, str(number), values))
        kept.append((number, [*row[:width], *[""] * (width - len(row))]))
    columns = zip(*(cells for _, cells in kept), strict=True) if kept else ((),) * width
    frame = pl.DataFrame(
        {
            ROW: pl.Series([number for number, _ in kept], dtype=pl.Int64),
            **{
                name: pl.Series(list(column), dtype=pl.String)
                for name, column in zip(heading, columns, strict=True)
            },
        }
    )
    text = column(*heading).str.strip_chars()
    return frame.with_columns(pl.when(text != "").then(text).name.keep()), problems


def _heading(rows: Iterator[Sequence[str]]) -> tuple[list[str], int]:
    """The first row that is not blank, and the number of the row after it. Raises Refused without one."""
    for number, row in enumerate(islice(rows, 100), 1):
        names = [cell.strip() for cell in row]
        while names and not names[-1]:
            names.pop()
        if not names:
            continue
        counts = Counter(names)
        twice = sorted(n for n, count in counts.items() if count > 1 or not n)
        if twice:
            raise Refused(Problem("table.no_header", values={"columns": ", ".join(twice[:20])}))
        return names, number + 1
    raise Refused(Problem("table.no_header", values={"columns": ""}))


def column(*headings: str) -> pl.Expr:
    """Columns by headings that stand for nothing but themselves: the engine takes "*" and "^…$" for patterns."""
    return selectors.by_name(*headings).as_expr()


def decimal_mark(columns: Sequence[pl.Series]) -> str | None:
    """The decimal mark that the numbers of the table prove: "," or "."; None when "1.234" could be either.

    A mark is the decimal one when other than three digits stand after it, when it comes after the other
    mark, or when what stands before it cannot be a group of thousands.
    """
    if not columns:
        return "."
    texts = pl.concat(columns).drop_nulls().str.replace_all(f"{_CURRENCY_SIGNS}|[-+()%]", "")
    proven = [
        m for m, other in ((",", "."), (".", ",")) if texts.str.contains(_proof(m, other)).any()
    ]
    if len(proven) == 1:
        return proven[0]
    return None if proven or texts.str.contains(r"[.,]").any() else "."


def _proof(mark: str, other: str) -> str:
    m, o = re.escape(mark), re.escape(other)
    return rf"{m}(?:\d{{1,2}}|\d{{4,}})$|{o}\d{{3}}{m}|^(?:0*|\d{{4,}}){m}\d+$"


def number_column(name: str, mark: str, places: int, limit: int = 10**15) -> pl.Expr:
    """A column of written numbers as integers of its ``places``-th decimal.

    Currency signs and thousands marks are left out; "(12,00)" and "12,00-" are negative. What is more than
    ``limit`` of these integers is not read.
    """
    text = column(name).str.replace_all(_CURRENCY_SIGNS, "")
    negative = text.str.contains(r"^\(.*\)$|-$|^-")
    plain = text.str.replace_all(r"[()\-]", "").str.replace(r"^\+", "").str.replace(r"%$", "")
    other = "." if mark == "," else ","
    plain = plain.str.replace_all(other, "", literal=True).str.replace(mark, ".", literal=True)
    units = units_of_text(plain, places)
    signed = pl.when(negative).then(-units).otherwise(units)
    return pl.when(units.abs() <= limit).then(signed)


def day_column(name: str, *, day_first: bool = True) -> pl.Expr:
    """A column of written dates: 2026-05-14, 14/05/2026, 14-05-26, 14.5.2026, 20260514, with or without a time."""
    text = column(name).str.extract(r"^(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8})(?:[T ].*)?$")
    text = text.str.replace_all(r"[/.]", "-")
    order = "%d-%m-" if day_first else "%m-%d-"
    forms = ("%Y-%m-%d", f"{order}%Y", "%Y%m%d")
    short = text.str.contains(r"^\d{1,2}-\d{1,2}-\d{2}$")
    whole = pl.coalesce(text.str.to_date(form, strict=False) for form in forms)
    brief = text.str.to_date(f"{order}%y", strict=False)
    return pl.when(short).then(brief).otherwise(whole)
