"""The text of a document in; net, VAT by rate, gross, withholding and payable out, chosen by labels and arithmetic.

Each printed amount is a candidate for what the labels beside and above it say. A choice of net, VAT and
gross is better the stronger its labels are and the more sums hold: net + VAT = gross, base × rate = VAT for
each row, Σ rows = totals, gross − withholding = payable, cash − change = gross.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from razao.capture.reading import surcharge, vat_lines, vat_rates, vat_rows
from razao.capture.reading.candidates import BEST, KINDS, best, candidates
from razao.capture.reading.labels import Label
from razao.capture.reading.sums import CENT, ZERO, Candidate, Row, Totals
from razao.capture.reading.text import Text
from razao.kernel.money import tax_on

ROUNDING = Decimal("0.05")
MOST_TAX = Decimal("0.4")
"""no VAT and stamp duty together reach this part of their base"""


def totals_of(text: Text, region: str, day: date | None) -> Totals:
    """The totals of a document of a country or tax region, on a day."""
    kinds = {label: best(list(candidates(text, label))) for label in KINDS}
    rows = list(vat_lines.rows_in(text, region, day))
    extra = surcharge.pairs_of(rows, text) if region == "ES" else ()
    most = _highest_rate(text, region, day)
    choices = sorted(
        [*_choices(kinds, rows, extra, most), *_with_outlay(kinds, rows, _printed(text))],
        key=lambda c: -c.score,
    )
    if not choices:
        return Totals(kinds=kinds)
    chosen = choices[0]
    rivals = any(
        c.gross_value != chosen.gross_value and c.score >= chosen.score - 1.5 for c in choices[1:6]
    )
    chosen = replace(chosen, rivals=rivals or _outspoken(chosen, kinds), kinds=kinds)
    chosen = vat_rows.with_rows(chosen, rows, text, region, day)
    return _with_withholding(chosen, vat_rates.withheld(text.percents))


HIGHEST = {"US": Decimal("0.13")}
"""of countries whose rates are not listed here, the part of the base that no tax on sales exceeds"""


def _highest_rate(text: Text, region: str, day: date | None) -> Decimal:
    """The highest rate, as a part of the base, that the region knows or the document prints."""
    lawful = vat_lines.lawful_rates(region, day)
    printed = [p for p in text.percents if p < 100 * MOST_TAX]
    return max((*lawful, *printed)) / 100 if lawful else HIGHEST.get(region[:2], MOST_TAX)


OUTSPOKEN = 10.0
"""points of a total whose label leaves no doubt"""


def _outspoken(chosen: Totals, kinds: dict[Label, list[Candidate]]) -> bool:
    """True when a label calls another amount the total, in plainer words than the one that was chosen."""
    own = chosen.gross.score if chosen.gross else OUTSPOKEN
    return any(
        c.score >= max(OUTSPOKEN, own) and c.value not in {chosen.gross_value, ZERO}
        for c in kinds[Label.GROSS]
    )


def _choices(
    kinds: dict[Label, list[Candidate]], rows: Sequence[Row], pairs: Sequence[tuple[Row, Row]],
    most: Decimal,
) -> Iterator[Totals]:  # fmt: skip
    """Every choice of gross total with net and VAT that lead to it; ``most`` is the highest rate to expect."""
    yield from _before_withholding(kinds, rows, most)
    grosses = _grosses(kinds) or _paid_less_change(kinds)
    largest = max((c.value for c in grosses), default=ZERO)
    grosses = [
        replace(c, score=c.score - ROW_TOTAL)
        if c.value < largest and vat_rows.totals_a_row(rows, c.value, c.line)
        else c
        for c in grosses
    ]
    for gross in grosses:
        extra, signs = _support(gross, kinds)
        yield Totals(
            gross=gross,
            gross_value=gross.value,
            score=gross.score + extra,
            agreeing=frozenset(signs),
        )
        for found in (
            vat_rows.leading_to(rows, gross.value),
            surcharge.leading_to(pairs, gross.value),
        ):
            if found:
                yield _by_rows(gross, kinds, found, _left_out(gross, found, rows) + extra, signs)
        stamps = [None, *(s for s in kinds[Label.STAMP_DUTY] if s.value)]
        for net, vat, stamp in itertools.product(
            [*kinds[Label.NET], None], [*kinds[Label.VAT], None], stamps
        ):
            made = _choice(gross, (net, vat, stamp), rows, most)
            if made is not None:
                yield replace(made, score=made.score + extra, agreeing=made.agreeing | signs)


ROW_TOTAL = 8.0
"""points that an amount loses as total of the document for being that of a row, beside a larger one"""


def _by_rows(
    gross: Candidate, kinds: dict[Label, list[Candidate]], found: tuple[Row, ...], extra: float,
    signs: set[str],
) -> Totals:  # fmt: skip
    """The choice that rows of the breakdown, each printed in full, make by adding up to the gross total."""
    net = sum((r.base for r in found if not r.kind), ZERO)
    vat = sum((r.tax for r in found), ZERO)
    named = [
        next((c for c in kinds[label] if c.value == value), None)
        for label, value in ((Label.NET, net), (Label.VAT, vat))
    ]
    score = gross.score + extra + 9.0 + sum(0.4 * (c.score if c else 4.0) for c in named)
    return Totals(
        gross, named[0], named[1], None, net, vat, gross.value, found, score=score,
        agreeing=frozenset(signs | {"rows", "net+vat=gross"}),
    )  # fmt: skip


NEAR_LINES = 4
"""lines within which rows are of one table"""


def _left_out(gross: Candidate, found: Sequence[Row], rows: Sequence[Row]) -> float:
    """Points that a choice loses for being the total of a row, or for leaving out rows of the same table."""
    lines = {r.line for r in found}
    own = gross.line in lines and len(found) == 1
    rates = {r.rate for r in found}
    others = any(
        r.printed == 3 and r.rate not in rates and min(abs(r.line - x) for x in lines) <= NEAR_LINES
        for r in rows
    )
    return -6.0 * own - 5.0 * others


def _before_withholding(
    kinds: dict[Label, list[Candidate]], rows: Sequence[Row], most: Decimal
) -> Iterator[Totals]:
    """Choices for documents that print no gross total: what is paid, with what was withheld, is net and VAT."""
    printed = {c.value for c in kinds[Label.GROSS]}
    for held, paid in itertools.product(
        kinds[Label.WITHHOLDING], [*kinds[Label.PAYABLE], *kinds[Label.GROSS]]
    ):
        if not 0 < held.value < paid.value or paid.value + held.value in printed:
            continue
        total = replace(paid.amount, value=paid.value + held.value)
        gross = replace(paid, amount=total, score=paid.score - 1.0)
        for net, vat in itertools.product(kinds[Label.NET], kinds[Label.VAT]):
            made = _choice(gross, (net, vat, None), rows, most)
            if made and vat.value and "net+vat=gross" in made.agreeing:
                score = made.score + 6.0 + 0.4 * held.score
                yield replace(
                    made, gross=None, score=score, agreeing=made.agreeing | {"withholding"}
                )


def _printed(text: Text) -> frozenset[Decimal]:
    """Every amount of money on the page."""
    numbers = (a for index in range(len(text.lines)) for a in text.amounts(index))
    return frozenset(abs(a.value).quantize(CENT) for a in numbers if a.money)


def _with_outlay(
    kinds: dict[Label, list[Candidate]], rows: Sequence[Row], printed: Collection[Decimal]
) -> Iterator[Totals]:
    """A lawyer's bill without total or net: fees and their VAT, what was paid out for the client, less the tax withheld."""
    taxed = [r for r in rows if r.printed == 3 and r.tax]
    for held, paid, row in itertools.product(kinds[Label.WITHHOLDING], kinds[Label.PAYABLE], taxed):
        gross = paid.value + held.value
        outlay = gross - row.base - row.tax
        vat = next((c for c in kinds[Label.VAT] if c.value == row.tax), None)
        if not 0 < held.value < paid.value or vat is None or gross in printed:
            continue
        if outlay > 0 and outlay in printed:
            score = paid.score + 4.0 + 0.4 * (held.score + vat.score)
            yield Totals(
                None, None, vat, None, gross - row.tax, row.tax, gross, score=score,
                agreeing=frozenset({"withholding"}),
            )  # fmt: skip


