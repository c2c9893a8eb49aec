"""Reflections: drafts in, the same with analytic lines that mirror those the company's rules name out (P8).

Part of the preparation and not of the posting, because the preview is the posting (M1). Every mirrored
line comes with its opposite, so an entry that balanced still does.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from razao.companies.models import Company
from razao.kernel.money import fixed_point, proportion
from razao.ledger.drafts import LINE_SCHEMA, Drafts
from razao.ledger.models import Reflection

PERCENT_PLACES = 4
#: Units of a whole (100 %) with four decimals.
WHOLE = 100 * 10**PERCENT_PLACES


def rules_of(company: Company) -> pl.DataFrame:
    """The company's active reflections as a frame: prefix, cost_center, account, against, percent."""
    rows = Reflection.objects.filter(company=company, active=True).order_by("prefix", "pk")
    values = rows.values_list(
        "prefix", "cost_center__code", "account__code", "against__code", "percent"
    )
    return pl.DataFrame(
        [(p, c, a, g, fixed_point(Decimal(s), PERCENT_PLACES)) for p, c, a, g, s in values],
        schema={
            "prefix": pl.String,
            "rule_center": pl.String,
            "to": pl.String,
            "against": pl.String,
            "percent": pl.Int64,
        },
        orient="row",
    )


def reflect(drafts: Drafts, rules: pl.DataFrame) -> Drafts:
    """``drafts`` with the lines that ``rules`` add, after each entry's own; shares are rounded half up."""
    if rules.is_empty() or drafts.lines.is_empty():
        return drafts
    hit = (
        drafts.lines.join(rules, how="cross")
        .filter(
            pl.col("account").str.starts_with(pl.col("prefix"))
            & (pl.col("rule_center").is_null() | (pl.col("rule_center") == pl.col("cost_center")))
        )
        .with_columns(
            proportion(pl.col(side), pl.col("percent"), WHOLE).alias(side)
            for side in ("debit", "credit")
        )
        .filter((pl.col("debit") > 0) | (pl.col("credit") > 0))
    )
    if hit.is_empty():
        return drafts
    order = pl.int_range(pl.len())
    own = hit.with_columns(pl.col("to").alias("account"), (order * 2).alias("order"))
    other = hit.with_columns(
        pl.col("against").alias("account"),
        pl.col("credit").alias("debit"),
        pl.col("debit").alias("credit"),
        (order * 2 + 1).alias("order"),
    )
    plain = {"party", "vat_code", "tax_base", "currency", "currency_amount"}
    added = (
        pl.concat([own, other])
        .sort("entry", "order")
        .with_columns(pl.lit(None).cast(LINE_SCHEMA[name]).alias(name) for name in sorted(plain))
        .with_columns(pl.int_range(1, pl.len() + 1).over("entry").alias("nth"))
        .join(
            drafts.lines.group_by("entry").agg(pl.col("position").max().alias("last")), on="entry"
        )
        .with_columns((pl.col("last") + pl.col("nth")).cast(pl.Int32).alias("position"))
    )
    lines = pl.concat([drafts.lines, added.select(drafts.lines.columns)], how="vertical_relaxed")
    return Drafts(drafts.entries, lines.sort("entry", "position"))
