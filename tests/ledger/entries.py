"""Drafts written down the short way, for tests of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

import polars as pl

from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA, Drafts

_key = count(1)
DAY = date(2025, 5, 14)

#: account, debit, credit (in hundredths), and further columns of the line by name
Row = tuple[str, int, int] | tuple[str, int, int, dict[str, Any]]

SALE: list[Row] = [("111", 12300, 0), ("71113", 0, 10000), ("2433113", 0, 2300)]


def draft(rows: Iterable[Row] = SALE, **entry: Any) -> tuple[dict[str, Any], list[Row]]:
    """One entry with its lines; a sale for cash on 14 May 2025 unless said otherwise."""
    values = {
        "source_key": f"doc:{next(_key)}",
        "journal": "VD",
        "entry_type": "FR",
        "date": DAY,
        "document_date": DAY,
        "reference": "FR 2025/1",
        "text": "Venda",
    }
    return {**values, **entry}, list(rows)


def drafts(*wanted: tuple[dict[str, Any], list[Row]]) -> Drafts:
    """Frames of the entries wanted."""
    entries, lines = [], []
    for number, (entry, rows) in enumerate(wanted):
        entries.append({"entry": number, **entry})
        for position, (account, debit, credit, *more) in enumerate(rows, 1):
            line = {"entry": number, "position": position, "account": account}
            lines.append({**line, "debit": debit, "credit": credit, **(more[0] if more else {})})
    return Drafts(
        pl.DataFrame(entries, schema=ENTRY_SCHEMA), pl.DataFrame(lines, schema=LINE_SCHEMA)
    )
