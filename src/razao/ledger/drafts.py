"""Drafts: entries that somebody wants posted, as two polars frames; made by booking, posted by the ledger's one door.

Columnar, because one invoice and a million documents go through the same code. Amounts are Int64
minor units (hundredths). A draft names accounts, journals and codes as the company's chart does;
the door resolves them and refuses what it does not find.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

#: One row an entry. ``entry`` numbers the drafts from 0 and orders their numbering in the journal.
ENTRY_SCHEMA: dict[str, pl.DataType] = {
    "entry": pl.Int64(),
    "source_key": pl.String(),  # unique for a company: the same document never has two live entries
    "journal": pl.String(),
    "entry_type": pl.String(),
    "date": pl.Date(),  # accounting date; decides fiscal year and period
    "document_date": pl.Date(),
    "reference": pl.String(),  # the document's own number
    "text": pl.String(),
    "file": pl.String(),  # hex SHA-256 of the archived document, or null
}

#: One row a line. Exactly one of ``debit`` and ``credit`` is non-zero; neither is negative.
LINE_SCHEMA: dict[str, pl.DataType] = {
    "entry": pl.Int64(),
    "position": pl.Int32(),  # from 1 within its entry
    "account": pl.String(),
    "debit": pl.Int64(),
    "credit": pl.Int64(),
    "cost_center": pl.String(),
    "party": pl.String(),  # tax id of the party as kept in the company's parties, or null
    "vat_code": pl.String(),
    "tax_base": pl.Int64(),  # never negative: the side of the line says whether it adds or takes away
    "currency": pl.String(),  # ISO 4217 of currency_amount; null when it is the company's own
    "currency_amount": pl.Int64(),  # signed: debit positive
    "rubric": pl.String(),
    "text": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Drafts:
    """Entries wanted. ``entries`` has ENTRY_SCHEMA, ``lines`` LINE_SCHEMA (further columns are ignored by the door)."""

    entries: pl.DataFrame
    lines: pl.DataFrame

    @staticmethod
    def empty() -> Drafts:
        return Drafts(pl.DataFrame(schema=ENTRY_SCHEMA), pl.DataFrame(schema=LINE_SCHEMA))

    @property
    def count(self) -> int:
        return self.entries.height

    @property
    def debit_total(self) -> int:
        """Sum of debits in minor units."""
        return int(self.lines["debit"].sum())

    @property
    def credit_total(self) -> int:
        """Sum of credits in minor units."""
        return int(self.lines["credit"].sum())
