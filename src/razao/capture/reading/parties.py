"""The text of a document in; seller and buyer with tax id, name and country out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from razao.capture.reading import taxids
from razao.capture.reading.dates import plain
from razao.capture.reading.document import Known
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.names import Named, buyer_name, seller_name
from razao.capture.reading.sides import side_of
from razao.capture.reading.taxids import TaxId
from razao.capture.reading.text import Text

ID_SHAPE = re.compile(
    r"(?<![\w/])(?:[A-Z]{2}\s?)?(?:[A-Z]?\d(?:[\d.\- ]{5,16})[\dA-Z]|\d{8}[A-Z]|U\d{8}|[A-Z]{1,2}\d{7}[A-Z0-9]|[A-Z0-9]{15})(?:\s?B\s?\d{2})?(?![\w/])"
)
GROUP = re.compile(r"[A-Z]?[\d.]{2,12}[A-Z]?\d{0,2}")
PLAIN_NIF = re.compile(r"(?<![\d.,/-])(?:PT\s?)?(\d{3}\s?\d{3}\s?\d{3})(?![\d/]|[.,]\d)")
PREFIXED = re.compile(
    r"(?<![A-Z0-9])((?:AT\s?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|GB|CHE)[ .\-]?[A-Z0-9](?:[ .\-]?[A-Z0-9]){6,13})(?![A-Z0-9])"
)


@dataclass(frozen=True)
class Party:
    """One side of the invoice as found."""

    tax_id: TaxId | None = None
    tax_run: Run | None = None
    name: Named | None = None
    country: str | None = None


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
    return sorted(found, key=lambda f: (f.line, f.run.box[0]))


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
    for line, run in text.below(hit, 1):
        value = _first_id(run, country, True)
        if value:
            yield IdFound(value[0], value[1], line, True, _side_of_hit(text, hit))


def _first_id(run: Run, country: str, labelled: bool) -> tuple[TaxId, Run] | None:
    """The identifier with which a run begins; an unknown form is taken where a label vouches for it."""
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
        r"cliente|adquirente|comprador|v/|^v |seu |vosso|customer|client|kunden|ihre ", words
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
    seller, buyer = _assign(found, known, seller_id, buyer_id)
    seller_named = seller_name(text, seller.run if seller else None, buyer.run if buyer else None)
    buyer_named = buyer_name(text, buyer.run if buyer else None, seller_named)
    return (
        _party(seller, seller_named, known, seller_id),
        _party(buyer, buyer_named, known, buyer_id),
    )


def _party(
    found: IdFound | None, named: Named | None, known: Known | None, said: str | None
) -> Party:
    identifier = found.tax_id if found else None
    party = Party(
        identifier, found.run if found else None, named, identifier.country if identifier else None
    )
    if known and (said or identifier):
        name = known.name_of(said or (identifier.value if identifier else ""))
        if name and named and _same_name(name, named.value):
            party = replace(party, name=replace(named, score=10.0))
    return party


def _same_name(one: str, other: str) -> bool:
    return re.sub(r"\W", "", plain(one)) == re.sub(r"\W", "", plain(other))


def _assign(
    found: list[IdFound], known: Known | None, seller_id: str | None, buyer_id: str | None
) -> tuple[IdFound | None, IdFound | None]:
    """Which identifier is the seller's and which the buyer's: code, then books, then headers, then order."""
    seller = _with_value(found, seller_id)
    buyer = _with_value(found, buyer_id)
    if seller_id:
        return seller, buyer
    own = known.company.tax_id if known and known.company else None
    mine = _with_value(found, own)
    if mine and known:
        if known.direction == "issued":
            seller = mine
        elif known.direction == "received":
            buyer = mine
    others = [
        f for f in found if f not in (seller, buyer) and f.tax_id.value != taxids.FINAL_CONSUMER
    ]
    values_taken = {f.tax_id.value for f in (seller, buyer) if f}
    others = [f for f in others if f.tax_id.value not in values_taken]
    buyer = buyer or next((f for f in others if f.side == "buyer"), None)
    if seller is None:
        fitting = [f for f in others if buyer is None or f.tax_id.value != buyer.tax_id.value]
        fitting = [f for f in fitting if f.side != "buyer"]
        fitting.sort(
            key=lambda f: (f.side != "seller", not f.tax_id.checked, not f.labelled, f.line)
        )
        seller = fitting[0] if fitting else None
    if buyer is None and seller is not None:
        rest = [
            f
            for f in others
            if f.tax_id.value != seller.tax_id.value
            and f.labelled
            and f.tax_id.country == seller.tax_id.country
        ]
        buyer = rest[0] if rest and rest[0].tax_id.checked else None
    return seller, buyer


def _with_value(found: list[IdFound], value: str | None) -> IdFound | None:
    if not value:
        return None
    return next(
        (f for f in found if f.tax_id.value.removeprefix("PT") == value.removeprefix("PT")), None
    )
