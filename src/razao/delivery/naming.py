r"""Names of files that are to go out: in: a pattern and a file's name, out: what the name says of category, period and title. Pure.

A pattern is a file's name with places: ``{category}`` (a code of the catalogue), ``{period}`` (2026, 2026-10, 202610,
2026-T3), ``{title}``, and ``*`` for anything. "padaria_{category}_{period}*.pdf" takes "padaria_vat_2026-T3 guia.pdf".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from razao.kernel.problems import Problem

PLACES = {
    "category": r"(?P<category>[a-z_]+?)",
    "period": r"(?P<period>\d{4}(?:-?(?:0[1-9]|1[0-2])|-T[1-4])?)",
    "title": r"(?P<title>.+?)",
}
TOKEN = re.compile(r"\{([a-z]+)\}|\*")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name says; '' where it says nothing."""

    category: str
    period: str
    title: str


def check(pattern: str) -> list[Problem]:
    """What is wrong with a pattern: unknown or repeated places, nothing that tells its files from others."""
    names = [found[1] for found in TOKEN.finditer(pattern) if found[1]]
    wrong = [name for name in names if name not in PLACES or names.count(name) > 1]
    if wrong or "/" in pattern:
        return [Problem("delivery.pattern_unreadable", where=pattern)]
    if len(TOKEN.sub("", pattern).strip(" ._-")) < 2:
        return [Problem("delivery.pattern_too_wide", where=pattern)]
    return []


def named(pattern: str, name: str) -> Named | None:
    """What ``name`` says under ``pattern``, without regard to case; None when it does not fit."""
    found = _expression(pattern).fullmatch(name)
    if found is None:
        return None
    said = found.groupdict()
    period = said.get("period") or ""
    if len(period) == 6 and period.isdecimal():
        period = f"{period[:4]}-{period[4:]}"
    title = (said.get("title") or name.rpartition(".")[0] or name).strip(" ._-")
    return Named((said.get("category") or "").lower(), period.upper(), title or name)


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    parts, last = [], 0
    for found in TOKEN.finditer(pattern):
        parts += [re.escape(pattern[last : found.start()]), PLACES.get(found[1] or "", ".*?")]
        last = found.end()
    return re.compile("".join([*parts, re.escape(pattern[last:])]), re.IGNORECASE | re.DOTALL)
