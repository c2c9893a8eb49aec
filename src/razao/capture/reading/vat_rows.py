"""Candidates for rows of the tax breakdown in; those that together are net and VAT, each with its reason, out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from razao.capture.reading.labels import Label
from razao.capture.reading.reasons import EXEMPT, codes_in, codes_in_order
from razao.capture.reading.sums import CENT, ZERO, Row, Totals
from razao.capture.reading.text import Text
from razao.capture.reading.vat_lines import fits, lawful_rates, rows_in

SUM_TOLERANCE = Decimal("0.02")
TRIES = 4000
"""combinations of rows that are tried"""
PER_RATE = 7
"""rows of one rate that are looked at"""


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
        return _from_rows_alone(totals, rows, text)
    found = _fitting(rows, net, vat)
    if found:
        return _explained(totals, found, text)
    if vat == 0:
        return _untaxed(totals, net, text)
    partly = _by_article(rows, net, vat) or _with_exempt_rest(rows, net, vat)
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


def _by_article(rows: Sequence[Row], net: Decimal, vat: Decimal) -> tuple[Row, ...]:
    """The breakdown by the articles' own lines, each printed with rate, base and tax, which all together are net and VAT."""
    lines: dict[int, Row] = {}
    for row in rows:
        if row.printed == 3 and row.base > lines.get(row.line, row).base - CENT:
            lines[row.line] = row
    if len(lines) < 2 or not exact(tuple(lines.values()), net, vat):
        return ()
    sums: dict[tuple[Decimal, str | None], Row] = {}
    for row in lines.values():
        key = row.rate, row.exemption
        so_far = sums.get(key, Row(row.rate, ZERO, ZERO, -1, 2, exemption=row.exemption))
        sums[key] = replace(so_far, base=so_far.base + row.base, tax=so_far.tax + row.tax)
    return tuple(sums.values())


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


def _wholly_untaxed(totals: Totals, text: Text) -> Totals:
    """Where no VAT is printed and the page cites the law that exempts it, all but the stamp duty is net: an insurer's receipt."""
    gross, reasons = totals.gross_value, codes_in(text.joined, text.plain)
    duty = next((c for c in totals.kinds[Label.STAMP_DUTY] if c.score >= CLEAR), None)
    if gross is None or len(reasons) != 1 or any(c.value for c in totals.kinds[Label.VAT]):
        return totals
    owed = duty.value if duty else ZERO
    if owed >= gross:
        return totals
    untaxed = replace(totals, stamp=duty, net_value=gross - owed, vat_value=owed)
    return _untaxed(untaxed, gross - owed, text)


CLEAR = 9.0
"""points from which on a label of stamp duty leaves no doubt"""


def _from_rows_alone(totals: Totals, rows: Sequence[Row], text: Text) -> Totals:
    """Net and VAT from rows of the breakdown that lead to the gross total."""
    picked = leading_to(rows, totals.gross_value) if totals.gross_value is not None else None
    if picked is None:
        return _wholly_untaxed(totals, text)
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
