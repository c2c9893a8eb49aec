"""How well rules explain the past: documents, their entries and rules in, the share reproduced to the cent out (M15)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from razao.billing.onboarding.examples import links
from razao.booking.billing_entries import prepare
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.rules import Rules
from razao.invoices.formats.saft import Saft

#: Entries that come out differently: what stands in the books and what the rules would post, debit less credit.
MISSED = {
    "reference": pl.String,
    "account": pl.String,
    "booked": pl.Int64,
    "proposed": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Reproduced:
    """Entries that documents are linked to: how many, how many come out the same, and those that do not."""

    entries: int
    same: int
    missed: pl.DataFrame
    problems: dict[str, int]

    @property
    def share(self) -> float:
        """Of the entries, 0 to 1; 1 when there are none."""
        return self.same / self.entries if self.entries else 1.0


def reproduced(saft: Saft, rules: Rules, billing: BillingRules, *, day_totals: bool) -> Reproduced:
    """Prepare the file's linked documents under ``billing`` and hold the result against the file's own entries."""
    linked = links(saft)
    frames = saft.sales.frames.where(
        pl.col("doc").is_in(linked["doc"].implode()) & (pl.col("status") != "A")
    )
    plan = prepare(frames, rules, billing, Options(day_totals=day_totals)).plan
    keys = frames.documents.select("doc", "source_key", "number").join(linked, on="doc")
    entry_of = keys.join(plan.sources, on="source_key", how="left")
    transactions = entry_of.group_by("transaction").agg(
        pl.col("entry").drop_nulls().first(), pl.col("number").first().alias("reference")
    )
    booked = _sums(saft.ledger.lines, "transaction", "booked")
    booked = booked.join(transactions.select("transaction"), on="transaction", how="semi")
    proposed = _sums(plan.lines, "entry", "proposed").join(
        transactions.drop_nulls("entry"), on="entry"
    )
    both = booked.join(
        proposed.select("transaction", "account", "proposed"),
        on=["transaction", "account"],
        how="full",
        coalesce=True,
    )
    different = both.filter(pl.col("booked").fill_null(0) != pl.col("proposed").fill_null(0))
    missed = different.join(transactions, on="transaction").sort("transaction", "account")
    count = transactions.height
    return Reproduced(
        count,
        count - different["transaction"].n_unique(),
        missed.select(*MISSED),
        dict(plan.problems.group_by("code").len().sort("code").iter_rows()),
    )


def _sums(lines: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    signed = (pl.col("debit") - pl.col("credit")).sum().alias(name)
    return lines.group_by(key, "account").agg(signed).filter(pl.col(name) != 0)
