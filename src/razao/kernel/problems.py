"""Problems: what is wrong, where, why and what to do, under a stable code; in: code and values, out: translated text.

Checks return problems, so that a person sees all of them at once. Doors raise ``Refused`` with the
problems that stopped them. The faces turn either into HTML, JSON or an exit code, once.
The texts of a code live in ``problem_texts/<area>.csv`` as English msgids; faces translate them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any


class Severity(StrEnum):
    ERROR = "error"
    """blocks: the step cannot be taken"""
    WARNING = "warning"
    """a person decides"""
    ADVICE = "advice"
    """nothing is wrong; something could be better"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    ``code`` is stable and found in the catalogue and in docs/problems.md; ``where`` names the place in the
    person's terms (a field, a file, a document number); ``values`` fill the texts.
    """

    code: str
    severity: Severity = Severity.ERROR
    where: str = ""
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.ERROR


class Refused(Exception):
    """A door did not open: nothing was done, for these problems."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(f"{p.code} {p.where} {dict(p.values)}".strip() for p in problems)
        )


class NotFound(Exception):
    """The thing does not exist, or not for this person: the two are never told apart."""


def blocking(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those of ``problems`` that block."""
    return tuple(p for p in problems if p.blocks)


@dataclass(frozen=True, slots=True)
class Text:
    """The English msgids of a code: what happened, why, what to do. ``{name}`` stands for a value of the problem."""

    title: str
    cause: str
    remedy: str


@cache
def catalogue() -> Mapping[str, Text]:
    """Every problem code with its texts, from ``problem_texts/*.csv``."""
    texts: dict[str, Text] = {}
    for path in sorted((Path(__file__).parent / "problem_texts").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                texts[row["code"]] = Text(row["title"], row["cause"], row["remedy"])
    return MappingProxyType(texts)


class _Known(dict[str, Any]):
    """Values of a problem; one that is missing shows as a dash rather than hiding the problem behind an error."""

    def __missing__(self, key: str) -> str:
        return "–"


def explain(problem: Problem, translate: Callable[[str], str] = str) -> Text:
    """The texts of ``problem``, translated and filled in; the code itself where the catalogue has none."""
    text = catalogue().get(problem.code, Text(problem.code, "", ""))
    values = _Known({"where": problem.where, **problem.values})
    filled = [
        translate(part).format_map(values) if part else ""
        for part in (text.title, text.cause, text.remedy)
    ]
    return Text(*filled)


def as_json(problems: tuple[Problem, ...] | list[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON values, as JobRun and the API carry them."""
    return [
        {
            "code": p.code,
            "severity": str(p.severity),
            "where": p.where,
            "values": {k: str(v) for k, v in p.values.items()},
        }
        for p in problems
    ]
