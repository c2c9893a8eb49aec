"""Goods that leave with a document: its lines, articles and costs in, the entries of stock and of gifts out (P12, P13).

A gift is a line of value zero with a quantity. Its cost passes from the article's regularisation account to its
cost account; above the limit of small gifts the tax is due as well. The limit is held against all gifts of
one document together, at cost: several things given at once are one gift (CIVA art. 3.º n.º 7).
"""

from __future__ import annotations

import polars as pl

from razao.booking.billing_rows import Rows
from razao.booking.billing_rules import BillingRules, CostMethod, Options
from razao.booking.parts import PARTS, empty, parts
from razao.booking.reasons import facts
from razao.kernel.money import proportion

_UNIT = 10_000 * 100
"""quantity and unit cost are both ten-thousandths; their product in hundredths of the currency"""


def movements_of(
    heads: pl.DataFrame, rows: Rows, billing: BillingRules, options: Options, step: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines (PARTS) of gifts and of stock, and the lines of goods whose cost or account is not known.

    Costs and the tax on them are rounded to ``step``, the least amount of the company's currency.
    """
    free = (pl.col("net") == 0) & (pl.col("quantity").fill_null(0) != 0)
    gifts = pl.lit(False) if options.exclude_gifts else free
    stock = (pl.lit(options.inventory) & ~pl.col("service")).fill_null(False)
    wanted = rows.lines.filter(gifts | stock & (gifts | ~free))
    if wanted.height == 0:
        return empty(), pl.DataFrame(
            schema={"doc": pl.Int64, "article": pl.String, "what": pl.String}
        )
    goods = _costed(_described(wanted, heads, rows, billing), billing, step).with_columns(
        ((pl.col("net") == 0) & ~pl.col("is_service")).alias("gift")
    )
    goods = goods.filter(pl.col("gift") | ~pl.col("is_service"))
    given = goods.filter("gift").with_columns(
        pl.col("cost").sum().over("doc").abs().alias("given_total")
    )
    large = given.filter(pl.col("given_total") > billing.small_gift_limit)
    sold = goods.filter(~pl.col("gift")) if options.inventory else goods.clear()
    passed = given if options.inventory else given.clear()
    pairs = [
        _pair(
            given,
            "gift",
            ("gift_cost", "gift.cost"),
            ("gift_regularisation", "gift.regularisation"),
        ),
        _taxed(large, step),
        _pair(
            passed, "stock", ("gift_regularisation", "gift.stock"), ("inventory", "inventory.stock")
        ),
        _pair(sold, "stock", ("cost_of_sales", "inventory.cost"), ("inventory", "inventory.stock")),
    ]
    lines = pl.concat(pairs)
    return _summed(lines.filter(pl.col("amount") != 0)), _unknown(goods, options)


def _described(
    lines: pl.DataFrame, heads: pl.DataFrame, rows: Rows, billing: BillingRules
) -> pl.DataFrame:
    """Lines with their article's accounts, their treatment's tax and their document's sign."""
    articles = billing.articles.rename({"service": "article_service"}).unique(
        "article", keep="first", maintain_order=True
    )
    articles = articles.drop("posting_code", "advance").with_columns(
        pl.col(pl.String).exclude("article").replace("", None), pl.lit(True).alias("known")
    )
    accounts = rows.treatments.select(
        *("treatment", "free_tax", "vat_code", "free_vat_code", "rate", "cost_center", "rubric")
    ).filter(pl.col("treatment").is_not_null())
    joined = lines.join(articles, on="article", how="left", maintain_order="left")
    joined = joined.join(accounts, on="treatment", how="left", maintain_order="left")
    return joined.with_columns(
        heads["sign"].gather(lines["doc"]).alias("sign"),
        pl.col("known").fill_null(False),
        (pl.col("service") | pl.col("article_service").fill_null(False)).alias("is_service"),
    )


def _costed(goods: pl.DataFrame, billing: BillingRules, step: int) -> pl.DataFrame:
    """Cost of each line in hundredths by the cost method; what the source says where the article has none."""
    quantity = pl.col("quantity").abs()
    stated = proportion(quantity, pl.col("unit_cost"), _UNIT, step)
    if billing.cost_method is CostMethod.FIFO:
        goods = _first_in_first_out(goods, billing.layers, step)
        own = pl.col("fifo")
    else:
        own = proportion(quantity, pl.col(billing.cost_method.value), _UNIT, step)
    return goods.with_columns((pl.col("sign") * pl.coalesce(own, stated)).alias("cost"))


def _first_in_first_out(goods: pl.DataFrame, layers: pl.DataFrame, step: int) -> pl.DataFrame:
    """``fifo``: cost of a line by the layers of stock, consumed in the order of the documents.

    The cost of the first x units is a broken line through the layers; a line's cost is its rise between
    what had left before it and after it. Null beyond the last layer, and for returns.
    """
    steps = layers.sort("article", "position").with_columns(
        pl.col("quantity").cum_sum().over("article").alias("end"),
        (pl.col("quantity").cast(pl.Int128) * pl.col("unit_cost"))
        .cum_sum()
        .over("article")
        .alias("value"),
    )
    steps = steps.with_columns(
        (pl.col("end") - pl.col("quantity")).alias("start"),
        (pl.col("value") - pl.col("quantity").cast(pl.Int128) * pl.col("unit_cost")).alias(
            "before"
        ),
    )
    leaves = pl.when(pl.col("sign") > 0).then(pl.col("quantity").abs()).otherwise(0)
    goods = goods.with_columns(leaves.alias("leaves")).sort("doc", "position", maintain_order=True)
    goods = goods.with_columns(pl.col("leaves").cum_sum().over("article").alias("upto"))
    goods = goods.with_columns(
        (pl.col("upto") - pl.col("leaves")).alias("from"), pl.int_range(pl.len()).alias("at")
    )
    upper, lower = (_value_at(goods, steps, name) for name in ("upto", "from"))
    joined = goods.join(upper, on="at", how="left", maintain_order="left").join(
        lower, on="at", how="left", maintain_order="left"
    )
    rise = pl.col("value_upto") - pl.col("value_from")
    cost = proportion(rise, 1, _UNIT, step)
    return joined.with_columns(pl.when(pl.col("leaves") > 0).then(cost).alias("fifo")).drop(
        "at", "upto", "from", "leaves", "value_upto", "value_from"
    )


def _value_at(goods: pl.DataFrame, steps: pl.DataFrame, name: str) -> pl.DataFrame:
    """Cost of everything that has left when ``name`` units have."""
    matched = goods.select("at", "article", pl.col(name).alias("point")).join(
        steps.select("article", "start", "end", "before", "unit_cost"), on="article"
    )
    inside = (pl.col("point") >= pl.col("start")) & (pl.col("point") <= pl.col("end"))
    value = pl.col("before") + (pl.col("point") - pl.col("start")).cast(pl.Int128) * pl.col(
        "unit_cost"
    )
    return (
        matched.filter(inside).unique("at", keep="first").select("at", value.alias(f"value_{name}"))
    )


def _pair(
    goods: pl.DataFrame, rank: str, debit: tuple[str, str], credit: tuple[str, str]
) -> pl.DataFrame:
    """The cost from one account of the article to another; ``debit`` and ``credit`` are account and rule."""
    known = goods.filter(pl.col("cost").is_not_null())
    sides = [
        parts(
            known,
            rank,
            slot=at,
            account=pl.col(account),
            amount=direction * pl.col("cost"),
            cost_center=pl.col("cost_center"),
            rubric=pl.col("rubric"),
            rule=rule,
        )
        for at, (direction, (account, rule)) in enumerate(((1, debit), (-1, credit)))
    ]
    return pl.concat(sides)


def _taxed(goods: pl.DataFrame, step: int) -> pl.DataFrame:
    """The tax of gifts above the limit: the article's account against the posting code's for free operations."""
    due = proportion(pl.col("cost"), pl.col("rate"), 10_000, step)
    known = goods.filter(pl.col("cost").is_not_null())
    why = facts(rate=pl.col("rate") // 100, value=pl.col("given_total") // 100)
    cost = parts(
        known,
        "gift",
        slot=2,
        account=pl.col("gift_tax"),
        amount=due,
        cost_center=pl.col("cost_center"),
        rubric=pl.col("rubric"),
        rule="gift.tax",
        because=why,
    )
    owed = parts(
        known,
        "gift",
        slot=3,
        account=pl.col("free_tax"),
        amount=-due,
        vat_code=pl.coalesce("free_vat_code", "vat_code"),
        tax_base=pl.col("cost").abs(),
        rubric=pl.col("rubric"),
        rule="gift.free_tax",
        because=why,
    )
    return pl.concat([cost, owed])


def _summed(lines: pl.DataFrame) -> pl.DataFrame:
    """One line for each account of a document, in place of one for each article."""
    keys = ["doc", "rank", "slot", "account", "cost_center", "vat_code", "rubric", "rule"]
    grouped = lines.group_by(keys, maintain_order=True).agg(
        pl.col("amount").sum(), pl.col("tax_base").sum(), pl.col("because").first()
    )
    stated = pl.when(pl.col("vat_code").is_not_null()).then("tax_base")
    missing = [
        pl.lit(0 if n in ("net", "tax") else None).cast(k).alias(n)
        for n, k in PARTS.items()
        if n not in grouped.columns
    ]
    return grouped.with_columns(stated.alias("tax_base"), *missing).select(*PARTS)


def _unknown(goods: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Lines whose article is not configured, or has no cost."""
    what = (
        pl.when(~pl.col("known"))
        .then(pl.lit("article"))
        .when(pl.col("cost").is_null())
        .then(pl.lit("cost"))
    )
    del options
    return goods.select("doc", "article", what.alias("what")).drop_nulls("what").unique()
