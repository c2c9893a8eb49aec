"""Custody (M7): steps of items in, figures by day out, and the proof that received = posted + waiting + rejected.

The ledger of events is one side of the proof; the other is what the flow that holds the items says lives
(``Living``), and the third is the disk: every item in custody has its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from razao.archive import store
from razao.archive.models import CustodyProof, Filing, Folder, IntakeEvent, StoredFile
from razao.kernel.problems import Problem, as_json

Kind = IntakeEvent.Kind


@dataclass(frozen=True, slots=True)
class Tally:
    """Items of a company by the day they were received."""

    received: int = 0
    posted: int = 0
    waiting: int = 0
    rejected: int = 0

    @property
    def ties(self) -> bool:
        return self.received == self.posted + self.waiting + self.rejected

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.received + other.received,
            self.posted + other.posted,
            self.waiting + other.waiting,
            self.rejected + other.rejected,
        )


def note(
    kind: IntakeEvent.Kind,
    *,
    item: UUID,
    day: date,
    file: StoredFile,
    user: UUID | None,
    text: str = "",
) -> None:
    """Write one step of an item, in the transaction in which the step is taken."""
    IntakeEvent.objects.create(
        company_id=file.company_id,
        item=item,
        day=day,
        kind=kind,
        file=file,
        user_id=user,
        note=text,
    )


def tallies(company: UUID, first: date | None = None) -> dict[date, Tally]:
    """Figures by day of receipt from the ledger of events alone, ``waiting`` being what is left."""
    count = {kind: Count("pk", filter=Q(kind=kind)) for kind in Kind.values}
    rows = IntakeEvent.objects.filter(company_id=company)
    if first is not None:
        rows = rows.filter(day__gte=first)
    days = rows.values("day").annotate(**count).order_by("day")
    return {row["day"]: _tally(row) for row in days}


def _tally(row: Mapping[str, Any]) -> Tally:
    received = row["received"] + row["split"] - row["joined"]
    posted = row["posted"] - row["unposted"]
    rejected = row["rejected"] - row["restored"]
    return Tally(received, posted, received - posted - rejected, rejected)


def prove(company: UUID, living: Mapping[date, Tally]) -> CustodyProof:
    """Compare the ledger of events with what lives and with the disk, day by day, and store what was found."""
    told = tallies(company)
    problems = [
        Problem(
            "archive.custody_differs",
            where=str(day),
            values={"ledger": _figures(told.get(day)), "living": _figures(living.get(day))},
        )
        for day in sorted(told.keys() | living.keys())
        if told.get(day, Tally()) != living.get(day, Tally())
    ]
    problems += [
        Problem("archive.file_missing", where=sha, values={"folder": folder})
        for folder, sha in _without_bytes(company)
    ]
    problems += [
        Problem("archive.item_without_file", where=str(item)) for item in _unfiled(company)
    ]
    total = sum(told.values(), Tally())
    return CustodyProof.objects.create(
        company_id=company,
        ties=not problems,
        received=total.received,
        posted=total.posted,
        waiting=total.waiting,
        rejected=total.rejected,
        oldest_waiting=oldest_waiting(told),
        problems=as_json(problems[:1000]),
    )


def oldest_waiting(days: Mapping[date, Tally]) -> date | None:
    """The first day of receipt that still has something waiting."""
    return min((day for day, tally in days.items() if tally.waiting > 0), default=None)


def last_proof(company: UUID) -> CustodyProof | None:
    """The newest proof of a company."""
    return CustodyProof.objects.filter(company_id=company).order_by("-at").first()


def _without_bytes(company: UUID) -> Iterable[tuple[str, str]]:
    """Filings whose folder lacks the file, or holds one of another size."""
    rows = Filing.objects.filter(company_id=company).values_list(
        "folder", "file__sha256", "file__size"
    )
    there = {folder.value: dict(store.contents(folder, company)) for folder in Folder}
    for folder, sha, size in rows.distinct().iterator():
        if there[folder].get(sha) != size:
            yield folder, sha


def _unfiled(company: UUID) -> list[UUID]:
    """Files that were received and that nothing keeps any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.file_id FROM archive_intakeevent e WHERE e.company_id = %s"
            " AND NOT EXISTS (SELECT 1 FROM archive_filing f WHERE f.file_id = e.file_id)",
            [company],
        )
        return [row[0] for row in cursor.fetchall()]


def _figures(tally: Tally | None) -> str:
    t = tally or Tally()
    return f"{t.received} = {t.posted} + {t.waiting} + {t.rejected}"
