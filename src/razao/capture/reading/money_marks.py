"""The text of a document in; its currency, and the country that an address names, out."""

from __future__ import annotations

import re
from collections import Counter

from razao.capture.reading.dates import plain
from razao.capture.reading.labels import Label
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text, american
from razao.invoices.invoice import Evidence

CURRENCY_OF_COUNTRY = {
    "PT": "EUR", "ES": "EUR", "FR": "EUR", "DE": "EUR", "IT": "EUR", "NL": "EUR", "BE": "EUR", "IE": "EUR", "AT": "EUR",
    "LU": "EUR", "FI": "EUR", "GR": "EUR", "GB": "GBP", "US": "USD", "IN": "INR", "MY": "MYR", "AO": "AOA", "MZ": "MZN",
    "CV": "CVE", "ST": "STN", "GW": "XOF", "BR": "BRL", "CH": "CHF", "PL": "PLN", "SG": "SGD",
}  # fmt: skip
NAMED_COUNTRIES = (
    (r"\bportugal\b", "PT"), (r"\bespana\b|\bspain\b", "ES"), (r"\bfrance\b", "FR"), (r"\bdeutschland\b|\bgermany\b", "DE"),
    (r"\bitalia\b|\bitaly\b", "IT"), (r"\bnederland\b|\bnetherlands\b", "NL"), (r"\bunited kingdom\b|\bengland\b|\buk\b", "GB"),
    (r"\bunited states\b|\busa\b", "US"), (r"\bindia\b", "IN"), (r"\bmalaysia\b|\bjohor\b|\bselangor\b|\bkuala lumpur\b|\bsdn\.? bhd\b", "MY"),
    (r"\bangola\b|\bluanda\b", "AO"), (r"\bmocambique\b|\bmaputo\b", "MZ"), (r"\bcabo verde\b", "CV"), (r"\bbrasil\b", "BR"),
    (r"\bbelgi(que|e|um)\b", "BE"), (r"\bireland\b", "IE"), (r"\bhong kong\b", "HK"), (r"\bpolska\b|\bpoland\b", "PL"),
    (r"\b(oster|oester)reich\b|\baustria\b", "AT"), (r"\bschweiz\b|\bsuisse\b|\bswitzerland\b", "CH"), (r"\bluxembourg\b", "LU"),
)  # fmt: skip
COUNTRY_WORDS = tuple((re.compile(words), code) for words, code in NAMED_COUNTRIES)
POSTCODE = re.compile(r"\b\d{4}\s?-\s?\d{3}\b")
BLOCK = 0.11
"""height of an address block as part of the page"""


def currency_of(text: Text, country: str | None) -> tuple[str | None, Run | None]:
    """ISO 4217 code: by a label, by the marks beside amounts, else by the seller's country (then without a place)."""
    for hit in text.of(Label.CURRENCY):
        beside = text.after(hit)
        match = re.match(r"[^A-Za-z€$£]*([A-Z]{3}|€)\b", beside.text) if beside else None
        if match and beside is not None:
            code = "EUR" if match[1] == "€" else match[1]
            if code in CURRENCY_OF_COUNTRY.values():
                return code, beside.part(0, 1)
    marks: Counter[str] = Counter()
    places: dict[str, Run] = {}
    dollars, printed = False, 0
    for index in range(len(text.lines)):
        for amount in text.amounts(index):
            printed += amount.money
            code = amount.currency if amount.money else None
            dollars = dollars or amount.mark == "$"
            if code:
                marks[code] += 1
                places.setdefault(code, amount.run)
    if marks:
        best, count = marks.most_common(1)[0]
        own = CURRENCY_OF_COUNTRY.get(country or "", best)
        if best == own or count * FEW >= printed:
            return best, places[best]
    return _written(text, country, dollars)


FEW = 5
"""amounts for each mark of another currency than the seller's from which on the mark is a unit (MT: metres)"""


WRITTEN = tuple(
    (re.compile(words), code)
    for words, code in (
        (r"€|\beur(o|os)?\b", "EUR"), (r"£|\bgbp\b", "GBP"), (r"\brm\b", "MYR"),
        (r"₹|\binr\b|\brs\.", "INR"), (r"\busd\b|us dollars", "USD"), (r"\bkwanzas?\b|\baoa\b", "AOA"),
        (r"\bmeticais\b|\bmzn\b", "MZN"), (r"\bcve\b", "CVE"), (r"\bxof\b|\bfcfa\b", "XOF"),
    )
)  # fmt: skip


def _written(text: Text, country: str | None, dollars: bool) -> tuple[str | None, Run | None]:
    """A currency that is written somewhere, the country's own before others, or that follows from the country."""
    own = CURRENCY_OF_COUNTRY.get(country or country_of(text) or "")
    found: dict[str, tuple[int, Run]] = {}
    for pattern, code in WRITTEN:
        for index, line in enumerate(text.plain_lines):
            match = pattern.search(line)
            if match:
                count = found[code][0] if code in found else 0
                found[code] = count + 1, text.lines[index].run.between(*match.span())
    if found:
        code = max(found, key=lambda c: (c == own, found[c][0]))
        return code, found[code][1]
    place = country or country_of(text)
    if dollars:
        return (
            "USD"
            if place in {None, "US"} or american(text)
            else {"CA": "CAD", "AU": "AUD", "CV": "CVE", "BR": "BRL"}.get(place, "USD")
        ), None
    return CURRENCY_OF_COUNTRY.get(place or ""), None


def country_of(text: Text) -> str | None:
    """The one country that the document names, if it names just one."""
    found = {code for pattern, code in COUNTRY_WORDS if pattern.search(text.plain)}
    return found.pop() if len(found) == 1 else None


def country_near(text: Text, name: Evidence | None) -> str | None:
    """The country that the address under a name names, or that its postal code shows."""
    if name is None or name.box is None:
        return None
    return address_country(text, name) or (
        "US" if american(text) and not country_of(text) else None
    )


def address_country(text: Text, place: Evidence) -> str | None:
    """The country that the lines under a place name, or that their postal code shows."""
    if place.box is None:
        return None
    left, top, right, _ = place.box
    for line in text.lines:
        if line.run.page != place.page or not -0.005 <= line.run.box[1] - top <= BLOCK:
            continue
        for segment in line.segments:
            if min(segment.box[2], right + 0.1) - max(segment.box[0], left - 0.02) <= 0:
                continue
            words = plain(segment.text)
            for pattern, code in COUNTRY_WORDS:
                if pattern.search(words):
                    return code
            if POSTCODE.search(words):
                return "PT"
    return None
