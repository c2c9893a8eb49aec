"""Groups of countries and the letters that stand before a tax number; nothing in, sets of codes out."""

from __future__ import annotations

from razao.countries.pack import available

#: Member states of the European Union (ISO 3166-1 alpha-2).
EUROPEAN_UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
#: Letters before a VAT number of the Union: as in ISO 3166-1, but EL for Greece.
VAT_PREFIXES = EUROPEAN_UNION - {"GR"} | {"EL"}
#: What the Union's VAT rules count as inside when goods move: XI is Northern Ireland, EL a seller's Greece.
INSIDE_THE_UNION = EUROPEAN_UNION | {"EL", "XI"}


def before_a_number() -> frozenset[str]:
    """Letters of a country that may stand before a tax number: the Union's, and those of every pack."""
    return INSIDE_THE_UNION | frozenset(available())
