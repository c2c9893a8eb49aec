"""Every figure of a report leads to the posted lines that it is made of, and they add up to it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from razao.reports.index import REPORTS, sheet_of
from razao.reports.parameters import Parameters, read, words_of
from razao.reports.sheet import Kind, Row, Sheet, Weight
from tests.reports.year import bakery, parameters

pytestmark = pytest.mark.django_db
ZERO = Decimal(0)


def behind(row: Row, asked: Parameters) -> Sheet:
    """The sheet that a row's link leads to."""
    kind, _colon, name = row.link.partition(":")
    said = dict(parse_qsl(name))
    if kind in {"account", "accounts"}:
        kind, said = "account_statement", {"account": name}
    words = {k: v for k, v in words_of(asked).items() if k not in {"journal", "level"}}
    return sheet_of(kind, read(asked.company, words | said))


def sums(sheet: Sheet, *columns: str) -> tuple[Decimal, ...]:
    """Sums of the lines, those alone that lead to an entry."""
    places = [next(n for n, c in enumerate(sheet.columns) if c.key == key) for key in columns]
    lines = [row for row in sheet.fixed() if row.link.startswith("entry:")]
    assert lines
    return tuple(sum((row.cells[p] or ZERO for row in lines), ZERO) for p in places)


def amounts(row: Row, sheet: Sheet) -> list[Decimal]:
    kinds = zip(row.cells, sheet.columns, strict=True)
    return [cell for cell, column in kinds if column.kind is Kind.AMOUNT and cell]


def test_every_row_with_a_figure_leads_somewhere_but_for_sums_of_what_is_shown():
    asked = parameters(bakery())
    bare = [
        (one.code, row.cells)
        for one in REPORTS
        for sheet in [sheet_of(one.code, asked)]
        for row in sheet.fixed()
        if row.weight is Weight.PLAIN and amounts(row, sheet) and not row.link
    ]
    assert bare == []


def test_the_lines_behind_the_vat_summary_add_up_to_it():
    asked = parameters(bakery())
    for row in sheet_of("vat_summary", asked).fixed():
        base, tax = sums(behind(row, asked), "base", "tax")
        assert (base, tax) == (row.cells[3] if row.cells[3] is not None else base, row.cells[4])


def test_the_lines_behind_a_field_of_the_return_add_up_to_it():
    asked = parameters(bakery())
    rows = sheet_of("vat_return", asked).fixed()
    assert [row.cells[0] for row in rows] == ["3", "4", "22", "24"]
    for row in rows:
        assert sum(sums(behind(row, asked), "base", "tax")) == row.cells[2]


def test_the_lines_behind_what_was_withheld_are_the_partys_own():
    asked = parameters(bakery())
    row = next(r for r in sheet_of("withholding_summary", asked).fixed() if r.link)
    sheet = behind(row, asked)
    assert sums(sheet, "credit") == (row.cells[3],)
    assert "123456789" in " ".join(sheet.facts.values())


@pytest.mark.parametrize("code", ["balance_sheet", "income_statement"])
def test_the_accounts_behind_a_line_of_the_annual_accounts_add_up_to_it(code):
    asked = replace(parameters(bakery()), first_period=0)
    rows = [
        r for r in sheet_of(code, asked).fixed() if r.link.startswith("accounts:") and r.cells[1]
    ]
    assert len(rows) >= 3
    for row in rows:
        debit, credit = sums(behind(row, asked), "debit", "credit")
        assert abs(debit - credit) == abs(row.cells[1])


def test_the_lines_behind_an_age_are_all_of_the_account():
    asked = replace(parameters(bakery()), first_period=4)
    row = sheet_of("aged_customers", asked).fixed()[0]
    debit, credit = sums(behind(row, asked), "debit", "credit")
    assert debit - credit == row.cells[-1]
