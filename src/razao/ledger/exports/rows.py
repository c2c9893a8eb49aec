"""Posted entries as a stream: a company in; each entry with its lines out, by date, a few thousand in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, groupby

from django.db import connection

from razao.companies.models import Company

QUERY = """
SELECT e.id, e.date, j.code || ' ' || y.code || '/' || e.number, coalesce(e.reference, ''),
  coalesce(e.text, ''), a.code, l.debit - l.credit, coalesce(l.text, ''), coalesce(c.code, '')
FROM ledger_entry e
JOIN ledger_journal j ON j.id = e.journal_id
JOIN companies_fiscalyear y ON y.id = e.fiscal_year_id
JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
JOIN ledger_account a ON a.id = l.account_id
LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
WHERE e.company_id = %(company)s AND (%(year)s::text IS NULL OR y.code = %(year)s)
ORDER BY e.date, e.id, l.position
"""
CHUNK = 5000


@dataclass(frozen=True, slots=True)
class PlainLine:
    """An account's code and what the entry moves on it, debit positive."""

    account: str
    amount: Decimal
    text: str
    cost_center: str


@dataclass(frozen=True, slots=True)
class PlainEntry:
    """An entry with what another program needs of it. ``name`` is journal, fiscal year and number."""

    date: date
    name: str
    reference: str
    text: str
    lines: tuple[PlainLine, ...]


def plain_entries(company: Company, year: str | None = None) -> Iterator[PlainEntry]:
    """Entries of the company (of the fiscal year with the code ``year``), by date and order of posting."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(QUERY, {"company": company.pk, "year": year})
        chunks = iter(lambda: cursor.fetchmany(CHUNK), [])
        for _, rows in groupby(chain.from_iterable(chunks), key=lambda row: row[0]):
            every = list(rows)
            _, day, name, reference, text = every[0][:5]
            yield PlainEntry(day, name, reference, text, tuple(PlainLine(*r[5:]) for r in every))


def used_accounts(company: Company, year: str | None = None) -> list[tuple[str, str, str]]:
    """Code, name and kind of every account that has been posted to, by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT a.code, a.name, a.kind FROM ledger_balance b"
            " JOIN ledger_account a ON a.id = b.account_id"
            " JOIN companies_fiscalyear y ON y.id = b.fiscal_year_id"
            " WHERE b.company_id = %(company)s AND (%(year)s::text IS NULL OR y.code = %(year)s)"
            " ORDER BY a.code",
            {"company": company.pk, "year": year},
        )
        return list(cursor.fetchall())


def first_day(company: Company, year: str | None = None) -> date | None:
    """The day of the earliest entry; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(e.date) FROM ledger_entry e JOIN companies_fiscalyear y ON y.id = e.fiscal_year_id"
            " WHERE e.company_id = %(company)s AND (%(year)s::text IS NULL OR y.code = %(year)s)",
            {"company": company.pk, "year": year},
        )
        found: date | None = cursor.fetchone()[0]
        return found
