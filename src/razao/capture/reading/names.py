"""The text of a document in, the names of seller and buyer out: by header, by tax id, by legal form, place and size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from razao.capture.reading.blocks import POSTCODE, STREET, Block, blocks_of, is_place
from razao.capture.reading.dates import plain
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.name_lines import neighbour, whole_name
from razao.capture.reading.name_shape import (
    ADDRESS,
    CONTACT,
    DOTS,
    HYPHENS,
    clean,
    company_like,
    good,
    key_of,
    name_like,
    tail_like,
)
from razao.capture.reading.sides import side_of
from razao.capture.reading.text import Text

SURE = 9.0
"""points of a name that a header of its own vouches for"""


@dataclass(frozen=True)
class Named:
    """A name as printed, where, and how much speaks for it."""

    value: str
    run: Run
    score: float


def seller_name(
    text: Text, tax_run: Run | None, buyer_tax: Run | None, barred: str = ""
) -> Named | None:
    """The seller's name: under a header of its own, else the most name-like segment outside the buyer's block.

    ``barred`` is a name that is known to be the buyer's.
    """
    blocks = blocks_of(text)
    found = [*_headed(text, Label.SELLER), *_titled(text, "seller"), *_sender(text, tax_run)]
    if tax_run is not None:
        found += _in_block(text, blocks, tax_run, 7.5)
        found += [*_before_number(text, tax_run), *_at_foot(text, tax_run)]
    theirs = _block_with(blocks, buyer_tax) if buyer_tax is not None else None
    taken = {id(r.words[0]) for r in theirs.runs} if theirs else set()
    buyers = {key_of(n.value) for n in _headed(text, Label.BUYER) if n.score >= SURE}
    if barred:
        buyers.add(key_of(barred))
    found = [n for n in found if key_of(n.value) not in buyers]
    found += [
        n
        for n in _by_look(text, tax_run)
        if id(n.run.words[0]) not in taken and key_of(n.value) not in buyers
    ]
    found = [replace(n, score=n.score + _repeats(text, n)) for n in found]
    return _best(text, found)


def buyer_name(
    text: Text, tax_run: Run | None, seller: Named | None, barred: str = ""
) -> Named | None:
    """The buyer's name: beside or under a header of the buyer, else above the buyer's tax id.

    ``barred`` is a name that is known to be the seller's.
    """
    blocks = blocks_of(text)
    found = [*_headed(text, Label.BUYER), *_titled(text, "buyer")]
    if tax_run is not None:
        found += [*_in_block(text, blocks, tax_run, 8.0), *_before_number(text, tax_run)]
    found += _addressed(text, blocks)
    found += _only_other_company(text, seller)
    own = [key_of(name) for name in (seller.value if seller else "", barred) if name]
    return _best(text, [n for n in found if not any(_same(o, key_of(n.value)) for o in own)])


def _same(own: str, other: str) -> bool:
    """True when one of the two names is the other, or the short form of it that a logo shows."""
    return bool(own) and bool(other) and (own == other or (len(other) > 3 and other in own))


def _best(text: Text, found: list[Named]) -> Named | None:
    """The candidate that most speaks for, in the longest form in which it is printed nearby, with its wrapped lines."""
    found = [n for n in (_with_its_head(text, n) for n in found) if not tail_like(n.value)]
    best = max(found, key=lambda n: n.score, default=None)
    if best is None:
        return None
    key = key_of(best.value)
    longer = [
        n
        for n in found
        if (key in key_of(n.value) if len(key) > 3 else len(key) == 3 and key_of(n.value).startswith(key))
        and len(key_of(n.value)) > len(key) and not SENTENCE.search(plain(n.value))
        and n.run.page == best.run.page and n.score > best.score - 7 and name_like(n.run)
    ]  # fmt: skip
    chosen = max(longer, key=lambda n: n.score, default=best)
    whole = whole_name(text, chosen.run)
    return Named(clean(whole), whole, max(best.score, chosen.score))


def _with_its_head(text: Text, named: Named) -> Named:
    """'Unipessoal, Lda' with the line above that it ends; other names as they are."""
    if not tail_like(named.value):
        return named
    whole = whole_name(text, named.run)
    return Named(clean(whole), whole, named.score)


SENTENCE = re.compile(r"\b(are|is|was|by|sold|sao|foi|esta|son|est|sont|wird|wurde)\b")
"""words of a sentence in which a name occurs"""


def _headed(text: Text, label: Label) -> Iterator[Named]:
    for hit in text.of(label):
        if hit.weight < 5 or _outweighed(text, hit):
            continue
        beside = _first_good(text, _name_label_after(text, hit) or hit)
        if beside is not None and not _heads_column(text, hit, beside):
            yield Named(clean(beside), beside, hit.weight + 1.0 + _bonus(beside))
            continue
        if _of_number(text, hit):
            continue
        for line, run in text.below(hit, 3):
            if _labels_in(text, line, run) and not company_like(run.text):
                continue
            if any(a.money for a in text.amounts(line)) and not company_like(run.text):
                break
            if good(run, strong=hit.weight >= 8):
                yield Named(clean(run), run, hit.weight + _bonus(run))
                break


def _of_number(text: Text, hit: Hit) -> bool:
    """True for 'Contrib. Cliente: 513204016': the party's number is headed, and no name."""
    return any(h.label is Label.TAX_ID and h.last == hit.first for h in text.by_line[hit.line])


