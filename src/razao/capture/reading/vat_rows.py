"""The text of a document in, rows of its tax breakdown out: rate, base and tax that bear each other out."""

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
from razao.capture.reading.reasons import EXEMPT, REASON, code_of, codes_in, codes_in_order
from razao.capture.reading.sums import CENT, ZERO, Row, Totals
from razao.capture.reading.text import Text
from razao.kernel.money import tax_on

SMALL = Decimal(5)
"""on a smaller base a cent more or less is another rate"""
TOLERANCE = Decimal("0.02")
"""of one row: rounding of its lines may differ from rounding of the sum"""
SUM_TOLERANCE = Decimal("0.02")
TRIES = 4000
"""combinations of rows that are tried"""
PER_RATE = 7
"""rows of one rate that are looked at"""
WHOLE = {"GW": "XOF"}
"""regions whose amounts have no decimals, with their currency: their tax is rounded to the whole unit"""


def fits(base: Decimal, rate: Decimal, tax: Decimal, region: str) -> bool:
    """True when the rate leads from base to tax, as rounded to cents or to the whole units of the region."""
    roundings = ("EUR", WHOLE[region]) if region in WHOLE else ("EUR",)
    slack = TOLERANCE if base >= SMALL else CENT / 2
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
            if b > t > 0 and b != rate and fits(b, rate, t, region):
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


def backs(rows: Sequence[Row], net: Decimal, vat: Decimal) -> bool:
    """True when some choice of rows adds up to net and VAT."""
    return bool(vat) and _fitting(rows, net, vat) is not None


def _fitting(rows: Sequence[Row], net: Decimal, vat: Decimal) -> tuple[Row, ...] | None:
    """One row for each of some rates, which together give net and VAT; rows printed in full go before others."""
    for least in (3, 2):
        by_rate: dict[tuple[Decimal | str | None, ...], list[Row]] = {}
        for row in rows:
            if row.printed >= least and row.base <= net + SUM_TOLERANCE:
                alone = row.base if row.rate == 0 and _is_tax_line(row) else None
                kept = by_rate.setdefault((row.rate, row.exemption, alone), [])
                if all((r.base, r.tax) != (row.base, row.tax) for r in kept):
                    kept.append(row)
        choices = [
            sorted(kept, key=lambda r: (-r.printed, -r.base))[:PER_RATE]
            for kept in by_rate.values()
        ]
        found = itertools.islice(_adding_up(choices, net, vat), TRIES)
        best = max((f for f in found if f), key=lambda f: _quality(f, net, vat), default=None)
        if best is not None:
            return best
    return None


def _adding_up(
    choices: Sequence[Sequence[Row]], net: Decimal, vat: Decimal, picked: tuple[Row, ...] = ()
) -> Iterator[tuple[Row, ...]]:
    """At most one row of each group, together net and VAT within the tolerance; an empty choice is a dead end tried."""
    if abs(net) <= SUM_TOLERANCE and abs(vat) <= SUM_TOLERANCE and picked:
        yield picked
        return
    reach = sum((max(r.base for r in group) for group in choices), ZERO)
    if reach + SUM_TOLERANCE < net:
        yield ()
        return
    for at, group in enumerate(choices):
        for row in group:
            if row.base <= net + SUM_TOLERANCE and row.tax <= vat + SUM_TOLERANCE:
                yield from _adding_up(
                    choices[at + 1 :], net - row.base, vat - row.tax, (*picked, row)
                )


def _is_tax_line(row: Row) -> bool:
    """True for 'IVA 0% (818,64)  0,00', of which a document may have several at one rate."""
    return row.base_amount is not None and row.base_amount.run.text.startswith("(")


def _quality(rows: Sequence[Row], net: Decimal, vat: Decimal) -> tuple[int, bool, int, int]:
    reasons = len({r.exemption for r in rows if r.exemption})
    return min(r.printed for r in rows), exact(rows, net, vat), reasons, -len(rows)


def exact(rows: Sequence[Row], net: Decimal, vat: Decimal) -> bool:
    """True when the rows add up to net and VAT to the cent."""
    bases, taxes = (
        sum(values, ZERO) for values in zip(*((r.base, r.tax) for r in rows), strict=True)
    )
    return (bases, taxes) == (net, vat)


