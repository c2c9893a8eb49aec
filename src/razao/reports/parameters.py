"""What a report is asked for: in: a form's or a command's words, out: checked values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max

from razao.companies.models import Company, FiscalYear
from razao.kernel.problems import Problem, Refused
from razao.ledger.balances import LAST_PERIOD, TrialRow, account_sums
from razao.ledger.models import Entry

#: Parameters that choose lines with VAT.
VAT = ("vat_code", "vat_use", "vat_field")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters that reports share; each report reads those it knows.

    Periods are those of the fiscal year: 0 opening, 1–12 months, 13–16 closing. ``account`` is a code or
    its beginning (several are parted by blanks), ``level`` a number of digits (0: all), ``party`` a party's id.
    ``vat_code``, ``vat_use`` (of ``catalogue.vat``) and ``vat_field`` (of the return) choose lines that carry VAT.
    """

    company: Company
    fiscal_year: FiscalYear
    first_period: int = 1
    last_period: int = 12
    account: str = ""
    level: int = 0
    cost_center: str = ""
    journal: str = ""
    party: UUID | None = None
    vat_code: str = ""
    vat_use: str = ""
    vat_field: str = ""
    hide_zero: bool = True
    language: str = "pt"

    @property
    def start(self) -> date:
        """First day of the first period."""
        return self._period(max(1, self.first_period)).start

    @property
    def end(self) -> date:
        """Last day of the last period."""
        return self._period(max(1, self.last_period)).end

    def _period(self, number: int) -> Span:
        months = spans(self.fiscal_year)
        return months[min(number, len(months)) - 1]


@dataclass(frozen=True, slots=True)
class Span:
    start: date
    end: date


def spans(fiscal_year: FiscalYear) -> list[Span]:
    """The months of a fiscal year, first to last (a short year has fewer than twelve)."""
    months: list[Span] = []
    first = fiscal_year.start
    while first <= fiscal_year.end:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        months.append(
            Span(first, min(date.fromordinal(following.toordinal() - 1), fiscal_year.end))
        )
        first = following
    return months


def fiscal_year_of(company: Company, code: str = "", day: date | None = None) -> FiscalYear:
    """The year named, or that of ``day``, or the latest. Raises Refused (``reports.no_year``) when there is none."""
    years = FiscalYear.objects.filter(company=company).order_by("-start")
    if code:
        years = years.filter(code=code)
    elif day is not None:
        years = years.filter(start__lte=day, end__gte=day)
    year = years.first()
    if year is None:
        raise Refused(Problem("reports.no_year", where=code or str(day or "")))
    return year


def read(company: Company, said: Mapping[str, Any], language: str = "pt") -> Parameters:
    """Words of an address or a form, or what ``words_of`` gave, as parameters; what they leave open gets its default.

    Raises Refused (``reports.no_year``, ``reports.parameter_unreadable``).
    """
    return Parameters(
        company,
        latest_year(company, str(said.get("year") or "")),
        first_period=_number(said, "first", 1),
        last_period=_number(said, "last", 12),
        account=str(said.get("account") or ""),
        level=_number(said, "level", 0),
        cost_center=str(said.get("cost_center") or ""),
        journal=str(said.get("journal") or ""),
        party=_party(said),
        **{name: str(said.get(name) or "") for name in VAT},
        hide_zero=bool(said.get("hide_zero", not said.get("show_zero"))),
        language=language,
    )


def words_of(parameters: Parameters) -> dict[str, Any]:
    """The parameters as JSON values with nothing left open: whenever they are read again, they mean the same."""
    return {
        "year": parameters.fiscal_year.code,
        "first": parameters.first_period,
        "last": parameters.last_period,
        "account": parameters.account,
        "level": parameters.level,
        "cost_center": parameters.cost_center,
        "journal": parameters.journal,
        "party": str(parameters.party or ""),
        **{name: getattr(parameters, name) for name in VAT},
        "hide_zero": parameters.hide_zero,
    }


def _party(said: Mapping[str, Any]) -> UUID | None:
    text = str(said.get("party") or "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused(Problem("reports.parameter_unreadable", where="party")) from None


def _number(said: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = said.get(name)
    if value in (None, ""):
        return otherwise
    try:
        return int(str(value))
    except ValueError:
        raise Refused(Problem("reports.parameter_unreadable", where=name)) from None


def latest_year(company: Company, code: str = "") -> FiscalYear:
    """The year asked for; else the one last posted to, which is what an accountant means by "now"."""
    if code:
        return fiscal_year_of(company, code)
    day = Entry.objects.filter(company=company).aggregate(day=Max("date"))["day"]
    return fiscal_year_of(company, day=day)


def check(parameters: Parameters) -> list[Problem]:
    """Problems of the parameters themselves."""
    first, last = parameters.first_period, parameters.last_period
    if not 0 <= first <= last <= LAST_PERIOD:
        return [Problem("reports.periods_backwards", where=f"{first}–{last}")]
    return []


def sums_of(parameters: Parameters) -> list[TrialRow]:
    """Every account asked for with its own sums, by code (headings have none yet)."""
    return account_sums(
        parameters.company,
        year=parameters.fiscal_year.code,
        first=parameters.first_period,
        last=parameters.last_period,
        cost_center=parameters.cost_center,
        prefix=parameters.account,
    )
