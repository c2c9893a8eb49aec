"""Is it the same document again? An invoice and those that may be like it in, problems of different strength out; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from razao.kernel.problems import Problem, Severity

#: Same party and amount within so many days of each other is worth a look.
NEARBY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells a document from another one. ``source_key`` is seller, type, number and year."""

    id: str
    source_key: str = ""
    atcud: str = ""
    party_tax_id: str = ""
    gross_total: Decimal | None = None
    issue_date: date | None = None
    number: str = ""
    posted: bool = False


class Marked:
    """Documents by each of their marks, so that only those that share one are compared."""

    def __init__(self, documents: Iterable[Marks]) -> None:
        self._by_mark: dict[object, list[Marks]] = {}
        for document in documents:
            for mark in _shared(document):
                self._by_mark.setdefault(mark, []).append(document)

    def near(self, document: Marks) -> list[Marks]:
        """Documents that share a mark with this one, each once, in their order."""
        found = {o.id: o for mark in _shared(document) for o in self._by_mark.get(mark, ())}
        return list(found.values())


def _shared(document: Marks) -> Iterator[object]:
    if document.source_key:
        yield "key", document.source_key
    if document.atcud:
        yield "atcud", document.atcud
    if document.party_tax_id and document.gross_total:
        yield document.party_tax_id, document.gross_total


def likenesses(document: Marks, others: Iterable[Marks]) -> Iterator[Problem]:
    """Why ``document`` may be one of ``others``: the strongest reason for each of them."""
    for other in others:
        if other.id == document.id:
            continue
        values = {"number": other.number, "date": other.issue_date, "invoice": other.id}
        if document.source_key and document.source_key == other.source_key:
            yield Problem("capture.duplicate_document", Severity.ERROR, "number", values)
        elif document.atcud and document.atcud == other.atcud:
            yield Problem("capture.duplicate_atcud", Severity.ERROR, "atcud", values)
        elif _alike(document, other):
            yield Problem("capture.duplicate_alike", Severity.WARNING, "gross_total", values)


def _alike(one: Marks, other: Marks) -> bool:
    if not one.party_tax_id or one.party_tax_id != other.party_tax_id or not one.gross_total:
        return False
    if one.gross_total != other.gross_total or not (one.issue_date and other.issue_date):
        return False
    return abs(one.issue_date - other.issue_date) <= NEARBY
