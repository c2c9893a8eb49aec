"""Problems: what is wrong, where, why and what to do, under a stable code; in: code and values, out: translated text.

Checks return problems, so that a person sees all of them at once. Doors raise ``Refused`` with the
problems that stopped them. The faces turn either into HTML, JSON or an exit code, once.
The texts of a code live in ``razao.kernel.catalogue`` and are translated there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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
