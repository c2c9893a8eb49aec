"""The text of a document in, the names of seller and buyer out: by header, by legal form, by place and size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from razao.capture.reading.amounts import AMOUNT
from razao.capture.reading.blocks import POSTCODE, STREET, blocks_of
from razao.capture.reading.dates import NUMERIC, plain
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

LEGAL_FORM = re.compile(
    r"(?:^|[\s,(])(?:l\.?da\.?|limitada|s\.?\s?a\.?|s\.?l\.?u?\.?|unipessoal|e\.?p\.?e\.?|c\.?r\.?l\.?|sgps|s\.?\s?coop|ltd\.?|limited|llc|l\.l\.c\.?|inc\.?|corp\.?|corporation|plc|pvt\.?|gmbh|ag|kg|ohg|ug|e\.?\s?k\.?|s\.?a\.?r\.?l\.?|s\.?a\.?s\.?|eurl|s\.?r\.?l\.?|s\.?p\.?a\.?|b\.?v\.?|n\.?v\.?|sdn\.?\s?bhd\.?|s/b|bhd\.?|enterprise|trading|ltda\.?|eireli|sp\.?\s?z\s?o\.?o\.?|spolka akcyjna|a/s|aps|oy|ab)\.?(?:$|[\s,)(-])"
)
ADDRESS = re.compile(
    r"\b(rua|r\.|av\.?|avenida|estrada|largo|praca|travessa|zona industrial|parque|urb\.?|lote|apartado|calle|c/|plaza|paseo|poligono|street|st\.|road|rd\.?|avenue|ave|drive|blvd|lane|suite|ste|floor|jalan|jln|taman|lorong|lot|no\.?\s?\d|rue|bp|cedex|bd|allee|chemin|strasse|str\.|platz|weg|via|viale|piazza|corso|straat|laan|plein|po box|p\.o\.|edificio|building|km|bairro)\b|\b\d{4}-\d{3}\b|\b\d{4,6}\b|strasse\b|straat\b|str\.\s?\d|\bweg\s\d"
)
CONTACT = re.compile(
    r"@|www\.|https?:|\btel\b|\btel[.:]|telef|phone|fax|e-?mail|\bmobile\b|\.com\b|\.pt\b(?!\w)"
)
TITLE = re.compile(
    r"^(tax |original |copy |duplicado|2\.? via|original|triplicado|segunda via)*\s*(fatura|factura|invoice|rechnung|facture|fattura|factuur|receipt|recibo|nota de credito|credit note|order|contract|official|retail|cash bill|cash sales?|bill|duplicate|tax invoice|statement|page|pagina|seite|welcome|thank|obrigado|gracias|merci|copia|via|original|proforma|guia|quittung|summary|details?|print date|simplified|ticket)\b"
)
HONORIFIC = re.compile(
    r"^(attn|attention|a/c|ao cuidado|at\.?te|exm\w*|sr\.?a?|senhor\w*|nombre|nome|name|nom)\s*[.:]\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Named:
    """A name as printed, where, and how much speaks for it."""

    value: str
    run: Run
    score: float


def company_like(text: str) -> bool:
    """True when the text ends in, or holds, a legal form of companies."""
    return bool(LEGAL_FORM.search(plain(text)))


def name_like(run: Run) -> bool:
    """True when a segment can be a name: letters, no address, no date, no amount, no title, no contact."""
    text = plain(clean(run)).strip(" .,:;-")
    letters = sum(c.isalpha() for c in text)
    if letters < 3 or len(text) > 70 or letters < len(text.replace(" ", "")) * 0.55:
        return False
    if (
        re.search(r":\s*\S", text)
        or TITLE.search(text)
        or CONTACT.search(text)
        or NUMERIC.search(text)
    ):
        return False
    if any(m["before"] or m["after"] or m["percent"] for m in AMOUNT.finditer(run.text)):
        return False
    return company_like(run.text) or not ADDRESS.search(text)


REGISTERED = re.compile(
    r"[\s,]*[(\[]\s*(?:co\.?|reg\.?|no\.?|\s|:)*[\w./-]*\d{3,}[\w./ -]*[)\]]?\s*(?:\([A-Z]{2,4}\))?$",
    re.IGNORECASE,
)
BARE_NUMBER = re.compile(r"\s+\d{5,}-?[A-Z]?\b.*$")
SENDER = re.compile(r"\s+[-–·•●|]\s+|\s*[·•●|]\s*")
"""what parts name, street and town on the one line that windowed envelopes show"""


def clean(run: Run) -> str:
    """The name without label, honorific, company number and the punctuation around it."""
    text = HONORIFIC.sub("", run.text.strip())
    if company_like(text):
        text = BARE_NUMBER.sub("", REGISTERED.sub("", text))
    text = re.sub(r"\bS[A-Z0-9]N BHD\b", "SDN BHD", text)
    return text.strip(" :;,|-–—_*\"'“”").strip()


def _labels_in(text: Text, line: int, run: Run) -> bool:
    """True when a segment is, or begins with, a label."""
    return any(h.run.words[0] is run.words[0] and h.weight >= 4 for h in text.by_line.get(line, ()))


def seller_name(text: Text, tax_run: Run | None, buyer_tax: Run | None) -> Named | None:
    """The seller's name: under a header of its own, else the most name-like segment outside the buyer's block."""
    found = list(_headed(text, Label.SELLER))
    found += list(_sender(text))
    found += list(_by_look(text, tax_run))
    found = [replace(n, score=n.score + _repeats(text, n)) for n in found]
    return max(found, key=lambda n: n.score, default=None)


def buyer_name(text: Text, tax_run: Run | None, seller: Run | None) -> Named | None:
    """The buyer's name: beside or under a header of the buyer, else above the buyer's tax id."""
    found = list(_headed(text, Label.BUYER))
    if tax_run is not None:
        found += list(name_near(text, tax_run, 7.0))
    found += list(_addressed(text))
    own = _key(seller) if seller is not None else ""
    found = [n for n in found if _key(n.run) != own]
    return max(found, key=lambda n: n.score, default=None)


def _headed(text: Text, label: Label) -> Iterator[Named]:
    for hit in text.of(label):
        if hit.weight < 4 or _outweighed(text, hit):
            continue
        beside = _first_good(text, hit)
        if beside is not None:
            yield Named(clean(beside), beside, hit.weight + 1.0 + _bonus(beside))
            continue
        for line, run in text.below(hit, 3):
            if _labels_in(text, line, run) and not company_like(run.text):
                continue
            if _good(run):
                yield Named(clean(run), run, hit.weight + _bonus(run))
                break


def _key(run: Run) -> str:
    return re.sub(r"\W", "", plain(clean(run)))


def _repeats(text: Text, named: Named) -> float:
    """Points for a name that other places of the document repeat: letter head, footer, signature."""
    key = re.sub(r"\W", "", plain(named.value))
    if len(key) < 5:
        return 0.0
    again = sum(1 for line in text.lines if key in re.sub(r"\W", "", plain(line.run.text)))
    pages = max(len(text.sheets), 1)
    return min(2.0, 1.0 * max(0, again / pages - 1))


def _sender(text: Text) -> Iterator[Named]:
    """The name that opens the line 'name - street - town' above the address in a window."""
    for line in text.lines:
        for segment in line.segments:
            parts = SENDER.split(segment.text)
            rest = plain(" ".join(parts[1:]))
            if len(parts) < 3 or not (POSTCODE.search(rest) or STREET.search(rest)):
                continue
            count = len(parts[0].split())
            run = segment.part(0, count)
            if count and name_like(run):
                yield Named(clean(run), run, 7.0 + _bonus(run))


def _addressed(text: Text) -> Iterator[Named]:
    """First lines of address blocks in the upper half of the first page."""
    first = text.lines[0].run.page if text.lines else 1
    blocks = [b for b in blocks_of(text) if b.page == first and b.address]
    for rank, block in enumerate(blocks):
        head = block.runs[0]
        if head.box[1] > 0.5 or not _good(head) or CONTACT.search(plain(head.text)):
            continue
        score = 4.0 - 0.1 * rank + (0.7 if head.box[0] > 0.45 else 0.0) + _bonus(head) / 2
        yield Named(clean(head), head, score)


def _first_good(text: Text, hit: Hit) -> Run | None:
    """The first name to the right of a header: after another label such as 'Name:', before one of another meaning."""
    beside = text.after(hit, stop=3)
    if beside is None:
        return None
    line = text.lines[hit.line].run
    last = line.words.index(beside.words[-1])
    if beside.text.rstrip().endswith(":") and last + 1 < len(line.words):
        beside = text.after(Hit(hit.label, hit.weight, beside, hit.line, last, last + 1), stop=5)
    if beside is None or not _good(beside, strong=hit.weight >= 8):
        return None
    return beside


def _outweighed(text: Text, hit: Hit) -> bool:
    return any(
        other.first <= hit.first
        and other.last >= hit.last
        and len(other.run.words) > len(hit.run.words)
        for other in text.by_line.get(hit.line, ())
    )


def _good(run: Run, *, strong: bool = False) -> bool:
    """True for what can be a name; a strong header vouches for names with numbers in them."""
    if len(clean(run)) < 3 or run.text.rstrip().endswith(":"):
        return False
    if strong:
        letters = sum(c.isalpha() for c in run.text)
        return letters >= 3 and len(run.text) <= 70 and not CONTACT.search(plain(run.text))
    return name_like(run)


def _bonus(run: Run) -> float:
    return 1.5 if company_like(run.text) else 0.0


def name_near(text: Text, tax_run: Run, score: float) -> Iterator[Named]:
    """Name-like segments above a tax id in its column, nearest first losing a little."""
    left, top, right, _ = tax_run.box
    height = max(tax_run.height, 0.006)
    for index, line in enumerate(text.lines):
        if line.run.page != tax_run.page:
            continue
        for segment in line.segments:
            box = segment.box
            away = top - box[1]
            if (
                not -0.3 * height <= away < 9 * height
                or min(box[2], right) - max(box[0], left) < -0.25
            ):
                continue
            if (
                segment.words[0] is tax_run.words[0]
                or not _good(segment)
                or _labels_in(text, index, segment)
            ):
                continue
            yield Named(clean(segment), segment, score - 0.2 * away / height + _bonus(segment))


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
            if not _good(segment) or _labels_in(text, index, segment) or segment.text.endswith(","):
                continue
            if _under_buyer(text, segment) or any(a.money for a in text.amounts(index)):
                continue
            size = min(segment.height / usual, 2.5) - 1
            score = 5.0 - min(rank, 10) * 0.55 + 1.2 * size + 2 * _bonus(segment)
            score -= 2.0 if segment.box[1] > 0.5 and not company_like(segment.text) else 0.0
            if tax_run is not None and tax_run.page == segment.page:
                near = abs(tax_run.box[1] - segment.box[1]) + 0.5 * abs(
                    tax_run.box[0] - segment.box[0]
                )
                score += max(0.0, 2.0 - 14 * near) * (1.0 if company_like(segment.text) else 0.4)
            yield Named(clean(segment), segment, score)
            rank += 1


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
        if abs(below) < 0.006 and box[0] >= head[0]:
            return True
    return False
