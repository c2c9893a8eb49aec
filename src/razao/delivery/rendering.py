"""Reports on their way to the client: in: a report's code and the words of its address, out: its parcel, then its file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from razao.companies.rights import Access
from razao.delivery.catalogue import category_of_report
from razao.delivery.parcel import Parcel
from razao.kernel.problems import Problem, Refused
from razao.reports.catalogue import vat
from razao.reports.index import OUTPUTS, SAFT, Form, forms_of, make, title_of
from razao.reports.parameters import Parameters, read, words_of
from razao.reports.saft import writer as saft

Progress = Callable[[int, int], None]
VAT_RETURN = vat.RETURN


def known(report: str, form: str = "") -> bool:
    """Whether there is a report of this code (that can be had in ``form``)."""
    return report in OUTPUTS and (not form or form in forms_of(report))


def describe(access: Access, report: str, said: Mapping[str, Any], form: str) -> Parcel:
    """The parcel of a report as the review window shows it: everything filled in by the system (E5).

    ``said`` are the words of the report's address (year, first, last, account …). What it leaves open is made
    explicit, so that the file is made of the same parameters whenever the job runs. Raises Refused
    (``reports.no_year``, ``reports.parameter_unreadable``, ``delivery.report_unknown``, ``delivery.form_unknown``).
    """
    if not known(report):
        raise Refused(Problem("delivery.report_unknown", where=report))
    if not known(report, form):
        raise Refused(Problem("delivery.form_unknown", where=form))
    parameters = read(access.company, said)
    period = parameters.fiscal_year.code if report == SAFT else period_of(parameters)
    objects = [parameters.account, parameters.cost_center, parameters.journal]
    title = " ".join(filter(None, (str(title_of(report)), *objects, period)))
    return Parcel(
        category=category_of_report(report),
        title=title,
        period=period,
        due_date=_due_date(report, parameters),
        amount=_amount(report, parameters),
        report=report,
        parameters=words_of(parameters),
        form=form,
    )


def period_of(parameters: Parameters) -> str:
    """The period as the portal names it: a month, a quarter, the year, or the month it runs to."""
    first, last = parameters.first_period, min(parameters.last_period, 12)
    start, end = parameters.start, parameters.end
    if first <= 1 and last == 12:
        return parameters.fiscal_year.code[:20]
    if (start.month - 1) % 3 == 0 and (end.year, end.month) == (start.year, start.month + 2):
        return f"{end.year}-T{end.month // 3}"
    return f"{end:%Y-%m}"


def _due_date(report: str, parameters: Parameters) -> date | None:
    """The day by which what the report is about is to be paid, where a law says one for all.

    CIVA art. 27.º: VAT of a period is paid by the 25th of the second month after it.
    """
    if not _is_return(report, parameters):
        return None
    month = parameters.end.month + 1
    return date(parameters.end.year + month // 12, month % 12 + 1, 25)


def _is_return(report: str, parameters: Parameters) -> bool:
    """Whether it is a Portuguese VAT return of a period for which one is handed in: a month or a quarter (CIVA art. 41.º)."""
    months = parameters.last_period - parameters.first_period + 1
    quarter = months == 3 and parameters.end.month % 3 == 0
    return report == VAT_RETURN and parameters.company.country == "PT" and (months == 1 or quarter)


def _amount(report: str, parameters: Parameters) -> Decimal | None:
    """What is to be paid by the due date: the tax of a VAT return that gives one. None where nothing is to be paid."""
    if not _is_return(report, parameters):
        return None
    due = vat.payable(parameters)
    return due if due > 0 else None


def refusals(access: Access, wanted: Parcel) -> list[Problem]:
    """Why what is wanted could not be made, where that is known before it is tried: an accounting file that would be invalid."""
    if wanted.report != SAFT:
        return []
    try:
        return saft.check(access.company, read(access.company, wanted.parameters).fiscal_year)
    except Refused as refusal:  # the country has no such file
        return list(refusal.problems)


@contextmanager
def rendered(
    access: Access,
    report: str,
    said: Mapping[str, Any],
    form: str,
    progress: Progress,
) -> Iterator[BinaryIO]:
    """The report's file, open to be read. Raises Refused (``delivery.report_unknown``, and what the report refuses)."""
    if not known(report, form):
        raise Refused(Problem("delivery.report_unknown", where=report))
    with tempfile.TemporaryDirectory(prefix="razao-delivery-") as folder:
        path = Path(folder) / f"{report}.{form}"
        make(report, read(access.company, said), Form(form), path, progress)
        with path.open("rb") as file:
            yield file
