"""Documents grouped into entries: parts by document in, entries and lines of a plan out (P7, P17)."""

from __future__ import annotations

import numpy as np
import polars as pl

from razao.booking.billing_rules import Options
from razao.booking.plan import Plan
from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA

#: Documents that agree in these become one entry of a day's total (P7); the accounting date must agree as well.
DAY = ("issue_date", "billing_type", "journal", "entry_type", "key", "currency", "date")
_MERGE = (
    "entry",
    "rank",
    "account",
    "debits",
    "cost_center",
    "party",
    "vat_code",
    "rubric",
    "currency",
    "rule",
)
_NAME = pl.concat_str("number", "buyer_name", separator=" ", ignore_nulls=True)


def plan_of(
    heads: pl.DataFrame, lines: pl.DataFrame, problems: pl.DataFrame, options: Options
) -> Plan:
    """The plan of the documents in ``heads`` (blocked ones already left out); ``problems`` are kept as they are."""
    numbered = _numbered(heads, options)
    placed = _placed(lines, heads, numbered["entry"])
    each = options.per_document and not options.day_totals
    return Plan(
        entries=_each(numbered) if each else _grouped(numbered, options),
        lines=_ordered(placed if each else _merged(placed)),
        problems=problems,
        sources=numbered.select("source_key", "entry"),
    )


def joined(plans: list[Plan]) -> Plan:
    """The plans of slices as one, their entries counted on."""
    starts = np.cumsum([0, *(plan.entries.height for plan in plans)]).tolist()

    def counted(name: str) -> pl.DataFrame:
        frames = [getattr(plan, name) for plan in plans]
        on = zip(frames, starts, strict=False)
        return _stacked([f.with_columns(pl.col("entry") + start) for f, start in on])

    problems = _stacked([plan.problems for plan in plans])
    return Plan(counted("entries"), counted("lines"), problems, counted("sources"))


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one schema, one below the other. A column without any value takes no memory."""
    schema = frames[0].schema
    bare = [n for n in schema if all(f[n].null_count() == f.height for f in frames)]
    if len(bare) == len(schema):
        return frames[0]
    whole = pl.concat([f.drop(bare) for f in frames])
    return whole.with_columns(pl.lit(None, schema[n]).alias(n) for n in bare).select(*schema)


def _numbered(heads: pl.DataFrame, options: Options) -> pl.DataFrame:
    """The entry of each document, counted in the order of its first document."""
    if options.day_totals:
        keys = list(DAY)
    elif not options.per_document:
        keys = ["journal", "entry_type"]
    else:
        return heads.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("entry"))
    groups = heads.select(keys).unique(maintain_order=True).with_row_index("entry")
    groups = groups.with_columns(pl.col("entry").cast(pl.Int64))
    return heads.join(groups, on=keys, how="left", maintain_order="left", nulls_equal=True)


def _placed(lines: pl.DataFrame, heads: pl.DataFrame, entry: pl.Series) -> pl.DataFrame:
    """Lines with their entry; ``doc`` need not be the row of ``heads`` any more."""
    if heads.height and int(str(heads["doc"].max())) == heads.height - 1:
        return lines.with_columns(entry.gather(lines["doc"]).alias("entry"))
    at = heads.select("doc").with_columns(entry.alias("entry"))
    return lines.join(at, on="doc", how="inner", maintain_order="left")


def _merged(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of one entry that agree in everything but the amount, as one. Debits and credits stay apart."""
    lines = lines.with_columns((pl.col("amount") > 0).alias("debits"))
    return lines.group_by(_MERGE, maintain_order=True).agg(
        pl.col("slot").min(),
        *(pl.col(n).sum() for n in ("amount", "net", "tax")),
        *(
            pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n)
            for n in ("tax_base", "currency_amount")
        ),
        pl.col("because").min(),
    )


def _ordered(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines in their place within the entry, with debit and credit."""
    widest = lines["slot"].max()
    room = (0 if widest is None else int(str(widest))) + 1
    lines = lines.with_columns(
        ((pl.col("entry") * 16 + pl.col("rank")) * room + pl.col("slot")).alias("order")
    )
    lines = lines.sort("order")
    if lines.select((pl.col("order") == pl.col("order").shift(1)).any()).item():
        ties = ["order", "account", "cost_center", "vat_code", "rubric", "amount"]
        lines = lines.sort(ties, nulls_last=True)
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    opens = (pl.col("entry") != pl.col("entry").shift(1)).fill_null(True)
    first = pl.when(opens).then(at).otherwise(0).cum_max()
    return lines.select(
        "entry",
        (at - first + 1).cast(pl.Int32).alias("position"),
        "account",
        pl.max_horizontal("amount", pl.lit(0, pl.Int64)).alias("debit"),
        pl.max_horizontal(-pl.col("amount"), pl.lit(0, pl.Int64)).alias("credit"),
        *("cost_center", "party", "vat_code", "tax_base", "currency", "currency_amount", "rubric"),
        pl.lit(None, pl.String).alias("text"),
        *("rule", "because", "net", "tax"),
    ).select(*LINE_SCHEMA, "rule", "because", "net", "tax")


def _each(heads: pl.DataFrame) -> pl.DataFrame:
    """One entry a document, with its number and file."""
    return heads.select(
        "entry",
        "source_key",
        "journal",
        "entry_type",
        "date",
        pl.col("issue_date").alias("document_date"),
        pl.col("number").alias("reference"),
        _NAME.alias("text"),
        pl.col("file_id").alias("file"),
    ).select(pl.col(n).cast(k) for n, k in ENTRY_SCHEMA.items())


def _grouped(heads: pl.DataFrame, options: Options) -> pl.DataFrame:
    """One row an entry, named after its first and last document and keyed by the first; one document alone stays as it is."""
    first, last, many = pl.col("number").first(), pl.col("number").last(), pl.len() > 1
    span = pl.when(many).then(pl.concat_str(first, last, separator=" – ")).otherwise(first)
    whole = pl.format("total|{}|{}", pl.col("source_key").first(), pl.len())
    grouped = heads.group_by("entry", maintain_order=True).agg(
        pl.when(many).then(whole).otherwise(pl.col("source_key").first()).alias("source_key"),
        pl.col("journal", "entry_type").first(),
        pl.col("date").max(),
        pl.col("issue_date").max().alias("document_date"),
        span.alias("reference"),
        pl.when(many)
        .then(pl.format("{} {} ({})", pl.col("billing_type").first(), span, pl.len()))
        .otherwise(_NAME.first())
        .alias("text"),
        pl.when(~many).then(pl.col("file_id").first()).alias("file"),
    )
    if not options.per_document and options.number:
        grouped = grouped.with_columns(pl.lit(options.number).alias("reference"))
    return grouped.select(pl.col(n).cast(k) for n, k in ENTRY_SCHEMA.items())
