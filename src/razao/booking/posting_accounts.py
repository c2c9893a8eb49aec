"""Accounts of the treatments: the different kinds of line in, each treatment with its posting code's accounts out (P1)."""

from __future__ import annotations

import polars as pl

from razao.booking.billing_rules import BillingRules

#: What decides the accounts of a line. The first three make its *place* in the tax breakdown.
TREATMENT = (
    *("rate", "region", "exemption"),
    *("posting_code", "cost_center", "rubric", "advance", "advance_rate"),
)
_PLACE = list(TREATMENT[:3])


def treatments_of(
    kinds: pl.DataFrame, stated: pl.DataFrame, billing: BillingRules
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Treatments in a fixed order with their accounts, and ``pack`` → ``treatment``.

    ``stated``: rates, regions and exemptions of the breakdowns. Those that no line has stand at the end with a
    null treatment, so that every place has a number.
    """
    places = pl.concat([kinds.select(_PLACE), stated.select(_PLACE)]).unique()
    places = places.sort(_PLACE, nulls_last=True).with_row_index("place")
    treatments = kinds.select(TREATMENT).unique().sort(TREATMENT, nulls_last=True)
    treatments = treatments.with_row_index("treatment").join(
        places, on=_PLACE, how="left", maintain_order="left", nulls_equal=True
    )
    numbered = kinds.join(
        treatments.select(*TREATMENT, "treatment"), on=list(TREATMENT), how="left", nulls_equal=True
    ).select("pack", "treatment")
    accounts = _with_advances(_with_code(_with_rate(treatments, billing), billing), billing)
    unused = places.join(treatments.select("place"), on="place", how="anti")
    return pl.concat([accounts, unused], how="diagonal"), numbered.unique("pack")


def _with_rate(treatments: pl.DataFrame, billing: BillingRules) -> pl.DataFrame:
    """The accounts at the treatment's rate: exact region and exemption before ``*`` and ""."""
    rates = billing.posting_rates.rename(
        {"region": "of_region", "exemption": "of_exemption", "tax": "tax_account"}
    ).rename({"discount": "discount_account"})
    rates = rates.with_columns(pl.col(pl.String).replace("", None))
    fitting = treatments.select("treatment", "posting_code", *_PLACE).join(
        rates, on=["posting_code", "rate"], how="inner"
    )
    any_reason = pl.col("of_exemption").is_null()
    any_region = (pl.col("of_region") == "*").fill_null(True)
    fitting = fitting.filter(
        any_region | (pl.col("of_region") == pl.col("region")),
        any_reason | (pl.col("of_exemption") == pl.col("exemption")),
    )
    best = fitting.sort("treatment", any_reason, any_region).unique(
        "treatment", keep="first", maintain_order=True
    )
    kept = best.select(
        *("treatment", "revenue", "returns", "discount_account", "tax_account", "free_tax"),
        *("vat_code", "free_vat_code"),
        pl.lit(True).alias("rate_known"),
    )
    return treatments.join(kept, on="treatment", how="left", maintain_order="left").with_columns(
        pl.col("rate_known").fill_null(False)
    )


def _with_code(treatments: pl.DataFrame, billing: BillingRules) -> pl.DataFrame:
    codes = billing.posting_codes.select(
        "posting_code",
        advances=pl.col("advances").replace("", None),
        code_known=pl.lit(True),
    )
    joined = treatments.join(codes, on="posting_code", how="left", maintain_order="left")
    return joined.with_columns(pl.col("code_known").fill_null(False))


def _with_advances(treatments: pl.DataFrame, billing: BillingRules) -> pl.DataFrame:
    """Where the tax of a regularised advance goes (P16): the account of the rate's region, else of any."""
    taxes = billing.advance_taxes.select(
        "rate", of_region="region", advance_tax=pl.col("account").replace("", None)
    )
    exact = taxes.rename({"of_region": "region", "advance_tax": "own_tax"})
    anywhere = taxes.filter(pl.col("of_region") == "*").drop("of_region")
    joined = treatments.join(
        exact.unique(["rate", "region"], keep="first", maintain_order=True),
        on=["rate", "region"],
        how="left",
        maintain_order="left",
    ).join(
        anywhere.unique("rate", keep="first", maintain_order=True),
        on="rate",
        how="left",
        maintain_order="left",
    )
    return joined.with_columns(pl.coalesce("own_tax", "advance_tax").alias("advance_tax")).drop(
        "own_tax"
    )
