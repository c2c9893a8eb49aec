"""A company's year at a glance: in: a fiscal year, out: revenue, costs, VAT and cash of each month, from balances alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from razao.companies.models import Company, FiscalYear
from razao.countries.pack import load

ZERO = Decimal("0.00")
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """One month. ``vat``: tax owed (positive) or to recover; ``cash``: cash and banks at its end."""

    period: int
    revenue: Decimal = ZERO
    costs: Decimal = ZERO
    vat: Decimal = ZERO
    cash: Decimal = ZERO

    @property
    def margin(self) -> Decimal:
        return self.revenue - self.costs


QUERY = """
SELECT least(b.period, 12),
  coalesce(sum(b.credit - b.debit) FILTER (WHERE a.kind = 'income'), 0),
  coalesce(sum(b.debit - b.credit) FILTER (WHERE a.kind = 'expense'), 0),
  coalesce(sum(b.credit - b.debit) FILTER (WHERE a.id IN (
    SELECT tax_account_id FROM ledger_vatcode WHERE company_id = %(company)s
    UNION SELECT reverse_account_id FROM ledger_vatcode WHERE company_id = %(company)s
    UNION SELECT regularisation_account_id FROM ledger_vatcode WHERE company_id = %(company)s)), 0),
  coalesce(sum(b.debit - b.credit) FILTER (WHERE a.code LIKE ANY(%(money)s)), 0)
FROM ledger_balance b
JOIN ledger_account a ON a.id = b.account_id
WHERE b.company_id = %(company)s AND b.fiscal_year_id = %(year)s
GROUP BY 1 ORDER BY 1
"""


def months_of(company: Company, fiscal_year: FiscalYear) -> list[Month]:
    """Twelve months; those without movement are zero, and cash stands as the month before left it."""
    roles = load(company.country).roles
    # Cash and bank stand each under a group of two characters in every chart of the packs.
    money = [f"{roles[role][:2]}%" for role in ("cash", "bank") if role in roles]
    with connection.cursor() as cursor:
        cursor.execute(QUERY, {"company": company.pk, "year": fiscal_year.pk, "money": money})
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    cash = found[0][3] if 0 in found else ZERO
    months: list[Month] = []
    for period in range(1, MONTHS + 1):
        # A sum over no rows is the integer 0: ZERO + gives it its two places.
        revenue, costs, vat, moved = (ZERO + value for value in found.get(period, (ZERO,) * 4))
        cash += moved
        months.append(Month(period, revenue, costs, vat, cash))
    return months
