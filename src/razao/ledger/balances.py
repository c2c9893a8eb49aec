"""The trial balance: a company, a fiscal year and periods in; sums of every account and heading out.

Made of ``Balance`` (accounts × periods), never of lines, so that it costs the same for a thousand lines
and for ten million.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from razao.companies.models import Company
from razao.countries.account_codes import stems
from razao.ledger.models import Account, Balance

ZERO = Decimal("0.00")
LAST_PERIOD = 16


@dataclass(slots=True)
class TrialRow:
    """One account or heading. Amounts in the company's currency; a balance is debit minus credit."""

    code: str
    name: str
    kind: str
    postable: bool
    level: int
    """1 for a class of the chart; headings that have no account of their own are not counted"""
    opening_debit: Decimal = ZERO
    opening_credit: Decimal = ZERO
    """before the first period asked for, within the fiscal year"""
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    """in the periods asked for"""

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
    """Balances of fiscal year ``year`` (its code), periods ``first`` to ``last`` (0 opening, 13–16 closing).

    Period 0 counts as opening unless asked for. ``cost_center`` limits to lines of that cost centre,
    ``prefix`` to accounts whose code begins so. Accounts without any amount are left out.
    """
    leaves = _leaves(company, year, first, last, cost_center, prefix)
    total = TrialRow("", "", "", postable=False, level=0)
    for row in leaves:
        total.add(row)
    rows = _with_headings(company, leaves) if headings else leaves
    return TrialBalance(year, first, last, tuple(sorted(rows, key=lambda row: row.code)), total)


def _leaves(
    company: Company, year: str, first: int, last: int, cost_center: str | None, prefix: str
) -> list[TrialRow]:
    rows = Balance.objects.filter(company=company, fiscal_year__code=year, period__lte=last)
    if cost_center is not None:
        rows = rows.filter(cost_center__code=cost_center)
    if prefix:
        rows = rows.filter(account__code__startswith=prefix)
    before, within = Q(period__lt=first), Q(period__gte=first)
    sums = rows.values(
        "account__code", "account__name", "account__kind", "account__postable"
    ).annotate(
        opening_debit=Coalesce(Sum("debit", filter=before), ZERO),
        opening_credit=Coalesce(Sum("credit", filter=before), ZERO),
        moved_debit=Coalesce(Sum("debit", filter=within), ZERO),
        moved_credit=Coalesce(Sum("credit", filter=within), ZERO),
    )
    return [
        TrialRow(
            row["account__code"],
            row["account__name"],
            row["account__kind"],
            row["account__postable"],
            1,
            row["opening_debit"],
            row["opening_credit"],
            row["moved_debit"],
            row["moved_credit"],
        )
        for row in sums
    ]


def _with_headings(company: Company, leaves: list[TrialRow]) -> list[TrialRow]:
    """The rows and those of every account of the chart whose code begins theirs."""
    chart = {
        code: (name, kind, postable)
        for code, name, kind, postable in Account.objects.filter(
            company=company, code__in={stem for row in leaves for stem in stems(row.code)}
        ).values_list("code", "name", "kind", "postable")
    }
    rows: dict[str, TrialRow] = {}
    for leaf in leaves:
        above = [stem for stem in stems(leaf.code) if stem in chart]
        leaf.level = len(above) + 1
        for level, stem in enumerate(above, 1):
            heading = rows.setdefault(stem, TrialRow(stem, *chart[stem], level=level))
            heading.add(leaf)
        own = rows.setdefault(leaf.code, leaf)
        if own is not leaf:  # posted to, and a heading of others as well
            own.add(leaf)
    return list(rows.values())
