"""Examples: a SAF-T file's sales documents and the entries linked to them in, pairs of amounts and accounts out (M15).

A document is linked to an entry by its TransactionID, or by the SourceDocumentID of the entry's lines. Several
documents of one type in one entry (a day's total) make one example.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from razao.invoices.formats.saft import Saft
from razao.invoices.invoice import CREDIT_TYPES

#: rate (hundredths of a per cent), region, exemption ("" when none)
Place = tuple[int, str, str]


@dataclass(slots=True)
class Example:
    """Documents and the entry they became. Amounts in hundredths; ``accounts`` debit less credit."""

    transaction: int
    billing_type: str
    credit: bool
    customer: str | None
    journal: str
    documents: int
    gross: int
    held: int
    nets: dict[tuple[str, Place], int] = field(default_factory=dict)
    """by article and place"""
    taxes: dict[Place, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)


def links(saft: Saft) -> pl.DataFrame:
    """doc and transaction of every document that an entry names or that names an entry."""
    register = saft.sales.register.select("doc", "transaction_id").drop_nulls()
    entries = saft.ledger.transactions.select("transaction", "transaction_id").drop_nulls()
    named = register.join(entries.unique("transaction_id", keep="first"), on="transaction_id")
    numbers = saft.sales.frames.documents.select("doc", number=pl.col("number").str.strip_chars())
    sources = saft.ledger.lines.select(
        "transaction", number=pl.col("source_document").str.strip_chars()
    ).drop_nulls()
    by_number = numbers.join(sources.unique("number", keep="first"), on="number")
    every = pl.concat([named.select("doc", "transaction"), by_number.select("doc", "transaction")])
    return every.unique("doc", keep="first", maintain_order=True).sort("doc")


def examples(saft: Saft) -> list[Example]:
    """Every linked group of documents of one type, in the order of the entries; cancelled documents are left out."""
    heads = saft.sales.frames.documents.filter(pl.col("status") != "A").join(links(saft), on="doc")
    alone = heads.group_by("transaction").agg(pl.col("billing_type").n_unique().alias("types"))
    heads = heads.join(alone.filter(pl.col("types") == 1), on="transaction").sort(
        "transaction", "doc"
    )
    journals = dict(saft.ledger.transactions.select("transaction", "journal").iter_rows())
    made: dict[int, Example] = {}
    for row in heads.iter_rows(named=True):
        example = made.get(row["transaction"])
        if example is None:
            example = made[row["transaction"]] = Example(
                transaction=row["transaction"],
                billing_type=row["billing_type"] or "",
                credit=row["document_type"] in CREDIT_TYPES,
                customer=row["buyer_id"],
                journal=journals.get(row["transaction"]) or "",
                documents=0,
                gross=0,
                held=0,
            )
        example.documents += 1
        example.gross += row["gross"] or 0
        example.held += row["withholding"] or 0
        if example.customer != row["buyer_id"]:
            example.customer = None
    _fill(saft, heads.select("doc", "transaction"), made)
    return list(made.values())


def _fill(saft: Saft, which: pl.DataFrame, made: dict[int, Example]) -> None:
    """Nets, taxes and accounts of the examples."""
    place = [pl.col("region"), pl.col("exemption").fill_null("")]
    lines = saft.sales.frames.lines.join(which, on="doc").group_by(
        "transaction", pl.col("article").fill_null(""), "vat_rate", *place
    )
    for transaction, article, rate, region, reason, net in lines.agg(
        pl.col("net").sum()
    ).iter_rows():
        if net:
            made[transaction].nets[article, (rate or 0, region, reason)] = net
    vat = saft.sales.frames.vat.join(which, on="doc").group_by("transaction", "rate", *place)
    for transaction, rate, region, reason, tax in vat.agg(pl.col("amount").sum()).iter_rows():
        if tax:
            made[transaction].taxes[rate, region, reason] = tax
    signed = (pl.col("debit") - pl.col("credit")).sum().alias("signed")
    entries = saft.ledger.lines.join(
        which.select("transaction").unique(), on="transaction", how="semi"
    )
    for transaction, account, amount in (
        entries.group_by("transaction", "account").agg(signed).iter_rows()
    ):
        if amount:
            made[transaction].accounts[account] = amount
