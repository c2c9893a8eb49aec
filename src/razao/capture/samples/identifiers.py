"""Tax ids and bank numbers: a random source and a country in, made-up ids with right check digits out."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def digits(rng: Random, count: int) -> str:
    """``count`` random digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def portuguese(rng: Random, person: bool = False) -> str:
    """A NIF: nine digits, companies from 50 on, persons 1 or 2, check digit modulo 11."""
    stem = (rng.choice("12") if person else "5" + rng.choice("0134567")) + digits(rng, 7)
    stem = stem[:8]
    total = sum(int(d) * w for d, w in zip(stem, range(9, 1, -1), strict=True))
    return stem + str((11 - total) % 11 % 10)


def spanish(rng: Random, person: bool = False) -> str:
    """A CIF of a limited company, or the DNI of a person."""
    if person:
        number = digits(rng, 8)
        return number + DNI_LETTERS[int(number) % 23]
    number = digits(rng, 7)
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in number[::2])
    return rng.choice("AB") + number + str(-(doubled + sum(map(int, number[1::2]))) % 10)


def french(rng: Random) -> str:
    """A TVA number: FR, key of two digits, SIREN with Luhn digit."""
    stem = digits(rng, 8)
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in stem[1::2])
    siren = stem + str(-(doubled + sum(map(int, stem[::2]))) % 10)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def german(rng: Random) -> str:
    """A USt-IdNr.: DE and nine digits, the last by ISO 7064 mod 11,10."""
    stem = rng.choice("123456789") + digits(rng, 7)
    product = 10
    for digit in stem:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return f"DE{stem}{(11 - product) % 10}"


def italian(rng: Random) -> str:
    """A partita IVA with country prefix: eleven digits, Luhn."""
    stem = digits(rng, 7) + "0" + rng.choice("123456789") + rng.choice("0123456789")
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in stem[1::2])
    return f"IT{stem}{-(doubled + sum(map(int, stem[::2]))) % 10}"


def mozambican(rng: Random) -> str:
    """A NUIT: nine digits, weights 8 9 4 5 6 7 8 9, sum modulo 11."""
    stem = "4" + digits(rng, 7)
    total = sum(int(d) * w for d, w in zip(stem, (8, 9, 4, 5, 6, 7, 8, 9), strict=True))
    return stem + "01234567891"[total % 11]


def brazilian(rng: Random) -> str:
    """A CNPJ of a head office, digits only."""
    number = digits(rng, 8) + "0001"
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        total = sum(int(d) * w for d, w in zip(number, weights, strict=True))
        number += str((11 - total % 11) % 11 % 10)
    return number


def tax_id(rng: Random, country: str, person: bool = False) -> str:
    """A made-up tax id of ``country``, in the form in which invoices print it."""
    makers: dict[str, Callable[[Random], str]] = {
        "FR": french,
        "DE": german,
        "IT": italian,
        "MZ": mozambican,
        "BR": brazilian,
        "AO": lambda r: "5" + digits(r, 9),
        "CV": lambda r: rng.choice("23") + digits(r, 8),
        "ST": lambda r: "5" + digits(r, 8),
        "GW": lambda r: "5" + digits(r, 8),
        "IE": lambda r: f"IE{digits(r, 7)}{r.choice('ABCDEFGHIJKLMNOPQRSTUVW')}H",
        "GB": lambda r: f"GB{digits(r, 9)}",
        "US": lambda r: f"{digits(r, 2)}-{digits(r, 7)}",
    }
    if country == "PT":
        return portuguese(rng, person)
    if country == "ES":
        return spanish(rng, person)
    return makers[country](rng)


IBAN_LENGTHS = {"PT": 21, "ES": 20, "FR": 23, "DE": 18, "AO": 21, "CV": 21, "MZ": 21, "ST": 21}


def iban(rng: Random, country: str) -> str:
    """A made-up IBAN with right check digits, grouped by four; '' where the country has none."""
    length = IBAN_LENGTHS.get(country)
    if length is None:
        return ""
    account = digits(rng, length)
    numeric = account + "".join(str(ord(c) - 55) for c in country) + "00"
    whole = f"{country}{98 - int(numeric) % 97:02d}{account}"
    return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
