"""Cents that rounding leaves over: rows and what they should sum to in, rows that do out."""

from __future__ import annotations

import polars as pl


def fitted(rows: pl.DataFrame, targets: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows with a document's rounding difference added to its greatest row, so that they sum to the target.

    A difference of more than a cent a row is no rounding: it stays, and the document is reported.
    """
    sums = rows.group_by("doc").agg(pl.col(column).sum().alias("found"), pl.len().alias("rows"))
    gap = pl.col("target") - pl.col("found")
    gaps = (
        sums.join(targets, on="doc", how="left")
        .filter(gap != 0, gap.abs() <= pl.col("rows"))
        .select("doc", gap=gap)
    )
    if gaps.is_empty():
        return rows
    greatest = pl.int_range(pl.len()) == pl.col(column).abs().arg_max()
    return (
        rows.join(gaps, on="doc", how="left", maintain_order="left")
        .with_columns(
            pl.col(column)
            + pl.when(greatest.over("doc")).then(pl.col("gap").fill_null(0)).otherwise(0)
        )
        .drop("gap")
    )
