"""The catalogue of reports: in: a code and parameters, out: its sheet, or its file in a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.countries.pack import load
from razao.kernel.money import decimals_of
from razao.kernel.problems import Problem, Refused
from razao.reports.catalogue import (
    aged,
    cost_centers,
    financial,
    journal,
    statements,
    trial_balance,
    vat,
    vat_lines,
    withholding,
)
from razao.reports.parameters import Parameters, check
from razao.reports.render import csv_file, pdf, xlsx
from razao.reports.saft import writer as saft
from razao.reports.sheet import Sheet


class Form(StrEnum):
    """Forms that a report can be had in."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    XML = "xml"


MEDIA_TYPES = {
    Form.PDF: "application/pdf",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.CSV: "text/csv; charset=utf-8",
    Form.XML: "application/xml",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the catalogue. ``asks`` names the parameters it reads besides year and periods."""

    code: str
    title: str | Promise
    group: str
    build: Callable[[Parameters], Sheet]
    asks: tuple[str, ...] = ()


REPORTS: tuple[Report, ...] = (
    Report(
        trial_balance.CODE,
        _("Trial balance"),
        "ledger",
        trial_balance.build,
        ("account", "level", "cost_center", "hide_zero"),
    ),
    Report(
        statements.STATEMENT,
        _("Account statement"),
        "ledger",
        statements.build_statement,
        ("account", "cost_center", "party"),
    ),
    Report(
        statements.GENERAL_LEDGER,
        _("General ledger"),
        "ledger",
        statements.build_general_ledger,
        ("cost_center",),
    ),
    Report(journal.CODE, _("Journal"), "ledger", journal.build, ("journal",)),
    Report(
        cost_centers.CODE,
        _("Cost-centre statement"),
        "ledger",
        cost_centers.build,
        ("account", "cost_center"),
    ),
    Report(vat.SUMMARY, _("VAT summary"), "tax", vat.build_summary),
    Report(vat.RETURN, _("Periodic VAT return"), "tax", vat.build_return),
    Report(
        vat_lines.CODE,
        _("VAT lines"),
        "tax",
        vat_lines.build,
        ("vat_code", "vat_use", "vat_field"),
    ),
    Report(withholding.CODE, _("Withholding summary"), "tax", withholding.build),
    Report(
        financial.BALANCE_SHEET,
        _("Balance sheet"),
        "accounts",
        financial.build_balance_sheet,
        ("hide_zero",),
    ),
    Report(
        financial.INCOME_STATEMENT,
        _("Income statement"),
        "accounts",
        financial.build_income_statement,
        ("hide_zero",),
    ),
    Report(
        aged.CUSTOMERS,
        _("Aged balances of customers"),
        "parties",
        aged.build_customers,
        ("account",),
    ),
    Report(
        aged.SUPPLIERS,
        _("Aged balances of suppliers"),
        "parties",
        aged.build_suppliers,
        ("account",),
    ),
)
BY_CODE = {report.code: report for report in REPORTS}
#: The accounting file for the tax authority: made of a fiscal year as reports are, but no sheet.
SAFT = "saft"
#: Codes of everything that ``make`` makes.
OUTPUTS = (*BY_CODE, SAFT)
SHEET_FORMS = (Form.PDF, Form.XLSX, Form.CSV)


def report(code: str) -> Report:
    """The report with ``code``. Raises Refused (``reports.unknown``)."""
    if code not in BY_CODE:
        raise Refused(Problem("reports.unknown", where=code))
    return BY_CODE[code]


def sheet_of(code: str, parameters: Parameters) -> Sheet:
    """The sheet of a report. Raises Refused for an unknown code or parameters that make no sense."""
    problems = check(parameters)
    if problems:
        raise Refused(*problems)
    places = decimals_of(parameters.company.currency)
    empty = gettext("Nothing on record for this period and these choices.")
    return replace(report(code).build(parameters), places=places, empty=empty)


def offered(country: str) -> tuple[Report, ...]:
    """The reports that a company of ``country`` has: the return's fields are known for some alone."""
    known = bool(load(country).return_fields)
    return tuple(one for one in REPORTS if known or one.code != vat.RETURN)


def title_of(code: str) -> str | Promise:
    """The title of a report or of the accounting file."""
    return _("Accounting file (SAF-T)") if code == SAFT else report(code).title


def forms_of(code: str) -> tuple[Form, ...]:
    """The forms in which something of ``OUTPUTS`` can be had."""
    return (Form.XML,) if code == SAFT else SHEET_FORMS


def make(
    code: str,
    parameters: Parameters,
    form: Form,
    path: Path,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Write something of ``OUTPUTS`` to ``path``. Raises Refused for what stands against it."""
    if code == SAFT:
        saft.write(parameters.company, parameters.fiscal_year, path, progress)
    else:
        write(sheet_of(code, parameters), form, path, progress)


def write(
    sheet: Sheet,
    form: Form,
    path: Path,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Write ``sheet`` as ``form`` to ``path``, telling how far it is."""
    if form is Form.PDF:
        pdf.write(sheet, path, progress)
    elif form is Form.XLSX:
        xlsx.write(sheet, path, lambda done: progress(done, max(done + 1, sheet.row_count or 0)))
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_file.lines(sheet))


def name_of(code: str, parameters: Parameters, form: Form) -> str:
    """A name for the file that sorts well: company, report, period."""
    company = parameters.company
    if code == SAFT:
        return f"SAFT_{company.tax_id}_{parameters.fiscal_year.code}.xml"
    return f"{company.code}_{code}_{parameters.start:%Y-%m}_{parameters.end:%Y-%m}.{form}"
