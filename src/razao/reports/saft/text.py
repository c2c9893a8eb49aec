"""Texts and amounts as SAF-T takes them: in: what the books say, out: what the schema allows."""

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


def address_of(written: str, postal: str) -> tuple[str, str, str] | None:
    """(street, city, postal code) of an address as it is written; None where a part that the file needs is missing.

    ``postal`` is the form of the country's postal code. Where it is blank the last line is the town.
    """
    if not postal:
        *lines, town = [line for line in written.splitlines() if line.strip()] or [""]
        return (text(" ".join(lines), 210), text(town, 50), "") if lines else None
    found = re.search(rf"\b({postal})\b\s*([^\n,]*)", written)
    if found is None:
        return None
    street = " ".join(written[: found.start()].replace("\n", " ").strip(" ,").split())
    return text(street, 210), text(found.group(2), 50), found.group(1)
