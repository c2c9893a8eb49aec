"""The pages of one document in; their lines, labels and printed amounts, and what stands beside or below a label, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from razao.capture.reading.amounts import Amount, amounts_in, uses_decimal_comma
from razao.capture.reading.dates import NUMERIC, plain
from razao.capture.reading.document import Page
from razao.capture.reading.labels import Hit, Label, labels_of, labels_on, wrapped_on
from razao.capture.reading.layout import Run, Sheet, sheet_of

BELOW = 4.2
"""how many line heights below a label its value may stand"""
WHOLE_FROM = Decimal(100)
"""smaller numbers without decimals are quantities"""
MONTH_FIRST_SIGNS = re.compile(r"\b(united states|usa|u\.s\.a)\b|\b[a-z]{2}\.?,? \d{5}(-\d{4})?\b")
US_STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "DC",
    ]
)


@dataclass(frozen=True)
class Placed:
    """A line of the document: its sheet, its index on it, its run and its segments."""

    sheet: Sheet
    index: int
    run: Run
    segments: tuple[Run, ...]


@dataclass(frozen=True)
class Text:
    """The text of the pages of one document, with labels found."""

    sheets: tuple[Sheet, ...]
    lines: tuple[Placed, ...]
    hits: tuple[Hit, ...]
    """``Hit.line`` is the index in ``lines``"""
    decimal_comma: bool | None
    whole: bool = False
    """amounts are in a currency without decimals"""
    _amounts: dict[int, tuple[Amount, ...]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def plain(self) -> str:
        """all text, lower case, without accents, a line each"""
        return "\n".join(self.plain_lines)

    @cached_property
    def plain_lines(self) -> tuple[str, ...]:
        """each line, lower case, without accents"""
        return tuple(plain(line.run.text) for line in self.lines)

    @cached_property
    def joined(self) -> str:
        """all text as printed, a line each"""
        return "\n".join(line.run.text for line in self.lines)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """each line's letters and digits"""
        return tuple(re.sub(r"\W", "", line) for line in self.plain_lines)

    @cached_property
    def _pages(self) -> dict[int, list[tuple[int, Run]]]:
        out: dict[int, list[tuple[int, Run]]] = {}
        for line in self.lines:
            out.setdefault(line.run.page, []).append((line.index, line.run))
        return out

    def orders(self, page: int) -> list[tuple[int, Run]]:
        """Index and run of each line of a page."""
        return self._pages.get(page, [])

    def segments(self, page: int, index: int) -> tuple[Run, ...]:
        """The segments of a line of a page."""
        return next((s.segments[index] for s in self.sheets if s.page.number == page), ())

    def opens_with_label(self, run: Run) -> bool:
        """True when a run begins with a label."""
        word = run.words[0]
        return any(h.run.words[0] is word and h.weight >= 4 for h in self.hits)

    def without_label(self, run: Run) -> Run:
        """A run without the label with which it begins, where one does."""
        word = run.words[0]
        ends = [len(h.run.words) for h in self.hits if h.run.words[0] is word and h.weight >= 4]
        return run.part(max(ends, default=0), len(run.words))

    def amounts(self, line: int) -> tuple[Amount, ...]:
        """The numbers of a line, from left to right."""
        if line not in self._amounts:
            found = amounts_in(self.lines[line].run, self.decimal_comma)
            self._amounts[line] = tuple(self._in_units(a) for a in found)
        return self._amounts[line]

    def _in_units(self, amount: Amount) -> Amount:
        unit = self.whole and not amount.decimals and abs(amount.value) >= WHOLE_FROM
        return replace(amount, whole=True) if unit and not amount.percent else amount

    def in_whole_units(self) -> Text:
        """The same text of a document whose currency has no decimals."""
        return replace(self, whole=True, _amounts={})

    @cached_property
    def percents(self) -> frozenset[Decimal]:
        """Every number that is printed with a % after it."""
        return frozenset(
            a.value for i in range(len(self.lines)) for a in self.amounts(i) if a.percent
        )

    def of(self, *labels: Label) -> Iterator[Hit]:
        """The hits of these labels, in reading order."""
        return (h for h in self.hits if h.label in labels)

    @cached_property
    def by_line(self) -> dict[int, list[Hit]]:
        out: dict[int, list[Hit]] = {}
        for hit in self.hits:
            out.setdefault(hit.line, []).append(hit)
        return out

    def after(self, hit: Hit, *, stop: int = 4) -> Run | None:
        """What stands to the right of a label: the rest of its segment, else the next segment.

        Ends before the next label of at least weight ``stop``.
        """
        words = self.lines[hit.line].run.words
        end = len(words)
        for other in self.by_line.get(hit.line, ()):
            if other.first >= hit.last and other.weight >= stop:
                end = min(end, other.first)
        rest = self.lines[hit.line].run.part(hit.last, end)
        if not rest.words:
            return None
        own = self._segment_of(hit)
        within = frozenset(own.words) if own is not None else frozenset()
        same = [w for w in rest.words if w in within]
        if same and any(c.isalnum() for w in same for c in w.text):
            return Run(tuple(same), rest.aspect, rest.order)
        others = frozenset(rest.words) - within
        for segment in self.lines[hit.line].segments:
            inside = tuple(w for w in segment.words if w in others)
            if inside and any(c.isalnum() for w in inside for c in w.text):
                return Run(inside, rest.aspect, rest.order)
        return None

    def rest(self, hit: Hit) -> Run | None:
        """All words to the right of a label on its line."""
        run = self.lines[hit.line].run.part(hit.last, len(self.lines[hit.line].run.words))
        return run if run.words else None

    def _segment_of(self, hit: Hit) -> Run | None:
        last = hit.run.words[-1]
        for segment in self.lines[hit.line].segments:
            if last in segment.words:
                return segment
        return None

    def below(self, hit: Hit, lines: int = 3) -> Iterator[tuple[int, Run]]:
        """Segments under a label that share its column, nearest first, with their line."""
        left, top, right, bottom = hit.run.box
        height = max(bottom - top, 0.006)
        own = self.lines[hit.line]
        found = 0
        for index in range(hit.line + 1, min(hit.line + 14, len(self.lines))):
            line = self.lines[index]
            if line.sheet is not own.sheet or line.run.box[1] - bottom > BELOW * height:
                return
            under = [s for s in line.segments if _overlap(s.box, left, right) > 0]
            if under:
                yield index, max(under, key=lambda s: _overlap(s.box, left, right))
                found += 1
                if found == lines:
                    return