APART = 0.07
"""a gap, as part of the page's width, across which a header does not reach"""


def _heads_column(text: Text, hit: Hit, beside: Run) -> bool:
    """True when a name stands right under the header, and what is beside it belongs to another column."""
    if beside.box[0] - hit.run.box[2] < APART or hit.run.text.rstrip().endswith(":"):
        return False
    _, below = next(text.below(hit, 1), (0, None))
    return below is not None and abs(below.box[0] - hit.run.box[0]) < 0.02 and good(below)


def _name_label_after(text: Text, hit: Hit) -> Hit | None:
    """'Advertiser  Name:': the label of a name that follows a party's header on its line, with the header's weight."""
    for other in text.by_line.get(hit.line, ()):
        if other.label is Label.NAME and 0 <= other.first - hit.last <= 1:
            return replace(other, weight=hit.weight)
    return None


def _titled(text: Text, side: str) -> Iterator[Named]:
    """Names under or beside 'Nome' in the block of one side."""
    for hit in text.of(Label.NAME):
        if hit.weight < 5 or side_of(text, hit.line, hit.run) != side:
            continue
        beside = _first_good(text, hit)
        below = (run for line, run in text.below(hit, 1) if not _labels_in(text, line, run))
        run = beside or next(below, None)
        if run is not None and good(run, strong=True):
            yield Named(clean(run), run, 11.0 + _bonus(run))


def _line_of(text: Text, run: Run) -> int:
    word = run.words[0]
    return next(i for i, line in enumerate(text.lines) if word in line.run.words)


def _before_number(text: Text, tax_run: Run) -> Iterator[Named]:
    """'Nome: Alfa, Lda   NIF: 500 …': the name that is headed on the line of its number."""
    for hit in text.by_line.get(_line_of(text, tax_run), ()):
        beside = _first_good(text, hit) if hit.label is Label.NAME else None
        if beside is not None and beside.box[0] < tax_run.box[0]:
            yield Named(clean(beside), beside, SURE + _bonus(beside))


FOOT = re.compile(
    r"^[^.:;|•·]{3,80}?\b(?:Lda|Limitada|S\.?\s?A|CRL|SGPS)\b\.?(?=[\s.,|·•–-]+(?:sede|rua|av|capital|nipc|registad|matric|contrib))",
    re.IGNORECASE,
)
"""the name with which the small print at the foot begins"""


def _at_foot(text: Text, tax_run: Run) -> Iterator[Named]:
    """'Alfa, Lda. Sede: Rua … NIPC 500 …': the name that opens the sentence in which its number stands."""
    own = _line_of(text, tax_run)
    for index in range(own, max(own - 3, -1), -1):
        run = text.lines[index].run
        match = FOOT.match(run.text)
        if match:
            part = run.between(*match.span())
            yield Named(clean(part), part, 8.5 + _bonus(part))
            return


