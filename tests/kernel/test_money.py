"""Money: exact, two places, rounded half up in one place."""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.kernel.money import (
    DIGITS,
    LIMIT,
    NotAnAmount,
    amount,
    exact,
    fixed_point,
    from_minor_units,
    minor_units,
    round_to_currency,
    shares_in_whole_units,
    tax_on,
    units_of_text,
)


def test_half_a_cent_goes_up_and_away_from_zero():
    assert amount("1.005") == Decimal("1.01")
    assert amount("-1.005") == Decimal("-1.01")


def test_an_integer_gets_two_places():
    assert str(amount(5)) == "5.00"


@pytest.mark.parametrize(
    "text", ["", "1,50", "abc", "NaN", "sNaN", "Infinity", "1e20", "1e2147483648", "1e-2147483648"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(NotAnAmount):
        amount(text)


@given(st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,20})?(e-?[0-9]{1,12})?", fullmatch=True))
def test_every_written_number_is_exact_or_refused(text):
    """Found by fuzzing: the total of a fiscal code with an exponent of millions broke the comparison with the greatest amount."""
    try:
        number = exact(text)
    except NotAnAmount:
        assert not -DIGITS < Decimal(text).adjusted() < DIGITS
    else:
        assert number == Decimal(text)
        assert abs(number - number) == 0


def test_a_float_counts_as_it_is_printed():
    assert exact(0.1) == Decimal("0.1")


def test_a_franc_has_no_decimals_but_is_written_with_two_places():
    assert str(round_to_currency(Decimal("1234.50"), "XOF")) == "1235.00"


def test_tax_is_rounded_to_the_currency():
    assert tax_on(Decimal("81.30"), Decimal(23)) == Decimal("18.70")


@given(st.decimals(min_value=-LIMIT, max_value=LIMIT, places=2))
def test_minor_units_there_and_back(value):
    assert from_minor_units(minor_units(value)) == value


def test_three_decimals_are_no_minor_units():
    with pytest.raises(NotAnAmount):
        minor_units(Decimal("0.001"))


def test_a_price_counts_in_ten_thousandths():
    assert fixed_point(Decimal("1.5"), 4) == 15000
    assert fixed_point(Decimal("-0.00005"), 4) == -1


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e18", "1e2147483648"])
def test_what_no_column_holds_is_refused(value):
    with pytest.raises(NotAnAmount):
        fixed_point(Decimal(value), 4)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1.005", 101),
        ("-1.005", -101),
        (".57", 57),
        (" 12. ", 1200),
        ("1e3", 100000),
        ("9999999999999999.99", 999999999999999999),
        ("99999999999999999", None),
        ("9" * 30, None),
        ("9" * 60, None),
        ("1,5", None),
        ("", None),
        ("NaN", None),
        (None, None),
    ],
)
def test_a_column_of_written_amounts_is_read_exactly(text, units):
    column = pl.DataFrame({"a": pl.Series([text], dtype=pl.String)})
    assert column.select(units_of_text(pl.col("a"), 2))["a"].to_list() == [units]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**12), 10**12)), max_size=20))
def test_shares_add_up_to_the_group_rounded_once(rows):
    frame = pl.DataFrame(rows, {"group": pl.Int64, "exact": pl.Int64}, orient="row")

    shared = frame.with_columns(shares_in_whole_units(pl.col("exact"), 4, "group").alias("share"))

    for group in {g for g, _ in rows}:
        exact = sum(Decimal(e) for g, e in rows if g == group)
        found = shared.filter(pl.col("group") == group)["share"].sum()
        assert found == int((exact / 10000).to_integral_value(ROUND_HALF_UP))
