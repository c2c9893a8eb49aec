"""Country, region and day in, the VAT rates that were lawful then out; and the rates at which tax is withheld."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import lru_cache

from razao.countries import pack

#: Rates met on documents of countries without a pack of their own; used to recognise a breakdown, never to book.
FOREIGN: dict[str, tuple[str, ...]] = {
    "DE": ("19", "7", "16", "5"), "FR": ("20", "10", "5.5", "2.1", "19.6", "7"), "IT": ("22", "10", "5", "4", "21"),
    "NL": ("21", "9", "6", "19"), "BE": ("21", "12", "6"), "LU": ("17", "16", "14", "13", "8", "7", "3"), "IE": ("23", "13.5", "9", "4.8"),
    "GB": ("20", "5", "17.5"), "AT": ("20", "13", "10"), "PL": ("23", "8", "5"), "CH": ("8.1", "7.7", "3.8", "3.7", "2.6", "2.5"),
    "MY": ("6", "10", "8"), "IN": ("18", "12", "28", "5", "14.5"), "ES": ("21", "10", "4", "18", "8", "7", "16", "5"), "SG": ("7", "8", "9"),
    "DK": ("25",), "SE": ("25", "12", "6"), "NO": ("25", "15", "12"), "FI": ("24", "25.5", "14", "10"), "CZ": ("21", "12", "15"),
}  # fmt: skip
ZERO = Decimal(0)


@lru_cache(maxsize=512)
def rates(region: str, day: date) -> tuple[Decimal, ...]:
    """Lawful VAT rates above zero in a region (PT, PT-AC, PT-MA, ES …) on a day, highest first; () when unknown."""
    country = region[:2]
    if country in pack.available():
        rows = pack.load(country).rates_on(region, day)
        found = {r.rate for r in rows if r.rate and r.tax in {"IVA", "IGIC", "IPSI"}}
        if found:
            return tuple(sorted(found, reverse=True))
    return tuple(Decimal(r) for r in FOREIGN.get(country, ()))


@lru_cache(maxsize=512)
def rate_of_class(region: str, saft_code: str, day: date) -> Decimal | None:
    """The rate of SAF-T class RED, INT or NOR in a region on a day; None when the pack does not know it."""
    country = region[:2]
    if country not in pack.available():
        return None
    rows = pack.load(country).rates_on(region, day)
    found = {r.rate for r in rows if r.saft_code == saft_code and r.tax == "IVA" and r.rate}
    return found.pop() if len(found) == 1 else None


def withheld(printed: Collection[Decimal]) -> frozenset[Decimal]:
    """Rates at which tax may be withheld: those that a document prints, and those of every country's pack."""
    return frozenset(r for r in printed if 0 < r < 40) | _withholding_rates()


@lru_cache(maxsize=1)
def _withholding_rates() -> frozenset[Decimal]:
    specs = (spec for country in pack.available() for spec in pack.load(country).withholding)
    return frozenset(spec.rate for spec in specs if spec.rate)


def implied_rate(base: Decimal, tax: Decimal) -> Decimal | None:
    """The rate, to a tenth of a per cent, that leads from base to tax; None without a base."""
    return (tax * 100 / base).quantize(Decimal("0.1")).normalize() if base else None
