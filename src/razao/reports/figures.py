"""Sums of accounts from the balances kept in posting; in: a fiscal year and its periods, out: one value an account.

Costs accounts × periods, whatever the number of lines behind them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.db import connection

from razao.countries.account_codes import stems
from razao.reports.parameters import Parameters

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Figures:
    """Debits and credits of an account: before the periods asked for, within them, and both together."""

    account_id: UUID | None
    code: str
    name: str
    kind: str
    postable: bool
    taxonomy: int | None
    opening_debit: Decimal = ZERO
    opening_credit: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def accumulated_debit(self) -> Decimal:
        return self.opening_debit + self.debit

    @property
    def accumulated_credit(self) -> Decimal:
        return self.opening_credit + self.credit

    @property
    def balance(self) -> Decimal:
        """Debits less credits to date."""
        return self.accumulated_debit - self.accumulated_credit

    @property
    def balance_debit(self) -> Decimal:
        return max(self.balance, ZERO)

    @property
    def balance_credit(self) -> Decimal:
        return max(-self.balance, ZERO)

    @property
    def is_zero(self) -> bool:
        return not (self.accumulated_debit or self.accumulated_credit)

    def plus(self, other: Figures) -> Figures:
        """These figures with those of ``other`` added."""
        return replace(
            self,
            opening_debit=self.opening_debit + other.opening_debit,
            opening_credit=self.opening_credit + other.opening_credit,
            debit=self.debit + other.debit,
            credit=self.credit + other.credit,
        )


ACCOUNTS = """
SELECT a.id, a.code, a.name, a.kind, a.postable, a.taxonomy,
  coalesce(sum(b.debit) FILTER (WHERE b.period < %(first)s), 0),
  coalesce(sum(b.credit) FILTER (WHERE b.period < %(first)s), 0),
  coalesce(sum(b.debit) FILTER (WHERE b.period >= %(first)s), 0),
  coalesce(sum(b.credit) FILTER (WHERE b.period >= %(first)s), 0)
FROM ledger_account a
LEFT JOIN ledger_balance b ON b.company_id = a.company_id AND b.account_id = a.id
  AND b.fiscal_year_id = %(year)s AND b.period <= %(last)s
  AND (%(cost_center)s::text = '' OR b.cost_center_id =
       (SELECT c.id FROM ledger_costcenter c WHERE c.company_id = a.company_id AND c.code = %(cost_center)s))
WHERE a.company_id = %(company)s AND a.code LIKE %(prefix)s
GROUP BY a.id, a.code, a.name, a.kind, a.postable, a.taxonomy
ORDER BY a.code COLLATE "C"
"""


def account_figures(parameters: Parameters) -> list[Figures]:
    """Every account of the chart with its own figures (accounts that take no postings have none), by code."""
    with connection.cursor() as cursor:
        cursor.execute(
            ACCOUNTS,
            {
                "company": parameters.company.pk,
                "year": parameters.fiscal_year.pk,
                "first": parameters.first_period,
                "last": parameters.last_period,
                "cost_center": parameters.cost_center,
                "prefix": like_prefix(parameters.account),
            },
        )
        return [Figures(*row) for row in cursor.fetchall()]


def like_prefix(text: str) -> str:
    """A LIKE pattern for what begins with ``text``."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def rolled_up(figures: Iterable[Figures]) -> list[Figures]:
    """Groups take the sums of the accounts below them; an account lies below the longest code that begins its own."""
    own = {figure.code: figure for figure in figures}
    sums = dict(own)
    for code, figure in own.items():
        if figure.is_zero:
            continue
        for group in ancestors(code, own):
            sums[group] = sums[group].plus(figure)
    return [sums[code] for code in sorted(sums)]


def ancestors(code: str, known: dict[str, Figures]) -> list[str]:
    """Codes of ``known`` that groups above ``code`` have, nearest last."""
    return [stem for stem in stems(code) if stem in known and not known[stem].postable]


def depth(code: str, known: dict[str, Figures]) -> int:
    """How many groups stand above ``code``."""
    return len(ancestors(code, known))
