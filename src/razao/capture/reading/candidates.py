"""The text of a document and a label in; the printed amounts that the label may name, with how clearly, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from razao.capture.reading.amounts import Amount
from razao.capture.reading.labels import Hit, Label, token
from razao.capture.reading.layout import Run
from razao.capture.reading.sums import Candidate
from razao.capture.reading.text import BELOW, Text

KINDS = (
    Label.NET, Label.VAT, Label.GROSS, Label.PAYABLE, Label.WITHHOLDING, Label.PAID, Label.CHANGE,
    Label.DISCOUNT, Label.OTHER_AMOUNT,
    Label.STAMP_DUTY,
)  # fmt: skip
BEST = 12
"""candidates of a kind that are looked at together"""


def best(found: list[Candidate]) -> list[Candidate]:
    """The strongest candidates, one for each value and line."""
    seen: dict[tuple[Decimal, int], Candidate] = {}
    for candidate in sorted(found, key=lambda c: -c.score):
        seen.setdefault((candidate.value, candidate.line), candidate)
    by_value: dict[Decimal, Candidate] = {}
    for candidate in seen.values():
        other = by_value.get(candidate.value)
        if other is None:
            by_value[candidate.value] = candidate
        else:
            by_value[candidate.value] = replace(other, score=other.score + 0.5)
    return sorted(by_value.values(), key=lambda c: -c.score)[:BEST]


def candidates(text: Text, label: Label) -> Iterator[Candidate]:
    """What the labels of a kind may name: beside them, a little askew, under them."""
    for hit in text.of(label):
        if label is Label.WITHHOLDING and _kept_back(text, hit):
            continue
        beside = list(_beside(text, hit))
        yield from beside or _askew(text, hit)
        yield from _summed(text, hit)
        column, boxed = under(text, hit), _in_box(text, hit)
        yield from boxed if boxed and (not column or boxed[0].line < column[0].line) else column


def _kept_back(text: Text, hit: Hit) -> bool:
    """True for a part of the price kept back as security ('retenção de garantia'), which is no tax."""
    words = text.lines[hit.line].run.words
    return hit.last < len(words) and token(words[hit.last].text) in {"de", "garantia", "caucao"}


def _askew(text: Text, hit: Hit) -> Iterator[Candidate]:
    """An amount to the right on a line that is printed a little higher or lower than its label."""
    box = hit.run.box
    height = max(hit.run.height, 0.006)
    for line in (hit.line + 1, hit.line - 1):
        if (
            not 0 <= line < len(text.lines)
            or text.lines[line].sheet is not text.lines[hit.line].sheet
        ):
            continue
        off = abs(text.lines[line].run.box[1] - box[1])
        if off > 1.1 * height or any(h.label in KINDS for h in text.by_line.get(line, ())):
            continue
        for amount in text.amounts(line):
            if amount.money and amount.run.box[0] > box[2] and not _is_base(hit, amount):
                yield Candidate(amount, hit.weight + 0.5 + _place(text, line), line)
                return


def _beside(text: Text, hit: Hit) -> Iterator[Candidate]:
    """Amounts to the right of the label, up to the next label of an amount."""
    right = hit.run.box[2] - 0.005
    end = 2.0
    for other in text.by_line.get(hit.line, ()):
        if other.first >= hit.last and other.label in KINDS and other.weight >= 5:
            end = min(end, other.run.box[0])
    found = [
        a
        for a in text.amounts(hit.line)
        if right <= a.run.box[2] - 0.005
        and a.run.box[0] < end
        and not a.percent
        and a.run.words[-1] not in hit.run.words
    ]
    money = [a for a in found if a.money]
    bracketed = hit.label is Label.VAT and all(a.run.text.startswith("(") for a in money)
    if hit.label is Label.VAT:  # 'IVA 0% (818,64)  0,00': what stands in brackets is the base
        money = [a for a in money if not a.run.text.startswith("(")] or money
    for position, amount in enumerate(money or found[-1:]):
        last = position == len(money or found[-1:]) - 1
        score = hit.weight + 2.0 + (0.5 if last else 0.0) + (0.0 if amount.money else -2.5)
        score -= 0.4 * min(len(money) - 1, 4) + (4.0 if bracketed and money else 0.0)
        yield Candidate(amount, score + _place(text, hit.line), hit.line)


def under(text: Text, hit: Hit) -> list[Candidate]:
    """The amount in the label's column below it: a table of totals, or a label above its value.

    A base in brackets may stand before it.
    """
    left, right = hit.run.box[0], hit.run.box[2]
    middle = (left + right) / 2
    found: list[Candidate] = []
    for line, segment in text.below(hit, 2):
        for amount in text.amounts(line):
            box = amount.run.box
            if amount.percent or min(box[2], right) - max(box[0], left) <= 0:
                continue
            if not any(w in segment.words for w in amount.run.words):
                continue
            away = min(abs((box[0] + box[2]) / 2 - middle), abs(box[2] - right))
            score = hit.weight + 0.5 - 8 * away + (0.0 if amount.money else -2.5)
            candidate = Candidate(amount, score + _place(text, line), line)
            if not _is_base(hit, amount):
                return [*found, candidate]
            found.append(replace(candidate, score=candidate.score - 4.0))
            break
    return found


SUM = frozenset(
    {
        "total",
        "totais",
        "totals",
        "totales",
        "totaux",
        "soma",
        "somas",
        "suma",
        "sumas",
        "geral",
        "gerais",
        "eur",
    }
)
"""words of which the head of a table's row of sums consists"""


