"""Codes of accounts: a code in, the codes that may stand above it in a chart out."""

from __future__ import annotations

SEPARATOR = "."


def stems(code: str) -> tuple[str, ...]:
    """Every shorter beginning of ``code`` that may be an account above it, from the shortest.

    Charts number by adding digits; some (Angola's) part the degrees by points, and then a degree is whole:

    >>> stems("68.10.1")
    ('6', '68', '68.10')
    """
    return tuple(
        code[:length]
        for length in range(1, len(code))
        if code[length - 1] != SEPARATOR
        and (code[length] == SEPARATOR or SEPARATOR not in code[:length])
    )


def digits(code: str) -> int:
    """How many digits a code has: what a trial balance is cut at."""
    return len(code.replace(SEPARATOR, ""))
