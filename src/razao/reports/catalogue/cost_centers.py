"""Cost-centre statement: parameters in; debits and credits of each account within each cost centre out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from urllib.parse import quote

from django.db import connection
from django.utils.translation import gettext as _

from razao.reports.lines import like_prefixes
from razao.reports.parameters import Parameters
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CODE = "cost_centers"

QUERY = """
SELECT c.code, c.name, a.code, a.name, sum(b.debit), sum(b.credit)
FROM ledger_balance b
JOIN ledger_costcenter c ON c.id = b.cost_center_id
JOIN ledger_account a ON a.id = b.account_id
WHERE b.company_id = %(company)s AND b.fiscal_year_id = %(year)s
  AND b.period BETWEEN %(first)s AND %(last)s AND a.code LIKE ANY (%(account)s)
  AND (%(cost_center)s = '' OR c.code = %(cost_center)s)
GROUP BY 1, 2, 3, 4 ORDER BY 1, a.code COLLATE "C"
"""


def columns() -> tuple[Column, ...]:
    return (
        Column("account", _("Account"), Kind.CODE, 1.5),
        Column("name", _("Name"), Kind.TEXT, 4),
        Column("debit", _("Debit"), Kind.AMOUNT, 1.4),
        Column("credit", _("Credit"), Kind.AMOUNT, 1.4),
        Column("balance", _("Balance"), Kind.AMOUNT, 1.4),
    )


def build(parameters: Parameters) -> Sheet:
    """Cost centres with their accounts."""
    return Sheet(
        CODE,
        _("Cost-centre statement"),
        columns(),
        lambda: _rows(parameters),
        facts_of(parameters),
        language=parameters.language,
    )


def _rows(parameters: Parameters) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY,
            {
                "company": parameters.company.pk,
                "year": parameters.fiscal_year.pk,
                "first": parameters.first_period,
                "last": parameters.last_period,
                "account": like_prefixes(parameters.account),
                "cost_center": parameters.cost_center,
            },
        )
        found = cursor.fetchall()
    for (code, name), rows in groupby(found, key=lambda row: (row[0], row[1])):
        yield Row((code, name, None, None, None), Weight.GROUP, 0, _behind(code))
        debit = credit = Decimal("0.00")
        for _code, _name, account, account_name, row_debit, row_credit in rows:
            debit += row_debit
            credit += row_credit
            cells = (account, account_name, row_debit, row_credit, row_debit - row_credit)
            yield Row(cells, level=1, link=f"{_behind(code)}&account={quote(account)}")
        sums = ("", _("Sum"), debit, credit, debit - credit)
        yield Row(sums, Weight.SUBTOTAL, link=_behind(code))


def _behind(center: str) -> str:
    """The lines of a cost centre."""
    return f"account_statement:cost_center={quote(center)}"
