"""The access key of a Brazilian NF-e (44 characters, on every DANFE): text in, its parts or ``None`` out.

Layout (Manual de Orientação do Contribuinte): state 2, year and month 4, issuer 14, model 2, series 3,
number 9, emission 1, code 8, check digit 1. Letters may stand in the issuer's CNPJ since July 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"\d{6}[0-9A-Z]{12}\d{26}")


@dataclass(frozen=True, slots=True)
class NfeKey:
    """What the key says of the document."""

    key: str
    state: str
    """IBGE code of the issuer's state"""
    year: int
    month: int
    issuer: str
    """CNPJ, or CPF with leading zeros"""
    model: str
    """55 NF-e, 65 NFC-e, 57 CT-e"""
    series: int
    number: int


def check_digit(first_43: str) -> str:
    """Modulus 11 with weights 2 to 9 from the right; a character counts as its code less 48."""
    total = sum((ord(c) - 48) * (2 + i % 8) for i, c in enumerate(reversed(first_43)))
    rest = total % 11
    return str(0 if rest < 2 else 11 - rest)


def read_nfe_key(text: str) -> NfeKey | None:
    """The key in ``text`` (spaces and dots allowed), or ``None`` when form or check digit is wrong."""
    key = re.sub(r"[\s.\-]", "", text).upper()
    if not _FORM.fullmatch(key) or check_digit(key[:43]) != key[43]:
        return None
    month = int(key[4:6])
    if not 1 <= month <= 12:
        return None
    return NfeKey(
        key=key,
        state=key[:2],
        year=2000 + int(key[2:4]),
        month=month,
        issuer=key[6:20],
        model=key[20:22],
        series=int(key[22:25]),
        number=int(key[25:34]),
    )
