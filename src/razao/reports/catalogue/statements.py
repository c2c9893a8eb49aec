"""Account statement and general ledger: parameters in; each account's lines with a running balance out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from razao.ledger.balances import TrialRow
from razao.reports.lines import BY_ACCOUNT, PostedLine, line_count, posted_lines
from razao.reports.parameters import Parameters, sums_of
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

STATEMENT = "account_statement"
GENERAL_LEDGER = "general_ledger"


def columns() -> tuple[Column, ...]:
    return (
        Column("date", _("Date"), Kind.DATE, 1.05),
        Column("entry", _("Entry"), Kind.CODE, 1.25),
        Column("reference", _("Document"), Kind.CODE, 1.7),
        Column("text", _("Description"), Kind.TEXT, 3.2),
        Column("debit", _("Debit"), Kind.AMOUNT, 1.25, carried=True),
        Column("credit", _("Credit"), Kind.AMOUNT, 1.25, carried=True),
        Column("balance", _("Balance"), Kind.AMOUNT, 1.3),
    )


def build_statement(parameters: Parameters) -> Sheet:
    """The statement of the accounts that begin with the code asked for."""
    return _sheet(STATEMENT, _("Account statement"), parameters)


def build_general_ledger(parameters: Parameters) -> Sheet:
    """Every account's statement, one after the other."""
    return _sheet(GENERAL_LEDGER, _("General ledger"), replace(parameters, account=""))


def _sheet(code: str, title: str, parameters: Parameters) -> Sheet:
    openings = {f.code: f for f in sums_of(parameters) if not f.is_zero}
    return Sheet(
        code,
        title,
        columns(),
        lambda: _rows(parameters, openings),
        facts_of(parameters),
        language=parameters.language,
        row_count=line_count(parameters) + 2 * len(openings),
    )


def _rows(parameters: Parameters, openings: dict[str, TrialRow]) -> Iterator[Row]:
    waiting = dict(openings)
    for code, lines in groupby(posted_lines(parameters, BY_ACCOUNT), key=lambda line: line.account):
        # Accounts with an opening balance and no movement stand in their place among the others.
        for idle in [c for c in waiting if c < code]:
            yield from _account(waiting.pop(idle), iter(()))
        yield from _account(waiting.pop(code), lines)
    for figure in waiting.values():
        yield from _account(figure, iter(()))


def _account(figure: TrialRow, lines: Iterator[PostedLine]) -> Iterator[Row]:
    """Heading with the balance brought forward, the lines, and the sums."""
    balance = figure.opening
    head = f"{figure.code} {figure.name}"
    yield Row((None, "", "", head, None, None, balance), Weight.GROUP, 0, f"account:{figure.code}")
    debit = credit = Decimal("0.00")
    for line in lines:
        debit += line.debit
        credit += line.credit
        balance += line.debit - line.credit
        yield Row(
            (
                line.date,
                f"{line.journal}/{line.number}",
                line.reference or "",
                line.text or "",
                line.debit or None,
                line.credit or None,
                balance,
            ),
            link=f"entry:{line.entry_id}",
        )
    yield Row((None, "", "", _("Sum of the period"), debit, credit, balance), Weight.SUBTOTAL)
