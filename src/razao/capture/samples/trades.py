"""Trades of sample sellers: ``data/trades.toml`` in, what each kind of seller invoices out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random

#: Layout families of ordinary A4 invoices, for trades that name none of their own.
GENERAL_SHEETS = (
    "classic",
    "stack",
    "boxed",
    "strip",
    "corporate",
    "sidebar",
    "minimal",
    "half",
    "band",
    "ledgerlike",
    "mirrored",
    "plainlist",
    "dated",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One article or service of a trade. ``rate`` as explained at the top of trades.toml."""

    description: str
    unit: str
    low: Decimal
    high: Decimal
    rate: str

    @property
    def letter(self) -> str:
        """N, I, R, E or S."""
        return self.rate[0]


@dataclass(frozen=True, slots=True)
class Trade:
    """What a kind of seller sells and how it invoices."""

    key: str
    country: str
    words: tuple[str, ...]
    types: tuple[str, ...]
    items: tuple[Item, ...]
    sheets: tuple[str, ...] = GENERAL_SHEETS
    withheld: Decimal | None = None
    person: bool = False
    gross: bool = False
    """unit prices include VAT"""
    few: bool = False
    """one to three lines"""
    single: bool = False
    """exactly one line"""
    retention: bool = False
    """a guarantee is kept back from the amount payable (public works, construction)"""
    currency: str = "EUR"
    surcharge: bool = False
    """sells to retailers under the Spanish equivalence surcharge at times"""

    @property
    def abroad_only(self) -> bool:
        """All that it sells is exempt as a delivery to another state of the Union."""
        return all(item.rate == "E:EU" for item in self.items)


def parse_item(text: str) -> Item:
    """One row ``description|unit|low|high|rate``."""
    description, unit, low, high, rate = text.split("|")
    return Item(description, unit, Decimal(low), Decimal(high), rate)


@cache
def trades() -> tuple[Trade, ...]:
    """Every trade of the data file."""
    text = files("razao.capture.samples").joinpath("data/trades.toml").read_text("utf-8")
    found = []
    for country, entries in tomllib.loads(text).items():
        for key, raw in entries.items():
            options = {k: v for k, v in raw.items() if k not in {"items", "withheld"}}
            for name in ("words", "types", "sheets"):
                if name in options:
                    options[name] = tuple(options[name])
            withheld = Decimal(raw["withheld"]) if "withheld" in raw else None
            items = tuple(parse_item(item) for item in raw["items"])
            found.append(Trade(key=key, country=country, items=items, withheld=withheld, **options))
    return tuple(found)


#: Normal, intermediate and reduced rate by fiscal space (reference: vat_rates.csv).
RATES: dict[str, tuple[str, str, str]] = {
    "PT": ("23", "13", "6"),
    "PT-AC": ("16", "9", "4"),
    "PT-MA": ("22", "12", "4"),
    "ES": ("21", "10", "4"),
    "ES-CN": ("7", "3", "3"),
    "AO": ("14", "7", "5"),
    "CV": ("15", "15", "8"),
    "MZ": ("16", "16", "5"),
    "ST": ("15", "15", "7.5"),
    "GW": ("19", "10", "10"),
    "BR": ("18", "12", "7"),
}
MADEIRA_REDUCED_UNTIL = date(2024, 9, 30)


def rate_of(letter: str, region: str, on: date) -> Decimal:
    """The VAT rate in per cent behind N, I or R in a fiscal space on a day; zero for E and S."""
    if letter[0] not in "NIR":
        return Decimal(0)
    if region == "PT-MA" and letter == "R" and on <= MADEIRA_REDUCED_UNTIL:
        return Decimal(5)
    return Decimal(RATES[region]["NIR".index(letter)])


def draw_trade(rng: Random, country: str) -> Trade:
    """A trade of a country, each equally likely."""
    return rng.choice([t for t in trades() if t.country == country])