def _grosses(kinds: dict[Label, list[Candidate]]) -> list[Candidate]:
    """Candidates for the gross total: what is labelled so, and what is to be paid."""
    out = {c.value: c for c in kinds[Label.PAYABLE]}
    for value in out:
        out[value] = replace(out[value], score=out[value].score - 1.5)
    for candidate in kinds[Label.GROSS]:
        other = out.get(candidate.value)
        if other is None or other.score < candidate.score:
            out[candidate.value] = candidate
        if other is not None:
            out[candidate.value] = replace(
                out[candidate.value], score=out[candidate.value].score + 1
            )
    return sorted((c for c in out.values()), key=lambda c: -c.score)[:BEST]


def _paid_less_change(kinds: dict[Label, list[Candidate]]) -> list[Candidate]:
    """A total that has no label of its own: an amount that is what was paid less the change."""
    out = []
    for paid, change in itertools.product(kinds[Label.PAID], kinds[Label.CHANGE]):
        total = paid.value - change.value
        out += [
            replace(c, score=5.0) for c in kinds[Label.NET] if c.value == total and change.value
        ]
    return out


def _support(gross: Candidate, kinds: dict[Label, list[Candidate]]) -> tuple[float, set[str]]:
    """Points for what else on the page bears the gross total out: cash less change, payable plus withholding."""
    score, signs = 0.0, set()
    for paid, change in itertools.product(kinds[Label.PAID], kinds[Label.CHANGE]):
        if change.value and paid.value - change.value == gross.value:
            score, signs = 6.0, {"cash"}
    if any(c.value == gross.value and c.amount is not gross.amount for c in kinds[Label.PAID]):
        score += 1.5
    for step in kinds[Label.OTHER_AMOUNT]:
        points = _rounding(gross, step, kinds) if ZERO < step.value <= ROUNDING else 0.0
        score, signs = score + points, signs | ({"rounding"} if points > 0 else set())
    for held, payable in itertools.product(kinds[Label.WITHHOLDING], kinds[Label.PAYABLE]):
        if held.value and gross.value - held.value == payable.value:
            score, signs = score + 6.0, signs | {"withholding"}
    if gross.value == ZERO:
        score -= 6
    if gross.amount.value < 0:
        score -= 2
    return score, signs


