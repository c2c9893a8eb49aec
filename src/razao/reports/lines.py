"""Posted lines, streamed: in: parameters and an order, out: one value a line; memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from razao.reports.parameters import Parameters

#: Orders of the lines: by account as a statement and a general ledger, or by entry as a journal.
BY_ACCOUNT = 'a.code COLLATE "C", l.date, j.code, e.number, l.position'
BY_ENTRY = "j.code, e.number, l.position"
BY_DATE = "l.date, j.code, e.number, l.position"

FETCH = 2000


@dataclass(frozen=True, slots=True)
class PostedLine:
    """A posted line with what a report says of its entry."""

    account: str
    account_name: str
    date: date
    journal: str
    number: int
    entry_type: str
    reference: str | None
    text: str | None
    debit: Decimal
    credit: Decimal
    cost_center: str | None
    entry_id: UUID
    period: int
    position: int
    party_name: str | None


QUERY = """
SELECT a.code, a.name, l.date, j.code, e.number, t.code, e.reference, coalesce(l.text, e.text),
  l.debit, l.credit, c.code, e.id, e.period, l.position, p.name
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_account a ON a.id = l.account_id
JOIN ledger_journal j ON j.id = e.journal_id
JOIN ledger_entrytype t ON t.id = e.entry_type_id
LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
LEFT JOIN companies_party p ON p.id = l.party_id
WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s
  AND e.period BETWEEN %(first)s AND %(last)s
  AND a.code LIKE ANY (%(account)s)
  AND (%(journal)s = '' OR j.code = %(journal)s)
  AND (%(cost_center)s = '' OR c.code = %(cost_center)s)
  AND (%(party)s::uuid IS NULL OR l.party_id = %(party)s)
ORDER BY {order}
"""


def posted_lines(parameters: Parameters, order: str) -> Iterator[PostedLine]:
    """The lines of the period in ``order`` (one of the orders above), through a cursor of the database."""
    for row in stream(QUERY.format(order=order), _arguments(parameters)):
        yield PostedLine(*row)


def _arguments(parameters: Parameters) -> dict[str, Any]:
    return {
        "company": parameters.company.pk,
        "year": parameters.fiscal_year.pk,
        "first": parameters.first_period,
        "last": parameters.last_period,
        "account": like_prefixes(parameters.account),
        "journal": parameters.journal,
        "cost_center": parameters.cost_center,
        "party": parameters.party,
    }


def stream(query: str, arguments: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``query`` through a cursor of the database, ``FETCH`` at a time."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(query, arguments)
        while rows := cursor.fetchmany(FETCH):
            yield from rows


def like_prefixes(text: str) -> list[str]:
    """LIKE patterns for what begins with one of the words of ``text``; without words, for everything."""
    return [
        word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        for word in text.split() or [""]
    ]


def line_count(parameters: Parameters) -> int:
    """How many lines ``posted_lines`` will give; for progress and for deciding that a job is due."""
    query = f"SELECT count(*) FROM ({QUERY.format(order='1')}) lines"  # noqa: S608  (no outside text in it)
    with connection.cursor() as cursor:
        cursor.execute(query, _arguments(parameters))
        return int(cursor.fetchone()[0])
