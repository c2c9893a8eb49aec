"""The text of a document in; seller and buyer with tax id, name and country out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from razao.capture.reading import taxids
from razao.capture.reading.document import Known
from razao.capture.reading.ids_on_page import IdFound, ids_in
from razao.capture.reading.layout import Run
from razao.capture.reading.name_shape import key_of
from razao.capture.reading.names import Named, buyer_name, seller_name
from razao.capture.reading.taxids import TaxId
from razao.capture.reading.text import Text


@dataclass(frozen=True)
class Party:
    """One side of the invoice as found."""

    tax_id: TaxId | None = None
    tax_run: Run | None = None
    name: Named | None = None
    country: str | None = None
    sure: bool = False
    """the identifier passes its check and something on the page, or the books, says whose it is"""


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
    rest = (
        f
        for f in others
        if f.tax_id.value != seller.tax_id.value and (f.labelled or f.tax_id.checked)
    )
    first = next(rest, None)
    return first if first and first.tax_id.checked else None


def _with_value(found: list[IdFound], value: str | None) -> IdFound | None:
    if not value:
        return None
    return next(
        (f for f in found if f.tax_id.value.removeprefix("PT") == value.removeprefix("PT")), None
    )
