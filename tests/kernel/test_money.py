"""Money: exact, two places, rounded half up in one place."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.kernel.money import (
    LIMIT,
    NotAnAmount,
    amount,
    fixed_point,
    from_minor_units,
    minor_units,
    round_to_currency,
    tax_on,
)


def test_half_a_cent_goes_up_and_away_from_zero():
    assert amount("1.005") == Decimal("1.01")
    assert amount("-1.005") == Decimal("-1.01")


def test_an_integer_gets_two_places():
    assert str(amount(5)) == "5.00"


@pytest.mark.parametrize("text", ["", "1,50", "abc", "NaN", "Infinity", "1e20"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(NotAnAmount):
        amount(text)


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


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e18"])
def test_what_no_column_holds_is_refused(value):
    with pytest.raises(NotAnAmount):
        fixed_point(Decimal(value), 4)
