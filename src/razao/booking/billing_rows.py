"""Rows of sale: document lines and tax breakdown in, one row a document and treatment with net, discount and tax out.

A *treatment* is everything that decides the accounts of a line: rate, region, exemption, posting code, cost
centre, rubric, advance. Look-ups happen once a treatment, not once a line. What the tax breakdown says is
law: lines are fitted to it within rounding, and the odd cents go to the last row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from razao.booking.billing_rules import BillingRules, Options
from razao.booking.billing_slices import Slice
from razao.booking.posting_accounts import TREATMENT, treatments_of
from razao.kernel.money import proportion

#: Difference between the lines of a rate and the breakdown that rounding explains, in the least amounts of the currency.
LINE_TOLERANCE = 5
_KIND = ("article", "type_code", *(name for name in TREATMENT if name != "posting_code"))
_PACK_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Rows:
    """Frames made from documents' lines and breakdown; amounts in hundredths of the document's currency."""

    rows: pl.DataFrame
    """doc, treatment, net, discount, tax and ``gap`` (breakdown less lines, where it is more than rounding)"""
    treatments: pl.DataFrame
    """each treatment with its accounts"""
    lines: pl.DataFrame
    """every line with its treatment: what inventory and gifts are made of"""
    vat: pl.DataFrame
    """the breakdown by document and place (rate, region, exemption)"""


def rows_of(cut: Slice, heads: pl.DataFrame, billing: BillingRules, options: Options) -> Rows:
    """The rows of sale of the documents in ``heads``."""
    lines = _packed(_lines(cut.lines, heads, options), _KIND)
    vat = _breakdown(cut.vat, lines, heads)
    bare = _packed(_without_lines(vat, lines, heads, options), _KIND)
    kinds = _kinds([lines, bare], billing)
    treatments, numbered = treatments_of(kinds, vat.select(TREATMENT[:3]).unique(), billing)
    lines = lines.join(numbered, on="pack", how="left", maintain_order="left").select(_GOODS)
    bare = bare.join(numbered, on="pack", how="left", maintain_order="left")
    summed = _summed([lines, bare], treatments.height)
    placed = _placed(vat, treatments)
    summed = summed.with_columns(heads["step"].gather(summed["doc"]))
    return Rows(_taxed(summed, treatments, placed), treatments, lines, placed)


_GOODS = (
    *("doc", "position", "treatment", "article", "quantity", "net", "discount", "unit_cost"),
    "service",
)


def _lines(lines: pl.DataFrame, heads: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Every line with what its document says; what the options leave out of account is null."""
    doc, nothing = lines["doc"], pl.lit(None, pl.String)
    centre = pl.coalesce("cost_center", heads["cost_center"].gather(doc))
    return lines.select(
        *("doc", "position", "article", "quantity", "net", "discount", "unit_cost", "service"),
        heads["posting_code"].gather(doc).alias("type_code"),
        *("region", "vat_amount", "advance"),
        pl.col("vat_rate").alias("rate"),
        pl.col("exemption").fill_null(""),
        (centre if options.cost_center else nothing).alias("cost_center"),
        (pl.col("internal_reference") if options.rubric else nothing).alias("rubric"),
        pl.col("advance_exchange_rate").alias("advance_rate"),
    )


