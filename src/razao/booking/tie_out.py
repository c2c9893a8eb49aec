"""The tie-out of a preparation: what the source says against what the plan says, by day and VAT code (invariant 9)."""

from __future__ import annotations

import polars as pl

from razao.booking.billing_rows import Rows

#: source and plan in hundredths of the company's currency; credit notes count against sales.
TIE_OUT: dict[str, pl.DataType] = {
    "day": pl.Date(),
    "vat_code": pl.String(),
    "source_net": pl.Int64(),
    "plan_net": pl.Int64(),
    "source_tax": pl.Int64(),
    "plan_tax": pl.Int64(),
}


def tie_out(heads: pl.DataFrame, rows: Rows, lines: pl.DataFrame) -> pl.DataFrame:
    """Both sides by day of issue and VAT code, in the documents' own currencies; equal when nothing was lost.

    The source side is the breakdown as the source states it; the plan side the amounts that lines carry.
    """
    codes = rows.treatments.select("place", "vat_code").unique(
        "place", keep="first", maintain_order=True
    )
    stated = rows.vat.join(heads.select("doc", "issue_date", "sign"), on="doc", how="inner")
    stated = stated.join(codes, on="place", how="left")
    source = stated.group_by(day="issue_date", vat_code="vat_code").agg(
        (pl.col("base") * pl.col("sign")).sum().alias("source_net"),
        (pl.col("amount") * pl.col("sign")).sum().alias("source_tax"),
    )
    kept = rows.rows.select("doc", "treatment", "place").join(codes, on="place", how="left")
    carried = lines.filter((pl.col("net") != 0) | (pl.col("tax") != 0)).select(
        "doc", "slot", "net", "tax"
    )
    carried = carried.join(
        kept.select("doc", "treatment", "vat_code"),
        left_on=["doc", pl.col("slot").cast(pl.UInt32)],
        right_on=["doc", "treatment"],
        how="left",
    ).join(heads.select("doc", "issue_date", "sign"), on="doc", how="inner")
    plan = carried.group_by(day="issue_date", vat_code="vat_code").agg(
        (pl.col("net") * pl.col("sign")).sum().alias("plan_net"),
        (pl.col("tax") * pl.col("sign")).sum().alias("plan_tax"),
    )
    joined = source.join(plan, on=["day", "vat_code"], how="full", coalesce=True, nulls_equal=True)
    filled = joined.with_columns(pl.col(pl.Int64).fill_null(0))
    return filled.select(*TIE_OUT).sort("day", "vat_code", nulls_last=True)


def ties(table: pl.DataFrame) -> bool:
    """Whether both sides agree everywhere."""
    same = (pl.col("source_net") == pl.col("plan_net")) & (
        pl.col("source_tax") == pl.col("plan_tax")
    )
    return bool(table.select(same.all()).item())
