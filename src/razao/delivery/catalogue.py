"""What can be sent and where it stands in the portal: modules, categories, and the category of each report. Grows by a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from razao.kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of document that client users are given rights to."""

    code: str
    module: str
    title: Any


#: Modules in the order of the portal.
MODULES: dict[str, Any] = {
    "accounting": _("Accounting"),
    "tax": _("Tax"),
    "payroll": _("Payroll"),
    "general": _("General"),
}

CATEGORIES: dict[str, Category] = {
    category.code: category
    for category in (
        Category("trial_balances", "accounting", _("Trial balances")),
        Category("statements", "accounting", _("Account statements and journals")),
        Category("annual_accounts", "accounting", _("Annual accounts")),
        Category("management", "accounting", _("Management figures")),
        Category("vat", "tax", _("VAT: returns and payment slips")),
        Category("income_tax", "tax", _("Income tax: returns and payment slips")),
        Category("withholding", "tax", _("Withholding tax")),
        Category("tax_files", "tax", _("Files for the tax authority")),
        Category("tax_letters", "tax", _("Letters of the tax authority")),
        Category("payslips", "payroll", _("Payslips")),
        Category("payroll_reports", "payroll", _("Payroll reports")),
        Category("social_security", "payroll", _("Social security")),
        Category("contracts", "general", _("Contracts")),
        Category("letters", "general", _("Letters and other documents")),
    )
}

#: Report → category. What is not listed goes to ``statements``.
CATEGORY_OF_REPORT: dict[str, str] = {
    "trial_balance": "trial_balances",
    "account_statement": "statements",
    "general_ledger": "statements",
    "journal": "statements",
    "cost_centers": "management",
    "vat_summary": "vat",
    "vat_return": "vat",
    "vat_lines": "vat",
    "withholding_summary": "withholding",
    "balance_sheet": "annual_accounts",
    "income_statement": "annual_accounts",
    "aged_customers": "management",
    "aged_suppliers": "management",
    "saft": "tax_files",
}


def category_of_report(code: str) -> str:
    """Where a report stands in the portal."""
    return CATEGORY_OF_REPORT.get(code, "statements")


def check_categories(codes: list[str]) -> list[Problem]:
    """A problem for each code that the catalogue does not know."""
    return [
        Problem("delivery.category_unknown", where=code) for code in codes if code not in CATEGORIES
    ]
