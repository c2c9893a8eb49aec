"""Parties of sample invoices: a random source and a country in, made-up companies and persons out."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from razao.capture.samples import identifiers


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or a buyer as its letterhead shows it. Names are drawn from syllables and name nobody."""

    name: str
    tax_id: str
    country: str
    street: str
    town: str
    """post code and town on one line"""
    phone: str = ""
    email: str = ""
    web: str = ""
    iban: str = ""
    brand: str = ""
    """the short name in the logo"""
    registry: str = ""
    person: bool = False
    region: str = ""
    """SAF-T fiscal space of a Portuguese seller: PT, PT-AC or PT-MA"""


@cache
def names() -> dict[str, Any]:
    """The lists of ``data/names.toml``."""
    text = files("razao.capture.samples").joinpath("data/names.toml").read_text("utf-8")
    return tomllib.loads(text)


def plain(text: str) -> str:
    """``text`` in lower case without accents and anything but letters and digits."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in folded if c.isascii() and c.isalnum())


def invented_word(rng: Random) -> str:
    """A made-up word of two or three syllables."""
    return "".join(rng.sample(names()["syllables"], rng.choice((2, 2, 3)))).capitalize()


def company_name(rng: Random, country: str, trade: str) -> tuple[str, str]:
    """Legal name and brand of a made-up company of a trade (a word such as 'Serralharia')."""
    brand = invented_word(rng)
    form = rng.choice(names()[country]["forms"])
    body = rng.choice(
        (
            f"{brand} – {trade}",
            f"{brand} - {trade}",
            f"{trade} {brand}",
            f"{brand} {trade}",
            brand,
            f"{brand} & {invented_word(rng)}",
        )
    )
    comma = (
        "," if country in {"PT", "ES", "AO", "MZ", "CV", "ST", "GW"} and rng.random() < 0.7 else ""
    )
    if form.startswith("&"):
        comma = ""
    name = f"{body}{comma} {form}"
    return (name.upper() if rng.random() < 0.2 else name), brand


def person_name(rng: Random, country: str) -> str:
    """A made-up person: one or two first names and two family names."""
    lists = names()[country]
    family = rng.sample(lists["last"], 2)
    first = rng.sample(lists["first"], rng.choice((1, 1, 2)))
    return " ".join((*first, *family))


def town_of(rng: Random, country: str, region: str) -> str:
    """Post code and town; Portuguese codes get their last three digits drawn."""
    towns = names().get(region, names()[country])["towns"]
    town: str = rng.choice(towns)
    if country == "PT":
        code, place = town.split(" ", 1)
        return f"{int(code) + rng.randrange(0, 30)}-{rng.randrange(1, 999):03d} {place}"
    return town


def registry_of(rng: Random, country: str, tax_id: str, town: str) -> str:
    """The company-register line that letterheads carry."""
    capital = f"{rng.choice((1, 5, 10, 25, 50, 100, 250)) * 1000:,}".replace(",", ".")
    place = town.split(" ", 1)[-1]
    texts = {
        "PT": f"Capital Social {capital},00 € · Matriculada na C.R.C. de {place} sob o n.º {tax_id}",
        "ES": f"Inscrita en el Registro Mercantil de {place}, Tomo {rng.randrange(100, 9999)}, Folio {rng.randrange(10, 200)}, Hoja M-{rng.randrange(10000, 99999)}",
        "FR": f"Capital de {capital} € – RCS {place} {tax_id[-9:]} – APE 4669B",
        "DE": f"Amtsgericht {place} HRB {rng.randrange(1000, 99999)} · Geschäftsführer: {person_name(rng, 'DE')}",
    }
    return texts.get(country, "")


def draw_party(
    rng: Random, country: str, trade: str = "", *, person: bool = False, region: str = ""
) -> Party:
    """A made-up party of ``country``; a company of ``trade`` unless ``person``."""
    lists = names()[country]
    name, brand = (person_name(rng, country), "") if person else company_name(rng, country, trade)
    number = identifiers.tax_id(rng, country, person)
    town = town_of(rng, country, region)
    # .example is reserved (RFC 2606): no made-up address reaches anybody
    host = plain(brand or name.split()[-1])[:18] + ".example"
    number_in_street = f"{rng.randrange(1, 400)}" + rng.choice(("", "", ", 2.º Esq.", "-A"))
    prefix = rng.choice(lists["phones"])
    return Party(
        name=name,
        tax_id=number,
        country=country,
        street=f"{rng.choice(lists['streets'])} {number_in_street}",
        town=town,
        phone=f"{prefix} {identifiers.digits(rng, 3)} {identifiers.digits(rng, 4)}",
        email=f"{rng.choice(('geral', 'info', 'faturacao', 'contas'))}@{host}",
        web=f"www.{host}",
        iban=identifiers.iban(rng, country),
        brand=brand or name.split()[0],
        registry="" if person else registry_of(rng, country, number, town),
        person=person,
        region=region or ("PT" if country == "PT" else country),
    )
