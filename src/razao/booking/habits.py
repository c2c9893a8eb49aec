"""Habits: plans that were posted in, rows of how each party's documents were booked out; learning without weights (M5).

A habit is a row a person can read: party, rate and exemption → accounts and codes, how often and when last.
The latest treatment wins, so that a correction holds from the next document on.
"""

from __future__ import annotations

import json
from datetime import datetime

import polars as pl

from razao.booking.rules import HABITS
from razao.countries.facts import Direction

#: Latest documents that a habit names.
NAMED_DOCUMENTS = 5
KEY = ["direction", "party", "rate", "exemption"]
TREATMENT = ["counterpart", "vat_code", "cost_center", "withholding_code", "setting"]


def of_rows(rows: pl.DataFrame, *, direction: Direction, at: datetime) -> pl.DataFrame:
    """Habits from the rows of a posting (``Plan.rows``): one row a party and treatment, HABITS schema.

    Credit notes teach nothing (their accounts follow from the invoice's), nor do documents without a party.
    """
    taught = rows.filter(
        pl.col("party").is_not_null() & ~pl.col("credit") & pl.col("kind").is_null()
    )
    taught = taught.with_columns(pl.col(name).fill_null("") for name in TREATMENT)
    grouped = taught.group_by("party", "rate", "exemption", *TREATMENT, maintain_order=True).agg(
        pl.col("doc").n_unique().cast(pl.Int64).alias("count"),
        pl.col("number").unique(maintain_order=True).tail(NAMED_DOCUMENTS).alias("documents"),
    )
    told = pl.col("documents").map_elements(lambda n: json.dumps(list(n)), pl.String)
    return grouped.with_columns(
        pl.lit(direction.value).alias("direction"),
        pl.lit(at).cast(pl.Datetime("us", "UTC")).alias("last"),
        told.alias("documents"),
    ).select(*HABITS)


def merged(known: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Known habits with new ones added: counts add up, the latest time and documents stay."""
    both = pl.concat([known.select(*HABITS), new.select(*HABITS)]).sort("last", maintain_order=True)
    listed = both.with_columns(pl.col("documents").str.json_decode(pl.List(pl.String)))
    grouped = listed.group_by(*KEY, *TREATMENT, maintain_order=True).agg(
        pl.col("count").sum(),
        pl.col("last").max(),
        pl.col("documents").explode().alias("documents"),
    )
    latest = pl.col("documents").list.unique(maintain_order=True).list.tail(NAMED_DOCUMENTS)
    told = latest.map_elements(lambda n: json.dumps(list(n)), pl.String)
    return grouped.with_columns(told.alias("documents")).select(*HABITS)
