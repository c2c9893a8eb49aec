"""The text of a document and where its seller stands in; the tax region of its breakdown out (PT-MA, PT-AC, ES-CN …).

The rates decide first. Where they are lawful in several regions of a country, or where nothing is taxed, the
postal code of the seller decides (CTT: 9000–9499 Madeira, 9500–9999 Açores), else the mainland.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from razao.capture.reading import vat_rates
from razao.capture.reading.sides import side_of
from razao.capture.reading.text import Text
from razao.invoices.invoice import Evidence

PORTUGAL = ("PT", "PT-MA", "PT-AC")
POSTCODE = re.compile(r"(?<![\d-])(\d{4})\s?-\s?\d{3}(?![\d-])")
IGIC = re.compile(r"\bi\.?g\.?i\.?c\b")
IPSI = re.compile(r"\bi\.?p\.?s\.?i\b")
SPANISH = re.compile(r"(?<!\d)(35|38|51|52)\d{3}(?!\d)")
REACH = 0.14
"""height of a letterhead as part of the page"""


def place_of(text: Text, country: str) -> str:
    """The region whose rates a document of a country uses: the country itself, unless the tax has another name."""
    if country != "ES":
        return country
    if IGIC.search(text.plain):
        return "ES-CN"
    if IPSI.search(text.plain):
        codes = {m[1] for m in SPANISH.finditer(text.plain)}
        return "ES-ML" if "52" in codes and "51" not in codes else "ES-CE"
    return country


def region_of(
    text: Text, rates: Iterable[Decimal], day: date, place: str, seller: Iterable[Evidence | None]
) -> str:
    """The region of a breakdown with these rates above zero; ``seller`` are the places of the seller's name and number."""
    if place != "PT":
        return place
    taxed = list(rates)
    fitting = [r for r in PORTUGAL if all(x in vat_rates.rates(r, day) for x in taxed)]
    if len(fitting) == 1:
        return fitting[0]
    home = seat(text, [proof for proof in seller if proof and proof.box])
    if home in (fitting or PORTUGAL):
        return home
    return fitting[0] if fitting else "PT"


def seat(text: Text, places: list[Evidence]) -> str:
    """The Portuguese region of the postal code nearest to the seller, the mainland when none is near."""
    best, region = 1e9, "PT"
    for index, line in enumerate(text.lines):
        for match in POSTCODE.finditer(line.run.text):
            run = line.run.between(*match.span())
            for proof in places:
                assert proof.box is not None
                if proof.page != run.page:
                    continue
                down, across = run.box[1] - proof.box[1], abs(run.box[0] - proof.box[0])
                if not -0.05 <= down <= REACH or side_of(text, index, run) == "buyer":
                    continue
                if abs(down) + 0.5 * across < best:
                    best, region = abs(down) + 0.5 * across, region_of_postcode(match[1])
    return region


def region_of_postcode(first_four: str) -> str:
    """PT-MA, PT-AC or PT."""
    number = int(first_four)
    if number >= 9500:
        return "PT-AC"
    return "PT-MA" if number >= 9000 else "PT"
