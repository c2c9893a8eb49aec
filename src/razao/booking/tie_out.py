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


def tie_out(
    heads: pl.DataFrame, ready: pl.DataFrame, rows: Rows, lines: pl.DataFrame
) -> pl.DataFrame:
    """Both sides by day of issue and VAT code, in the documents' own currencies; equal when nothing was lost.

    The source side is the breakdown as the source states it for the documents that are ready; the plan side
    what their lines carry. ``doc`` is the row of ``heads``, the treatment of a line its ``slot``.
    """
    known = rows.treatments.filter(pl.col("treatment").is_not_null()).sort("treatment")
    places = rows.treatments.select("place", "vat_code").unique(
        "place", keep="first", maintain_order=True
    )
    stated = rows.vat.join(ready.select("doc"), on="doc", how="semi")
    of_place = places.sort("place")["vat_code"].gather(stated["place"])
    source = _by_day(stated, heads, of_place, source_net="base", source_tax="amount")
    carried = lines.select("doc", "slot", "net", "tax").filter(
        (pl.col("net") != 0) | (pl.col("tax") != 0)
    )
    first = known.select("place").join(places, on="place", how="left", maintain_order="left")
    of_treatment = first["vat_code"].gather(carried["slot"].cast(pl.UInt32))
    plan = _by_day(carried, heads, of_treatment, plan_net="net", plan_tax="tax")
    joined = source.join(plan, on=["day", "vat_code"], how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.col(pl.Int64).fill_null(0)).select(*TIE_OUT)


def summed(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The tie-outs of several slices as one, in the order of days and codes."""
    whole = pl.concat(parts).group_by("day", "vat_code").agg(pl.col(pl.Int64).sum())
    return whole.select(*TIE_OUT).sort("day", "vat_code", nulls_last=True)


def _by_day(
    rows: pl.DataFrame, heads: pl.DataFrame, vat_code: pl.Series, **sums: str
) -> pl.DataFrame:
    """Sums by day of issue and VAT code, credit notes negative."""
    doc = rows["doc"]
    keyed = rows.select(
        *(pl.col(column).alias(name) for name, column in sums.items()),
        heads["issue_date"].gather(doc).alias("day"),
        heads["sign"].gather(doc).alias("sign"),
        vat_code.cast(pl.Categorical).alias("vat_code"),
    )
    grouped = keyed.group_by("day", "vat_code").agg(
        (pl.col(n) * pl.col("sign")).sum() for n in sums
    )
    return grouped.with_columns(pl.col("vat_code").cast(pl.String))


def ties(table: pl.DataFrame) -> bool:
    """Whether both sides agree everywhere."""
    same = (pl.col("source_net") == pl.col("plan_net")) & (
        pl.col("source_tax") == pl.col("plan_tax")
    )
    return bool(table.select(same.all()).item())
