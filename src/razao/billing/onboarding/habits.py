"""Supplier habits from past entries: the purchases of a SAF-T file in, rows of how each supplier was booked out (M5, M15)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

import polars as pl

from razao.booking.rules import HABITS
from razao.invoices.formats.saft import Saft

#: How far tax ÷ base may lie from a rate, in hundredths of a per cent.
_NEAR = 20
_NAMED = 5


def supplier_habits(
    saft: Saft,
    vat_codes: pl.DataFrame,
    tax_prefixes: tuple[str, ...],
    expense_prefixes: tuple[str, ...],
) -> pl.DataFrame:
    """HABITS of purchases with one expense account: entries in which a supplier's account is credited.

    ``vat_codes``: the company's (``booking.rules.VAT_CODES``); entries of several rates teach nothing.
    """
    suppliers = saft.ledger.suppliers.drop_nulls(["account", "tax_id"]).select(
        "account", party="tax_id"
    )
    suppliers = suppliers.unique("account", keep="none")
    lines = saft.ledger.lines.with_columns((pl.col("debit") - pl.col("credit")).alias("amount"))
    owed = lines.filter(pl.col("amount") < 0).join(suppliers, on="account")
    owed = owed.unique("transaction", keep="none").select("transaction", "party")
    debits = lines.filter(pl.col("amount") > 0).join(owed, on="transaction")
    code = pl.col("account")
    is_tax = pl.any_horizontal(code.str.starts_with(p) for p in tax_prefixes)
    is_cost = pl.any_horizontal(code.str.starts_with(p) for p in expense_prefixes)
    costs = debits.filter(is_cost & ~is_tax).unique("transaction", keep="none")
    taxes = debits.filter(is_tax).select("transaction", tax="amount", tax_account="account")
    several = taxes.filter(pl.col("transaction").is_duplicated())
    joined = costs.join(taxes.unique("transaction", keep="none"), on="transaction", how="left")
    joined = joined.join(several.select("transaction").unique(), on="transaction", how="anti")
    measured = joined.with_columns(
        (pl.col("tax").fill_null(0) * 10_000 / pl.col("amount")).alias("measured")
    )
    rated = _with_code(measured, vat_codes)
    heads = saft.ledger.transactions.select("transaction", "date", "archival_number")
    rated = rated.join(heads, on="transaction").drop_nulls("date").sort("date", "transaction")
    grouped = rated.group_by(
        "party", "rate", counterpart="account", vat_code="vat_code", maintain_order=True
    ).agg(
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("date").max(),
        pl.col("archival_number").drop_nulls().tail(_NAMED).alias("documents"),
    )
    rows = [
        (
            *("purchase", party, rate, "", account, vat_code or "", "", "", ""),
            *(count, datetime.combine(day, time(), UTC), json.dumps(list(documents))),
        )
        for party, rate, account, vat_code, count, day, documents in grouped.iter_rows()
    ]
    return pl.DataFrame(rows, dict(HABITS), orient="row")


def _with_code(rows: pl.DataFrame, vat_codes: pl.DataFrame) -> pl.DataFrame:
    """The rate nearest to tax ÷ base, and the VAT code of the tax account at that rate."""
    known = vat_codes.filter(
        (pl.col("direction") == "purchase") & pl.col("tax_account").is_not_null()
    )
    known = known.filter(pl.col("reverse_account").is_null() & (pl.col("deductible") == 10_000))
    known = known.sort("vat_code").unique(
        ["tax_account", "rate"], keep="first", maintain_order=True
    )
    taxed = rows.drop_nulls("tax_account").join(
        known.select("tax_account", "rate", "vat_code"), on="tax_account"
    )
    near = (pl.col("measured") - pl.col("rate")).abs()
    taxed = (
        taxed.filter(near <= _NEAR).sort("transaction", near).unique("transaction", keep="first")
    )
    free = rows.filter(pl.col("tax_account").is_null()).with_columns(
        pl.lit(0, pl.Int32).alias("rate"), pl.lit(None, pl.String).alias("vat_code")
    )
    columns = ["transaction", "party", "account", "rate", "vat_code"]
    return pl.concat([taxed.select(columns), free.select(columns)])
