"""Whose invoice it is: invoice frames and rules in, one row a document with its party, account, journal and signs out.

The party is the seller of a purchase and the buyer of a sale. Its account is looked for by tax number
within the profile's classifier (S10 a); a person's choice comes first.
"""

from __future__ import annotations

import polars as pl

from razao.booking.reasons import NOTHING, facts
from razao.booking.rules import (
    OVERRIDE_DOCUMENTS,
    Overrides,
    Profile,
    Rules,
    shaped,
)
from razao.countries.facts import Direction
from razao.countries.places import EUROPEAN_UNION, INSIDE_THE_UNION, before_a_number
from razao.countries.tax_ids import final_consumers
from razao.invoices.frame import InvoiceFrames
from razao.invoices.invoice import CREDIT_TYPES

PAR = 100_000_000


def documents_of(
    frames: InvoiceFrames, rules: Rules, direction: Direction, overrides: Overrides
) -> pl.DataFrame:
    """Every document with party, account (and why), journal, entry type, date, exchange rate and signs."""
    profile = rules.profiles[direction]
    chosen = shaped(overrides.documents, OVERRIDE_DOCUMENTS).rename(
        {name: f"chosen_{name}" for name in OVERRIDE_DOCUMENTS if name != "doc"}
    )
    documents = (
        frames.documents.with_columns(_party(direction))
        .join(chosen, on="doc", how="left", maintain_order="left")
        .with_columns(*_signs(direction), _situation(rules), *_home(rules), *_posting(profile))
    )
    return _with_withholding(_with_account(documents, rules, profile), rules)


def _party(direction: Direction) -> list[pl.Expr]:
    side = "seller" if direction is Direction.PURCHASE else "buyer"
    return [
        key_of(pl.col(f"{side}_tax_id")).alias("party"),
        pl.col(f"{side}_name").alias("party_name"),
        pl.col(f"{side}_country").alias("party_country"),
    ]


def key_of(tax_id: pl.Expr) -> pl.Expr:
    """A tax number as it is compared: capitals, no blanks, without the country before it."""
    plain = tax_id.str.to_uppercase().str.replace_all("[ .]", "")
    before = f"^(?:{'|'.join(sorted(before_a_number()))})(?P<n>[0-9A-Z]{{7,}})$"
    return plain.str.replace(before, "$n").replace("", None)


def _signs(direction: Direction) -> list[pl.Expr]:
    ordinary = 1 if direction is Direction.PURCHASE else -1
    credit = pl.col("document_type").is_in(sorted(CREDIT_TYPES)).fill_null(False)
    return [
        credit.alias("credit"),
        pl.when(credit).then(-1).otherwise(1).cast(pl.Int64).alias("sign"),
        pl.when(credit).then(-ordinary).otherwise(ordinary).cast(pl.Int64).alias("side"),
    ]


def _situation(rules: Rules) -> pl.Expr:
    country = pl.col("party_country").fill_null(rules.country).str.slice(0, 2)
    union = sorted(INSIDE_THE_UNION) if rules.country in EUROPEAN_UNION else []
    return (
        pl.when(country == rules.country)
        .then(pl.lit("home"))
        .when(country.is_in(union))
        .then(pl.lit("eu"))
        .otherwise(pl.lit("world"))
        .alias("situation")
    )


def _home(rules: Rules) -> list[pl.Expr]:
    foreign = (pl.col("currency") != rules.currency).fill_null(False)
    stated = pl.coalesce("chosen_exchange_rate", "exchange_rate")
    return [
        foreign.alias("foreign"),
        pl.when(foreign).then(stated).otherwise(pl.lit(PAR)).alias("par"),
    ]


def _posting(profile: Profile) -> list[pl.Expr]:
    types = dict(profile.entry_types)
    other = types.pop("*", None)
    return [
        pl.lit(profile.journal or None, pl.String).alias("journal"),
        pl.col("document_type")
        .replace_strict(types, default=other, return_dtype=pl.String)
        .alias("entry_type"),
        pl.coalesce("chosen_date", "internal_date", "issue_date").alias("date"),
    ]


