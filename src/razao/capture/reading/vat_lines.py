"""The text of a document in, candidates for rows of its tax breakdown out: rate, base and tax that bear each other out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from razao.capture.reading import vat_rates
from razao.capture.reading.amounts import Amount, parted
from razao.capture.reading.candidates import under
from razao.capture.reading.labels import Label
from razao.capture.reading.reasons import EXEMPT, REASON, code_of
from razao.capture.reading.sums import CENT, ZERO, Row
from razao.capture.reading.text import Text
from razao.kernel.money import tax_on

SMALL = Decimal(5)
"""on a smaller base a cent more or less is another rate"""
TOLERANCE = Decimal("0.02")
"""of one row: rounding of its lines may differ from rounding of the sum"""
WHOLE = {"GW": "XOF"}
"""regions whose amounts have no decimals, with their currency: their tax is rounded to the whole unit"""


def fits(base: Decimal, rate: Decimal, tax: Decimal, region: str, *, stated: bool = False) -> bool:
    """True when the rate leads from base to tax, as rounded to cents or to the whole units of the region.

    ``stated`` says that the rate is printed beside them: then a small base may be off by a cent as well.
    """
    roundings = ("EUR", WHOLE[region]) if region in WHOLE else ("EUR",)
    slack = TOLERANCE if base >= SMALL else CENT if stated else CENT / 2
    units = ((c, slack * 100 if c != "EUR" else slack) for c in roundings)
    return any(abs(tax_on(base, rate, c) - tax) <= step for c, step in units)


def _is_money(amount: Amount) -> bool:
    return not amount.percent and (amount.decimals == 2 or amount.whole)


def rows_in(text: Text, region: str, day: date | None) -> Iterator[Row]:
    """Candidates for rows of the breakdown, in reading order; lines of articles may look the same."""
    lawful = lawful_rates(region, day)
    for index in range(len(text.lines)):
        numbers = text.amounts(index)
        if len(numbers) >= 2:
            yield from _rows_of(text, index, numbers, lawful, region)
        elif numbers and numbers[0].money:  # 'Isento (art. 14.º do CIVA)  1.435,00'
            yield from _exempt(text, index, [], numbers)
        apart = [part for a in numbers for part in parted(a)]
        if len(apart) > len(numbers):  # '23 164,22' may be a rate and a tax
            plain_rates = [a.value for a in apart if not a.percent and a.value in lawful]
            yield from _row(index, plain_rates, [a for a in apart if _is_money(a)], 3, region)


def _rows_of(
    text: Text, index: int, numbers: Sequence[Amount], lawful: Sequence[Decimal], region: str
) -> Iterator[Row]:
    rates = [a.value for a in numbers if a.percent]
    plain_rates = [a.value for a in numbers if not a.percent and a.value in lawful]
    money = [a for a in numbers if _is_money(a)]
    yield from _row(index, rates, money, 3, region)
    yield from _row(index, plain_rates, money, 3, region)
    if not rates:
        yield from _row(index, lawful, money, 2, region)
    yield from _base_only(index, rates or plain_rates, money)
    yield from _exempt(text, index, rates or plain_rates, money)
    yield from _tax_only(text, index, rates)
    yield from _under_base(text, index, rates, region)
    yield from _misread(index, rates or plain_rates, money)
    yield from _headed(text, index, region)


def lawful_rates(region: str, day: date | None) -> list[Decimal]:
    """Rates in force in the region and, for Portugal, in its other regions."""
    when = day or date(2023, 6, 1)
    regions = ("PT", "PT-MA", "PT-AC") if region.startswith("PT") else (region,)
    found = (rate for place in regions for rate in vat_rates.rates(place, when))
    return list(dict.fromkeys(found))


def _row(
    index: int, rates: Sequence[Decimal], money: Sequence[Amount], printed: int, region: str
) -> Iterator[Row]:
    for rate in dict.fromkeys(rates):
        if not 0 < rate < 40:
            continue
        for base, tax in itertools.permutations(money[:8], 2):
            b, t = abs(base.value).quantize(CENT), abs(tax.value).quantize(CENT)
            if b > t > 0 and b != rate and fits(b, rate, t, region, stated=printed == 3):
                yield Row(rate.normalize(), b, t, index, printed, base, tax)


def _base_only(index: int, rates: Sequence[Decimal], money: Sequence[Amount]) -> Iterator[Row]:
    """A rate with a base whose tax is illegible: the totals must bear the computed tax out."""
    if len(set(rates)) == 1 and 0 < rates[0] < 40 and len(money) <= 3:
        for base in money:
            value = abs(base.value).quantize(CENT)
            if value and value != rates[0]:
                yield Row(rates[0].normalize(), value, tax_on(value, rates[0]), index, 2, base)


def _exempt(
    text: Text, index: int, rates: Sequence[Decimal], money: Sequence[Amount]
) -> Iterator[Row]:
    """A base at rate zero: the rate, a reason code or the word 'exempt', an amount, and a tax of nought."""
    code = REASON.search(text.lines[index].run.text)
    zero = any(r == 0 for r in rates) or code or EXEMPT.search(text.plain_lines[index])
    if not zero or any(r > 0 for r in rates):
        return
    reason = code_of(text.lines[index].run.text, text.plain_lines[index])
    noughts = [a for a in money if a.value == 0]
    for base in money:
        if base.value:
            printed = 3 if noughts else 2
            value = abs(base.value).quantize(CENT)
            tax = noughts[-1] if noughts else None
            yield Row(Decimal(0), value, ZERO, index, printed, base, tax, reason)


def _tax_only(text: Text, index: int, rates: Sequence[Decimal]) -> Iterator[Row]:
    """'IVA 23 %: 12,34': the base is what leads to the tax; it stays open here as nought."""
    hits = [h for h in text.by_line.get(index, ()) if h.label is Label.VAT]
    money = [a for a in text.amounts(index) if a.money]
    if hits and len(set(rates)) == 1 and len(money) == 1 and 0 < rates[0] < 40:
        tax = money[0]
        yield Row(
            rates[0].normalize(), Decimal(0), abs(tax.value).quantize(CENT), index, 1, None, tax
        )


def _under_base(text: Text, index: int, rates: Sequence[Decimal], region: str) -> Iterator[Row]:
    """'Honorários 1.250,00' over 'IVA (23%) 287,50': the base stands alone on the line above its tax."""
    if not index or len(set(rates)) != 1 or not 0 < rates[0] < 40:
        return
    hits = [h for h in text.by_line.get(index, ()) if h.label is Label.VAT]
    above, own = ([a for a in text.amounts(i) if a.money] for i in (index - 1, index))
    if not hits or len(own) != 1 or len(above) != 1:
        return
    base, tax = abs(above[0].value).quantize(CENT), abs(own[0].value).quantize(CENT)
    if base > tax > 0 and fits(base, rates[0], tax, region, stated=True):
        yield Row(rates[0].normalize(), base, tax, index, 3, above[0], own[0])


def _misread(index: int, rates: Sequence[Decimal], money: Sequence[Amount]) -> Iterator[Row]:
    """A rate with two or three amounts of which none is its tax on another: the smallest may be a tax on a base misread."""
    values = [abs(a.value).quantize(CENT) for a in money if abs(a.value) not in rates]
    single = len(set(rates)) == 1 and 0 < rates[0] < 40 and len(values) in {2, 3}
    if single and not any(b > t > 0 and fits(b, rates[0], t, "") for b in values for t in values):
        yield Row(rates[0].normalize(), ZERO, min(values), index, 0)


def _headed(text: Text, index: int, region: str) -> Iterator[Row]:
    """'IVA 15 % (83.794,90)' as the head of a column, with the tax under it; without the base it stays open as nought.

    The base in brackets may have wrapped to the line under the rate.
    """
    for hit in text.by_line.get(index, ()):
        segments = text.lines[index].segments
        head = next((s for s in segments if hit.run.words[-1] in s.words), None)
        if hit.label is not Label.VAT or head is None:
            continue
        inside = [a for a in text.amounts(index) if a.run.words[0] in head.words]
        rates = [a.value for a in inside if a.percent]
        column = [a for a in inside if not a.percent]
        column += [found.amount for found in under(text, replace(hit, run=head))]
        bases = [a for a in column if a.run.text.startswith("(")]
        taxes = [a for a in column if not a.run.text.startswith("(")]
        if len(rates) == 1 and len(taxes) == 1 and len(bases) <= 1 and inside[-1] is not taxes[0]:
            yield from _headed_row(rates[0], bases, taxes[0], index, region)


def _headed_row(
    rate: Decimal, bases: Sequence[Amount], tax: Amount, index: int, region: str
) -> Iterator[Row]:
    due = abs(tax.value).quantize(CENT)
    base = abs(bases[0].value).quantize(CENT) if bases else ZERO
    if base and fits(base, rate, due, region):
        yield Row(rate.normalize(), base, due, index, 3, bases[0], tax)
    elif not base and rate and due:
        yield Row(rate.normalize(), base, due, index, 1, None, tax)
