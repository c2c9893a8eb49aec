"""Which documents are meant: frames, types and a free condition in, the chosen documents out (P2, P3).

The condition is an expression such as ``gross > 100 and type in ('FT', 'FR')`` over the columns of ``VIEW``;
amounts are in the document's currency. It can compute, but neither read nor write anything.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from polars.exceptions import PolarsError

from razao.invoices.frame import InvoiceFrames
from razao.kernel.problems import Problem, Refused

#: Words of a condition → column of the documents.
TEXTS = {
    "type": "billing_type",
    "document_type": "document_type",
    "series": "series",
    "number": "number",
    "customer": "buyer_id",
    "tax_id": "buyer_tax_id",
    "name": "buyer_name",
    "currency": "currency",
    "place": "treasury_place",
    "cost_center": "cost_center",
    "status": "status",
    "date": "issue_date",
}
AMOUNTS = ("net", "vat", "gross", "withholding")
VIEW = (*TEXTS, *AMOUNTS)


def chosen(frames: InvoiceFrames, types: Sequence[str], condition: str) -> InvoiceFrames:
    """The documents of these types (all when none is named) for which the condition holds.

    Raises Refused (``billing.filter_wrong``).
    """
    if types:
        frames = frames.where(pl.col("billing_type").is_in(list(types)))
    if not condition.strip():
        return frames
    view = frames.documents.select(
        "doc",
        *(pl.col(column).alias(word) for word, column in TEXTS.items()),
        *((pl.col(name) / 100).alias(name) for name in AMOUNTS),
    )
    try:
        kept = view.filter(pl.sql_expr(condition)).select("doc")
    except PolarsError as error:
        said = str(error).split("\n", maxsplit=1)[0][:200]
        raise Refused(
            Problem("billing.filter_wrong", where=condition, values={"message": said})
        ) from error
    return frames.where(pl.col("doc").is_in(kept["doc"].implode()))