def _rounding(gross: Candidate, step: Candidate, kinds: dict[Label, list[Candidate]]) -> float:
    """Points for being the total after a rounding that is printed; fewer than none for the total before it."""
    if _rounded(gross, step, kinds):
        return 4.0
    return -10.0 if _rounded_later(gross, step, kinds) else 0.0


def _rounded(gross: Candidate, step: Candidate, kinds: dict[Label, list[Candidate]]) -> bool:
    """True when a total printed before the rounding, and this total after it, differ by just the rounding."""
    return any(
        c.line < gross.line and abs(c.value - gross.value) == step.value
        for c in kinds[Label.GROSS] + kinds[Label.NET]
    )


def _rounded_later(gross: Candidate, step: Candidate, kinds: dict[Label, list[Candidate]]) -> bool:
    """True when the rounding, and the total after it, stand below this total: it is not the one to be paid."""
    return gross.line < step.line and any(
        c.line > step.line and abs(c.value - gross.value) == step.value
        for c in kinds[Label.GROSS] + kinds[Label.PAYABLE]
    )


Parts = tuple[Candidate | None, Candidate | None, Candidate | None]
"""candidates for net, VAT and stamp duty"""


UNTAXED = 9.0
"""points from which on a label says that its amount is without tax, though it is the gross total as well"""
UNHEARD_OF = 9.0
"""points that a choice loses for more VAT than the highest rate makes"""


