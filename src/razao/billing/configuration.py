"""A company's billing configuration: its tables in, ``BillingRules`` out; and the configuration that a new company starts with.

Everything here runs inside a transaction that acts for the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from razao.billing.models import (
    AdvanceAccounts,
    Article,
    BillingDocumentType,
    BillingParameters,
    Customer,
    PostingCode,
    PostingCodeRate,
    TreasuryPlace,
    Variable,
)
from razao.booking.billing_rules import (
    ADVANCE_TAXES,
    ARTICLES,
    CUSTOMERS,
    LAYERS,
    PLACES,
    POSTING_CODES,
    POSTING_RATES,
    REFLECTIONS,
    TYPES,
    VARIABLES,
    BillingRules,
    CostMethod,
)
from razao.booking.rules import Schema
from razao.companies.models import Company
from razao.kernel.money import fixed_point, minor_units
from razao.ledger import reflections


def rules_of(company: Company) -> BillingRules:
    """The configuration as it stands now."""
    advances, _ = AdvanceAccounts.objects.get_or_create(company=company)
    parameters, _ = BillingParameters.objects.get_or_create(company=company)
    mirrors = reflections.rules_of(company)
    return BillingRules(
        types=_types(company),
        variables=_frame(
            Variable.objects.filter(company=company, document_type__active=True).values_list(
                "document_type__code", "amount", "side", "place", "account"
            ),
            VARIABLES,
        ),
        posting_codes=_frame(
            PostingCode.objects.filter(company=company).values_list(
                "code", "cash_account", "advances_account"
            ),
            POSTING_CODES,
        ),
        posting_rates=_rates(company),
        articles=_articles(company),
        layers=_layers(company),
        customers=_frame(
            Customer.objects.filter(company=company).values_list(
                "number", "tax_id", "account", "titled_account"
            ),
            CUSTOMERS,
        ).with_columns(pl.col("tax_id", "account", "titled_account").replace("", None)),
        places=_frame(
            TreasuryPlace.objects.filter(company=company).values_list("name", "account", "is_cash"),
            PLACES,
        ),
        advance_taxes=_frame(
            (
                (fixed_point(Decimal(row["rate"]), 2), row.get("region", "*"), row["account"])
                for row in advances.taxes
            ),
            ADVANCE_TAXES,
        ),
        reflections=mirrors.rename({"rule_center": "cost_center", "to": "account"}).select(
            *REFLECTIONS
        ),
        fx_gain=advances.fx_gain,
        fx_loss=advances.fx_loss,
        withholding=advances.withholding,
        cost_method=CostMethod(parameters.cost_method),
        small_gift_limit=minor_units(Decimal(parameters.small_gift_limit)),
        titled_debts=parameters.titled_debts,
        default_posting_code=parameters.default_posting_code,
    )


def _frame(rows: Iterable[Sequence[Any]], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(list(rows), dict(schema), orient="row")


def _types(company: Company) -> pl.DataFrame:
    rows = BillingDocumentType.objects.filter(company=company, active=True).values_list(
        *("code", "journal", "entry_type", "cash_sale", "self_settling", "treasury_place"),
        "posting_code",
    )
    return _frame(rows, TYPES)


def _rates(company: Company) -> pl.DataFrame:
    rows = PostingCodeRate.objects.filter(company=company).values_list(
        *("posting_code__code", "rate", "region", "exemption", "revenue", "returns", "discount"),
        *("tax", "free_tax", "vat_code", "free_vat_code"),
    )
    return _frame(((row[0], fixed_point(row[1], 2), *row[2:]) for row in rows), POSTING_RATES)


def _articles(company: Company) -> pl.DataFrame:
    rows = Article.objects.filter(company=company).values_list(
        *("code", "posting_code", "service", "advance", "gift_cost", "gift_regularisation"),
        *("gift_tax", "inventory", "cost_of_sales", "last", "average", "standard"),
    )
    return _frame(((*row[:9], *(_cost(c) for c in row[9:])) for row in rows), ARTICLES)


def _cost(value: Decimal | None) -> int | None:
    return None if value is None else fixed_point(value, 4)


def _layers(company: Company) -> pl.DataFrame:
    rows = Article.objects.filter(company=company).exclude(layers=[]).values_list("code", "layers")

    def each() -> Iterator[tuple[str, int, int, int]]:
        for code, layers in rows:
            for at, (quantity, cost) in enumerate(layers):
                yield code, at, fixed_point(Decimal(quantity), 4), fixed_point(Decimal(cost), 4)

    return _frame(each(), LAYERS)
