"""Printed tax identifiers in, what they are and whether their check digits hold out (``countries.tax_ids``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from razao.countries import pack, tax_ids
from razao.countries.places import VAT_PREFIXES

WITH_PREFIX = VAT_PREFIXES | {"GB", "XI", "CH", "NO"}
AMERICAN = re.compile(r"\d{2}-\d{7}")
"""an employer identification number, which has no check digit"""
FINAL_CONSUMER = "999999990"


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
    places = [c for c in dict.fromkeys((country, "PT", "ES")) if c in pack.available()]
    fitting = {c: verdict for c in places if (verdict := _verdict(c, value)) is not False}
    if not fitting:
        return None
    first = next(iter(fitting))
    proved = next((c for c in fitting if fitting[c]), first)
    own = first if value.isdigit() else proved
    return TaxId(value, own, bool(fitting[own]))


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


def _verdict(country: str, value: str) -> bool | None:
    """Whether the identifier without prefix has the country's form: True with a check digit that holds, None without one.

    The rules are those of ``countries``; a country that has none, or a wrong form, is False.
    """
    if country == "PT" and not value.isdigit():
        return False
    check = tax_ids.check_tax_id(country, value)
    if check.valid is None:
        known = country == "AO" or bool(pack.load(country).tax_id_form)
        return None if known and check.severity is None else False
    return check.valid
