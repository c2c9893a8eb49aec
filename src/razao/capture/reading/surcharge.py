"""The rows of a Spanish breakdown in, those of the equivalence surcharge that the total bears out, out.

Ley 37/1992 arts. 154–163: retailers pay their suppliers a surcharge beside VAT, at a rate of its own for each
rate of VAT (5.2 on 21, 1.4 on 10, 0.5 on 4, 0.62 on 5). It is no VAT: the invoice states it apart.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from razao.capture.reading.sums import CENT, Row
from razao.capture.reading.text import Text
from razao.kernel.money import tax_on

RATES = {
    Decimal(21): (Decimal("5.2"), Decimal("1.75")),
    Decimal(10): (Decimal("1.4"),),
    Decimal(5): (Decimal("0.62"),),
    Decimal(4): (Decimal("0.5"),),
}
NAMED = re.compile(r"\brecargo|\brec\.?\s*(?:de\s*)?eq|\br\.?\s?e\.?(?![a-z])|\breq\b")
MOST_ROWS = 4
SLACK = Decimal("0.02")


Pair = tuple[Row, Row]
"""a row of VAT and the row of surcharge on the same base"""


def pairs_of(rows: Sequence[Row], text: Text) -> tuple[Pair, ...]:
    """Rows of VAT that a printed surcharge goes with, where the document speaks of one."""
    if not NAMED.search(text.plain):
        return ()
    printed = {abs(a.value).quantize(CENT) for i in range(len(text.lines)) for a in text.amounts(i)}
    return tuple(_pairs(rows, printed))


def leading_to(pairs: Sequence[Pair], gross: Decimal) -> tuple[Row, ...] | None:
    """Rows of VAT and of surcharge that together are the gross total, first those of VAT."""
    for count in range(1, MOST_ROWS + 1):
        for picked in itertools.combinations(pairs, count):
            if len({vat.rate for vat, _ in picked}) < count:
                continue
            total = sum((vat.base + vat.tax + extra.tax for vat, extra in picked), Decimal(0))
            if abs(total - gross) <= SLACK:
                return (*(vat for vat, _ in picked), *(extra for _, extra in picked))
    return None


def _pairs(rows: Sequence[Row], printed: set[Decimal]) -> Iterator[Pair]:
    """Rows of VAT printed with base and tax, each with a row of surcharge on the same base."""
    seen = set()
    for row in rows:
        key = row.rate, row.base, row.tax
        if row.printed < 2 or not row.tax or key in seen:
            continue
        seen.add(key)
        for rate in RATES.get(row.rate, ()):
            due = tax_on(row.base, rate)
            near = [p for p in printed if abs(p - due) <= CENT and p]
            if near:
                tax = min(near, key=lambda p: abs(p - due))
                yield row, Row(rate, row.base, tax, row.line, row.printed, kind="surcharge")
