"""The trial balance of a company with 1M and with 10M lines: medians, and how many times the second costs the first."""

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
    """Post up to each size and time the trial balance there."""
    company = open_company()
    medians: dict[int, float] = {}
    pages: dict[int, float] = {}
    posted = 0
    for size in sizes:
        while posted * LINES < size:
            entries = min(BATCH, size // LINES - posted)
            post(company, drafts(entries, series=f"S{posted}"))
            posted += entries
        medians[size] = median(company, read_balance)
        pages[size] = median(company, read_page)
    figures: dict[str, Any] = {f"trial_balance_ms_{size}": medians[size] for size in sizes}
    figures |= {f"statement_page_ms_{size}": pages[size] for size in sizes}
    figures["trial_balance_ratio"] = medians[sizes[-1]] / medians[sizes[0]]
    figures["statement_page_ratio"] = pages[sizes[-1]] / pages[sizes[0]]
    return figures


def median(company: tuple[Any, Any], read: Any) -> float:
    """Median milliseconds of reading in a transaction of its own, the first reading left out."""
    from django.db import transaction

    from razao.companies.rights import company_for

    seconds = []
    for _ in range(TIMES + 1):
        with transaction.atomic():
            access = company_for(*company)
            start = time.perf_counter()
            read(access)
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:]) * 1000


def read_balance(access: Any) -> None:
    """The trial balance of the whole year, headings included."""
    from razao.ledger.balances import trial_balance

    trial_balance(access.company, year="2025")


def read_page(access: Any) -> None:
    """A page of the busiest account's statement, from the middle of the year."""
    from datetime import date

    from razao.ledger.statements import statement

    statement(access.company, "111", start=date(2025, 7, 1), end=date(2025, 12, 31))