def _choice(gross: Candidate, parts: Parts, rows: Sequence[Row], most: Decimal) -> Totals | None:
    """Gross with a net and a VAT that lead to it; None when they do not."""
    net, vat, stamp = parts
    values = _values(gross, parts)
    if values is None:
        return None
    net_value, vat_value, duty = values
    off = abs(net_value + vat_value - gross.value)
    if off > ROUNDING or net_value < 0 or vat_value < duty or vat_value > net_value * MOST_TAX:
        return None
    chosen = [c.amount for c in (net, vat, stamp) if c]
    if any(a is b for a, b in itertools.combinations(chosen, 2)):
        return None
    score = gross.score + sum(c.score * 0.4 for c in parts if c)
    signs = set()
    if net and not vat_value and vat is None:
        plain = net.score if net.score >= UNTAXED else 0.0
        score = gross.score + 0.05 + 0.4 * plain
    elif net and (vat or stamp):
        score += 5.0 if vat_value and off <= CENT else 2.0 if vat_value else 0.5
        signs |= {"net+vat=gross"} if off == 0 else set()
    score -= UNHEARD_OF if vat_value - duty > net_value * most + ROUNDING else 0.0
    if vat_rows.backs(rows, net_value, vat_value - duty):
        score += 4.0
        signs.add("rows")
    elif net and not (vat or stamp) and vat_rows.tax_lines(rows, vat_value):
        score += 4.0
    elif not (net and vat) and vat_value and not stamp:
        score -= 3.0
    return Totals(
        gross, net, vat, stamp, net_value, vat_value, gross.value, score=score,
        agreeing=frozenset(signs),
    )  # fmt: skip


def _values(gross: Candidate, parts: Parts) -> tuple[Decimal, Decimal, Decimal] | None:
    """Net, tax with stamp duty, and stamp duty; None when a part is missing that the others do not give."""
    net, vat, stamp = parts
    duty = stamp.value if stamp else ZERO
    if net is None and vat is None:
        return None
    if net is None:
        assert vat is not None
        return gross.value - vat.value - duty, vat.value + duty, duty
    if vat is None and stamp is None:
        return net.value, gross.value - net.value, duty
    return net.value, (vat.value if vat else ZERO) + duty, duty


CLEAR = 7.0
"""points from which on a label says beyond doubt that its amount is to be paid"""


def _with_withholding(totals: Totals, rates: Collection[Decimal]) -> Totals:
    """The tax withheld and the amount payable: gross − withheld = payable, else what one of ``rates`` makes of the net."""
    gross = totals.gross_value
    if gross is None:
        return totals
    for held, payable in itertools.product(
        totals.kinds[Label.WITHHOLDING], totals.kinds[Label.PAYABLE] + totals.kinds[Label.GROSS]
    ):
        if 0 < held.value < gross / 2 and gross - held.value == payable.value:
            return replace(totals, withholding=held, payable=payable)
    same = next((c for c in totals.kinds[Label.PAYABLE] if c.value == gross), None)
    if same is not None and same.score >= 8:
        retained = any(c.score >= 6 and c.value for c in totals.kinds[Label.WITHHOLDING])
        return replace(totals, payable=same, unexplained=retained)
    held_at_rate = next(
        (c for c in totals.kinds[Label.WITHHOLDING] if _at_rate(totals, c, rates)), None
    )
    if held_at_rate is not None and same is None:
        return replace(totals, withholding=held_at_rate)
    return _payable(totals, gross, same)


def _at_rate(totals: Totals, held: Candidate, rates: Collection[Decimal]) -> bool:
    """True for an amount clearly called withheld that one of the rates makes of the net, or of one of its bases."""
    bases = {totals.net_value or ZERO, *(r.base for r in totals.rows)}
    due = (tax_on(base, rate) for base in bases for rate in rates)
    return held.score >= CLEAR and held.value > 0 and any(abs(d - held.value) <= CENT for d in due)


def _payable(totals: Totals, gross: Decimal, same: Candidate | None) -> Totals:
    """The amount payable where nothing is withheld: less what was paid before, or printed as such."""
    for less, payable in itertools.product(
        totals.kinds[Label.OTHER_AMOUNT] + totals.kinds[Label.PAID], totals.kinds[Label.PAYABLE]
    ):
        clear = less.value and payable.value and payable.score >= CLEAR
        if clear and abs(gross - payable.value) == less.value:
            return replace(totals, payable=payable)
    retained = any(c.score >= 6 and c.value for c in totals.kinds[Label.WITHHOLDING])
    other = any(c.score >= 8 and c.value for c in totals.kinds[Label.PAYABLE])
    clearest = totals.kinds[Label.PAYABLE][:1]
    printed = next((c for c in clearest if c.score >= 8 and c.value > 0), None)
    return replace(
        totals, payable=same or printed, unexplained=retained or (same is None and other)
    )
