"""What a company's books know, as posting needs it: codes asked for in, ids and permissions out; a day in, its period out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from razao.companies.models import Company
from razao.ledger.models import Period

CLOSING_PERIOD = 13


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a day falls: fiscal year and period."""

    fiscal_year_id: UUID
    year: str
    period: int
    closed: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """A period of a fiscal year as the calendar reads it."""

    fiscal_year_id: UUID
    year: str
    number: int
    start: date
    end: date
    closed: bool


class Calendar:
    """A company's fiscal years and periods, read at once."""

    def __init__(self, company: Company) -> None:
        rows = Period.objects.filter(company=company).order_by("start", "number")
        columns = ("fiscal_year_id", "fiscal_year__code", "number", "start", "end", "state")
        self.spans = [
            _Span(year_id, year, number, start, end, state == Period.State.CLOSED)
            for year_id, year, number, start, end, state in rows.values_list(*columns)
        ]

    def spot(self, day: date, journal_kind: str = "general") -> Spot | None:
        """Year and period that an entry of ``day`` goes to; None outside every fiscal year.

        Opening journals post to period 0 on the year's first day, closing journals to period 13 in its last month.
        """
        fitting = {span.number: span for span in self.spans if span.start <= day <= span.end}
        months = [number for number in fitting if 0 < number < CLOSING_PERIOD]
        if journal_kind == "opening" and 0 in fitting:
            number = 0
        elif journal_kind == "closing" and CLOSING_PERIOD in fitting:
            number = CLOSING_PERIOD
        elif months:
            number = months[0]
        else:
            return None
        span = fitting[number]
        return Spot(span.fiscal_year_id, span.year, span.number, span.closed)


@dataclass(frozen=True, slots=True)
class Known:
    """Those of the codes asked for that the company has."""

    accounts: dict[str, tuple[bool, bool]]
    """code → may be posted to, needs a cost centre"""
    journals: dict[str, tuple[UUID, str]]
    """code → id and kind"""
    entry_types: dict[str, UUID]
    cost_centers: frozenset[str]
    vat_codes: frozenset[str]
    parties: frozenset[str]


LOOK_UP = """
SELECT 'account', code, NULL::uuid, CASE WHEN needs_cost_center THEN 'needs' END, postable AND active
  FROM ledger_account WHERE company_id = %(company)s AND code = ANY(%(accounts)s)
UNION ALL SELECT 'journal', code, id, kind, true FROM ledger_journal WHERE company_id = %(company)s AND active
UNION ALL SELECT 'entry_type', code, id, NULL, true FROM ledger_entrytype WHERE company_id = %(company)s AND active
UNION ALL SELECT 'cost_center', code, NULL, NULL, true
  FROM ledger_costcenter WHERE company_id = %(company)s AND code = ANY(%(cost_centers)s)
UNION ALL SELECT 'vat_code', code, NULL, NULL, true
  FROM ledger_vatcode WHERE company_id = %(company)s AND code = ANY(%(vat_codes)s)
UNION ALL SELECT 'party', tax_id, NULL, NULL, true
  FROM companies_party WHERE company_id = %(company)s AND tax_id = ANY(%(parties)s)
"""


def known(
    company: Company,
    accounts: list[str],
    cost_centers: list[str],
    vat_codes: list[str],
    parties: list[str],
) -> Known:
    """Look the codes up, and all active journals and entry types, by one query."""
    found: dict[str, dict[str, Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            LOOK_UP,
            {
                "company": company.pk,
                "accounts": accounts,
                "cost_centers": cost_centers,
                "vat_codes": vat_codes,
                "parties": parties,
            },
        )
        for what, code, pk, note, usable in cursor.fetchall():
            found.setdefault(what, {})[code] = (pk, note, usable)

    def of(what: str) -> dict[str, Any]:
        return found.get(what, {})

    return Known(
        accounts={
            code: (usable, bool(needs)) for code, (_, needs, usable) in of("account").items()
        },
        journals={code: (pk, kind) for code, (pk, kind, _) in of("journal").items()},
        entry_types={code: pk for code, (pk, _, _) in of("entry_type").items()},
        cost_centers=frozenset(of("cost_center")),
        vat_codes=frozenset(of("vat_code")),
        parties=frozenset(of("party")),
    )
