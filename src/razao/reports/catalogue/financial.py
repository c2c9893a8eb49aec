"""Balance sheet and income statement: parameters in; the lines of the country's model with their accounts' sums out.

The models are data (``reports/data/<country>_balance_sheet.csv`` and ``…_income_statement.csv``): a line takes the
accounts whose code begins with one of its prefixes, from the side it names. A country without a model gets
lines by the kind of account.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from razao.ledger.balances import TrialRow
from razao.reports.parameters import Parameters, sums_of
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

BALANCE_SHEET = "balance_sheet"
INCOME_STATEMENT = "income_statement"
DATA = Path(__file__).parents[1] / "data"
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a model. ``side``: debit or credit (the sign in which it is shown); ``when``: which accounts count.

    ``when``: ``any`` balance, only a ``debit`` one or only a ``credit`` one (accounts that stand on either side of
    the sheet, such as the State). ``sums``: keys of lines added up here, in place of prefixes.
    """

    key: str
    title: str
    side: str
    when: str
    prefixes: tuple[str, ...]
    without: tuple[str, ...]
    sums: tuple[str, ...]
    weight: Weight


@cache
def model(country: str, statement: str) -> tuple[Line, ...]:
    """The lines of a country's model; empty when it has none."""
    path = DATA / f"{country}_{statement}.csv"
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Line(
                row["key"],
                row["title"],
                row["side"],
                row["when"],
                tuple(row["prefixes"].split()),
                tuple(row["without"].split()),
                tuple(row["sums"].split()),
                Weight(row["weight"]),
            )
            for row in csv.DictReader(file)
        )


def amounts(
    lines: tuple[Line, ...], figures: list[TrialRow], result: Decimal = ZERO
) -> dict[str, Decimal]:
    """The amount of each line; ``result`` fills the line with key ``result`` (income less costs not yet closed)."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.sums:
            found[line.key] = sum((_signed(part, found) for part in line.sums), ZERO)
        elif line.key == "result":
            found[line.key] = result + _own(line, figures)
        else:
            found[line.key] = _own(line, figures)
    return found


def _signed(part: str, found: dict[str, Decimal]) -> Decimal:
    return -found[part[1:]] if part.startswith("-") else found[part]


def _own(line: Line, figures: list[TrialRow]) -> Decimal:
    whole = sum((figure.balance for figure in counted(line, figures)), ZERO)
    return whole if line.side == "debit" else -whole


def counted(line: Line, figures: list[TrialRow]) -> Iterator[TrialRow]:
    """The accounts whose balances a line adds up."""
    for figure in figures:
        if not figure.postable or not figure.code.startswith(line.prefixes):
            continue
        if line.without and figure.code.startswith(line.without):
            continue
        if line.when == "debit" and figure.balance <= 0:
            continue
        if line.when == "credit" and figure.balance >= 0:
            continue
        yield figure


def result_of(figures: list[TrialRow]) -> Decimal:
    """Income less costs that no closing entry has moved yet (positive: profit)."""
    return -sum(
        (f.balance for f in figures if f.postable and f.kind in {"income", "expense"}), ZERO
    )


def columns() -> tuple[Column, ...]:
    return (
        Column("line", _("Line"), Kind.TEXT, 5),
        Column("amount", _("Amount"), Kind.AMOUNT, 1.5),
    )


def build_balance_sheet(parameters: Parameters) -> Sheet:
    """The balance sheet at the end of the last period."""
    return _sheet(BALANCE_SHEET, _("Balance sheet"), parameters)


def build_income_statement(parameters: Parameters) -> Sheet:
    """The income statement (by nature) of the periods."""
    return _sheet(INCOME_STATEMENT, _("Income statement"), parameters)


def _sheet(code: str, title: str, parameters: Parameters) -> Sheet:
    return Sheet(
        code,
        title,
        columns(),
        lambda: _rows(code, parameters),
        facts_of(parameters),
        language=parameters.language,
    )


def _rows(code: str, parameters: Parameters) -> Iterator[Row]:
    figures = sums_of(parameters)
    lines = model(parameters.company.country, code)
    if not lines:
        yield from _by_kind(code, figures)
        return
    found = amounts(lines, figures, result_of(figures))
    behind = _behind(lines, figures)
    for line in lines:
        amount = found[line.key]
        heading = line.weight is Weight.GROUP
        if amount or line.weight is not Weight.PLAIN or not parameters.hide_zero:
            yield Row(
                (line.title, None if heading else amount),
                line.weight,
                0 if line.weight is not Weight.PLAIN else 1,
                behind[line.key],
            )


#: Accounts that an address names one by one; of more, it names what their codes begin with.
NAMED = 40


def _behind(lines: tuple[Line, ...], figures: list[TrialRow]) -> dict[str, str]:
    """What lies behind each line: the statement of its accounts, or of those of the lines that it adds up.

    The result leads to the income statement; a sum with it in it to nothing, its parts stand above it.
    """
    accounts: dict[str, list[str]] = {}
    with_result = {"result"}
    links = {"result": f"{INCOME_STATEMENT}:"}
    for line in lines:
        parts = [part.removeprefix("-") for part in line.sums]
        if line.key in with_result or not with_result.isdisjoint(parts):
            with_result.add(line.key)
            links.setdefault(line.key, "")
            continue
        if parts:
            every = [code for part in parts for code in accounts[part]]
        else:
            every = _accounts(line, figures)
        accounts[line.key] = list(dict.fromkeys(every))
        links[line.key] = f"accounts:{' '.join(accounts[line.key])}" if every else ""
    return links


def _accounts(line: Line, figures: list[TrialRow]) -> list[str]:
    """What the codes of a line's accounts begin with; each account by its code where only some of those count."""
    exact = [figure.code for figure in counted(line, figures) if not figure.is_zero]
    narrow = bool(line.without) or line.when != "any"
    return exact if narrow and len(exact) <= NAMED else list(line.prefixes)


KINDS = {
    BALANCE_SHEET: ("asset", "equity", "liability", "other"),
    INCOME_STATEMENT: ("income", "expense"),
}


def _by_kind(code: str, figures: list[TrialRow]) -> Iterator[Row]:
    """Without a model: every account with a balance, under its kind, debits positive for assets and costs."""
    names = {
        "asset": _("Assets"),
        "equity": _("Equity"),
        "liability": _("Liabilities"),
        "other": _("Other accounts"),
        "income": _("Income"),
        "expense": _("Expenses"),
    }
    for kind in KINDS[code]:
        sign = 1 if kind in {"asset", "expense", "other"} else -1
        chosen = [f for f in figures if f.postable and f.kind == kind and f.balance]
        yield Row((names[kind], None), Weight.GROUP)
        for f in chosen:
            yield Row((f"{f.code} {f.name}", sign * f.balance), level=1, link=f"account:{f.code}")
        total = sign * sum((f.balance for f in chosen), ZERO)
        yield Row((_("Total: {name}").format(name=names[kind]), total), Weight.SUBTOTAL)
    yield Row((_("Result of the period"), result_of(figures)), Weight.TOTAL)