def _with_account(documents: pl.DataFrame, rules: Rules, profile: Profile) -> pl.DataFrame:
    found = _directory(rules, profile)
    documents = documents.join(found, on="party", how="left", maintain_order="left")
    cash = pl.col("self_settling").fill_null(False) & pl.lit(bool(profile.cash_account))
    unnamed = pl.col("party").is_null() | pl.col("party").is_in(sorted(final_consumers()))
    final = unnamed & pl.lit(bool(profile.final_consumer))
    family = pl.coalesce("found_in", pl.lit(profile.classifier))
    told = facts(party=pl.col("party"), classifier=family)
    cases = (
        (pl.col("chosen_account").is_not_null(), pl.col("chosen_account"), "party.chosen", NOTHING),
        (cash, pl.lit(profile.cash_account), "party.cash", NOTHING),
        (final, pl.lit(profile.final_consumer), "party.final_consumer", NOTHING),
        (pl.col("found").is_not_null(), pl.col("found"), "party.tax_id", told),
    )
    account, rule = pl.lit(None, pl.String), pl.lit("party.missing")
    because: pl.Expr = told
    for applies, value, name, why in reversed(cases):
        account = pl.when(applies).then(value).otherwise(account)
        rule = pl.when(applies).then(pl.lit(name)).otherwise(rule)
        reason = why if isinstance(why, pl.Expr) else pl.lit(why)
        because = pl.when(applies).then(reason).otherwise(because)
    documents = documents.with_columns(
        account.alias("account"), rule.alias("account_rule"), because.alias("account_because")
    )
    settings = rules.accounts.select("account", setting="counterpart").unique("account")
    return documents.join(settings, on="account", how="left", maintain_order="left")


def _directory(rules: Rules, profile: Profile) -> pl.DataFrame:
    """The account of each tax number: of the profile's classifier first, of any other family after it."""
    accounts = rules.accounts.filter(pl.col("party").is_not_null() & pl.col("postable"))
    accounts = accounts.with_columns(key_of(pl.col("party")).alias("party"))
    rank = (
        pl.when(pl.col("classifier") == profile.classifier)
        .then(0)
        .when(pl.col("classifier") == profile.asset_classifier)
        .then(1)
        .otherwise(None)
    )
    ranked = accounts.with_columns(rank.alias("rank")).filter(pl.col("rank").is_not_null())
    return (
        ranked.sort("party", "rank", "account")
        .unique("party", keep="first", maintain_order=True)
        .select("party", found="account", found_in="classifier")
    )


def _with_withholding(documents: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    kept = rules.parties.select(
        key_of(pl.col("party")).alias("party"),
        known_party="party",
        party_withholding="withholding_code",
    ).unique("party", keep="first", maintain_order=True)
    documents = documents.join(kept, on="party", how="left", maintain_order="left").with_columns(
        pl.coalesce("chosen_withholding_code", "party_withholding").replace("", None).alias("code"),
    )
    dated = _codes_on(documents, rules)
    return documents.join(dated, on=["code", "date"], how="left", maintain_order="left")


def _codes_on(documents: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Account of each withholding code on each day at hand; the latest validity wins."""
    wanted = documents.select("code", "date").drop_nulls().unique()
    codes = rules.withholding.rename({"withholding_code": "code", "account": "withholding_account"})
    matched = wanted.join(codes, on="code").filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("date")))
        & (pl.col("valid_to").is_null() | (pl.col("date") <= pl.col("valid_to")))
    )
    return (
        matched.sort("code", "date", "valid_from", descending=[False, False, True], nulls_last=True)
        .unique(["code", "date"], keep="first", maintain_order=True)
        .select("code", "date", "withholding_account", withholding_rate="rate")
    )