def _first_good(text: Text, hit: Hit) -> Run | None:
    """The first name to the right of a header: after another label such as 'Name:', before one of another meaning."""
    beside = text.after(hit, stop=3)
    if beside is None:
        return None
    line = text.lines[hit.line].run
    last = line.words.index(beside.words[-1])
    if beside.text.rstrip().endswith(":") and last + 1 < len(line.words):
        beside = text.after(Hit(hit.label, hit.weight, beside, hit.line, last, last + 1), stop=5)
    strong = hit.weight >= 8 or hit.run.text.endswith(":")
    if beside is None or not good(beside, strong=strong):
        return None
    return beside


def _in_block(text: Text, blocks: list[Block], tax_run: Run, score: float) -> Iterator[Named]:
    """The first name of the block in which a tax id stands; names nearer to it lose a little."""
    block = _block_with(blocks, tax_run)
    if block is None:
        return
    above = [r for r in block.runs if r.box[1] <= tax_run.box[1] + 0.002]
    names = [r for r in above if good(r) and (company_like(r.text) or not text.opens_with_label(r))]
    crown = neighbour(text, names[0], -1) if names else None
    if crown is not None and crown.height >= names[0].height and good(crown):
        yield Named(clean(crown), crown, score + 0.3 + _bonus(crown))
    streets = [r.box[1] for r in above if _on_a_street(r)]
    for rank, named in enumerate(names[:4]):
        town = any(names[0].box[1] < street < named.box[1] for street in streets)
        run = text.without_label(named) if _headed_by(text, named) else named
        yield Named(clean(run), run, score - 0.8 * rank + _bonus(run) - (TOWN if town else 0.0))


def _headed_by(text: Text, run: Run) -> bool:
    """True for 'Vendido por Alfa, Lda.': the head of a party opens the line of its name."""
    heads = (Label.SELLER, Label.BUYER, Label.NAME)
    return any(
        h.run.words[0] is run.words[0] and len(h.run.words) < len(run.words)
        for h in text.of(*heads)
    )


TOWN = 2.0
"""points that a name loses for standing below a street: it is a town, which both parties may share"""


def _on_a_street(run: Run) -> bool:
    """True for a line of an address, below which no name stands."""
    text = plain(run.text)
    return not company_like(run.text) and bool(is_place(text) or ADDRESS.search(text))


def _block_with(blocks: list[Block], run: Run) -> Block | None:
    word = run.words[0]
    return next((b for b in blocks if any(word in r.words for r in b.runs)), None)


def _sender(text: Text, tax_run: Run | None) -> Iterator[Named]:
    """The name that opens the line 'name · street · town' above the address in a window or in the letter foot."""
    for line in text.lines:
        for segment in line.segments:
            parts = DOTS.split(segment.text)
            parts = parts if len(parts) >= 3 else HYPHENS.split(segment.text)
            rest = plain(" ".join(parts[1:]))
            if len(parts) < 3 or not (POSTCODE.search(rest) or STREET.search(rest)):
                continue
            run = segment.between(0, len(parts[0]))
            if run.words and name_like(run):
                own = tax_run is not None and tax_run.words[0] in segment.words
                yield Named(clean(run), run, (11.0 if own else 7.0) + _bonus(run))


def _addressed(text: Text, blocks: list[Block]) -> Iterator[Named]:
    """The lines above a street or a postal code in the upper half of the first page."""
    first = text.lines[0].run.page if text.lines else 1
    rank = 0
    for block in blocks:
        if block.page != first or not block.address:
            continue
        head = block.head
        if head is None or head.box[1] > 0.5 or not good(head) or CONTACT.search(plain(head.text)):
            continue
        score = 4.0 - 0.1 * rank + (0.7 if head.box[0] > 0.45 else 0.0) + _bonus(head) / 2
        yield Named(clean(head), head, score)
        rank += 1


UPPER = 0.4
"""part of the first page in which its parties stand"""


