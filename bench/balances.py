"""The trial balance, and a page of a statement, of companies with 1M and 10M lines: medians, and their ratio."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from bench._home import own_home
from bench.ledger import LINES, drafts, open_company, post

#: Entries posted by one batch: what fits memory well.
BATCH = 200_000
TIMES = 25


def main(argv: list[str]) -> None:
    """Print medians in milliseconds, and their ratio."""
    parser = argparse.ArgumentParser(prog="bench balances")
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home():
        figures = measure(sorted(wanted.lines))
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:40} {value:,.3f}" if isinstance(value, float) else f"{name:40} {value}")


def measure(sizes: list[int]) -> dict[str, Any]:
    """A company for each size; readings of all of them in turn, so that other work on the machine meets each alike."""
    companies = {size: open_company(f"lines{size}") for size in sizes}
    for size, company in companies.items():
        for start in range(0, size // LINES, BATCH):
            entries = min(BATCH, size // LINES - start)
            post(company, drafts(entries, series=f"S{start}"))
    figures: dict[str, Any] = {}
    for name, read in (("trial_balance", read_balance), ("statement_page", read_page)):
        seconds: dict[int, list[float]] = {size: [] for size in sizes}
        for _ in range(TIMES):
            for size, company in companies.items():
                seconds[size].append(timed(company, read))
        medians = {size: statistics.median(seconds[size]) * 1000 for size in sizes}
        figures |= {f"{name}_ms_{size}": medians[size] for size in sizes}
        figures[f"{name}_ratio"] = medians[sizes[-1]] / medians[sizes[0]]
    return figures


def timed(company: tuple[Any, Any], read: Any) -> float:
    """Seconds that reading takes, in a transaction of its own."""
    from django.db import transaction

    from razao.companies.rights import company_for

    with transaction.atomic():
        access = company_for(*company)
        start = time.perf_counter()
        read(access)
        return time.perf_counter() - start


def read_balance(access: Any) -> None:
    """The trial balance of the whole year, headings included."""
    from razao.ledger.balances import trial_balance

    trial_balance(access.company, year="2025")


def read_page(access: Any) -> None:
    """A page of the busiest account's statement, from the middle of the year."""
    from datetime import date

    from razao.ledger.statements import statement

    statement(access.company, "111", start=date(2025, 7, 1), end=date(2025, 12, 31))
