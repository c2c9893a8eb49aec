"""The words of a page in; its lines and, within them, the segments that a wide gap parts, out."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from razao.capture.reading.document import Box, Page, Word
from razao.capture.reading.limits import WORDS_PER_LINE

GAP = 1.1
"""a gap of more than this many line heights parts two segments of a line"""
SPACE = 1.35
"""a gap of more than this many letter widths is no space within a number"""
FUSED = re.compile(
    r"(?<=[a-zà-ÿ]{4})(?=\d{1,3}(?:[.,\s]\d{3})*[.,]\d{2})|(?<=total)(?=\d)|(?<=factura)(?=[a-z]{0,3}-?\d)|(?<=fatura)(?=f[trs]$|[a-z]{0,3}\d)"
    r"|(?<=nif)(?=\d{9}$)|(?<=nipc)(?=\d{9}$)|(?<=contribuinte)(?=\d{9}$)|(?<=data)(?=\d{2}[-/.]\d)|(?<=cif)(?=[a-z]\d{7})",
    re.IGNORECASE,
)
"""where OCR has lost the space between a label and a number"""
GLUED = re.compile(r"(?<=[A-Za-zÀ-ÿº°#.)])[:：](?=[^\s:/\\])")
"""a colon between a label and its value that the page prints without a space"""
SIGN = re.compile(r"^[nN]\.?[°º]\.?(?=\d)")
"""a number sign that the page prints without a space before the number"""


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
    def spaced(self) -> str:
        """``text`` of the same length, with a tab wherever a gap is wider than the space within a number"""
        out = [self.words[0].text]
        for before, after in itertools.pairwise(self.words):
            letter = sum(w.box[2] - w.box[0] for w in (before, after)) / (
                len(before.text) + len(after.text)
            )
            wide = after.box[0] - before.box[2] > SPACE * letter
            out.append(("\t" if wide else " ") + after.text)
        return "".join(out)

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
        """The words that the characters ``start`` to ``end`` of ``text`` touch; the first word where they touch none."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        if self.starts[first] + len(self.words[first].text) <= start:
            first += 1
        picked = self.words[first : bisect_left(self.starts, end)]
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
    fused = word.confidence < 1 and FUSED.search(word.text)
    if fused and fused.start():
        yield _slice(word, 0, fused.start())
        word = _slice(word, fused.start(), len(word.text))
    sign = SIGN.match(word.text)
    if sign:
        yield _slice(word, 0, sign.end())
        word = _slice(word, sign.end(), len(word.text))
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
    height = (top + bottom) / 2
    slope = page.skew + page.fan * (height - 0.5)
    return height - slope * (left + right) / 2 * page.aspect


def _rows(words: Sequence[Word], page: Page) -> list[list[Word]]:
    """Words that share a line, lines from top to bottom, words from left to right.

    What the engine or the file gives as one piece stays together; pieces share a line when their facing ends
    are level, and never when they stand above each other. A line ends at ``WORDS_PER_LINE``.
    """
    rows: list[list[list[Word]]] = []
    for piece in sorted(_pieces(words), key=lambda p: _middle(p[len(p) // 2], page)):
        for row in reversed(rows[-7:]):
            if sum(map(len, row)) < WORDS_PER_LINE and _level(row, piece, page):
                row.append(piece)
                break
        else:
            rows.append([piece])
    flat = [sorted((w for p in row for w in p), key=lambda w: w.box[0]) for row in rows]
    return sorted(flat, key=lambda row: sorted(_middle(w, page) for w in row)[len(row) // 2])


def _pieces(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Runs of words that follow each other on one line in the order given."""
    piece: list[Word] = []
    for word in words:
        if piece and (len(piece) == WORDS_PER_LINE or not _follows(piece[-1], word)):
            yield piece
            piece = []
        piece.append(word)
    if piece:
        yield piece


def _follows(before: Word, after: Word) -> bool:
    height = min(before.box[3] - before.box[1], after.box[3] - after.box[1])
    level = abs((before.box[1] + before.box[3]) - (after.box[1] + after.box[3])) / 2 < 0.4 * height
    return level and -0.3 * height <= after.box[0] - before.box[2] < 1.5 * height


def _level(row: list[list[Word]], piece: list[Word], page: Page) -> bool:
    """True when a piece stands beside its nearest neighbour in a row, and above or below none."""
    left, right = piece[0].box[0], piece[-1].box[2]
    nearest: tuple[float, Word, Word] | None = None
    for other in row:
        start, end = other[0].box[0], other[-1].box[2]
        shared = min(right, end) - max(left, start)
        if shared > 0.3 * min(right - left, end - start):
            return False
        gap, mine, theirs = (
            (left - end, piece[0], other[-1])
            if start < left
            else (start - right, piece[-1], other[0])
        )
        if nearest is None or gap < nearest[0]:
            nearest = gap, mine, theirs
    if nearest is None:
        return False
    _, mine, theirs = nearest
    height = min(mine.box[3] - mine.box[1], theirs.box[3] - theirs.box[1])
    return abs(_middle(mine, page) - _middle(theirs, page)) < 0.5 * height + 0.0005


def _segments(line: Run) -> Iterator[Run]:
    start = 0
    for index in range(1, len(line.words)):
        before, after = line.words[index - 1], line.words[index]
        height = max(min(before.box[3] - before.box[1], after.box[3] - after.box[1]), 0.004)
        if (after.box[0] - before.box[2]) * line.aspect > GAP * height:
            yield line.part(start, index)
            start = index
    yield line.part(start, len(line.words))