def _only_other_company(text: Text, seller: Named | None) -> Iterator[Named]:
    """The one company in the upper part of the first page that is not the seller."""
    own = key_of(seller.value) if seller else ""
    found: dict[str, Named] = {}
    for index, line in enumerate(text.lines):
        if line.run.page != text.lines[0].run.page or line.run.box[1] > UPPER:
            break
        for segment in line.segments:
            fits = company_like(segment.text) and good(segment)
            if (
                fits
                and not _labels_in(text, index, segment)
                and not _same(own, key_of(segment.text))
            ):
                named = Named(clean(segment), segment, 2.0)
                found.setdefault(key_of(named.value), named)
    if own and len(found) == 1:
        yield from found.values()


def _by_look(text: Text, tax_run: Run | None) -> Iterator[Named]:
    """Segments of the first page by legal form, size, height on the page and nearness to the seller's tax id."""
    heights = sorted(line.run.height for line in text.lines) or [0.01]
    usual = heights[len(heights) // 2] or 0.01
    rank = 0
    first_page = text.lines[0].run.page if text.lines else 1
    for index, line in enumerate(text.lines):
        if line.run.page != first_page:
            break
        for segment in line.segments:
            if not good(segment) or _labels_in(text, index, segment) or segment.text.endswith(","):
                if not (tail_like(segment.text) or company_like(segment.text)):
                    continue
                if _labels_in(text, index, segment) or not good(segment):
                    continue
            if _under_buyer(text, segment) or any(a.money for a in text.amounts(index)):
                continue
            size = min(segment.height / usual, 2.5) - 1
            score = 5.0 - min(rank, 10) * 0.55 + 1.2 * size + 2 * _bonus(segment)
            score -= 2.0 if segment.box[1] > 0.5 and not company_like(segment.text) else 0.0
            yield Named(clean(segment), segment, score + _nearness(segment, tax_run))
            rank += 1


def _nearness(segment: Run, tax_run: Run | None) -> float:
    """Points for standing close to the seller's tax id; fewer for what has no legal form."""
    if tax_run is None or tax_run.page != segment.page:
        return 0.0
    away = abs(tax_run.box[1] - segment.box[1]) + 0.5 * abs(tax_run.box[0] - segment.box[0])
    return max(0.0, 2.0 - 14 * away) * (1.0 if company_like(segment.text) else 0.4)


def _repeats(text: Text, named: Named) -> float:
    """Points for a name that other places of the document repeat: letter head, footer, signature."""
    key = key_of(named.value)
    if len(key) < 5:
        return 0.0
    again = sum(1 for line in text.keys if key in line)
    return min(2.0, 1.0 * max(0.0, again / max(len(text.sheets), 1) - 1))


def _outweighed(text: Text, hit: Hit) -> bool:
    return any(
        other.first <= hit.first
        and other.last >= hit.last
        and len(other.run.words) > len(hit.run.words)
        for other in text.by_line.get(hit.line, ())
    )


HEADS = frozenset({Label.BUYER, Label.SELLER, Label.NAME, Label.TAX_ID})
"""labels that stand before names, also before those of companies"""


def _labels_in(text: Text, line: int, run: Run) -> bool:
    """True when a segment is, or begins with, a label; 'Soma & Irmãos, Lda' is a company and no sum."""
    company = company_like(run.text) and ":" not in run.text
    return any(
        h.run.words[0] is run.words[0] and h.weight >= 4 and (not company or h.label in HEADS)
        for h in text.by_line.get(line, ())
    )


def _bonus(run: Run) -> float:
    return 1.5 if company_like(run.text) else 0.0


def _under_buyer(text: Text, segment: Run) -> bool:
    """True when the segment stands in the block that a header of the buyer opens."""
    box = segment.box
    for hit in text.of(Label.BUYER):
        if hit.weight < 6 or hit.run.page != segment.page:
            continue
        head = hit.run.box
        below = box[1] - head[1]
        if -0.005 <= below < 0.09 and abs(box[0] - head[0]) < 0.12:
            return True
        if abs(below) < 0.006 and box[0] - head[0] >= 0 and box[0] - head[2] < APART:
            return True
    return False