def _summed(text: Text, hit: Hit) -> Iterator[Candidate]:
    """The amount in the label's column on the row of a table that sums it up: 'Totais  21,25  3,45  24,95'."""
    own = text.lines[hit.line]
    if len(own.segments) < BOXES or any(a.money for a in text.amounts(hit.line)):
        return
    left, _, right, _ = hit.run.box
    for line in range(hit.line + 2, len(text.lines)):
        row = text.lines[line]
        if row.sheet is not own.sheet:
            return
        amounts = [a for a in text.amounts(line) if a.money]
        if len(amounts) < 2 or not _heads_a_sum(row.run, amounts[0]):
            continue
        inside = [a for a in amounts if min(a.run.box[2], right) - max(a.run.box[0], left) > 0]
        yield from (Candidate(a, hit.weight + 2.0 + _place(text, line), line) for a in inside[:1])
        return


def _heads_a_sum(row: Run, first: Amount) -> bool:
    """True when what stands before the first amount of a row says nothing but that it is a sum."""
    before = row.words[: row.words.index(first.run.words[0])]
    tokens = {token(w.text) for w in before} - {""}
    return bool(tokens) and tokens <= SUM


def _is_base(hit: Hit, amount: Amount) -> bool:
    """True for an amount in brackets, which beside or under a rate of tax is its base."""
    return hit.label in {Label.VAT, Label.NET} and amount.run.text.startswith("(")


BOXES = 3
"""heads on a line from which on each has a column of its own, up to the next"""


def _in_box(text: Text, hit: Hit) -> list[Candidate]:
    """The amount in the box that a small head stands in, where neither overlaps the other: head left, amount right."""
    own = text.lines[hit.line]
    heads = own.segments
    place = next((i for i, s in enumerate(heads) if s.words[0] is hit.run.words[0]), None)
    if place is None or len(heads) < BOXES or text.amounts(hit.line):
        return []
    left, right = hit.run.box[0], 1.0 if place + 1 == len(heads) else heads[place + 1].box[0]
    for line in range(hit.line + 1, min(hit.line + 3, len(text.lines))):
        below = text.lines[line]
        if (
            below.sheet is not own.sheet
            or below.run.box[1] - own.run.box[3] > BELOW * hit.run.height
        ):
            return []
        inside = [
            a
            for a in text.amounts(line)
            if a.money and left <= a.run.box[0] and a.run.box[2] <= right
        ]
        if inside:
            return [Candidate(inside[-1], hit.weight + 0.5 + _place(text, line), line)]
    return []


def _place(text: Text, line: int) -> float:
    """Totals stand near the end: up to one point for it."""
    return line / max(len(text.lines), 1)