def _packed(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """``frame`` with ``pack``: one number for each combination of ``columns``, so that they join as one integer."""
    pack = pl.Series("pack", [0], pl.UInt64).new_from_index(0, frame.height)
    room = 1
    for name in columns:
        column = frame[name]
        if column.null_count() == frame.height:
            continue
        codes, radix = _codes(column)
        if room * radix >= _PACK_LIMIT:
            pack, room = pack.rank("dense").cast(pl.UInt64), frame.height + 1
        pack, room = pack * radix + codes, room * radix
    return frame.with_columns(pack.alias("pack"))


def _codes(column: pl.Series) -> tuple[pl.Series, int]:
    """Each value of a column as a small number, and how many numbers that takes."""
    if column.dtype == pl.String:
        column = column.cast(pl.Categorical).to_physical()
    numbers = column.cast(pl.Int64)
    lowest = int(str(numbers.min()))
    radix = int(str(numbers.max())) - lowest + 2
    return (numbers - (lowest - 1)).fill_null(0).cast(pl.UInt64), radix


def _kinds(parts: list[pl.DataFrame], billing: BillingRules) -> pl.DataFrame:
    """The different kinds of line, with the posting code of the article, else of the type, else of all."""
    kinds = pl.concat([part.select("pack", *_KIND).unique("pack") for part in parts])
    articles = billing.articles.select(
        "article", article_code="posting_code", article_advance="advance"
    ).unique("article", keep="first", maintain_order=True)
    kinds = kinds.join(articles, on="article", how="left", maintain_order="left")
    return kinds.with_columns(
        pl.coalesce(
            pl.col("article_code").replace("", None),
            pl.col("type_code").replace("", None),
            pl.lit(billing.default_posting_code or None, pl.String),
        ).alias("posting_code"),
        (pl.col("advance") | pl.col("article_advance").fill_null(False)).alias("advance"),
    )


def _breakdown(stated: pl.DataFrame, lines: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """The tax by document, rate, region and exemption; made from the lines where the source has no breakdown."""
    reason = pl.coalesce("exemption", "kind").fill_null("").alias("exemption")
    vat = stated.select("doc", "rate", "region", reason, "base", "amount")
    stating = _named_by(vat, heads.height)
    if (_named_by(lines, heads.height) & ~stating).any():
        silent = lines.filter(~stating.gather(lines["doc"]))
        silent = silent.with_columns(heads["step"].gather(silent["doc"]))
        rounded = proportion(pl.col("net"), pl.col("rate"), 10_000, pl.col("step"))
        tax = pl.coalesce("vat_amount", rounded)
        made = silent.select("doc", "rate", "region", "exemption", base="net", amount=tax)
        vat = pl.concat([vat, made])
    return vat


def _named_by(rows: pl.DataFrame, documents: int) -> pl.Series:
    """For each document, counted from 0, whether ``rows`` have one of it."""
    named = np.zeros(documents, dtype=bool)
    named[rows["doc"].to_numpy()] = True
    return pl.Series("named", named)


def _without_lines(
    vat: pl.DataFrame, lines: pl.DataFrame, heads: pl.DataFrame, options: Options
) -> pl.DataFrame:
    """The breakdown of documents that have no line, as lines of their type's posting code."""
    lined = _named_by(lines, heads.height)
    bare = vat.filter(~lined.gather(vat["doc"]))
    doc, nothing = bare["doc"], pl.lit(None, pl.String)
    centre = heads["cost_center"].gather(doc)
    return bare.select(
        "doc",
        heads["posting_code"].gather(doc).alias("type_code"),
        *("rate", "region", "exemption"),
        (centre if options.cost_center else nothing).alias("cost_center"),
        pl.col("base").alias("net"),
        pl.lit(0, pl.Int64).alias("discount"),
        nothing.alias("article"),
        nothing.alias("rubric"),
        pl.lit(False).alias("advance"),
        pl.lit(None, pl.Int64).alias("advance_rate"),
    )


def _summed(parts: list[pl.DataFrame], treatments: int) -> pl.DataFrame:
    """One row a document and treatment, in that order. The two are packed into one integer, which groups fast."""
    key = pl.col("doc") * treatments + pl.col("treatment")
    keyed = pl.concat([part.select(key.alias("key"), "net", "discount") for part in parts])
    sums = keyed.group_by("key").agg(pl.col("net").sum(), pl.col("discount").sum()).sort("key")
    return sums.select(
        (pl.col("key") // treatments).alias("doc"),
        (pl.col("key") % treatments).cast(pl.UInt32).alias("treatment"),
        *("net", "discount"),
    )


def _placed(vat: pl.DataFrame, treatments: pl.DataFrame) -> pl.DataFrame:
    """The breakdown by document and place (the number of a combination of rate, region and exemption)."""
    places = treatments.select("place", *TREATMENT[:3]).unique("place")
    joined = vat.join(places, on=list(TREATMENT[:3]), how="left", nulls_equal=True)
    key = pl.col("doc") * places.height + pl.col("place")
    sums = joined.group_by(key.alias("key")).agg(pl.col("base").sum(), pl.col("amount").sum())
    return sums.select(
        (pl.col("key") // places.height).alias("doc"),
        (pl.col("key") % places.height).cast(pl.UInt32).alias("place"),
        *("base", "amount", "key"),
    ).sort("key")


def _taxed(rows: pl.DataFrame, treatments: pl.DataFrame, vat: pl.DataFrame) -> pl.DataFrame:
    """Rows fitted to the breakdown, each with its share of the tax.

    Rows of one place follow one another (treatments are ordered by it), so a running sum shares the tax out
    exactly: each row gets the tax up to it less the tax before it.
    """
    named = treatments.filter(pl.col("treatment").is_not_null()).sort("treatment")
    rows = rows.with_columns(named["place"].gather(rows["treatment"]).alias("place"))
    key = pl.col("doc") * treatments["place"].n_unique() + pl.col("place")
    stated = vat.select("key", "base", "amount")
    rows = rows.with_columns(key.alias("key")).join(
        stated, on="key", how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        (pl.col("key") != pl.col("key").shift(1)).fill_null(True).alias("first"),
        (pl.col("key") != pl.col("key").shift(-1)).fill_null(True).alias("last"),
        pl.col("base", "amount").fill_null(0),
    ).with_columns(_running("net").alias("running"))
    sums = pl.when("last").then("running").backward_fill()
    gap = pl.col("base") - sums
    fits = gap.abs() <= LINE_TOLERANCE * pl.col("step")
    rows = rows.with_columns(gap.alias("gap"), fits.alias("fits"))
    rows = rows.with_columns(
        (pl.col("net") + pl.when(pl.col("fits") & pl.col("last")).then("gap").otherwise(0)).alias(
            "net"
        ),
        pl.when("fits").then(0).otherwise("gap").alias("gap"),
    )
    return _shared_out(rows).select("doc", "treatment", "place", "net", "discount", "tax", "gap")


def _running(column: str) -> pl.Expr:
    """Running sum within rows of one key, which follow one another."""
    total = pl.col(column).cum_sum()
    before = pl.when("first").then(total - pl.col(column)).forward_fill()
    return total - before


def _shared_out(rows: pl.DataFrame) -> pl.DataFrame:
    """The tax of each row: all of it where a place has one row, shares of it otherwise."""
    alone = pl.col("first") & pl.col("last")
    several = rows.filter(~alone)
    if several.height == 0:
        return rows.with_columns(pl.col("amount").alias("tax"))
    upto = several.with_columns(_share().alias("upto"))
    share = pl.col("upto") - pl.when("first").then(0).otherwise(pl.col("upto").shift(1))
    shares = upto.select(share)["upto"]
    at = rows.select(pl.when(~alone).then((~alone).cum_sum().cast(pl.UInt32) - 1))["first"]
    return rows.with_columns(shares.gather(at).alias("share")).with_columns(
        pl.when(alone).then("amount").otherwise("share").alias("tax")
    )


def _share() -> pl.Expr:
    """Tax of the rows up to this one: the breakdown's tax × running net ÷ base; all of it on the last row."""
    whole = pl.col("base")
    product = pl.col("amount").cast(pl.Int128) * pl.col("running") * 2
    sign = product.sign() * whole.sign()
    least = whole.abs() * pl.col("step")
    exact = (product.abs() + least) // (2 * least) * pl.col("step")
    part = pl.when(whole == 0).then(0).otherwise((exact * sign).cast(pl.Int64))
    return pl.when(pl.col("last")).then("amount").otherwise(part)
