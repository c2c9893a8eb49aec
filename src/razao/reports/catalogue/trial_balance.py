"""Trial balance (balancete): parameters in; every account with its period, its sums to date and its balance out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from razao.countries.account_codes import digits
from razao.ledger.balances import ZERO, TrialRow, rolled_up
from razao.reports.parameters import Parameters, sums_of
from razao.reports.sheet import Cell, Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CODE = "trial_balance"


def columns() -> tuple[Column, ...]:
    return (
        Column("account", _("Account"), Kind.CODE, 1.4),
        Column("name", _("Name"), Kind.TEXT, 3.4),
        Column("debit", _("Period debit"), Kind.AMOUNT, 1.25),
        Column("credit", _("Period credit"), Kind.AMOUNT, 1.25),
        Column("accumulated_debit", _("Accumulated debit"), Kind.AMOUNT, 1.35),
        Column("accumulated_credit", _("Accumulated credit"), Kind.AMOUNT, 1.35),
        Column("balance_debit", _("Debit balance"), Kind.AMOUNT, 1.25),
        Column("balance_credit", _("Credit balance"), Kind.AMOUNT, 1.25),
    )


def shown(parameters: Parameters) -> list[TrialRow]:
    """The accounts to show, groups rolled up, by code."""
    return [
        figure
        for figure in rolled_up(sums_of(parameters))
        if not (parameters.hide_zero and figure.is_zero)
        and (not parameters.level or digits(figure.code) <= parameters.level)
    ]


def build(parameters: Parameters) -> Sheet:
    """The trial balance of a company."""
    figures = shown(parameters)
    # Of postable accounts alone: groups repeat what is below them.
    every = [_amounts(figure) for figure in sums_of(parameters) if figure.postable]
    sums = [sum(column, ZERO) for column in zip(*every, strict=True)] or [ZERO] * 6

    def rows() -> Iterator[Row]:
        for figure in figures:
            yield Row(
                _cells(figure),
                Weight.PLAIN if figure.postable else Weight.GROUP,
                figure.level - 1,
                f"account:{figure.code}",
            )
        yield Row(("", _("Total"), *sums), Weight.TOTAL)

    return Sheet(
        CODE,
        _("Trial balance"),
        columns(),
        rows,
        facts_of(parameters),
        language=parameters.language,
        landscape=True,
        row_count=len(figures) + 1,
    )


def _cells(figure: TrialRow) -> tuple[Cell, ...]:
    return (figure.code, figure.name, *_amounts(figure))


def _amounts(figure: TrialRow) -> tuple[Decimal, ...]:
    return (
        figure.debit,
        figure.credit,
        figure.total_debit,
        figure.total_credit,
        figure.debit_balance,
        figure.credit_balance,
    )
