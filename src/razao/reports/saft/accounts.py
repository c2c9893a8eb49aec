"""The chart as SAF-T wants it: accounts with figures in; general-ledger accounts with opening and closing balances out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from razao.countries.account_codes import stems
from razao.kernel.problems import Problem
from razao.ledger.balances import ZERO, TrialRow, headings_of

#: Shortest account code that the schema takes (SAFPTGLAccountID has at least two characters).
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class SaftAccount:
    """An account of the file. ``category``: GR first degree, GA group, GM movements (Portaria 302/2016)."""

    code: str
    name: str
    opening_debit: Decimal
    opening_credit: Decimal
    closing_debit: Decimal
    closing_credit: Decimal
    category: str
    grouping: str
    taxonomy: int | None


def in_scope(code: str) -> bool:
    """Classes 1 to 8: analytic accounts (class 9) and memoranda (0) are not part of the file."""
    return code[:1].isdigit() and code[0] in "12345678"


def saft_accounts(
    figures: Iterable[TrialRow], *, with_taxonomy: bool
) -> tuple[list[SaftAccount], list[Problem]]:
    """Accounts that moved, with the groups above them; problems: accounts without taxonomy or group.

    A group's balances are the sums of the debit and credit balances below it. Without taxonomy, an account of
    the first degree may take postings itself and stands under no group (Angola: 51 Capital).
    """
    known = {f.code: f for f in figures if in_scope(f.code)}
    moved = [f for f in known.values() if f.postable and not f.is_zero]
    problems: list[Problem] = []
    made: dict[str, SaftAccount] = {}
    for figure in moved:
        groups = [stem for stem in headings_of(figure.code, known) if len(stem) >= SHORTEST]
        if not groups and with_taxonomy:
            problems.append(Problem("saft_file.no_group", where=figure.code))
            continue
        taxonomy = (figure.taxonomy or _inherited(figure.code, known)) if with_taxonomy else None
        if taxonomy is None and with_taxonomy:
            problems.append(Problem("saft_file.no_taxonomy", where=figure.code))
            continue
        own = _balances(figure)
        made[figure.code] = SaftAccount(
            figure.code, figure.name, *own, "GM", groups[-1] if groups else "", taxonomy
        )
        for place, group in enumerate(groups):
            above = groups[place - 1] if place else ""
            made[group] = _grown(made.get(group), known[group], own, above)
    return [made[code] for code in sorted(made)], problems


def _inherited(code: str, known: dict[str, TrialRow]) -> int | None:
    """The taxonomy of the nearest group above that has one (accounts opened for parties)."""
    above = (known[stem] for stem in reversed(stems(code)) if stem in known)
    return next((account.taxonomy for account in above if account.taxonomy), None)


def _balances(figure: TrialRow) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    opening = figure.opening
    return (
        max(opening, ZERO),
        max(-opening, ZERO),
        figure.debit_balance,
        figure.credit_balance,
    )


def _grown(
    before: SaftAccount | None,
    group: TrialRow,
    more: tuple[Decimal, Decimal, Decimal, Decimal],
    above: str,
) -> SaftAccount:
    sums = more
    if before is not None:
        have = (
            before.opening_debit,
            before.opening_credit,
            before.closing_debit,
            before.closing_credit,
        )
        sums = tuple(a + b for a, b in zip(have, more, strict=True))  # type: ignore[assignment]  # four and four
    return SaftAccount(group.code, group.name, *sums, "GA" if above else "GR", above, None)
