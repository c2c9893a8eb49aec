"""The text of a document in; seller and buyer with tax id, name and country out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from razao.capture.reading import taxids
from razao.capture.reading.dates import plain
from razao.capture.reading.document import Known
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.name_shape import key_of
from razao.capture.reading.names import Named, buyer_name, seller_name
from razao.capture.reading.sides import side_of
from razao.capture.reading.taxids import TaxId
from razao.capture.reading.text import Text

ID_SHAPE = re.compile(
    r"(?<![\w/])(?:[A-Z]{2}\s?)?(?:[A-Z]?\d(?:[\d.\- ]{5,16})[\dA-Z]|\d{8}[A-Z]|U\d{8}|[A-Z]{1,2}\d{7}[A-Z0-9]|[A-Z0-9]{15})(?:\s?B\s?\d{2})?(?![\w/])"
)
THIRD = re.compile(
    r"\b(transportador|transportadora|carrier|litigio|cniacc|arbitragem|reclamacoes|mediador|contabilista|spediteur|transporteur)\b"
)
"""words before the identifier of a third party"""
GROUP = re.compile(r"[A-Z]?[\d.]{2,12}[A-Z]?\d{0,2}")
PLAIN_NIF = re.compile(r"(?<![\d.,/-])(?:PT\s?)?(\d{3}\s?\d{3}\s?\d{3})(?![\d/]|[.,]\d)")
PREFIXED = re.compile(
    r"(?<![A-Z0-9])(?=((?:AT\s?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|GB|CHE)[ .\-]?[A-Z0-9](?:[ .\-]?[A-Z0-9]){6,13})(?![A-Z0-9]))"
)
"""found wherever one begins, also within another that is none: 'IE VAT IE6388047V'"""


@dataclass(frozen=True)
class Party:
    """One side of the invoice as found."""

    tax_id: TaxId | None = None
    tax_run: Run | None = None
    name: Named | None = None
    country: str | None = None
    sure: bool = False
    """the identifier passes its check and something on the page, or the books, says whose it is"""


@dataclass(frozen=True)
class IdFound:
    """A tax identifier on the page, whose it seems to be, and how sure that is."""

    tax_id: TaxId
    run: Run
    line: int
    labelled: bool
    side: str = ""
    """'seller', 'buyer' or '' where nothing says"""


def ids_in(text: Text, country: str) -> list[IdFound]:
    """Tax identifiers in reading order: those with a label, and those whose prefix and check digits tell."""
    found: list[IdFound] = []
    taken: set[tuple[int, float]] = set()
    for hit in text.of(Label.TAX_ID):
        for candidate in _beside_or_below(text, hit, country):
            key = (candidate.line, round(candidate.run.box[0], 3))
            if key not in taken:
                taken.add(key)
                found.append(candidate)
            break
    for index, line in enumerate(text.lines):
        for match in PREFIXED.finditer(line.run.text):
            value = taxids.identify(match[1], country)
            run = line.run.between(*match.span(1))
            key = (index, round(run.box[0], 3))
            if (
                value
                and value.checked
                and key not in taken
                and not _is_bank(line.run.text, match.start())
            ):
                taken.add(key)
                found.append(IdFound(value, run, index, False, side_of(text, index, run)))
    found = [f for f in found if not _third(text, f)]
    return sorted(found, key=lambda f: (f.line, f.run.box[0]))


def _third(text: Text, found: IdFound) -> bool:
    """True for the identifier of a carrier, an arbitration centre or another who is neither seller nor buyer."""
    here = text.plain_lines[found.line]
    if THIRD.search(here):
        return True
    above = text.plain_lines[found.line - 1] if found.line else ""
    return (
        bool(THIRD.search(above)) and ":" not in here[: here.find(plain(found.run.words[0].text))]
    )


def _is_bank(line: str, at: int) -> bool:
    return bool(re.search(r"(IBAN|NIB|SWIFT|BIC)\W*$", line[:at].upper()))


def _beside_or_below(text: Text, hit: Hit, country: str) -> Iterator[IdFound]:
    rest = text.after(hit, stop=5)
    if rest is not None:
        value = _first_id(rest, country, hit.weight >= 6)
        if value:
            yield IdFound(value[0], value[1], hit.line, True, _side_of_hit(text, hit))
            return
    if hit.weight < 6:
        return
    further = _further(text, hit, country)
    if further is not None:
        yield further
        return
    for line, run in text.below(hit, 1):
        value = _first_id(run, country, True)
        if value:
            yield IdFound(value[0], value[1], line, True, _side_of_hit(text, hit))


FAR = 8
"""words after a label within which its number stands: 'NIPC e matrícula na C.R.C. de Lisboa 503 504 564'"""


def _further(text: Text, hit: Hit, country: str) -> IdFound | None:
    """An identifier without a label of its own later on the label's line, whose check digits hold."""
    line = text.lines[hit.line].run
    stops = [h.first for h in text.by_line[hit.line] if h.first >= hit.last and h.weight >= 8]
    end = min([hit.last + FAR, len(line.words), *stops])
    rest = line.part(hit.last, end)
    if not rest.words:
        return None
    for match in PLAIN_NIF.finditer(rest.text):
        value = taxids.identify(match[1], country)
        if value and value.checked:
            run = rest.between(*match.span(1))
            return IdFound(value, run, hit.line, True, _side_of_hit(text, hit))
    return None


