"""Booking digitised invoices: invoice frames and a company's rules in, a plan out (S10, S13, M1, M5).

The chain: whose document is it → what is each row booked to → the lines → what stands against it. Pure: the
same invoices under the same rules give the same plan. ``propose_one`` is the same for a single invoice.
"""

from __future__ import annotations

import polars as pl

from razao.booking.counterparties import documents_of
from razao.booking.document_checks import problems_of
from razao.booking.entry_lines import lines_of
from razao.booking.plan import BOOKED_SCHEMA, Plan
from razao.booking.rules import Overrides, Rules
from razao.booking.surcharges import added_base
from razao.booking.tax_rows import rows_of
from razao.countries.facts import Direction
from razao.invoices.frame import InvoiceFrames, to_frames
from razao.invoices.invoice import Invoice
from razao.kernel.money import proportion
from razao.ledger.drafts import ENTRY_SCHEMA


def propose(
    frames: InvoiceFrames,
    rules: Rules,
    *,
    direction: Direction,
    overrides: Overrides | None = None,
) -> Plan:
    """The entries that these invoices become, with the reason of each line and every problem.

    Documents that cannot be booked keep their incomplete entry for the eye; ``Plan.postable`` leaves them out.
    """
    chosen = overrides or Overrides()
    documents = documents_of(_directed(frames, direction), rules, direction, chosen)
    documents = documents.with_columns(
        pl.lit(direction.value).alias("direction"), pl.col("cost_center").alias("document_center")
    )
    rows = rows_of(frames, documents, rules, chosen).with_columns(_tax_line(direction))
    documents = _kept(_added_up(documents, frames, rules), rows)
    lines = lines_of(documents, rows, rules)
    problems = problems_of(documents, rows, lines, rules)
    return _plan(documents, lines, problems, _booked(rows, documents))


def _booked(rows: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """The rows as review shows them."""
    said = documents.select("doc", "source_key", "number", withholding_code="code")
    joined = rows.join(said, on="doc", how="left", maintain_order="left").with_columns(
        pl.col("reason").alias("exemption"), pl.col("center").alias("cost_center")
    )
    return joined.select(pl.col(name).cast(kind) for name, kind in BOOKED_SCHEMA.items())


def propose_one(
    invoice: Invoice,
    rules: Rules,
    *,
    direction: Direction,
    overrides: Overrides | None = None,
    file: str | None = None,
) -> Plan:
    """``propose`` for one invoice; ``file`` is the hash of its archived file. Its document key is 0."""
    frames = to_frames([invoice])
    documents = frames.documents.with_columns(pl.lit(file, pl.String).alias("file_id"))
    return propose(
        InvoiceFrames(documents, frames.vat, frames.lines),
        rules,
        direction=direction,
        overrides=overrides,
    )


def _directed(frames: InvoiceFrames, direction: Direction) -> InvoiceFrames:
    """A document without a key of its own gets one that says where it stands, so that it can be shown."""
    unnamed = pl.format("{}|doc {}", pl.lit(direction.value), pl.col("doc"))
    documents = frames.documents.with_columns(
        pl.coalesce("source_key", unnamed).alias("source_key")
    )
    return InvoiceFrames(documents, frames.vat, frames.lines)


def _tax_line(direction: Direction) -> pl.Expr:
    """The tax that gets a line of its own: deducted on purchases, collected on sales."""
    if direction is Direction.PURCHASE:
        return pl.col("deducted").alias("tax_line")
    return pl.when("reverse").then(0).otherwise("home_amount").fill_null(0).alias("tax_line")


def _added_up(documents: pl.DataFrame, frames: InvoiceFrames, rules: Rules) -> pl.DataFrame:
    """The document's total against its rows."""
    totals = frames.vat.group_by("doc").agg(
        (added_base() + pl.col("amount")).sum().alias("row_total"), pl.len().alias("row_count")
    )
    joined = documents.join(totals, on="doc", how="left", maintain_order="left").with_columns(
        pl.col("row_total").fill_null(0), pl.col("row_count").fill_null(0)
    )
    difference = (pl.col("gross") - pl.col("row_total")).fill_null(0)
    return joined.with_columns(
        difference.alias("difference"), (difference.abs() <= rules.rounding_limit).alias("adds_up")
    )


def _kept(documents: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The tax that the buyer keeps (captive VAT), and the tax withheld without it.

    Documents print it among what is withheld or apart: it is counted in when that is no less than it, unless
    the amount payable shows that both were taken off.
    """
    parts = rows.filter(pl.col("part") == 0).group_by("doc")
    kept = proportion(pl.col("amount"), pl.col("captive").fill_null(0), 10_000)
    joined = documents.join(
        parts.agg(kept.sum().alias("captive_total")), on="doc", how="left", maintain_order="left"
    ).with_columns(pl.col("captive_total").fill_null(0))
    captive, held = pl.col("captive_total"), pl.col("withholding").fill_null(0)
    apart = (pl.col("gross") - pl.col("payable") == held + captive).fill_null(False)
    within = (captive != 0) & (held >= captive) & ~apart
    return joined.with_columns(
        pl.when(within).then(held - captive).otherwise("withholding").alias("withholding")
    )


def _plan(
    documents: pl.DataFrame, lines: pl.DataFrame, problems: pl.DataFrame, rows: pl.DataFrame
) -> Plan:
    number = documents.select("doc").with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    entries = documents.with_columns(
        number["at"].alias("entry"),
        pl.col("issue_date").alias("document_date"),
        pl.col("number").alias("reference"),
        pl.concat_str("number", "party_name", separator=" ", ignore_nulls=True).alias("text"),
        pl.col("file_id").alias("file"),
    )
    numbered = lines.join(
        number, left_on="entry", right_on="doc", how="left", maintain_order="left"
    )
    return Plan(
        entries=entries.select(pl.col(name).cast(kind) for name, kind in ENTRY_SCHEMA.items()),
        lines=numbered.with_columns(pl.col("at").alias("entry")).drop("at"),
        problems=problems.drop("doc"),
        sources=entries.select("source_key", "entry"),
        rows=rows,
    )
