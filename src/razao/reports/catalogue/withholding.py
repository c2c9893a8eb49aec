"""Withholding summary: parameters in; tax withheld by code and party, with its base, out.

What was withheld stands on the accounts kept for each code (``WithholdingAccount``); its base is what the
same entry states as tax bases.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from urllib.parse import quote

from django.db import connection
from django.utils.translation import gettext as _

from razao.reports.parameters import Parameters
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CODE = "withholding_summary"

QUERY = """
WITH held AS (
  SELECT l.entry_id, l.party_id, w.direction, l.account_id,
    sum(CASE w.direction WHEN 'purchase' THEN l.credit - l.debit ELSE l.debit - l.credit END) AS tax
  FROM ledger_line l
  JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
  JOIN (SELECT DISTINCT account_id, direction FROM ledger_withholdingaccount WHERE company_id = %(company)s) w
    ON w.account_id = l.account_id
  WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s
    AND e.period BETWEEN %(first)s AND %(last)s
  GROUP BY 1, 2, 3, 4
), bases AS (
  SELECT l.entry_id, sum(l.tax_base * CASE WHEN h.direction = 'purchase' THEN sign(l.debit - l.credit)
    ELSE sign(l.credit - l.debit) END) AS base
  FROM (SELECT DISTINCT entry_id, direction FROM held) h
  JOIN ledger_line l ON l.company_id = %(company)s AND l.entry_id = h.entry_id AND l.tax_base IS NOT NULL
  GROUP BY 1
)
SELECT h.direction, coalesce(nullif(p.withholding_code, ''), a.code), coalesce(c.name, a.name),
  coalesce(p.tax_id, ''), coalesce(p.name, ''), coalesce(p.id::text, ''), string_agg(DISTINCT a.code, ' '),
  sum(b.base), sum(h.tax)
FROM held h
JOIN ledger_account a ON a.id = h.account_id
LEFT JOIN companies_party p ON p.id = h.party_id
LEFT JOIN ledger_withholdingcode c ON c.company_id = %(company)s AND c.code = p.withholding_code
LEFT JOIN bases b ON b.entry_id = h.entry_id
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 5, 6
"""


def columns() -> tuple[Column, ...]:
    return (
        Column("tax_id", _("Tax number"), Kind.CODE, 1.3),
        Column("party", _("Name"), Kind.TEXT, 4),
        Column("base", _("Base"), Kind.AMOUNT, 1.4),
        Column("tax", _("Withheld"), Kind.AMOUNT, 1.4),
    )


def build(parameters: Parameters) -> Sheet:
    """Tax withheld, by code and party."""
    return Sheet(
        CODE,
        _("Withholding summary"),
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
            },
        )
        found = cursor.fetchall()
    sides = {"purchase": _("Withheld by the company"), "sale": _("Withheld from the company")}
    for (side, code, name), rows in groupby(found, key=lambda row: row[:3]):
        yield Row((code, f"{name} · {sides[side]}", None, None), Weight.GROUP)
        base = tax = Decimal("0.00")
        for *_head, tax_id, party, party_id, accounts, row_base, row_tax in rows:
            base += row_base or 0
            tax += row_tax
            link = f"account_statement:account={quote(accounts)}&party={party_id}"
            yield Row((tax_id, party, row_base, row_tax), level=1, link=link)
        yield Row(("", _("Sum"), base, tax), Weight.SUBTOTAL)
