"""Two plans compared: before and after in, what differs out, by entry and account (M1, M3)."""

from __future__ import annotations

import polars as pl

from razao.booking.plan import Plan

#: ``before`` and ``after``: debit less credit of the account in the entry, hundredths; null where it is not there.
DIFFERENCES: dict[str, pl.DataType] = {
    "source_key": pl.String(),
    "reference": pl.String(),
    "change": pl.String(),  # added, removed or changed, of the entry
    "account": pl.String(),
    "before": pl.Int64(),
    "after": pl.Int64(),
}
_KEY = ["source_key", "account"]
_HEAD = ["journal", "entry_type", "date", "reference"]


def differences(before: Plan, after: Plan) -> pl.DataFrame:
    """Every account of every entry that comes out differently; entries with another head have a row without account."""
    sums = _sums(before, "before").join(
        _sums(after, "after"), on=_KEY, how="full", coalesce=True, nulls_equal=True
    )
    moved = sums.filter(pl.col("before").ne_missing(pl.col("after")))
    heads = _heads(before).join(
        _heads(after), on="source_key", how="full", coalesce=True, suffix="_after"
    )
    change = (
        pl.when(pl.col("journal").is_null())
        .then(pl.lit("added"))
        .when(pl.col("journal_after").is_null())
        .then(pl.lit("removed"))
        .otherwise(pl.lit("changed"))
    )
    heads = heads.with_columns(change.alias("change"))
    other = pl.any_horizontal(pl.col(n).ne_missing(pl.col(f"{n}_after")) for n in _HEAD)
    bare = heads.filter((pl.col("change") == "changed") & other).select(
        "source_key",
        "change",
        pl.coalesce("reference_after", "reference").alias("reference"),
        *(pl.lit(None, DIFFERENCES[n]).alias(n) for n in ("account", "before", "after")),
    )
    named = heads.select(
        "source_key", "change", pl.coalesce("reference_after", "reference").alias("reference")
    )
    rows = moved.join(named, on="source_key", how="left")
    found = pl.concat([rows.select(*DIFFERENCES), bare.select(*DIFFERENCES)])
    return found.sort("source_key", "account", nulls_last=False)


def _sums(plan: Plan, name: str) -> pl.DataFrame:
    keys = plan.entries.select("entry", "source_key")
    signed = plan.lines.select("entry", "account", (pl.col("debit") - pl.col("credit")).alias(name))
    return signed.join(keys, on="entry").group_by(_KEY).agg(pl.col(name).sum())


def _heads(plan: Plan) -> pl.DataFrame:
    return plan.entries.select("source_key", *_HEAD)


def by_account(found: pl.DataFrame) -> pl.DataFrame:
    """Differences summed: account, entries, before, after."""
    return (
        found.filter(pl.col("account").is_not_null())
        .group_by("account")
        .agg(
            pl.col("source_key").n_unique().alias("entries"),
            pl.col("before").fill_null(0).sum(),
            pl.col("after").fill_null(0).sum(),
        )
        .sort("account")
    )
