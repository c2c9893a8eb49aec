"""The account statement: an account and days in; its lines with the running balance out, a page at a time.

Pages are found by where the last one ended (date, entry, position), never by counting rows, so that the
thousandth page costs what the first does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum

from razao.companies.models import Company, FiscalYear
from razao.kernel.problems import NotFound
from razao.ledger.models import Account, Balance, Line, Period

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended, and the balance there."""

    date: date
    entry_id: UUID
    position: int
    balance: Decimal


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line with what a reader needs to know of its entry; ``balance`` is after it, debit positive."""

    date: date
    entry_id: UUID
    position: int
    journal: str
    number: int
    entry_type: str
    account: str
    reference: str
    text: str
    cost_center: str
    debit: Decimal
    credit: Decimal
    reverses_id: UUID | None
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of a statement. ``opening`` is the balance before its first line."""

    account: Account
    start: date
    end: date
    opening: Decimal
    lines: tuple[StatementLine, ...]
    following: Place | None
    """where the next page starts; None on the last one"""

    @property
    def closing(self) -> Decimal:
        """The balance after the last line of the page."""
        return self.lines[-1].balance if self.lines else self.opening


#: The first lines of each account come from its index in order of days; only those are joined and merged.
QUERY = """
SELECT l.date, l.entry_id, l.position, j.code, e.number, t.code, a.code, coalesce(e.reference, ''),
  coalesce(nullif(l.text, ''), e.text, ''), coalesce(c.code, ''), l.debit, l.credit, e.reverses_id
FROM (
  SELECT first.* FROM unnest(%(accounts)s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT * FROM ledger_line m
    WHERE m.company_id = %(company)s AND m.account_id = wanted.id AND m.date BETWEEN %(start)s AND %(end)s
      AND (m.date, m.entry_id, m.position) > (%(date)s, %(entry)s, %(position)s)
    ORDER BY m.date, m.entry_id, m.position LIMIT %(limit)s
  ) first ORDER BY first.date, first.entry_id, first.position LIMIT %(limit)s
) l
JOIN ledger_entry e ON e.company_id = %(company)s AND e.id = l.entry_id
JOIN ledger_journal j ON j.id = e.journal_id
JOIN ledger_entrytype t ON t.id = e.entry_type_id
JOIN ledger_account a ON a.id = l.account_id
LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
ORDER BY l.date, l.entry_id, l.position
"""
NOWHERE = UUID(int=0)


def statement(
    company: Company,
    code: str,
    *,
    start: date,
    end: date,
    after: Place | None = None,
    limit: int = 100,
) -> Statement:
    """Lines of the account ``code`` (or, for a heading, of all accounts below it) from ``start`` to ``end``.

    The opening balance counts from the beginning of the fiscal year that ``start`` lies in. Raises NotFound
    for an account that the company does not have.
    """
    account = Account.objects.filter(company=company, code=code).first()
    if account is None:
        raise NotFound(f"account {code}")
    below = Account.objects.filter(company=company, code__startswith=code)
    accounts = [account.pk] if account.postable else list(below.values_list("pk", flat=True))
    opening = after.balance if after else _balance_before(company, accounts, start)
    place = after or Place(start, NOWHERE, -1, opening)
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY,
            {
                "company": company.pk,
                "accounts": accounts,
                "start": start,
                "end": end,
                "date": place.date,
                "entry": place.entry_id,
                "position": place.position,
                "limit": limit + 1,
            },
        )
        rows = cursor.fetchall()
    lines = _running(rows[:limit], opening)
    last = lines[-1] if len(rows) > limit else None
    following = Place(last.date, last.entry_id, last.position, last.balance) if last else None
    return Statement(account, start, end, opening, tuple(lines), following)


def _running(rows: list[tuple[Any, ...]], balance: Decimal) -> list[StatementLine]:
    lines = []
    for row in rows:
        balance += row[10] - row[11]
        lines.append(StatementLine(*(*row, balance)))
    return lines


def _balance_before(company: Company, accounts: list[UUID], start: date) -> Decimal:
    """The balance at the end of the day before ``start``, from the fiscal year's beginning.

    Whole months come from ``Balance`` (with period 0, whose one day lies in the first), the days after
    them from lines.
    """
    year = FiscalYear.objects.filter(company=company, start__lte=start, end__gte=start).first()
    if year is None:
        return ZERO
    months = Period.objects.filter(fiscal_year=year, number__range=(1, 12), end__lt=start)
    last = months.order_by("-number").first()
    whole = Balance.objects.filter(
        company=company,
        fiscal_year=year,
        account__in=accounts,
        period__lte=last.number if last else -1,
    )
    since = last.end + timedelta(days=1) if last else year.start
    days = Line.objects.filter(
        company=company, account__in=accounts, date__gte=since, date__lt=start
    )
    sums = [rows.aggregate(net=Sum(F("debit") - F("credit")))["net"] for rows in (whole, days)]
    return sum((net or ZERO for net in sums), ZERO)
