"""What a source yields: invoices in columns, the people and articles they name, what was wrong, and how to mark them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from razao.invoices.frame import InvoiceFrames, to_frames
from razao.kernel.problems import Problem

#: Customers as the source has them.
SEEN_CUSTOMERS = {
    "number": pl.String,
    "tax_id": pl.String,
    "name": pl.String,
    "country": pl.String,
    "address": pl.String,
}

#: The source's own key of a document, with which it is marked as integrated.
MARKS = {"source_key": pl.String, "mark": pl.String}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked for. ``settings`` by kind; ``secret`` in clear, in memory alone."""

    settings: dict[str, Any]
    tax_id: str
    """of the company whose documents are wanted"""
    region: str = ""
    """the company's tax region: that of documents which name none"""
    secret: str = ""
    since: date | None = None
    until: date | None = None
    inside_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source's answer."""

    frames: InvoiceFrames
    problems: tuple[Problem, ...] = ()
    customers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SEEN_CUSTOMERS))
    marks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MARKS))

    @staticmethod
    def nothing(*problems: Problem) -> Loaded:
        """No documents, for these problems."""
        return Loaded(to_frames([]), problems)


def between(frames: InvoiceFrames, since: date | None, until: date | None) -> InvoiceFrames:
    """The documents issued from ``since`` to ``until``, both inclusive; a document without date is kept (P4)."""
    day = pl.col("issue_date")
    wanted = pl.lit(True)
    if since is not None:
        wanted = wanted & (day.is_null() | (day >= since))
    if until is not None:
        wanted = wanted & (day.is_null() | (day <= until))
    return frames if since is None and until is None else frames.where(wanted)


def customers_in(frames: InvoiceFrames) -> pl.DataFrame:
    """The customers that documents name (SEEN_CUSTOMERS); one without a number goes by its tax number."""
    named = frames.documents.select(
        pl.coalesce("buyer_id", "buyer_tax_id").alias("number"),
        tax_id="buyer_tax_id",
        name="buyer_name",
        country="buyer_country",
        address=pl.lit(None, pl.String),
    )
    return named.drop_nulls("number").unique("number", keep="first", maintain_order=True)


def documents(frames: InvoiceFrames, problems: Iterable[Problem], asked: Asked) -> Loaded:
    """The documents of the period with their customers."""
    wanted = between(frames, asked.since, asked.until)
    return Loaded(wanted, tuple(problems), customers_in(wanted))
