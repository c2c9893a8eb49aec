"""The pages of a file in, the documents on them out: where one invoice ends and the next begins, and why (S4, S5, M6).

Between two pages each piece of evidence speaks for a cut (above zero) or against it. What is printed to be
unique (fiscal code, ATCUD, number, "page 1 of 2") weighs most; a heading, totals and parties weigh less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from razao.capture.reading.document import Cut, Page
from razao.capture.reading.fiscal import fiscal_code
from razao.capture.reading.ids_on_page import ids_in
from razao.capture.reading.kinds import title_in_head
from razao.capture.reading.labels import Label
from razao.capture.reading.numbers import ATCUD, all_numbers
from razao.capture.reading.text import Text, text_of

CERTAIN = 5.0
"""points from which on a cut needs no look"""
START = -1.0
"""points before any evidence: pages of one file belong together"""
PAGE_OF = re.compile(
    r"\b(?:pag(?:ina)?|page|seite|folha|hoja|pagina)\.?\s*:?\s*(?:n\.?[o°]?\s*)?(\d{1,3})\s*(?:/|de|of|von|di|sur|van|a)\s*(\d{1,3})\b"
)
BARE_PAGE_OF = re.compile(r"^\W*(\d{1,2})\s*/\s*(\d{1,2})\W*$")


@dataclass(frozen=True)
class Facts:
    """What one page says about which document it belongs to."""

    page: Page
    code: tuple[str, str] | None
    """seller and number of the fiscal code"""
    atcuds: frozenset[str]
    numbers: frozenset[str]
    tax_ids: frozenset[str]
    place: tuple[int, int] | None
    """the x and y of 'page x of y'"""
    heading: bool
    """a title of a document stands in the upper part"""
    totals: bool
    """an amount labelled as the document's total stands on it"""


def documents(pages: Sequence[Page]) -> tuple[list[list[Page]], tuple[Cut, ...]]:
    """The pages of each document, blank pages left out, and the cuts between documents."""
    kept = [p for p in pages if not p.blank]
    if len(kept) < 2:
        return ([kept] if kept else []), ()
    facts = [facts_of(p) for p in kept]
    parts: list[list[Facts]] = [[facts[0]]]
    cuts: list[Cut] = []
    for after in facts[1:]:
        evidence = list(_evidence(parts[-1], after))
        score = START + sum(points for points, _ in evidence)
        if score > 0:
            reasons = tuple(dict.fromkeys(name for points, name in evidence if points > 0))
            cuts.append(Cut(after.page.number, score >= CERTAIN, reasons))
            parts.append([after])
        else:
            parts[-1].append(after)
    return [[f.page for f in part] for part in parts], tuple(cuts)


def facts_of(page: Page) -> Facts:
    """What a page says about which document it belongs to."""
    text = text_of([page])
    found = fiscal_code(page.codes)
    code = (found[1].seller_tax_id, _key(found[1].number)) if found else None
    return Facts(
        page,
        code,
        frozenset(f"{m[1].upper()}-{int(m[2])}" for m in ATCUD.finditer(_joined(text))),
        frozenset(_key(n) for n in all_numbers(text)),
        frozenset(i.tax_id.value for i in ids_in(text, "PT")),
        _place(text),
        title_in_head(text),
        _has_totals(text),
    )


def _joined(text: Text) -> str:
    return "\n".join(line.run.text for line in text.lines)


def _key(number: str) -> str:
    return re.sub(r"\W", "", number).upper()


def _place(text: Text) -> tuple[int, int] | None:
    """'Page x of y', from the foot of the page upwards."""
    lines = text.plain_lines
    for line in [*reversed(lines)]:
        match = PAGE_OF.search(line)
        if match and 1 <= int(match[1]) <= int(match[2]) <= 300:
            return int(match[1]), int(match[2])
    for line in (*lines[-2:], *lines[:2]):
        match = BARE_PAGE_OF.match(line)
        if match and 1 <= int(match[1]) <= int(match[2]) <= 60:
            return int(match[1]), int(match[2])
    return None


def _has_totals(text: Text) -> bool:
    return any(
        hit.weight >= 6 and any(a.money for a in text.amounts(hit.line))
        for hit in text.of(Label.GROSS, Label.PAYABLE)
    )


def _evidence(part: Sequence[Facts], after: Facts) -> Iterator[tuple[float, str]]:
    """Points for (above zero) or against a cut between the pages of a document so far and the next page."""
    before = part[-1]
    codes = {f.code for f in part if f.code}
    if after.code and codes:
        yield (-8.0 if after.code in codes else 7.0), "qr"
    yield from _compared(part, after, "atcuds", 6.5, "atcud")
    yield from _compared(part, after, "numbers", 4.5, "number")
    yield from _counted(part, after)
    known = frozenset().union(*(f.tax_ids for f in part))
    if known and after.tax_ids:
        common = known & after.tax_ids
        if not common:
            yield 3.0, "tax_id"
        elif after.tax_ids <= known:
            yield -0.5, "tax_id"
        else:
            yield 1.0, "tax_id"
    if after.heading:
        yield (2.0 if any(f.totals for f in part) else 0.0), "heading"
    else:
        yield -2.0, "heading"
    if not before.totals and not any(f.totals for f in part):
        yield -1.5, "total"
    elif after.totals and before.totals:
        yield 1.5, "total"
    if after.page.number - before.page.number > 1:
        yield 0.5, "blank"


def _compared(
    part: Sequence[Facts], after: Facts, name: str, points: float, reason: str
) -> Iterator[tuple[float, str]]:
    known: frozenset[str] = frozenset().union(*(getattr(f, name) for f in part))
    here: frozenset[str] = getattr(after, name)
    if known and here:
        yield (-points if known & here else points), reason


def _counted(part: Sequence[Facts], after: Facts) -> Iterator[tuple[float, str]]:
    """What 'page x of y' says on either side."""
    before = part[-1].place
    here = after.place
    if here and here[0] > 1:
        follows = before is not None and before[1] == here[1] and before[0] == here[0] - 1
        yield (-5.0 if follows or before is None else 1.0), "page_count"
    elif here and here[0] == 1:
        ended = before is not None and before[0] == before[1]
        yield (4.0 if ended else 2.0), "page_count"
    elif before and before[0] < before[1]:
        yield -3.0, "page_count"
    elif before and before[0] == before[1]:
        yield 1.5, "page_count"
