"""The text of a document in, its issue date and due date out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from razao.capture.reading.dates import DateFound, dates_in, plain
from razao.capture.reading.document import Word
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

EARLIEST = date(1998, 1, 1)


@dataclass(frozen=True)
class Dated:
    """A date chosen for a field. ``certain`` when label and order of day and month leave no doubt."""

    found: DateFound
    score: float
    certain: bool

    @property
    def value(self) -> date:
        return self.found.value


def issue_date_of(text: Text, month_first: bool, order_known: bool) -> Dated | None:
    """The date of issue: the best labelled date, else the first plausible date of the document."""
    found_dates = [*_labelled(text, Label.DATE, month_first), *_after_number(text, month_first)]
    labelled = sorted(found_dates, key=lambda f: -f[1])
    if labelled:
        found, score = labelled[0]
        rivals = {f.value for f, s in labelled if s >= score - 1}
        clear = found.worded or found.swapped is None or order_known
        return Dated(found, score, clear and len(rivals) == 1 and score >= 6)
    loose = _unlabelled(text, month_first)
    return Dated(loose, 1.0, False) if loose else None


def due_date_of(text: Text, month_first: bool, issued: date | None) -> Dated | None:
    """The date by which to pay, where a label says so; never before the date of issue."""
    labelled = sorted(_labelled(text, Label.DUE, month_first), key=lambda f: -f[1])
    for found, score in labelled:
        if score >= 5 and (issued is None or found.value >= issued):
            return Dated(found, score, score >= 8)
    return None


DAYS = re.compile(
    r"(?<![\d.,/-])(\d{1,3})\s*(?:dias|days|jours|tage|giorni|dagen|dd|d\.)\b|\bnet\s+(\d{1,3})\b"
)
LONGEST = 180
"""days of a payment term; more are something else"""


def due_by_terms(text: Text, issued: date | None) -> date | None:
    """The date of issue and the days that a label of payment terms gives; None where it gives none."""
    if issued is None:
        return None
    for hit in text.of(Label.TERMS, Label.DUE):
        if hit.weight < 4:
            continue
        rest = text.rest(hit)
        for run in (rest, *(below for _, below in text.below(hit, 1))):
            match = DAYS.search(plain(run.text)) if run else None
            days = int(match[1] or match[2]) if match else 0
            if 0 < days <= LONGEST:
                return issued + timedelta(days=days)
    return None


def _labelled(text: Text, label: Label, month_first: bool) -> Iterator[tuple[DateFound, float]]:
    total = max(len(text.lines), 1)
    for hit in text.of(label):
        if _outweighed(text, hit) or (hit.weight <= 2 and _claimed(text, hit)):
            continue
        early = 1.5 * (1 - hit.line / total)
        beside = text.after(_last_joined(text, hit))
        found = next(dates_in(beside, month_first), None) if beside else None
        if beside is not None and found is not None:
            near = 1.0 if found.run.words[0] in beside.words[:4] else -1.0
            yield found, hit.weight + near + early
            continue
        if beside is not None:
            both = Run(hit.run.words + beside.words, beside.aspect, beside.order)
            found = _over_lines(text, replace(hit, run=both), beside.words, month_first)
        if found is None and (beside is None or hit.weight >= 6 or len(beside.words) <= 3):
            found = _over_lines(text, hit, (), month_first)
        if found is not None:
            yield found, hit.weight + early


def _last_joined(text: Text, hit: Hit) -> Hit:
    """The last of labels that share one date: 'Data da fatura / Data de entrega: 7-9-2026'."""
    words = text.lines[hit.line].run.words
    for other in text.by_line[hit.line]:
        if other.first == hit.last + 1 and words[hit.last].text in JOINING:
            return _last_joined(text, other)
    return hit


JOINING = frozenset("/&ey")


def _over_lines(
    text: Text, hit: Hit, begun: tuple[Word, ...], month_first: bool
) -> DateFound | None:
    """The date under a place, also one that begins above: '26 de diciembre de' over '2024'."""
    first = begun or None
    for _, run in text.below(hit, 1 if begun else 2):
        whole = Run(begun + run.words, run.aspect, run.order)
        alone = None if begun == first else next(dates_in(run, month_first), None)
        found = alone or next(dates_in(whole, month_first), None)
        if found is not None and (alone or not begun or found.run.words[0] in begun):
            return found
        begun = run.words
    return None


def _claimed(text: Text, hit: Hit) -> bool:
    """True for 'le', 'vom' … where the label of another date leads up to them: 'Date limite de paiement le …'."""
    return any(
        h.label in {Label.DUE, Label.OTHER_DATE} and h.last <= hit.first
        for h in text.by_line.get(hit.line, ())
    )


TITLE_WEIGHT = 4.0
CLAIMING = frozenset({Label.DUE, Label.OTHER_DATE, Label.REFERENCE, Label.DATE, Label.TERMS})


def _after_number(text: Text, month_first: bool) -> Iterator[tuple[DateFound, float]]:
    """'Fatura n.º 12 de 3 de março de 2026': the date that follows the document's number on its line."""
    total = max(len(text.lines), 1)
    for hit in text.of(Label.NUMBER):
        if hit.weight < 3:
            continue
        claims = [h for h in text.by_line[hit.line] if h.label in CLAIMING]
        rest = text.rest(hit)
        found = next(dates_in(rest, month_first), None) if rest else None
        if found is not None and not claims and found.value >= EARLIEST:
            yield found, TITLE_WEIGHT + 1.5 * (1 - hit.line / total)


def _outweighed(text: Text, hit: Hit) -> bool:
    """True when another label of at least its weight covers the same words."""
    return any(
        other.label in {Label.OTHER_DATE, Label.DUE, Label.DATE}
        and other.label is not hit.label
        and other.first <= hit.first < other.last
        and len(other.run.words) > len(hit.run.words)
        for other in text.by_line.get(hit.line, ())
    )


def _unlabelled(text: Text, month_first: bool) -> DateFound | None:
    """The first date that no label of another date claims."""
    for index, line in enumerate(text.lines):
        claimed = [
            h
            for h in text.by_line.get(index, ())
            if h.label in {Label.OTHER_DATE, Label.DUE} and h.weight >= 6
        ]
        for found in dates_in(line.run, month_first):
            if found.value >= EARLIEST and not claimed:
                return found
    return None
