"""Numbers of documents: a random source, a type and a year in, a number as programs form it out."""

from __future__ import annotations

from random import Random

#: Letters of validation codes as AT gives them out.
ATCUD_LETTERS = "ABCDFGHJKMNPQRSTVWXYZ23456789"
#: Countries whose programs number documents as Portuguese ones do.
PORTUGUESE_STYLE = frozenset({"PT", "AO", "CV", "MZ", "ST", "GW"})


def portuguese_number(rng: Random, kind: str, year: int) -> tuple[str, str]:
    """A number and its ATCUD, e.g. ('FT 2026A/123', 'JFK3T7BM-123')."""
    sequence = rng.choice(
        (rng.randrange(1, 99), rng.randrange(100, 9999), rng.randrange(10000, 999999))
    )
    series = rng.choice(
        (
            f"{year}",
            f"A{year}",
            f"{year}A{rng.randrange(1, 30)}",
            f"{rng.choice('ABCFLMP')}",
            f"{year % 100}",
        )
    )
    series = series if rng.random() < 0.9 else f"{rng.randrange(1, 99):04d}"
    shown = f"{sequence:06d}" if rng.random() < 0.1 else str(sequence)
    inner = kind
    if rng.random() < 0.1:
        inner = {"FT": "FAC", "FR": "FTR", "FS": "VD", "NC": "NCR", "ND": "NDB"}[kind]
    code = "".join(rng.choice(ATCUD_LETTERS) for _ in range(8))
    return f"{inner} {series}/{shown}", f"{code}-{sequence}"


def foreign_number(rng: Random, kind: str, year: int) -> str:
    """A number as sellers elsewhere write it."""
    sequence = rng.randrange(1, 99999)
    letters = ("INV-", "F", "RE-", "", "A-") if kind != "NC" else ("CN-", "GS-", "R-")
    prefix = rng.choice(letters)
    return rng.choice(
        (
            f"{prefix}{year}-{sequence:05d}",
            f"{prefix}{year % 100}{sequence:05d}",
            f"{prefix}{year}/{sequence}",
            f"{prefix}{sequence:06d}",
        )
    )


def draw_number(rng: Random, country: str, kind: str, year: int) -> tuple[str, str | None]:
    """A number of a seller's country, with its ATCUD where there is one."""
    if country == "BR":
        digits = f"{rng.randrange(1, 999999):09d}"
        return f"{digits[:3]}.{digits[3:6]}.{digits[6:]}", None
    if country not in PORTUGUESE_STYLE:
        return foreign_number(rng, kind, year), None
    number, atcud = portuguese_number(rng, kind, year)
    return number, atcud if country == "PT" else None
