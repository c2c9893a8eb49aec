"""The text of a document in; its blocks, stacks of segments on one left edge or one middle, out; an address is such a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from razao.capture.reading.dates import plain
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

EDGE = 0.012
"""how far, as part of the page's width, left edges of a block may differ"""
LEADING = 2.3
"""line heights from one line of a block to the next"""
POSTCODE = re.compile(
    r"\b\d{4}\s?-\s?\d{3}\b|\b[a-z]{1,2}-?\d{4,5}\b|(?:^|\s)\d{5}\s+[a-z]|(?:^|\s)\d{4}\s?[a-z]{2}\s+[a-z]|\b[a-z]{2}\.?\s+\d{5}(?:-\d{4})?\b|\b[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}\b|(?:^|\s)\d{4}\s+[a-z]{3}"
)
STREET = re.compile(
    r"\b(rua|av\.?|avenida|estrada|largo|praca|travessa|alameda|beco|zona industrial|urbanizacao|calle|plaza|paseo|street|road|avenue|drive|blvd|lane|suite|jalan|rue|boulevard|allee|chemin|strasse|via|viale|piazza|way|court|po box|p\.o\.)\b|stra(?:ss|ß)e\b|straat\b|street\b|str\.\s?\d|weg\s\d"
)


@dataclass(frozen=True)
class Block:
    """Segments below each other on one left edge or one middle."""

    runs: tuple[Run, ...]

    @property
    def page(self) -> int:
        return self.runs[0].page

    @property
    def address(self) -> bool:
        """True when a postal code, or a street with a number, stands below its first line."""
        rest = [plain(r.text) for r in self.runs[1:5]]
        if any(POSTCODE.search(t) for t in rest):
            return True
        return any(STREET.search(t) and re.search(r"\d", t) for t in rest)

    @property
    def head(self) -> Run | None:
        """The line above the first street or postal code that follows a line without either."""
        places = [is_place(plain(r.text)) for r in self.runs]
        for index in range(1, len(self.runs)):
            if places[index] and not places[index - 1]:
                return self.runs[index - 1]
        return None


def is_place(text: str) -> bool:
    """True for a line of an address: a postal code, or a street with a number."""
    return bool(
        POSTCODE.search(text)
        or (STREET.search(text) and re.search(r"\d", text))
        or NUMBERED.fullmatch(text)
    )


NUMBERED = re.compile(r"[a-zß .'-]+,?\s+(?:n\W{0,2}\s*)?\d{1,4}[a-z]?(?:\s*-\s*[a-z\d]{1,3})?")
"""'Francesco 226': words and a house number"""


def blocks_of(text: Text) -> list[Block]:
    """The blocks of two or more lines, in reading order of their first lines."""
    open_blocks: list[list[Run]] = []
    done: list[list[Run]] = []
    for line in text.lines:
        for segment in line.segments:
            home = next((b for b in reversed(open_blocks) if _continues(b[-1], segment)), None)
            if home is not None:
                home.append(segment)
            else:
                open_blocks.append([segment])
        top, page = line.run.box[1], line.run.page
        still: list[list[Run]] = []
        for block in open_blocks:
            last = block[-1]
            near = last.page == page and top - last.box[3] < 0.05
            (still if near else done).append(block)
        open_blocks = still
    found = [Block(tuple(b)) for b in done + open_blocks if len(b) > 1]
    return sorted(found, key=lambda b: (b.page, b.runs[0].box[1], b.runs[0].box[0]))


def _continues(above: Run, below: Run) -> bool:
    if above.page != below.page:
        return False
    middles = abs(above.box[0] + above.box[2] - below.box[0] - below.box[2]) / 2
    if min(abs(above.box[0] - below.box[0]), middles) > EDGE:
        return False
    step = below.box[1] - above.box[1]
    height = max(min(above.height, below.height * 1.6), 0.005)
    return 0.3 * height < step < LEADING * height + 0.004


LINES = 4
"""lines of an address below a name"""
EDGES = " ,;·•|-–—"
"""what stands between a name and the address on its line"""


def address_of(text: Text, name: Run, other: Run | None) -> tuple[str, Run] | None:
    """The address on a name's own line or under it in its column, as one text, with where it begins.

    From the first street to the postal code; never what stands under ``other``, the name of the other party.
    """
    for segment in text.segments(name.page, name.order):
        if name.words[-1] in segment.words:
            rest = segment.part(segment.words.index(name.words[-1]) + 1, len(segment.words))
            if rest.words and is_place(plain(rest.text)):
                return _to_the_town(rest.text), rest
    found = list(_under(text, name, other))
    places = [is_place(plain(run.text)) for run in found]
    if True not in places:
        return None
    first = places.index(True)
    coded = (i for i in range(first, len(found)) if POSTCODE.search(plain(found[i].text)))
    last = next(coded, first)
    lines = found[first : last + 1]
    return ", ".join(run.text.strip(EDGES) for run in lines), lines[0]


def _to_the_town(line: str) -> str:
    """An address on a line with more: from its start to the mark after its postal code and town."""
    found = POSTCODE.search(plain(line))
    end = re.compile(r"\s[-–—|·•]\s|,\s").search(line, found.end()) if found else None
    text = line[: end.start()] if end else line
    return re.sub(
        r"^\W*(?:sede|morada|domicilio|address)\s*:\s*", "", text, flags=re.IGNORECASE
    ).strip(EDGES)


def _under(text: Text, name: Run, other: Run | None) -> Iterator[Run]:
    """The segments under a name in its column, down to a gap, a label or the other party."""
    bottom, height, count = name.box[3], max(name.height, 0.006), 0
    for order, line in text.orders(name.page):
        if order <= name.order or line.box[1] < name.box[3] - 0.5 * height:
            continue
        if line.box[1] - bottom > LEADING * height + 0.004 or count == LINES:
            return
        for segment in text.segments(name.page, order):
            middles = abs(segment.box[0] + segment.box[2] - name.box[0] - name.box[2]) / 2
            if min(abs(segment.box[0] - name.box[0]), middles) > EDGE:
                continue
            if text.opens_with_label(segment) or (other and other.words[0] in segment.words):
                return
            yield segment
            bottom, count = line.box[3], count + 1
            break