def _first_id(run: Run, country: str, labelled: bool) -> tuple[TaxId, Run] | None:
    """The identifier with which a run begins; an unknown form is taken where a label vouches for it."""
    lead = next((i for i, w in enumerate(run.words) if any(c.isalnum() for c in w.text)), 0)
    run = run.part(lead, len(run.words))
    words = run.words
    start = 0
    while (
        start < len(words)
        and not any(c.isdigit() for c in words[start].text)
        and start < 3
        and len(words[start].text) <= 4
    ):
        start += 1
    prefixed = _spaced_prefix(run)
    if prefixed is not None:
        return prefixed
    for first in dict.fromkeys((0, start)):
        for length in (4, 3, 2, 1):
            part = run.part(first, first + length)
            if len(part.words) < length:
                continue
            raw = "".join(w.text for w in part.words).strip(":;,.()#|")
            value = taxids.identify(raw, country)
            if value is None and part.confidence < 1:
                value = taxids.deciphered(raw, country)
            if value and (value.checked or length == 1):
                return value, part
    if labelled and start < len(words):
        return _unknown(run, start)
    return None


def _spaced_prefix(run: Run) -> tuple[TaxId, Run] | None:
    """'GB 123 4567 89': a country's letters and groups of digits, as long as they are of that country's form."""
    head = run.words[0].text.strip(":;,.()").upper()
    if len(run.words) < 2 or head not in taxids.WITH_PREFIX:
        return None
    end = 1
    while end < len(run.words) and GROUP.fullmatch(run.words[end].text.strip(":;,()")):
        end += 1
    part = run.part(0, end)
    value = taxids.identify("".join(w.text for w in part.words).strip(":;,.()"), "PT")
    return (value, part) if value else None


def _unknown(run: Run, start: int) -> tuple[TaxId, Run] | None:
    """An identifier of a country whose rule is not known: as printed, without spaces."""
    first = run.words[start].text.strip(":;,.()#|")
    if sum(c.isdigit() for c in first) >= 6 and re.fullmatch(
        r"[A-Z0-9.\-/]{6,20}", first, re.IGNORECASE
    ):
        end = start + 1
    else:
        end = start
        raw = ""
        while end < len(run.words) and re.fullmatch(
            r"[A-Z]{0,3}[\d.\-]+[A-Z]?\d{0,2}", run.words[end].text.strip(":;,()")
        ):
            raw += run.words[end].text
            end += 1
        first = raw.strip(":;,.()")
        if not 7 <= sum(c.isdigit() for c in first) <= 15:
            return None
    value = re.sub(r"\s", "", first)
    return TaxId(value.upper(), None, False), run.part(
        max(0, start - (start > 0 and len(run.words[start - 1].text) == 2)), end
    )


def _side_of_hit(text: Text, hit: Hit) -> str:
    words = plain(hit.run.text)
    if re.search(
        r"cliente|adquirente|comprador|v/|^v |seu |vosso|customer|client|kunde|ihre ", words
    ):
        return "buyer"
    if re.search(r"fornecedor|emitente", words):
        return "seller"
    return side_of(text, hit.line, hit.run)


def parties_of(
    text: Text,
    country: str,
    known: Known | None,
    seller_id: str | None = None,
    buyer_id: str | None = None,
) -> tuple[Party, Party]:
    """Seller and buyer. ``seller_id`` and ``buyer_id`` are what a fiscal code says, where there is one."""
    found = ids_in(text, country)
    if seller_id:
        seller, sure = _with_value(found, seller_id), True
        buyer = _with_value(found, buyer_id) if buyer_id else _other_than(found, seller_id)
    else:
        seller, buyer, sure = _assign(found, known)
    ours = known.company.name if known and known.company else ""
    direction = known.direction if known else ""
    seller_named = seller_name(
        text, seller.run if seller else None, buyer.run if buyer else None,
        barred=ours if direction == "received" else "",
    )  # fmt: skip
    buyer_named = buyer_name(
        text,
        buyer.run if buyer else None,
        seller_named,
        barred=ours if direction == "issued" else "",
    )
    return (
        _party(text, seller, seller_named, known, seller_id, sure=sure),
        _party(text, buyer, buyer_named, known, buyer_id, sure=sure),
    )


