"""Billing documents in their one order, cut into slices: frames in, slices that can be booked one after another out.

Whatever order documents came in, they are put in one (date, type, number, key), so that a preparation does not depend on
it. A slice is small enough to stay in the processor's cache and to need little memory beside the source and the plan. What
must be known of all documents at once (which come twice, which are posted) is found before cutting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from razao.booking.billing_rules import BillingRules, CostMethod, Options
from razao.booking.rules import Rules
from razao.invoices.frame import InvoiceFrames

#: Documents booked at once.
SLICE = 100_000
_DOCUMENTS = (
    *("doc", "source_key", "billing_type", "document_type", "number", "issue_date"),
    *("internal_date", "currency", "exchange_rate", "seller_tax_id", "buyer_id", "buyer_tax_id"),
    *("buyer_name", "status", "net", "vat", "gross", "withholding", "treasury_place"),
    *("paid_by_title", "cost_center", "self_settling", "file_id"),
)
_VAT = ("doc", "rate", "region", "exemption", "kind", "base", "amount")
_LINES = (
    *("doc", "position", "article", "quantity", "net", "vat_rate", "region", "vat_amount"),
    *("exemption", "discount", "cost_center", "internal_reference", "unit_cost", "service"),
    *("advance", "advance_exchange_rate"),
)


@dataclass(frozen=True, slots=True)
class Slice:
    """Documents that follow one another, with what is theirs. ``doc`` counts from 0 in ``documents`` and is its row."""

    documents: pl.DataFrame
    """with ``twice`` and ``posted``"""
    vat: pl.DataFrame
    lines: pl.DataFrame


def slices(
    frames: InvoiceFrames, rules: Rules, billing: BillingRules, options: Options, at_once: int
) -> Iterator[Slice]:
    """The documents in slices of ``at_once`` or a few more; at least one slice, though it be empty."""
    documents = frames.documents.select(_DOCUMENTS).with_columns(
        pl.coalesce(
            "source_key", pl.format("doc|{}|{}", pl.col("billing_type").fill_null("?"), "number")
        ).alias("source_key")
    )
    documents = documents.with_columns(
        pl.col("source_key").is_duplicated().alias("twice"),
        pl.col("source_key").is_in(rules.posted["source_key"].implode()).alias("posted"),
    )
    order = _order(documents)
    place = pl.DataFrame({"doc": documents["doc"].gather(order)}).with_row_index("at")
    vat = _Placed(frames.vat.select(_VAT), place)
    lines = _Placed(frames.lines.select(_LINES), place)
    for start, end in _cuts(documents, order, billing, options, at_once):
        head = documents[order[start:end]]
        yield Slice(_counted(head), vat.between(start, end), lines.between(start, end))


def _order(documents: pl.DataFrame) -> pl.Series:
    """The rows of ``documents`` in their order."""
    tail = pl.col("number").str.extract(r"([0-9]{1,15})\s*$").cast(pl.Int64)
    keys = ["issue_date", "billing_type", tail, "number", "source_key"]
    return documents.select(pl.arg_sort_by(keys, nulls_last=True).alias("order"))["order"]


def _counted(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("doc"))


class _Placed:
    """Rows of documents, found by the places of their documents in the order."""

    def __init__(self, rows: pl.DataFrame, place: pl.DataFrame) -> None:
        found = rows.select("doc").join(place, on="doc", how="left", maintain_order="left")["at"]
        if found.null_count():
            rows, found = rows.filter(found.is_not_null()), found.drop_nulls()
        self.rows, self.at = rows, found
        self.order: pl.Series | None = None
        if not found.is_sorted():
            self.order = found.arg_sort()
            self.at = found.gather(self.order)

    def between(self, start: int, end: int) -> pl.DataFrame:
        """The rows of the documents at these places; ``doc`` counts from the first of them."""
        low, high = (int(self.at.search_sorted(p, side="left")) for p in (start, end))
        part = slice(low, high)
        rows = self.rows[part] if self.order is None else self.rows[self.order[part]]
        return rows.with_columns((self.at[part].cast(pl.Int64) - start).alias("doc"))


def _cuts(
    documents: pl.DataFrame,
    order: pl.Series,
    billing: BillingRules,
    options: Options,
    at_once: int,
) -> Iterator[tuple[int, int]]:
    """Where to cut: never within what becomes one entry, nor within what goods are costed by (first in, first out)."""
    last = documents.height
    single = not options.per_document and not options.day_totals
    if single or billing.cost_method is CostMethod.FIFO or last <= at_once:
        yield 0, last
        return
    ends = pl.Series([*range(at_once, last, at_once), last], dtype=pl.UInt32)
    if options.day_totals:
        days = documents["issue_date"].gather(order).rle_id()
        ends = days.search_sorted(days.gather(ends - 1), side="right").unique().sort()
    start = 0
    for end in ends:
        yield start, end
        start = end