def _overlap(box: tuple[float, float, float, float], left: float, right: float) -> float:
    return min(box[2], right) - max(box[0], left)


def text_of(pages: Iterable[Page]) -> Text:
    """The text of the pages of one document."""
    sheets = tuple(sheet_of(page) for page in pages)
    lines = tuple(
        Placed(sheet, index, run, sheet.segments[index])
        for sheet in sheets
        for index, run in enumerate(sheet.lines)
    )
    hits = tuple(
        hit
        for index, line in enumerate(lines)
        for hit in (*labels_of(line.run, line.segments, index), *_wrapped(lines, index))
    )
    whole = "\n".join(sheet.text for sheet in sheets)
    return Text(sheets, lines, hits, uses_decimal_comma(whole))


SHORT = 4
"""words of a label's first line"""
EDGE = 0.01


def _wrapped(lines: Sequence[Placed], index: int) -> Iterator[Hit]:
    """Labels that break over two lines of a narrow column: 'Importância a' over 'pagar'."""
    start, page = 0, lines[index].sheet
    for upper in lines[index].segments:
        for line in lines[index + 1 : index + 3] if len(upper.words) <= SHORT else ():
            for lower in line.segments:
                near = lower.box[1] - upper.box[3] < 0.8 * upper.height
                level = abs(lower.box[0] - upper.box[0]) < EDGE and len(lower.words) <= SHORT
                if near and level and line.sheet is page and not _own_label(lower, line):
                    yield from wrapped_on(upper, lower, index, start)
            if any(_overlap(lower.box, upper.box[0], upper.box[2]) > 0 for lower in line.segments):
                break  # something stands between it and what is further below
        start += len(upper.words)


def _own_label(lower: Run, line: Placed) -> bool:
    """True for a segment that is a label of its own, with a value on its line: 'Vencimento' under 'Data'."""
    alone = any(h.first == 0 and h.weight >= 5 for h in labels_on(lower, 0))
    return alone and any(
        c.isdigit() for w in line.run.words if w not in lower.words for c in w.text
    )


def month_first(text: Text, currency: str | None) -> bool:
    """Whether the document writes the month before the day: by a date that can only be so, else by its country."""
    votes = 0
    for match in NUMERIC.finditer(text.plain):
        first, second = match[1], match[3]
        if len(first) <= 2 and len(second) <= 2:
            votes += (int(first) <= 12 < int(second)) - (int(second) <= 12 < int(first))
    if votes:
        return votes > 0
    return currency in {"USD", None} and american(text)


def american(text: Text) -> bool:
    """True when an address of the United States stands on the document."""
    if re.search(r"\b(united states|usa|u\.s\.a\.?)\b", text.plain):
        return True
    for line in text.lines:
        for match in re.finditer(r"\b([A-Z]{2})\.?,?\s+(\d{5})(-\d{4})?\b", line.run.text):
            if match[1] in US_STATES:
                return True
    return False


def texts(runs: Sequence[Run]) -> str:
    return " ".join(r.text for r in runs)
