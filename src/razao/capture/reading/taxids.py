"""Printed tax identifiers in, what they are and whether their check digits hold out (python-stdnum)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from stdnum import get_cc_module
from stdnum.br import cnpj
from stdnum.es import nif as es_nif
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.mz import nuit
from stdnum.pt import nif as pt_nif

from razao.countries.places import VAT_PREFIXES

WITH_PREFIX = VAT_PREFIXES | {"GB", "XI", "CH", "NO"}
AMERICAN = re.compile(r"\d{2}-\d{7}")
"""an employer identification number, which has no check digit"""
FINAL_CONSUMER = "999999990"
SHAPES = {"PT": 9, "ES": 9, "MZ": 9, "CV": 9, "AO": 10, "BR": 14}


@dataclass(frozen=True, slots=True)
class TaxId:
    """A tax identifier. ``checked`` is True when a published check digit holds, False when there is none known."""

    value: str
    """without spaces, dots and hyphens; with the country's prefix where it was printed so"""
    country: str | None
    checked: bool


def compact(text: str) -> str:
    """The identifier without spaces, dots, hyphens and slashes, in capitals."""
    return re.sub(r"[\s.\-/]", "", text).upper()


@lru_cache(maxsize=4096)
def identify(text: str, country: str = "PT") -> TaxId | None:
    """What the printed text is as a tax identifier, for a document of ``country``; None when it cannot be one."""
    value = compact(text)
    if AMERICAN.fullmatch(text.strip()):
        return TaxId(value, "US", False)
    if len(value) < 6 or len(value) > 18 or sum(c.isdigit() for c in value) < 6:
        return None
    prefix = value[:2]
    if prefix in WITH_PREFIX and len(value) > 7:
        return TaxId(value, _iso(prefix), _holds(prefix, value[2:]))
    for own in dict.fromkeys((country, "PT", "ES")):
        if _national(own, value):
            return TaxId(value, own, own in {"PT", "ES", "MZ", "BR"})
    return None


LOOKALIKES = str.maketrans("OoQDIl|!SsBZzGg", "000011115582266")
"""letters that OCR gives for digits"""


def deciphered(text: str, country: str = "PT") -> TaxId | None:
    """An identifier that OCR spoilt with letters for digits; only one whose check digits hold once they are digits."""
    value = re.sub(r"[\s.\-/]", "", text)
    head = value[:2].upper() if value[:2].upper() in WITH_PREFIX else ""
    rest = value[len(head) :]
    if sum(c.isdigit() for c in rest) < 5:
        return None
    first, body = (rest[:1], rest[1:]) if head or country == "ES" else ("", rest)
    for candidate in (head + rest.translate(LOOKALIKES), head + first + body.translate(LOOKALIKES)):
        found = identify(candidate, country)
        if found and found.checked:
            return found
    return None


def _iso(prefix: str) -> str:
    return {"EL": "GR", "XI": "GB"}.get(prefix, prefix)


def _holds(prefix: str, rest: str) -> bool:
    """True when the number after a country's prefix passes that country's check."""
    try:
        if prefix in VAT_PREFIXES:
            return bool(eu_vat.is_valid(prefix + rest))
        module = get_cc_module(_iso(prefix).lower(), "vat")
        return bool(module and module.is_valid(rest))
    except (ValidationError, ValueError):
        return False


RULES: dict[str, Callable[[str], bool]] = {
    "PT": lambda value: value.isdigit() and bool(pt_nif.is_valid(value)),
    "ES": lambda value: bool(es_nif.is_valid(value)),
    "MZ": lambda value: bool(nuit.is_valid(value)),
    "BR": lambda value: bool(cnpj.is_valid(value)),
    "AO": lambda value: bool(re.fullmatch(r"\d{10}|\d{9}[A-Z]{2}\d{3}", value)),
    "CV": lambda value: bool(re.fullmatch(r"\d{9}", value)),
    "ST": lambda value: bool(re.fullmatch(r"\d{9}", value)),
    "GW": lambda value: bool(re.fullmatch(r"\d{9}", value)),
}
"""by country, whether an identifier without prefix has the country's form and passes its check, if one is published"""


def _national(country: str, value: str) -> bool:
    """True when the identifier without prefix is a valid one of the country."""
    rule = RULES.get(country)
    return rule is not None and rule(value)
