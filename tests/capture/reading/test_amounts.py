"""Printed amounts and dates: what a person writes is what is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.capture.reading.amounts import amounts_in, parse_number, uses_decimal_comma
from razao.capture.reading.dates import dates_in
from razao.capture.reading.document import Word
from razao.capture.reading.layout import Run


def run_of(text: str, confidence: float = 1.0) -> Run:
    """A line of words with ordinary spaces between them."""
    words, left = [], 0.0
    for part in text.split():
        right = left + 0.01 * len(part)
        words.append(Word(part, 1, (left, 0.5, right, 0.52), confidence))
        left = right + 0.005
    return Run(tuple(words), 1.0)


def values(text: str, confidence: float = 1.0, comma: bool | None = None) -> list[str]:
    return [str(a.value) for a in amounts_in(run_of(text, confidence), comma)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("7,08,000.00", "708000.00"),
        ("0,05", "0.05"),
        ("12,5", "12.5"),
        ("1234", "1234.0"),
        ("1.234", "1234.0"),
    ],
)
def test_the_ways_of_writing_a_number(text, value):
    parsed = parse_number(text)
    assert parsed is not None
    assert str(parsed[0]) == value


def test_a_document_that_writes_decimals_with_a_point_means_thousandths():
    assert parse_number("1.234", decimal_comma=False) == (Decimal("1.234"), 3)
    assert parse_number("1.234", decimal_comma=True) == (Decimal("1234.0"), 0)


def test_marks_and_signs_belong_to_the_amount():
    found = list(amounts_in(run_of("€ 1.234,50 -12,00 € 5,00- (7,00) 23% RM57.80")))
    assert [str(a.value) for a in found] == ["1234.50", "-12.00", "-5.00", "-7.00", "23.0", "57.80"]
    assert [a.percent for a in found] == [False, False, False, False, True, False]
    assert [a.currency for a in found] == ["EUR", "EUR", None, None, None, "MYR"]


@pytest.mark.parametrize("text", ["FT 2024/12", "12/03/2024", "A1234B", "www.x1.pt", "a12,50"])
def test_numbers_within_other_things_are_no_amounts(text):
    assert [v for v in values(text) if "." in v and not v.endswith(".0")] == []


def test_letters_that_ocr_gives_for_digits_are_read_as_digits_in_amounts_only():
    assert values("84.2B EUR", confidence=0.8) == ["84.28"]
    assert values("84.2B EUR", confidence=1.0) == []


def test_no_number_reaches_across_a_gap():
    first = Word("7.58", 1, (0.1, 0.5, 0.14, 0.52))
    second = Word("123", 1, (0.2, 0.5, 0.23, 0.52))
    found = amounts_in(Run((first, second), 1.0))
    assert [str(a.value) for a in found] == ["7.58", "123.0"]


def test_the_majority_tells_how_a_document_writes_decimals():
    assert uses_decimal_comma("10,00 20,00 5.00") is True
    assert uses_decimal_comma("1,234.00 5.00") is False
    assert uses_decimal_comma("nothing here") is None


def portuguese(value: Decimal) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def spaced(value: Decimal) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", " ,"))


amounts = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)


@given(amounts)
def test_an_amount_there_and_back(value):
    for write in (portuguese, spaced, lambda v: f"{v:,.2f}", lambda v: f"{v:.2f}"):
        assert [a.value for a in amounts_in(run_of(write(value)))] == [value]


def dates(text: str, month_first: bool = False) -> list[str]:
    return [d.value.isoformat() for d in dates_in(run_of(text), month_first)]


@pytest.mark.parametrize(
    "text",
    [
        "12/03/2024", "12-03-2024", "12.03.2024", "2024-03-12", "2024/03/12", "12/03/24", "12 de março de 2024",
        "12 Mar 2024", "12-mar-2024", "March 12, 2024", "12. März 2024", "12 mars 2024", "12 marzo 2024", "12 maart 2024",
        "12th of March 2024", "12 de marzo de 2024", "12032024",
    ],
)  # fmt: skip
def test_the_ways_of_writing_a_date(text):
    assert dates(text) == ["2024-03-12"]


def test_the_order_of_day_and_month_is_the_documents():
    assert dates("03/12/2024", month_first=True) == ["2024-03-12"]
    assert dates("25/12/2024", month_first=True) == ["2024-12-25"]
    ambiguous, certain = (next(dates_in(run_of(t))) for t in ("03/04/2024", "25/04/2024"))
    assert ambiguous.swapped == date(2024, 3, 4)
    assert certain.swapped is None


@pytest.mark.parametrize("text", ["31/02/2024", "99/99/9999", "1.2.3.4", "2023/2197", "12/2024"])
def test_what_is_no_date(text):
    assert dates(text) == []


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2089, 12, 31)))
def test_a_date_there_and_back(day):
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y"):
        assert dates(day.strftime(form)) == [day.isoformat()]


parts = st.lists(st.text("a1,.", min_size=1, max_size=5), min_size=1, max_size=12)
place = st.integers(min_value=0, max_value=80)


@given(parts, place, place)
def test_a_stretch_of_a_line_takes_the_words_it_touches(parts, start, end):
    run = run_of(" ".join(parts))
    touched, at = [], 0
    for word in run.words:
        if at < end and at + len(word.text) > start:
            touched.append(word)
        at += len(word.text) + 1
    assert list(run.between(start, end).words) == (touched or [run.words[0]])