def _in_books(text: Text, name: str) -> Named | None:
    """A name of the books where the page prints it."""
    key = key_of(name)
    if len(key) < SHORTEST_NAME or not any(key in line for line in text.keys):
        return None
    for line in text.lines:
        for segment in line.segments:
            if key in key_of(segment.text):
                return Named(name, segment, 10.0)
    return None


SHORTEST_NAME = 6
"""letters from which on a name found anywhere on the page is no chance"""


def _other_than(found: list[IdFound], seller_id: str) -> IdFound | None:
    """The buyer's identifier where a code names the seller alone: headed as the buyer's, else the only other one."""
    others = [f for f in found if f.tax_id.value.removeprefix("PT") != seller_id.removeprefix("PT")]
    headed = next((f for f in others if f.side == "buyer"), None)
    checked = {f.tax_id.value: f for f in others if f.tax_id.checked and f.side != "seller"}
    return headed or (next(iter(checked.values())) if len(checked) == 1 else None)


def _party(
    text: Text, found: IdFound | None, named: Named | None, known: Known | None, said: str | None, *,
    sure: bool,
) -> Party:  # fmt: skip
    if found is None and said is None:
        return Party(name=named)
    identifier = found.tax_id if found else None
    number = said or (identifier.value if identifier else "")
    name = known.name_of(number) if known else ""
    if name and named and alike(name, named.value):
        named = replace(named, value=name, score=10.0)
    elif name:
        named = _in_books(text, name) or named
    return Party(
        identifier,
        found.run if found else None,
        named,
        identifier.country if identifier else None,
        sure and identifier is not None and identifier.checked,
    )


ALIKE = 0.84
"""likeness from which on a printed name is the one in the books, read with a fault"""


def alike(one: str, other: str) -> bool:
    """True when two spellings are of one name: equal letters, or as few differences as OCR makes."""
    a, b = key_of(one), key_of(other)
    return a == b or SequenceMatcher(None, a, b).ratio() >= ALIKE


def _assign(
    found: list[IdFound], known: Known | None
) -> tuple[IdFound | None, IdFound | None, bool]:
    """Which identifier is the seller's, which the buyer's, and whether that is sure: books, headers, then order."""
    own = known.company.tax_id if known and known.company else None
    mine = _with_value(found, own)
    direction = known.direction if known else ""
    ours = {"issued": (mine, None), "received": (None, mine)}.get(direction, (None, None))
    seller, buyer = ours
    taken = {mine.tax_id.value} if mine and direction else set()
    others = [
        f for f in found if f.tax_id.value not in taken and f.tax_id.value != taxids.FINAL_CONSUMER
    ]
    nobody = any(f.tax_id.value == taxids.FINAL_CONSUMER for f in found)
    buyer = buyer or next((f for f in others if f.side == "buyer"), None)
    seller = seller or _seller_among(others, buyer)
    sure = bool(mine and direction) or nobody or (buyer is not None and buyer.side == "buyer")
    sure = sure or (seller is not None and seller.side == "seller")
    sure = sure and len({f.tax_id.value for f in others if f.tax_id.checked}) <= 2
    return seller, buyer or _buyer_among(others, seller), sure


def _seller_among(others: list[IdFound], buyer: IdFound | None) -> IdFound | None:
    """The best of the identifiers that are not the buyer's: headed, checked, labelled, first on the page."""
    fitting = [
        f
        for f in others
        if f.side != "buyer" and (not buyer or f.tax_id.value != buyer.tax_id.value)
    ]
    return min(
        fitting,
        key=lambda f: (f.side != "seller", not f.tax_id.checked, not f.labelled, f.line),
        default=None,
    )


def _buyer_among(others: list[IdFound], seller: IdFound | None) -> IdFound | None:
    """The first other labelled identifier that passes its check: of any country, for buyers abroad."""
    if seller is None:
        return None
    rest = (f for f in others if f.tax_id.value != seller.tax_id.value and f.labelled)
    first = next(rest, None)
    return first if first and first.tax_id.checked else None


def _with_value(found: list[IdFound], value: str | None) -> IdFound | None:
    if not value:
        return None
    return next(
        (f for f in found if f.tax_id.value.removeprefix("PT") == value.removeprefix("PT")), None
    )
