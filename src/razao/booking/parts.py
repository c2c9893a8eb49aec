"""Parts: the lines of documents before they are grouped into entries; one schema that every maker of lines fills."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from razao.booking.reasons import NOTHING

#: ``amount`` is signed, debit positive; ``slot`` orders the lines of one rank; ``net`` and ``tax`` are the source's.
PARTS: dict[str, pl.DataType] = {
    "doc": pl.Int64(),
    "rank": pl.Int8(),
    "slot": pl.Int64(),
    "account": pl.String(),
    "amount": pl.Int64(),
    "cost_center": pl.String(),
    "party": pl.String(),
    "vat_code": pl.String(),
    "tax_base": pl.Int64(),
    "currency": pl.String(),
    "currency_amount": pl.Int64(),
    "rubric": pl.String(),
    "rule": pl.String(),
    "because": pl.String(),
    "net": pl.Int64(),
    "tax": pl.Int64(),
}

#: Order of the lines within a document.
RANKS = (
    *("head", "withholding", "row", "discount", "tax", "exchange", "rounding"),
    *("gift", "stock", "reflection"),
)
RANK: Mapping[str, int] = {name: at for at, name in enumerate(RANKS)}


def empty() -> pl.DataFrame:
    """No parts."""
    return pl.DataFrame(schema=PARTS)


def parts(frame: pl.DataFrame, rank: str, **given: pl.Expr | str | int | None) -> pl.DataFrame:
    """``frame`` as parts of ``rank``. What is not given is null; strings and numbers are constants."""
    values: dict[str, pl.Expr | str | int | None] = {
        "rank": RANK[rank],
        "slot": 0,
        "because": NOTHING,
        "net": 0,
        "tax": 0,
        **given,
    }
    columns = []
    for name, kind in PARTS.items():
        value = pl.col("doc") if name == "doc" else values.get(name)
        expr = value if isinstance(value, pl.Expr) else pl.lit(value)
        columns.append(expr.cast(kind).alias(name))
    return frame.select(columns)
