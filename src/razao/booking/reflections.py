"""Reflections: parts and the company's mirror rules in, the mirrored pairs of analytic lines out (P8, G3)."""

from __future__ import annotations

import polars as pl

from razao.booking.parts import empty, parts
from razao.booking.reasons import facts
from razao.kernel.money import proportion

#: 100 % in ten-thousandths of a per cent.
WHOLE = 1_000_000


def reflected(lines: pl.DataFrame, reflections: pl.DataFrame, step: int) -> pl.DataFrame:
    """For each line on an account that a rule names: the same side on the analytic account, the other against it.

    Shares are rounded to ``step``, the least amount of the company's currency.
    """
    accounts = lines.select("account").unique().drop_nulls()
    rules = reflections.with_row_index("at").rename(
        {"account": "analytic", "cost_center": "only", "percent": "share"}
    )
    named = accounts.join(rules, how="cross").filter(
        pl.col("account").str.starts_with(pl.col("prefix"))
    )
    if named.height == 0:
        return empty()
    found = lines.join(named, on="account", how="inner").filter(
        pl.col("only").is_null() | (pl.col("only") == pl.col("cost_center"))
    )
    share = proportion(pl.col("amount"), pl.col("share"), WHOLE, step)
    order = (pl.col("rank").cast(pl.Int64) * 2**20 + pl.col("slot")) * 64 + pl.col("at")
    sides = [
        parts(
            found,
            "reflection",
            slot=order * 2 + second,
            account=pl.col(account),
            amount=amount,
            cost_center=pl.col("cost_center"),
            rule="reflection",
            because=facts(account=pl.col("account"), prefix=pl.col("prefix")),
        )
        for second, (account, amount) in enumerate((("analytic", share), ("against", -share)))
    ]
    return pl.concat(sides).filter(pl.col("amount") != 0)
