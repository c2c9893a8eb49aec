"""Texts and amounts as SAF-T (PT) takes them: in: what the books say, out: what the schema allows."""

from __future__ import annotations

import re
from decimal import Decimal

UNKNOWN = "Desconhecido"
#: What XML 1.0 cannot hold.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def text(value: str | None, longest: int) -> str:
    """``value`` on one line and not longer than the schema allows; a dash where a text must stand and none is known."""
    clean = " ".join(CONTROL.sub("", value or "").split())
    return clean[:longest] or "-"


def code(value: str, longest: int = 30) -> str:
    """A code without spaces."""
    return re.sub(r"\s+", "_", value.strip())[:longest] or "-"


def amount(value: Decimal) -> str:
    """Two decimals and a point; never negative in this file."""
    return f"{value:.2f}"


POSTAL = re.compile(r"\b(\d{4}-\d{3})\b\s*([^\n,]*)")


def address_of(written: str) -> tuple[str, str, str] | None:
    """(street, city, postal code) of an address as it is written; None without a Portuguese postal code."""
    found = POSTAL.search(written)
    if found is None:
        return None
    street = " ".join(written[: found.start()].replace("\n", " ").strip(" ,").split())
    return text(street, 210), text(found.group(2), 50), found.group(1)
