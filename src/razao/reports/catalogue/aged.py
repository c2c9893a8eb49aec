"""Aged balances of customers and suppliers: a day in; what each party owes or is owed, by how long, out.

Payments are matched to the oldest documents first (first in, first out) within each party's account, the
usual way where payments do not name what they pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from razao.countries.pack import load
from razao.reports.lines import like_prefixes, stream
from razao.reports.parameters import Parameters
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CUSTOMERS = "aged_customers"
SUPPLIERS = "aged_suppliers"
ZERO = Decimal("0.00")

#: Upper limits of the classes, in days since the document; the last class is open.
CLASSES = (30, 60, 90, 180)

QUERY = """
SELECT a.code, coalesce(p.name, a.name), coalesce(e.document_date, l.date), sum(l.debit - l.credit)
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_account a ON a.id = l.account_id
LEFT JOIN companies_party p ON p.id = a.party_id
WHERE l.company_id = %(company)s AND l.date <= %(day)s AND a.code LIKE ANY (%(prefix)s)
  AND e.fiscal_year_id = %(year)s
GROUP BY 1, 2, 3 ORDER BY a.code COLLATE "C", 3
"""


@dataclass(frozen=True, slots=True)
class Movement:
    """Net movement of a party's account on a day, positive when it grows what is open."""

    day: date
    amount: Decimal


def open_items(movements: Iterable[Movement]) -> list[Movement]:
    """What is left of the growing movements after the others paid the oldest first; a surplus stands last, negative."""
    left: list[Movement] = []
    paid = ZERO
    for movement in movements:
        if movement.amount > 0:
            left.append(movement)
        else:
            paid -= movement.amount
    remaining: list[Movement] = []
    for item in left:
        used = min(paid, item.amount)
        paid -= used
        if item.amount > used:
            remaining.append(Movement(item.day, item.amount - used))
    if paid:
        remaining.append(Movement(date.max, -paid))
    return remaining


def by_age(items: Iterable[Movement], day: date) -> tuple[Decimal, ...]:
    """Sums by class of age at ``day``; surpluses count in the first."""
    sums = [ZERO] * (len(CLASSES) + 1)
    for item in items:
        age = (day - item.day).days if item.day <= day else 0
        place = next((n for n, limit in enumerate(CLASSES) if age <= limit), len(CLASSES))
        sums[place] += item.amount
    return tuple(sums)


def columns() -> tuple[Column, ...]:
    names = [_("up to %(days)s days") % {"days": CLASSES[0]}]
    names += [
        _("%(first)s–%(last)s days") % {"first": low + 1, "last": high}
        for low, high in pairwise(CLASSES)
    ]
    names.append(_("over %(days)s days") % {"days": CLASSES[-1]})
    ages = tuple(Column(f"age{n}", name, Kind.AMOUNT, 1.25) for n, name in enumerate(names))
    return (
        Column("account", _("Account"), Kind.CODE, 1.4),
        Column("party", _("Name"), Kind.TEXT, 3.2),
        *ages,
        Column("total", _("Total"), Kind.AMOUNT, 1.3),
    )


def build_customers(parameters: Parameters) -> Sheet:
    """What customers owe, by age."""
    return _sheet(CUSTOMERS, _("Aged balances of customers"), parameters, "customers", 1)


def build_suppliers(parameters: Parameters) -> Sheet:
    """What is owed to suppliers, by age."""
    return _sheet(SUPPLIERS, _("Aged balances of suppliers"), parameters, "suppliers", -1)


def _sheet(code: str, title: str, parameters: Parameters, role: str, sign: int) -> Sheet:
    prefix = parameters.account or load(parameters.company.country).roles.get(role, "")
    return Sheet(
        code,
        title,
        columns(),
        lambda: _rows(parameters, prefix, sign),
        facts_of(parameters),
        notes=(_("Payments are set against the oldest documents first."),),
        language=parameters.language,
        landscape=True,
    )


def _rows(parameters: Parameters, prefix: str, sign: int) -> Iterator[Row]:
    arguments: dict[str, Any] = {
        "company": parameters.company.pk,
        "year": parameters.fiscal_year.pk,
        "day": parameters.end,
        "prefix": like_prefixes(prefix),
    }
    totals = [ZERO] * (len(CLASSES) + 1)
    for (code, name), rows in groupby(stream(QUERY, arguments), key=lambda row: row[:2]):
        movements = [Movement(row[2], sign * row[3]) for row in rows]
        ages = by_age(open_items(movements), parameters.end)
        if not any(ages):
            continue
        totals = [a + b for a, b in zip(totals, ages, strict=True)]
        yield Row((str(code), str(name), *ages, sum(ages, ZERO)), link=_behind(code))

    yield Row(("", _("Total"), *totals, sum(totals, ZERO)), Weight.TOTAL)


def _behind(account: object) -> str:
    """All that was posted to the account in the year, which is what ages are counted from."""
    return f"account_statement:first=0&account={quote(str(account))}"
