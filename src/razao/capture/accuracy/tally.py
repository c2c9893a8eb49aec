"""Counting: judged files in, one row of figures for each kind out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from razao.capture.accuracy.cases import Case
from razao.capture.accuracy.comparing import BESIDE, OTHERS, POSTING, judge
from razao.capture.reading.document import Reading
from razao.invoices.invoice import Invoice


@dataclass(frozen=True, slots=True)
class Judged:
    """One true invoice and what was read for it."""

    truth: Mapping[str, Any]
    invoice: Invoice | None
    verdict: Mapping[str, bool]
    alone: bool
    """False where the file was cut into more invoices than it holds, or fewer"""

    @property
    def posting_right(self) -> bool:
        """Every judged field that posting needs is right."""
        return self.alone and all(right for name, right in self.verdict.items() if name in POSTING)

    @property
    def wholly_right(self) -> bool:
        """Every judged field but the lines is right."""
        return self.alone and all(
            right for name, right in self.verdict.items() if name not in BESIDE
        )

    @property
    def confident(self) -> bool:
        """The reader said that it is certain."""
        return self.invoice is not None and self.invoice.confident


@dataclass(slots=True)
class Row:
    """The figures of one kind."""

    kind: str
    files: int = 0
    invoices: int = 0
    refused: int = 0
    """files from which no invoice was read"""
    posting_right: int = 0
    wholly_right: int = 0
    confident: int = 0
    confident_wrong: int = 0
    judged: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    cuts_found: int = 0
    cuts_true: int = 0
    cuts_right: int = 0

    def add(self, case: Case, reading: Reading, results: Sequence[Judged]) -> None:
        """Count one file."""
        self.files += 1
        self.refused += not reading.invoices
        for result in results:
            self.invoices += 1
            self.posting_right += result.posting_right
            self.wholly_right += result.wholly_right
            self.confident += result.confident
            self.confident_wrong += result.confident and not result.posting_right
            self.judged.update(result.verdict.keys())
            self.right.update(name for name, right in result.verdict.items() if right)
        if case.pile:
            true, found = (
                starts([t["pages"] for t in case.truths]),
                starts([i.pages for i in reading.invoices]),
            )
            self.cuts_true += len(true)
            self.cuts_found += len(found)
            self.cuts_right += len(true & found)

    @property
    def cut_f1(self) -> float | None:
        """Harmonic mean of precision and recall of the cuts; None where no pile was read."""
        total = self.cuts_true + self.cuts_found
        return 2 * self.cuts_right / total if total else None

    def figures(self) -> dict[str, Any]:
        """The row for JSON."""
        fields = {
            name: {"judged": self.judged[name], "right": self.right[name]}
            for name in (*POSTING, *OTHERS, *BESIDE)
            if self.judged[name]
        }
        return {
            "kind": self.kind,
            "files": self.files,
            "invoices": self.invoices,
            "refused": self.refused,
            "posting_right": self.posting_right,
            "wholly_right": self.wholly_right,
            "confident": self.confident,
            "confident_wrong": self.confident_wrong,
            "cut_f1": self.cut_f1,
            "fields": fields,
        }


def starts(groups: Sequence[Sequence[int]]) -> set[int]:
    """The first pages of all documents but the first."""
    return {min(pages) for pages in groups if pages} - {1}


def overlap(truth: Mapping[str, Any], invoice: Invoice) -> int:
    """How many pages a true document and a read one share."""
    return len(set(truth.get("pages") or invoice.pages) & set(invoice.pages))


def judge_file(case: Case, reading: Reading) -> list[Judged]:
    """Each true invoice of a file against the read one that shares most pages with it."""
    results = []
    left = list(reading.invoices)
    for truth in case.truths:
        best = max(left, key=lambda invoice: overlap(truth, invoice), default=None)
        if best is not None and case.pile and not overlap(truth, best):
            best = None
        if best is not None:
            left.remove(best)
        alone = len(reading.invoices) == 1
        if case.pile:
            alone = best is not None and set(best.pages) == set(truth["pages"])
        results.append(Judged(truth, best, judge(truth, best), alone))
    return results
