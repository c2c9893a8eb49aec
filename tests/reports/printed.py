"""Sheets as JSON, from a home's own process: in: a company's code and a year, out: every report's rows.

python -m tests.reports.printed CODE YEAR
"""

from __future__ import annotations

import json
import sys
from typing import Any


def rows_of(code: str, parameters: Any) -> list[list[Any]]:
    """[weight, cells …] of each row, figures as text."""
    from razao.reports.index import sheet_of

    rows = sheet_of(code, parameters).rows()
    return [
        [str(row.weight), *(None if cell is None else str(cell) for cell in row.cells)]
        for row in rows
    ]


def main(code: str, year: str) -> None:
    """Print the reports that hledger can compute."""
    from razao.config.command import make_ready

    make_ready()
    from razao.cli.acting import acting
    from razao.reports.parameters import Parameters, fiscal_year_of
    from tests.reports.against_hledger import REPORTS

    with acting(code, None) as access:
        found = fiscal_year_of(access.company, year)
        whole = Parameters(access.company, found, first_period=0, last_period=16)
        sys.stdout.write(json.dumps({name: rows_of(name, whole) for name in REPORTS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
