"""Taxes on a base that another row states already (the Spanish equivalence surcharge): rows in, rows whose bases add up out."""

from __future__ import annotations

import polars as pl

SURCHARGE = "surcharge"
_CHOICES = ("row_counterpart", "habit_counterpart", "row_center", "habit_center")


def added_base() -> pl.Expr:
    """The base that a row adds to its document: none where it only adds a tax to the base of another row."""
    return pl.when(pl.col("kind") == SURCHARGE).then(0).otherwise("base")


def with_added_base(rows: pl.DataFrame) -> pl.DataFrame:
    """``base`` is what the row adds, ``taxed_base`` what its tax was reckoned on."""
    return rows.with_columns(pl.col("base").alias("taxed_base"), added_base().alias("base"))


def following_its_base(rows: pl.DataFrame) -> pl.DataFrame:
    """A surcharge goes where the row goes whose base it shares, unless a person said otherwise."""
    shared = (
        rows.filter(pl.col("kind").is_null())
        .select("doc", "taxed_base", *(pl.col(n).alias(f"shared_{n}") for n in _CHOICES))
        .unique(["doc", "taxed_base"], keep="first", maintain_order=True)
    )
    joined = rows.join(shared, on=["doc", "taxed_base"], how="left", maintain_order="left")
    added = (pl.col("kind") == SURCHARGE).fill_null(False)
    return joined.with_columns(
        pl.when(added).then(pl.coalesce(name, f"shared_{name}")).otherwise(name).alias(name)
        for name in _CHOICES
    ).drop(f"shared_{name}" for name in _CHOICES)
