"""Accounts of a VAT code: a company's code and what a person typed in, the code changed out.

For countries whose pack knows the tax but no chart, and for offices that keep the tax in accounts of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused
from razao.ledger.models import Account, VatCode

#: Fields that name an account, in the order in which they are asked for.
ACCOUNTS = (
    *("base_account", "tax_account", "reverse_account", "regularisation_account"),
    "captive_account",
)
WHOLE = Decimal(100)


def change_vat_code(
    access: Access, code: str, accounts: Mapping[str, str], deductible: Decimal
) -> VatCode:
    """Give ``code`` its accounts (code of each by the names of ACCOUNTS, blank for none) and its deductible per cent.

    Raises NotFound, and Refused (``accounts.unknown``, ``accounts.takes_no_postings``, ``accounts.percent``) with
    every field that is wrong. What is posted already stays as it is.
    """
    access.require(May.CONFIGURE)
    found = VatCode.objects.filter(company=access.company, code=code).first()
    if found is None:
        raise NotFound(f"VAT code {code}")
    rows = Account.objects.filter(company=access.company, code__in=list(accounts.values()))
    chart = {account.code: account for account in rows}
    problems = [] if 0 <= deductible <= WHOLE else [Problem("accounts.percent", where="deductible")]
    for field, asked in accounts.items():
        if asked and asked not in chart:
            problems.append(Problem("accounts.unknown", where=field, values={"code": asked}))
        elif asked and not chart[asked].postable:
            said = {"code": asked}
            problems.append(Problem("accounts.takes_no_postings", where=field, values=said))
    if problems:
        raise Refused(*problems)
    for field, asked in accounts.items():
        setattr(found, field, chart.get(asked))
    found.deductible_percent = deductible
    found.save()
    details = {**accounts, "deductible": str(deductible)}
    record(
        "vat_code.changed",
        user=access.user_id,
        company=access.company.pk,
        subject=code,
        details=details,
    )
    return found
