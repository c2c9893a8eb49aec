"""Amounts: text, Decimal and integer minor units in, exact Decimal or minor units out; the one place that rounds.

Two forms of an amount are used. Values (invoices, forms, API) carry ``Decimal`` with two places. Frames
(booking, posting) carry ``Int64`` *minor units* (hundredths), because a column of integers adds exactly
and fast. A currency without decimals (XOF) still counts hundredths; its rounding step is 100 of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import polars as pl

CENT = Decimal("0.01")
#: The greatest amount that ``numeric(18,2)`` holds.
LIMIT = Decimal("9999999999999999.99")

#: Digits before the point and zeros after it beyond which a number is none of this world, and computing with it overflows.
DIGITS = 30

#: ISO 4217 currencies of the countries of the books whose minor unit is not one hundredth in use.
DECIMALS = {"XOF": 0, "XAF": 0}


class NotAnAmount(ValueError):
    """The text or number cannot be held as an amount of money."""


def decimals_of(currency: str) -> int:
    """Number of decimals that an amount in ``currency`` may carry (ISO 4217, as used in the books)."""
    return DECIMALS.get(currency, 2)


def step_of(currency: str) -> int:
    """The least amount in ``currency``, in hundredths: 1, or 100 where it has no decimals."""
    return int(10 ** (2 - decimals_of(currency)))


def steps_of(currency: pl.Expr) -> pl.Expr:
    """``step_of`` for a column of currencies."""
    steps = {code: step_of(code) for code in DECIMALS}
    return currency.replace_strict(steps, default=1, return_dtype=pl.Int64)


def exact(value: str | float | Decimal) -> Decimal:
    """The number that ``value`` writes, with all its decimals. A float is taken as it is printed.

    Raises NotAnAmount for text that is no number, for infinities, and beyond ``DIGITS`` ("1e2147483648"): sums and
    comparisons of such numbers raise where nobody expects it.
    """
    try:
        number = Decimal(str(value) if isinstance(value, float) else value)
    except (InvalidOperation, TypeError) as error:
        raise NotAnAmount(str(value)) from error
    if not number.is_finite() or not (number.is_zero() or -DIGITS < number.adjusted() < DIGITS):
        raise NotAnAmount(str(value))
    return number or Decimal(0)


def amount(value: str | int | Decimal) -> Decimal:
    """``value`` as a Decimal with exactly two places, rounded half up.

    Raises NotAnAmount for text that is no number, for infinities and for what ``numeric(18,2)`` cannot hold.
    """
    number = exact(value)
    if abs(number) > LIMIT:
        raise NotAnAmount(str(value))
    return number.quantize(CENT, ROUND_HALF_UP)


def round_to_currency(value: Decimal, currency: str = "EUR") -> Decimal:
    """``value`` rounded half up to the decimals of ``currency``, still written with two places."""
    step = Decimal(1).scaleb(-decimals_of(currency))
    return value.quantize(step, ROUND_HALF_UP).quantize(CENT)


def minor_units(value: Decimal) -> int:
    """``value`` in hundredths. Raises NotAnAmount when it has more than two decimals."""
    scaled = value.scaleb(2)
    if scaled != scaled.to_integral_value():
        raise NotAnAmount(str(value))
    return int(scaled)


def from_minor_units(units: int) -> Decimal:
    """Hundredths as a Decimal with two places."""
    return Decimal(units).scaleb(-2).quantize(CENT)


def tax_on(base: Decimal, rate: Decimal, currency: str = "EUR") -> Decimal:
    """Tax of ``rate`` per cent on ``base``, rounded to the currency."""
    return round_to_currency(base * rate / 100, currency)


def fixed_point(value: Decimal, places: int) -> int:
    """``value`` in units of its ``places``-th decimal, rounded half up: 1.5 with four places is 15000.

    Raises NotAnAmount when a column of 64-bit integers cannot hold it.
    """
    units = int(exact(value).scaleb(places).to_integral_value(ROUND_HALF_UP))
    if abs(units) >= 2**63:
        raise NotAnAmount(str(value))
    return units


def proportion(
    amounts: pl.Expr, numerator: pl.Expr | int, denominator: int, step: pl.Expr | int = 1
) -> pl.Expr:
    """A column of ``amounts × numerator ÷ denominator``, rounded half up (away from zero) to ``step``, as Int64.

    Exact: the product is formed in 128 bits. ``denominator`` is positive; ``step`` is that of a currency
    (``step_of``) where the result is booked in it.
    """
    product = amounts.cast(pl.Int128) * numerator * 2
    whole = step * denominator
    rounded = (product.abs() + whole) // (2 * whole) * step
    return (rounded * product.sign()).cast(pl.Int64)


def units_of_text(column: pl.Expr, places: int) -> pl.Expr:
    """A column of written numbers ("12.5", ".57", "-3") in units of their ``places``-th decimal, rounded half up.

    What is no number, or one that 64 bits cannot hold, becomes null. At most eight decimals count.
    """
    exact = column.str.strip_chars().cast(pl.Decimal(38, 8), strict=False)
    held = pl.when(exact.abs() <= LIMIT).then(exact)
    rounded: pl.Expr = held.round(places, mode="half_away_from_zero")
    units: pl.Expr = (rounded * 10**places).cast(pl.Int64, strict=False)
    return units


def shares_in_whole_units(column: pl.Expr, digits: int, over: str | Sequence[str]) -> pl.Expr:
    """A column with ``digits`` fewer decimals whose sum in each group is the group's exact sum, rounded once.

    Each row is the growth of the rounded running sum, so a group of whole amounts stays as it is.
    """
    running = proportion(column.fill_null(0).cum_sum(), 1, 10**digits)
    return (running - running.shift(1).fill_null(0)).over(over)
