"""Reports on their way to the client: in: a report's code and the words of its address, out: its parcel, then its file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import Max

from razao.companies.models import Company, FiscalYear
from razao.companies.rights import Access
from razao.delivery.catalogue import category_of_report
from razao.delivery.parcel import Parcel
from razao.kernel.problems import Problem, Refused
from razao.ledger.models import Entry
from razao.reports.index import BY_CODE, Form, sheet_of, write
from razao.reports.parameters import Parameters, fiscal_year_of

Progress = Callable[[int, int], None]


def known(report: str) -> bool:
    """Whether there is a report of this code."""
    return report in BY_CODE


def describe(access: Access, report: str, said: Mapping[str, Any], form: str) -> Parcel:
    """The parcel of a report as the review window shows it: everything filled in by the system (E5).

    ``said`` are the words of the report's address (year, first, last, account …). What it leaves open is made
    explicit, so that the file is made of the same parameters whenever the job runs. Raises Refused
    (``reports.no_year``, ``delivery.parameter_unreadable``, ``delivery.report_unknown``).
    """
    if not known(report):
        raise Refused(Problem("delivery.report_unknown", where=report))
    parameters = parameters_of(access.company, said)
    exact = {
        "year": parameters.fiscal_year.code,
        "first": parameters.first_period,
        "last": parameters.last_period,
        "account": parameters.account,
        "level": parameters.level,
        "cost_center": parameters.cost_center,
        "journal": parameters.journal,
        "hide_zero": parameters.hide_zero,
    }
    period = period_of(parameters)
    objects = [parameters.account, parameters.cost_center, parameters.journal]
    title = " ".join(filter(None, (str(BY_CODE[report].title), *objects, period)))
    return Parcel(
        category=category_of_report(report),
        title=title,
        period=period,
        due_date=_due_date(access.company, report, parameters),
        report=report,
        parameters=exact,
        form=form,
    )


def parameters_of(company: Company, said: Mapping[str, Any]) -> Parameters:
    """Words of an address, or parameters that a delivery kept, as a report's parameters. Raises Refused."""
    hide_zero = said.get("hide_zero", not said.get("show_zero"))
    return Parameters(
        company,
        _year(company, str(said.get("year") or "")),
        first_period=_number(said, "first", 1),
        last_period=_number(said, "last", 12),
        account=str(said.get("account") or ""),
        level=_number(said, "level", 0),
        cost_center=str(said.get("cost_center") or ""),
        journal=str(said.get("journal") or ""),
        hide_zero=bool(hide_zero),
    )


def _number(said: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = said.get(name)
    if value in (None, ""):
        return otherwise
    try:
        return int(str(value))
    except ValueError:
        raise Refused(Problem("delivery.parameter_unreadable", where=name)) from None


def _year(company: Company, code: str) -> FiscalYear:
    """The year asked for, else the one last posted to."""
    latest = (
        None if code else Entry.objects.filter(company=company).aggregate(day=Max("date"))["day"]
    )
    return fiscal_year_of(company, code, latest)


def period_of(parameters: Parameters) -> str:
    """The period as the portal names it: a month, a quarter, the year, or the month it runs to."""
    first, last = parameters.first_period, min(parameters.last_period, 12)
    start, end = parameters.start, parameters.end
    if first <= 1 and last == 12:
        return parameters.fiscal_year.code[:20]
    if (start.month - 1) % 3 == 0 and (end.year, end.month) == (start.year, start.month + 2):
        return f"{end.year}-T{end.month // 3}"
    return f"{end:%Y-%m}"


def _due_date(company: Company, report: str, parameters: Parameters) -> date | None:
    """The day by which what the report is about is to be paid, where a law says one for all.

    CIVA art. 27.º: VAT of a period is paid by the 25th of the second month after it.
    """
    if report != "vat_return" or company.country != "PT":
        return None
    month = parameters.end.month + 1
    return date(parameters.end.year + month // 12, month % 12 + 1, 25)


@contextmanager
def rendered(
    access: Access,
    report: str,
    said: Mapping[str, Any],
    form: str,
    progress: Progress,
) -> Iterator[BinaryIO]:
    """The report's file, open to be read. Raises Refused (``delivery.report_unknown``, and what the report refuses)."""
    if not known(report):
        raise Refused(Problem("delivery.report_unknown", where=report))
    sheet = sheet_of(report, parameters_of(access.company, said))
    with tempfile.TemporaryDirectory(prefix="razao-delivery-") as folder:
        path = Path(folder) / f"{report}.{form}"
        write(sheet, Form(form), path, progress)
        with path.open("rb") as file:
            yield file
