"""Reports held against hledger: in: the export of a year and the sheets of the same year, out: every figure that differs."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from razao.reports.catalogue import financial

#: A sheet as it was printed: [weight, cells …], amounts as text.
Rows = list[list[Any]]
#: Reports whose figures hledger can compute from the same entries.
REPORTS = (
    "trial_balance", "account_statement", "general_ledger", "journal", "balance_sheet", "income_statement",
    "aged_customers", "aged_suppliers",
)  # fmt: skip
ZERO = Decimal(0)


class Hledger:
    """The export of a company's year, asked through the program."""

    def __init__(self, journal: Path) -> None:
        found = shutil.which("hledger")
        assert found, "install hledger (scripts/test-packages.sh does)"
        self.command = [found, "-f", str(journal)]

    def rows(self, *words: str) -> list[dict[str, str]]:
        ran = subprocess.run(
            [*self.command, *words, "-O", "csv"], capture_output=True, text=True, check=True
        )
        return list(csv.DictReader(io.StringIO(ran.stdout)))

    def balances(self, *query: str) -> dict[str, Decimal]:
        """Account → sum of the postings that fit."""
        rows = self.rows("balance", "--flat", "--no-total", *query)
        return {row["account"]: _amount(row["balance"]) for row in rows}

    def by_day(self, account: str) -> dict[str, Decimal]:
        """The balance of an account at the end of each day with postings."""
        rows = self.rows("register", f"^{account}$")
        return {row["date"]: _amount(row["total"]) for row in rows}


def _amount(text: str) -> Decimal:
    return Decimal(text.split()[0])


def differences(journal: Path, sheets: dict[str, Rows]) -> list[str]:
    """What is not equal, report by report; [] when every figure is."""
    asked = Hledger(journal)
    debits, credits = asked.balances("amt:>0"), asked.balances("amt:<0")
    balances = defaultdict(lambda: ZERO, asked.balances())
    moved = {*debits, *credits}
    return [
        *_trial_balance(sheets["trial_balance"], debits, credits),
        *_statements("account_statement", sheets["account_statement"], asked, moved),
        *_statements("general_ledger", sheets["general_ledger"], asked, moved),
        *_same("journal", _total(sheets["journal"], 6), sum(debits.values(), ZERO)),
        *_same("journal", _total(sheets["journal"], 7), -sum(credits.values(), ZERO)),
        *_model("balance_sheet", sheets["balance_sheet"], balances, asked),
        *_model("income_statement", sheets["income_statement"], balances, asked),
        *_aged("aged_customers", sheets["aged_customers"], balances, 1),
        *_aged("aged_suppliers", sheets["aged_suppliers"], balances, -1),
    ]


def _same(where: str, ours: Decimal, theirs: Decimal) -> Iterator[str]:
    if ours != theirs:
        yield f"{where}: {ours} where hledger has {theirs}"


def _total(rows: Rows, place: int) -> Decimal:
    (found,) = [row for row in rows if row[0] == "total"]
    return Decimal(found[place])


def _trial_balance(
    rows: Rows, debits: dict[str, Decimal], credits: dict[str, Decimal]
) -> Iterator[str]:
    ours = {row[1]: row for row in rows if row[0] == "plain"}
    yield from _same(
        "trial_balance, accounts", Decimal(len(ours)), Decimal(len({*debits, *credits}))
    )
    for code, row in ours.items():
        debit, credit = debits.get(code, ZERO), -credits.get(code, ZERO)
        yield from _same(f"trial_balance {code} debit", Decimal(row[5]), debit)
        yield from _same(f"trial_balance {code} credit", Decimal(row[6]), credit)
        yield from _same(f"trial_balance {code}", Decimal(row[7]) - Decimal(row[8]), debit - credit)


def _statements(name: str, rows: Rows, asked: Hledger, moved: set[str]) -> Iterator[str]:
    """Each account's balance at the end; for the three with the most lines, at the end of every day."""
    days: dict[str, dict[str, Decimal]] = {}
    lines: Counter[str] = Counter()
    code = ""
    for row in rows:
        if row[0] == "group":
            code = row[4].split(" ")[0]
            days[code] = {}
        elif row[0] == "plain":
            days[code][row[1]] = Decimal(row[7])
            lines[code] += 1
    if set(days) != moved:
        yield f"{name}: other accounts, {sorted(set(days) ^ moved)}"
    balances = defaultdict(lambda: ZERO, asked.balances())
    for code, found in days.items():
        yield from _same(f"{name} {code}", list(found.values())[-1], balances[code])
    for code, _count in lines.most_common(3):
        if days[code] != asked.by_day(code):
            yield f"{name} {code}: other balances day by day"


def _model(name: str, rows: Rows, balances: dict[str, Decimal], asked: Hledger) -> Iterator[str]:
    """The lines of the model recomputed from hledger's balances, and its own net income."""
    kept = asked.balances("type:rx")
    result = -sum(kept.values(), ZERO)
    shown = iter([row for row in rows if row[2] is not None])
    row = next(shown, None)
    known: dict[str, Decimal] = {}
    for line in financial.model("PT", name):
        if line.sums:
            parts = (-known[s[1:]] if s.startswith("-") else known[s] for s in line.sums)
            known[line.key] = sum(parts, ZERO)
        else:
            known[line.key] = _line(line, balances) + (result if line.key == "result" else ZERO)
        if row and row[1] == line.title:
            yield from _same(f"{name} {line.key}", Decimal(row[2]), known[line.key])
            row = next(shown, None)
        elif known[line.key]:
            yield f"{name} {line.key}: not shown, hledger has {known[line.key]}"
    if row:
        yield f"{name}: {row[1]} is no line of the model"


def _line(line: financial.Line, balances: dict[str, Decimal]) -> Decimal:
    chosen = [
        balance
        for code, balance in balances.items()
        if line.prefixes and code.startswith(line.prefixes)
        if not (line.without and code.startswith(line.without))
        if not (line.when == "debit" and balance <= 0)
        and not (line.when == "credit" and balance >= 0)
    ]
    return sum(chosen, ZERO) * (1 if line.side == "debit" else -1)


def _aged(name: str, rows: Rows, balances: dict[str, Decimal], sign: int) -> Iterator[str]:
    for row in rows:
        if row[0] == "plain":
            yield from _same(f"{name} {row[1]}", Decimal(row[-1]), sign * balances[row[1]])
            yield from _same(
                f"{name} {row[1]} ages", sum(map(Decimal, row[3:-1]), ZERO), Decimal(row[-1])
            )
