"""Sums of accounts: a company, a fiscal year and periods in; one value an account out, or the trial balance with its headings.

Made of ``Balance`` (accounts × periods), never of lines, so that it costs the same for a thousand lines
and for ten million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from razao.companies.models import Company
from razao.countries.account_codes import stems

ZERO = Decimal("0.00")
LAST_PERIOD = 16


@dataclass(slots=True)
class TrialRow:
    """One account or heading. Amounts in the company's currency; a balance is debit minus credit."""

    code: str
    name: str
    kind: str
    postable: bool
    taxonomy: int | None = None
    opening_debit: Decimal = ZERO
    opening_credit: Decimal = ZERO
    """before the first period asked for, within the fiscal year"""
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    """in the periods asked for"""
    level: int = 1
    """1 for a class of the chart; headings that have no account of their own are not counted"""

    @property
    def opening(self) -> Decimal:
        return self.opening_debit - self.opening_credit

    @property
    def movement(self) -> Decimal:
        return self.debit - self.credit

    @property
    def total_debit(self) -> Decimal:
        """Accumulated: opening and movement."""
        return self.opening_debit + self.debit

    @property
    def total_credit(self) -> Decimal:
        return self.opening_credit + self.credit

    @property
    def balance(self) -> Decimal:
        return self.total_debit - self.total_credit

    @property
    def debit_balance(self) -> Decimal:
        return max(self.balance, ZERO)

    @property
    def credit_balance(self) -> Decimal:
        return max(-self.balance, ZERO)

    @property
    def is_zero(self) -> bool:
        """Nothing was ever posted to it, before or within the periods."""
        return not (self.total_debit or self.total_credit)

    def add(self, other: TrialRow) -> None:
        """Add the amounts of ``other`` to this row."""
        self.opening_debit += other.opening_debit
        self.opening_credit += other.opening_credit
        self.debit += other.debit
        self.credit += other.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Rows by code, headings before what they contain; ``total`` is the sum of the accounts (headings not counted twice)."""

    year: str
    first: int
    last: int
    rows: tuple[TrialRow, ...]
    total: TrialRow = field(compare=False)

    def row(self, code: str) -> TrialRow | None:
        """The row of an account or heading that has movements."""
        return next((row for row in self.rows if row.code == code), None)


ACCOUNTS = """
SELECT a.code, a.name, a.kind, a.postable, a.taxonomy,
  coalesce(sum(b.debit) FILTER (WHERE b.period < %(first)s), 0),
  coalesce(sum(b.credit) FILTER (WHERE b.period < %(first)s), 0),
  coalesce(sum(b.debit) FILTER (WHERE b.period >= %(first)s), 0),
  coalesce(sum(b.credit) FILTER (WHERE b.period >= %(first)s), 0)
FROM ledger_account a
LEFT JOIN ledger_balance b ON b.company_id = a.company_id AND b.account_id = a.id AND b.period <= %(last)s
  AND b.fiscal_year_id = (SELECT y.id FROM companies_fiscalyear y WHERE y.company_id = a.company_id AND y.code = %(year)s)
  AND (%(cost_center)s::text = '' OR b.cost_center_id =
       (SELECT c.id FROM ledger_costcenter c WHERE c.company_id = a.company_id AND c.code = %(cost_center)s))
WHERE a.company_id = %(company)s AND a.code::text ^@ ANY (%(prefixes)s)
GROUP BY a.id, a.code, a.name, a.kind, a.postable, a.taxonomy
ORDER BY a.code COLLATE "C"
"""


def account_sums(
    company: Company,
    *,
    year: str,
    first: int = 1,
    last: int = LAST_PERIOD,
    cost_center: str = "",
    prefix: str = "",
) -> list[TrialRow]:
    """Every account of the chart with its own sums (headings have none yet), by code.

    Periods ``first`` to ``last`` of fiscal year ``year`` (its code; 0 opening, 13–16 closing); period 0 counts as
    opening unless asked for. ``cost_center`` limits to lines of that cost centre, ``prefix`` to accounts whose code
    begins with one of its words.
    """
    values: dict[str, Any] = {
        "company": company.pk,
        "year": year,
        "first": first,
        "last": last,
        "cost_center": cost_center,
        "prefixes": prefix.split() or [""],
    }
    with connection.cursor() as cursor:
        cursor.execute(ACCOUNTS, values)
        return [TrialRow(*row) for row in cursor.fetchall()]


def rolled_up(rows: Iterable[TrialRow]) -> list[TrialRow]:
    """Headings take the sums of the accounts below them; every row learns its level."""
    known = {row.code: row for row in rows}
    own = [(row, headings_of(row.code, known)) for row in known.values()]
    for row, headings in own:
        row.level = len(headings) + 1
        if row.postable and not row.is_zero:
            for heading in headings:
                known[heading].add(row)
    return [known[code] for code in sorted(known)]


def headings_of(code: str, known: Mapping[str, Any]) -> list[str]:
    """Codes of the headings among ``known`` that stand above ``code``, nearest last."""
    return [stem for stem in stems(code) if stem in known and not known[stem].postable]


def trial_balance(
    company: Company,
    *,
    year: str,
    first: int = 1,
    last: int = LAST_PERIOD,
    cost_center: str | None = None,
    prefix: str = "",
    headings: bool = True,
) -> TrialBalance:
    """As ``account_sums``, with headings, a total, and without the accounts that have no amount."""
    rows = account_sums(
        company, year=year, first=first, last=last, cost_center=cost_center or "", prefix=prefix
    )
    total = TrialRow("", "", "", postable=False, level=0)
    for row in rows:
        total.add(row)
    if headings:
        rows = rolled_up(rows)
    shown = tuple(row for row in rows if not row.is_zero)
    return TrialBalance(year, first, last, shown, total)