def with_rows(
    totals: Totals, rows: Sequence[Row], text: Text, region: str, day: date | None
) -> Totals:
    """The totals with their breakdown, as far as the page and the arithmetic support one."""
    net, vat = totals.net_value, totals.taxed_value
    if any(r.kind for r in totals.rows):
        return totals
    if net is None or totals.vat_value is None:
        return _from_rows_alone(totals, rows)
    found = _fitting(rows, net, vat)
    if found:
        return _explained(totals, found, text)
    if vat == 0:
        return _untaxed(totals, net, text)
    partly = _with_exempt_rest(rows, net, vat)
    for least in (1, 0):
        partly = partly or _with_bases(tax_lines(rows, vat, least) or (), net, text, region)
    if partly:
        return replace(totals, rows=_reasoned(partly, text))
    single = _single(rows, net, vat, lawful_rates(region, day), region)
    return replace(totals, rows=single, agreeing=totals.agreeing | ({"rate"} if single else set()))


def _untaxed(totals: Totals, net: Decimal, text: Text) -> Totals:
    """The whole net without tax, where the page says so with a reason, a rate of nought or a VAT of nought."""
    reasons = codes_in(text.joined, text.plain)
    said = bool(reasons or EXEMPT.search(text.plain))
    if not net or not (said or (totals.vat is not None and totals.vat.value == 0)):
        return totals
    row = Row(Decimal(0), net, ZERO, -1, 2, totals.net.amount if totals.net else None)
    signs = totals.agreeing | ({"rows"} if len(reasons) == 1 else set())
    return replace(totals, rows=_reasoned((row,), text), agreeing=signs)


def _reasoned(rows: tuple[Row, ...], text: Text) -> tuple[Row, ...]:
    """The rows, those without tax with the one reason that the document prints."""
    if all(r.rate or r.exemption for r in rows):
        return rows
    reasons = codes_in(text.joined, text.plain)
    if len(reasons) != 1:
        return rows
    return tuple(
        replace(r, exemption=reasons[0]) if r.rate == 0 and r.exemption is None else r for r in rows
    )


def _explained(totals: Totals, rows: tuple[Row, ...], text: Text) -> Totals:
    """The totals with rows that add up, and their reasons; those told by order alone leave something to be looked at."""
    ordered = _in_order(rows, text)
    if ordered:
        return replace(totals, rows=ordered, agreeing=totals.agreeing - {"rows"})
    return replace(totals, rows=_reasoned(rows, text), agreeing=totals.agreeing | {"rows"})


def _in_order(rows: tuple[Row, ...], text: Text) -> tuple[Row, ...]:
    """The rows with a reason each, where as many bases without tax are listed as reasons, in the order of both."""
    open_rows = sorted((r for r in rows if not r.rate and not r.exemption), key=lambda r: r.line)
    reasons = codes_in_order(text.joined, text.plain)
    if len(open_rows) < 2 or len(open_rows) != len(reasons) or any(r.exemption for r in rows):
        return ()
    given = {id(r): reason for r, reason in zip(open_rows, reasons, strict=True)}
    return tuple(replace(r, exemption=given.get(id(r))) for r in rows)


def zero_rows(text: Text, base: Decimal) -> tuple[Row, ...]:
    """Rows without tax, each with its reason, that together are a base known from elsewhere; () when none fit."""
    day = date(2023, 6, 1)
    rows = [r for r in rows_in(text, "PT", day) if r.rate == 0 and r.exemption]
    found = _fitting(rows, base, ZERO) or ()
    if found and len({r.exemption for r in found}) == len(found):
        return found
    return _reasoned((Row(Decimal(0), base, ZERO, -1, 0),), text)


def _single(
    rows: Sequence[Row], net: Decimal, vat: Decimal, lawful: Sequence[Decimal], region: str
) -> tuple[Row, ...]:
    """One rate for the whole: printed beside the tax, or lawful and the only one that leads from net to VAT."""
    printed = [r.rate for r in rows if r.printed == 1 and r.tax == vat]
    for rate in dict.fromkeys([*printed, *lawful]):
        if fits(net, rate, vat, region):
            return (Row(rate, net, vat, -1, 1),)
    return ()


