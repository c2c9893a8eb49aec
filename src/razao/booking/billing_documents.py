"""Heads of billing documents: documents in their order, rules and options in, one row a document with journal, date and accounts out."""

from __future__ import annotations

import polars as pl

from razao.booking.billing_rules import BillingRules, Options, Place
from razao.booking.counterparties import key_of
from razao.booking.rules import Rules
from razao.countries.facts import Direction
from razao.countries.tax_ids import final_consumers
from razao.invoices.invoice import CREDIT_TYPES
from razao.kernel.money import steps_of

PAR = 100_000_000


def heads_of(
    documents: pl.DataFrame,
    rules: Rules,
    billing: BillingRules,
    options: Options,
    customers: Customers,
) -> pl.DataFrame:
    """The documents of a slice, with everything about them that does not depend on their lines."""
    heads = _typed(documents, billing, options)
    heads = heads.with_columns(_dated(options), *_money(rules), *_marks())
    return customers.added(heads)


def _typed(heads: pl.DataFrame, billing: BillingRules, options: Options) -> pl.DataFrame:
    """Journal, entry type and nature of each document's type."""
    to_cash = (
        billing.variables.filter(pl.col("place") == Place.CASH.value)
        .select("billing_type", to_cash=pl.lit(True))
        .unique()
    )
    types = (
        billing.types.rename({"self_settling": "type_settles", "treasury_place": "usual_place"})
        .with_columns(pl.lit(True).alias("configured"))
        .join(to_cash, on="billing_type", how="left")
    )
    heads = heads.join(types, on="billing_type", how="left", maintain_order="left")
    return heads.with_columns(
        (pl.lit(options.journal) if options.journal else pl.col("journal")).alias("journal"),
        (pl.lit(options.entry_type) if options.entry_type else pl.col("entry_type")).alias(
            "entry_type"
        ),
        pl.col("cash_sale", "type_settles", "to_cash", "configured").fill_null(False),
    )


def _dated(options: Options) -> pl.Expr:
    """The accounting date: internal date if asked for (P18), else the movement date (P17), else the day of issue."""
    issued = pl.col("issue_date")
    if options.movement_date is not None:
        issued = pl.lit(options.movement_date)
    if options.internal_date:
        return pl.coalesce("internal_date", "issue_date").alias("date")
    return issued.alias("date")


def _money(rules: Rules) -> list[pl.Expr]:
    foreign = (pl.col("currency") != rules.currency).fill_null(False)
    settles = pl.col("cash_sale") | (
        pl.col("to_cash") & (pl.col("type_settles") | pl.col("self_settling").fill_null(False))
    )
    return [
        foreign.alias("foreign"),
        steps_of(pl.col("currency").fill_null(rules.currency)).alias("step"),
        pl.when(foreign).then("exchange_rate").otherwise(pl.lit(PAR)).alias("par"),
        pl.when(settles).then(pl.col("withholding").fill_null(0)).otherwise(0).alias("held"),
    ]


def _marks() -> list[pl.Expr]:
    credit = pl.col("document_type").is_in(sorted(CREDIT_TYPES)).fill_null(False)
    return [
        credit.alias("credit"),
        pl.when(credit).then(-1).otherwise(1).cast(pl.Int64).alias("sign"),
    ]


class Customers:
    """The customers' accounts: by the source's customer number, then by tax number within the customers' classifier."""

    def __init__(self, rules: Rules, billing: BillingRules) -> None:
        by_id = billing.customers.filter(pl.col("buyer_id").is_not_null()).select(
            "buyer_id", id_account="account", id_titled="titled_account"
        )
        by_tax = billing.customers.select(
            key_of(pl.col("tax_id")).alias("key"),
            tax_account="account",
            tax_titled="titled_account",
        ).drop_nulls("key")
        self._by_id = by_id.unique("buyer_id", keep="first")
        self._by_key = (
            by_tax.unique("key", keep="first", maintain_order=True)
            .join(_directory(rules), on="key", how="full", coalesce=True)
            .join(_parties(rules), on="key", how="full", coalesce=True)
        )
        self._final = rules.profiles[Direction.SALE].final_consumer

    def added(self, heads: pl.DataFrame) -> pl.DataFrame:
        """``heads`` with key, customer, titled and party."""
        keys = ["buyer_id", "buyer_tax_id"]
        people = heads.select(keys).unique(maintain_order=True)
        people = (
            people.with_columns(key_of(pl.col("buyer_tax_id")).alias("key"))
            .join(self._by_id, on="buyer_id", how="left", maintain_order="left")
            .join(self._by_key, on="key", how="left", maintain_order="left")
        )
        unnamed = pl.col("key").is_null() | pl.col("key").is_in(sorted(final_consumers()))
        final = pl.when(unnamed).then(pl.lit(self._final or None, pl.String))
        accounts = ("id_account", "tax_account", "directory_account")
        found = people.select(
            *(*keys, "key"),
            pl.coalesce(*(pl.col(c).replace("", None) for c in accounts), final).alias("customer"),
            pl.coalesce(pl.col(c).replace("", None) for c in ("id_titled", "tax_titled")).alias(
                "titled"
            ),
            "party",
        )
        return heads.join(found, on=keys, how="left", maintain_order="left", nulls_equal=True)


def _directory(rules: Rules) -> pl.DataFrame:
    family = rules.profiles[Direction.SALE].classifier
    accounts = rules.accounts.filter(
        pl.col("party").is_not_null() & pl.col("postable") & (pl.col("classifier") == family)
    )
    return (
        accounts.select(key_of(pl.col("party")).alias("key"), directory_account="account")
        .sort("key", "directory_account")
        .unique("key", keep="first", maintain_order=True)
    )


def _parties(rules: Rules) -> pl.DataFrame:
    known = rules.parties.select(key_of(pl.col("party")).alias("key"), "party")
    return known.unique("key", keep="first", maintain_order=True)


def with_cash(
    heads: pl.DataFrame, leading: pl.DataFrame, billing: BillingRules, options: Options
) -> pl.DataFrame:
    """The account that cash goes to (P14, P15), with why. ``leading``: doc and the posting code that gives it."""
    codes = billing.posting_codes.select("posting_code", code_cash=pl.col("cash").replace("", None))
    places = billing.places.select(
        "treasury_place",
        "is_cash",
        place_account=pl.col("account").replace("", None),
        place_known=pl.lit(True),
    )
    heads = heads.join(
        leading.rename({"posting_code": "leading"}), on="doc", how="left", maintain_order="left"
    ).with_columns(pl.coalesce("treasury_place", "usual_place").replace("", None).alias("place"))
    heads = heads.join(
        codes, left_on="leading", right_on="posting_code", how="left", maintain_order="left"
    )
    heads = heads.join(
        places, left_on="place", right_on="treasury_place", how="left", maintain_order="left"
    )
    of_place = (
        pl.lit(options.treasury_account)
        & pl.col("place").is_not_null()
        & ~pl.col("is_cash").fill_null(False)
    )
    titled = pl.lit(billing.titled_debts) & pl.col("paid_by_title") & pl.col("titled").is_not_null()
    return heads.with_columns(
        pl.when(titled)
        .then("titled")
        .when(of_place)
        .then("place_account")
        .otherwise("code_cash")
        .alias("cash"),
        pl.when(titled)
        .then(pl.lit("billing.titled_debts"))
        .when(of_place)
        .then(pl.lit("billing.treasury_place"))
        .otherwise(pl.lit("billing.cash"))
        .alias("cash_rule"),
    )
