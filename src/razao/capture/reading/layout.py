"""The words of a page in; its lines and, within them, the segments that a wide gap parts, out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from razao.capture.reading.document import Box, Page, Word

GAP = 1.1
"""a gap of more than this many line heights parts two segments of a line"""
GLUED = re.compile(r"(?<=[A-Za-zÀ-ÿº°#.)])[:：](?=[^\s:/\\])")
"""a colon between a label and its value that the page prints without a space"""


@dataclass(frozen=True)
class Run:
    """Words that stand on one line, from left to right."""

    words: tuple[Word, ...]
    aspect: float
    order: int = 0
    """position of its line on the page, from the top"""

    @cached_property
    def box(self) -> Box:
        boxes = [w.box for w in self.words]
        return (
            min(b[0] for b in boxes),
            min(b[1] for b in boxes),
            max(b[2] for b in boxes),
            max(b[3] for b in boxes),
        )

    @cached_property
    def text(self) -> str:
        return " ".join(w.text for w in self.words)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """offset in ``text`` at which each word begins"""
        starts, at = [], 0
        for word in self.words:
            starts.append(at)
            at += len(word.text) + 1
        return tuple(starts)

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def page(self) -> int:
        return self.words[0].page

    @property
    def confidence(self) -> float:
        return min(w.confidence for w in self.words)

    def between(self, start: int, end: int) -> Run:
        """The words that the characters ``start`` to ``end`` of ``text`` touch."""
        picked = tuple(
            w
            for w, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(w.text) > start
        )
        return Run(picked or self.words[:1], self.aspect, self.order)

    def part(self, first: int, last: int) -> Run:
        """The words from index ``first`` up to, without, ``last``."""
        return Run(self.words[first:last], self.aspect, self.order)


@dataclass(frozen=True)
class Sheet:
    """The layout of one page: its lines, each a run, and each line's segments."""

    page: Page
    lines: tuple[Run, ...]
    segments: tuple[tuple[Run, ...], ...]
    """for each line, its segments from left to right"""

    def all_segments(self) -> Iterator[Run]:
        for row in self.segments:
            yield from row

    @cached_property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


def sheet_of(page: Page) -> Sheet:
    """The layout of a page."""
    words = [part for word in page.words for part in _unglued(word)]
    rows = _rows(words, page)
    lines = tuple(Run(tuple(row), page.aspect, order) for order, row in enumerate(rows))
    return Sheet(page, lines, tuple(tuple(_segments(line)) for line in lines))


def _unglued(word: Word) -> Iterator[Word]:
    """The word parted at a colon that a label and its value share, so that 'Date:10/03/2018' is two words."""
    at = 0
    for match in GLUED.finditer(word.text):
        if word.text[:at].lower().endswith(("http:", "https:")) or "://" in word.text:
            break
        yield _slice(word, at, match.end())
        at = match.end()
    if at < len(word.text):
        yield _slice(word, at, len(word.text)) if at else word


def _slice(word: Word, start: int, end: int) -> Word:
    left, top, right, bottom = word.box
    step = (right - left) / len(word.text)
    box = (left + step * start, top, left + step * end, bottom)
    return Word(word.text[start:end], word.page, box, word.confidence)


def _middle(word: Word, page: Page) -> float:
    """Height of the word's middle on the page with the skew taken out."""
    left, top, right, bottom = word.box
    return (top + bottom) / 2 - page.skew * (left + right) / 2 * page.aspect


def _rows(words: Sequence[Word], page: Page) -> list[list[Word]]:
    """Words that share a line, lines from top to bottom, words from left to right."""
    rows: list[list[Word]] = []
    spans: list[tuple[float, float]] = []
    """middle and height of each row, of its last word"""
    for word in sorted(words, key=lambda w: _middle(w, page)):
        middle, height = _middle(word, page), word.box[3] - word.box[1]
        for index in range(len(rows) - 1, max(-1, len(rows) - 6), -1):
            row_middle, row_height = spans[index]
            if abs(middle - row_middle) < 0.5 * min(height, row_height) + 0.0005:
                rows[index].append(word)
                spans[index] = _span(rows[index], page)
                break
        else:
            rows.append([word])
            spans.append((middle, height))
    order = sorted(range(len(rows)), key=lambda i: spans[i][0])
    return [sorted(rows[i], key=lambda w: w.box[0]) for i in order]


def _span(row: list[Word], page: Page) -> tuple[float, float]:
    middles = sorted(_middle(w, page) for w in row)
    heights = sorted(w.box[3] - w.box[1] for w in row)
    return middles[len(middles) // 2], heights[len(heights) // 2]


def _segments(line: Run) -> Iterator[Run]:
    start = 0
    for index in range(1, len(line.words)):
        before, after = line.words[index - 1], line.words[index]
        height = max(min(before.box[3] - before.box[1], after.box[3] - after.box[1]), 0.004)
        if (after.box[0] - before.box[2]) * line.aspect > GAP * height:
            yield line.part(start, index)
            start = index
    yield line.part(start, len(line.words))