def tax_lines(rows: Sequence[Row], vat: Decimal, least: int = 1) -> tuple[Row, ...] | None:
    """'IVA 23 %: 12,34' and 'IVA 6 %: 5,00': taxes of several rates, some without base, that together are the VAT.

    ``least`` 0 admits rows whose base was misread.
    """
    usable = (r for r in rows if (least <= r.printed < 2 or r.printed == 3) and r.tax)
    taxed = list({(r.rate, r.tax): r for r in usable}.values())
    taxed.sort(key=lambda r: r.printed)
    for count in (2, 3, 4):
        for picked in itertools.combinations(taxed[:TAX_LINES], count):
            if (
                picked[0].printed < 2
                and len({r.rate for r in picked}) == count
                and sum(r.tax for r in picked) == vat
            ):
                return picked
    return None


TAX_LINES = 12
"""lines with a tax that are looked at together"""


def _with_bases(lines: Sequence[Row], net: Decimal, text: Text, region: str) -> tuple[Row, ...]:
    """The rows with printed amounts as bases, which together are the net; one base may be what the others leave."""
    if not lines:
        return ()
    printed = {abs(a.value).quantize(CENT) for i in range(len(text.lines)) for a in text.amounts(i)}
    options = [
        [r.base]
        if r.base
        else [*(b for b in sorted(printed) if b > r.tax and fits(b, r.rate, r.tax, region)), None]
        for r in lines
    ]
    for bases in itertools.islice(itertools.product(*options), TRIES):
        open_ends = bases.count(None)
        rest = net - sum((b for b in bases if b is not None), ZERO)
        if open_ends > 1 or (open_ends == 0 and rest):
            continue
        whole = [rest if b is None else b for b in bases]
        if all(b > 0 and fits(b, r.rate, r.tax, region) for b, r in zip(whole, lines, strict=True)):
            return tuple(replace(r, base=b) for b, r in zip(whole, lines, strict=True))
    return ()


def _with_exempt_rest(rows: Sequence[Row], net: Decimal, vat: Decimal) -> tuple[Row, ...]:
    """Rows that give the whole VAT on a part of the net: the rest is a base without tax."""
    full = [r for r in rows if r.printed == 3 and 0 < r.base < net and r.tax]
    for count in (1, 2):
        for picked in itertools.islice(itertools.combinations(full, count), TRIES):
            if (
                len({r.rate for r in picked}) == count
                and abs(sum(r.tax for r in picked) - vat) <= CENT
            ):
                rest = net - sum(r.base for r in picked)
                if rest >= CENT:
                    return (*picked, Row(Decimal(0), rest, Decimal("0.00"), -1, 0))
    return ()


def _from_rows_alone(totals: Totals, rows: Sequence[Row]) -> Totals:
    """Net and VAT from rows of the breakdown that lead to the gross total."""
    picked = leading_to(rows, totals.gross_value) if totals.gross_value is not None else None
    if picked is None:
        return totals
    net, vat = sum((r.base for r in picked), ZERO), sum((r.tax for r in picked), ZERO)
    return replace(
        totals, rows=picked, net_value=net, vat_value=vat,
        agreeing=totals.agreeing | {"rows", "net+vat=gross"},
    )  # fmt: skip


def totals_a_row(rows: Sequence[Row], value: Decimal, line: int) -> bool:
    """True when an amount on a line is the sum of base and tax that stand on it."""
    return any(r.line == line and r.printed == 3 and r.base + r.tax == value for r in rows)


def leading_to(rows: Sequence[Row], gross: Decimal) -> tuple[Row, ...] | None:
    """Rows printed in full, each of a rate of its own and at least one with tax, that together are the gross total."""
    full = [r for r in rows if r.printed == 3 and r.base + r.tax <= gross + CENT]
    unique = list({(r.rate, r.base, r.tax): r for r in full}.values())[:24]
    for count in (1, 2, 3, 4):
        for picked in itertools.islice(itertools.combinations(unique, count), TRIES):
            if len({r.rate for r in picked}) < count:
                continue
            net, vat = sum((r.base for r in picked), ZERO), sum((r.tax for r in picked), ZERO)
            if abs(net + vat - gross) <= CENT and vat:
                return picked
    return None
