"""``python -m bench integrations``: many integrations while others edit, and killed ones; prints how often plan and ledger differ.

``differing`` counts integrations whose posted lines are not those that were seen; ``broken`` names what was left half
done by a process killed with signal 9 at a random moment (``--seed``). Both are to be none.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict

from bench._home import own_home


def main(argv: list[str]) -> None:
    """Print counts and seconds, of each part as soon as it is done."""
    parser = argparse.ArgumentParser(prog="bench integrations")
    parser.add_argument("--times", type=int, default=1_000, help="integrations beside editors")
    parser.add_argument("--kills", type=int, default=100, help="integrations killed")
    parser.add_argument(
        "--documents", type=int, default=300, help="documents of each that is killed"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home() as home:
        from django.db import transaction

        from bench._rounds import beside_editors, killed_anywhere
        from tests.billing.shop import SALES, a_shop, many, table, with_customers

        figures: dict[str, object] = {}
        for name, rows, act, times in (
            ("beside_editors", SALES, beside_editors, wanted.times),
            ("killed", many(wanted.documents), killed_anywhere, wanted.kills),
        ):
            with transaction.atomic():
                access = a_shop()
                choice = table(home, rows, f"{name}.csv")
                with_customers(access, choice)
            start = time.perf_counter()
            told = act(access, choice, times, wanted.seed) if times else None
            if told is not None:
                seconds = round(time.perf_counter() - start, 1)
                figures[name] = {"times": times, **asdict(told), "seconds": seconds}
                print(name, figures[name], file=sys.stderr, flush=True)
    if wanted.json:
        print(json.dumps(figures))
