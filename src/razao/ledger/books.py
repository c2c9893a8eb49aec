"""What a company's books know, as posting needs it: codes asked for in, ids and permissions out; a day in, its period out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from razao.companies.models import Company, FiscalYear, Party
from razao.ledger.models import Account, CostCenter, EntryType, Journal, Period, VatCode

CLOSING_PERIOD = 13


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a day falls: fiscal year and period."""

    fiscal_year_id: UUID
    year: str
    period: int
    closed: bool


class Calendar:
    """A company's fiscal years and periods."""

    def __init__(self, company: Company) -> None:
        self.years = list(FiscalYear.objects.filter(company=company).order_by("start"))
        self.periods: dict[UUID, list[Period]] = {year.pk: [] for year in self.years}
        for period in Period.objects.filter(company=company).order_by("number"):
            self.periods[period.fiscal_year_id].append(period)

    def spot(self, day: date, journal_kind: str = "general") -> Spot | None:
        """Year and period that an entry of ``day`` goes to; None outside every fiscal year.

        Opening journals post to period 0 on the year's first day, closing journals to period 13 in its last month.
        """
        year = next((y for y in self.years if y.start <= day <= y.end), None)
        if year is None:
            return None
        fitting = [p for p in self.periods[year.pk] if p.start <= day <= p.end]
        wanted = range(1, CLOSING_PERIOD)
        if journal_kind == "opening" and day == year.start:
            wanted = range(1)
        elif journal_kind == "closing" and any(p.number == CLOSING_PERIOD for p in fitting):
            wanted = range(CLOSING_PERIOD, CLOSING_PERIOD + 1)
        found = next((p for p in fitting if p.number in wanted), None)
        if found is None:
            return None
        return Spot(year.pk, year.code, found.number, found.state == Period.State.CLOSED)


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


def known(
    company: Company,
    accounts: Iterable[str],
    cost_centers: Iterable[str],
    vat_codes: Iterable[str],
    parties: Iterable[str],
) -> Known:
    """Look the codes up; nothing is asked about what nobody named."""
    rows = Account.objects.filter(company=company, code__in=list(accounts))
    return Known(
        accounts={
            code: (postable and active, needs)
            for code, postable, active, needs in rows.values_list(
                "code", "postable", "active", "needs_cost_center"
            )
        },
        journals={
            j.code: (j.pk, j.kind) for j in Journal.objects.filter(company=company, active=True)
        },
        entry_types={t.code: t.pk for t in EntryType.objects.filter(company=company, active=True)},
        cost_centers=_having(CostCenter, "code", company, cost_centers),
        vat_codes=_having(VatCode, "code", company, vat_codes),
        parties=_having(Party, "tax_id", company, parties),
    )


def _having(
    model: type[CostCenter | VatCode | Party], field: str, company: Company, asked: Iterable[str]
) -> frozenset[str]:
    values = list(asked)
    if not values:
        return frozenset()
    rows = model._default_manager.filter(company=company, **{f"{field}__in": values})
    return frozenset(rows.values_list(field, flat=True))
