"""How a company's billing documents become entries: posting codes, types with variables, articles and options, as frozen values.

The words are those of the accountant (SPEC P1–P22): a *variable* sends an amount of the document to a side and an
account; a *posting code* says which accounts sales of its articles use at each rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from razao.booking.rules import Schema


class Amount(StrEnum):
    """Amounts of a document that a variable can send somewhere."""

    GROSS = "gross"
    """total with tax"""
    RECEIVED = "received"
    """total with tax less the tax withheld (P16)"""
    NET = "net"
    """net of the rows, after discounts"""
    BEFORE_DISCOUNT = "before_discount"
    """net of the rows and the discounts taken off it"""
    DISCOUNT = "discount"
    TAX = "tax"
    WITHHOLDING = "withholding"


class Side(StrEnum):
    DEBIT = "D"
    CREDIT = "C"


class Place(StrEnum):
    """Where a variable finds its account."""

    CUSTOMER = "customer"
    CASH = "cash"
    """the posting code's cash account or the treasury place's (P14), or titled debts (P15)"""
    REVENUE = "revenue"
    RETURNS = "returns"
    DISCOUNT = "discount"
    TAX = "tax"
    FREE_TAX = "free_tax"
    """tax of operations free of charge"""
    WITHHOLDING = "withholding"
    FIXED = "fixed"
    """the account that the variable names"""


class CostMethod(StrEnum):
    """Which cost of an article counts (parameter of P13)."""

    LAST = "last"
    AVERAGE = "average"
    STANDARD = "standard"
    FIFO = "fifo"


TYPES: Schema = {
    "billing_type": pl.String(),
    "journal": pl.String(),
    "entry_type": pl.String(),
    "cash_sale": pl.Boolean(),  # a sale for cash: leaves no debt
    "self_settling": pl.Boolean(),
    "treasury_place": pl.String(),  # where its documents are received unless they say otherwise
    "posting_code": pl.String(),  # of lines whose article has none
}

VARIABLES: Schema = {
    "billing_type": pl.String(),
    "amount": pl.String(),
    "side": pl.String(),
    "place": pl.String(),
    "account": pl.String(),  # of place FIXED
}

POSTING_CODES: Schema = {"posting_code": pl.String(), "cash": pl.String(), "advances": pl.String()}

#: Accounts of a posting code at a rate; region ``*`` and exemption "" stand for any.
POSTING_RATES: Schema = {
    "posting_code": pl.String(),
    "rate": pl.Int32(),
    "region": pl.String(),
    "exemption": pl.String(),  # an exemption code, or the kind of a tax that is not VAT
    "revenue": pl.String(),
    "returns": pl.String(),
    "discount": pl.String(),
    "tax": pl.String(),
    "free_tax": pl.String(),
    "vat_code": pl.String(),
    "free_vat_code": pl.String(),
}

#: Costs are ten-thousandths of the company's currency for one unit.
ARTICLES: Schema = {
    "article": pl.String(),
    "posting_code": pl.String(),
    "service": pl.Boolean(),
    "advance": pl.Boolean(),  # lines of this article receive or regularise advances (P16)
    "gift_cost": pl.String(),
    "gift_regularisation": pl.String(),
    "gift_tax": pl.String(),
    "inventory": pl.String(),
    "cost_of_sales": pl.String(),
    "last": pl.Int64(),
    "average": pl.Int64(),
    "standard": pl.Int64(),
}

#: Stock on hand in the order it was bought (FIFO).
LAYERS: Schema = {
    "article": pl.String(),
    "position": pl.Int32(),
    "quantity": pl.Int64(),  # ten-thousandths
    "unit_cost": pl.Int64(),
}

CUSTOMERS: Schema = {
    "buyer_id": pl.String(),
    "tax_id": pl.String(),
    "account": pl.String(),
    "titled_account": pl.String(),
}

PLACES: Schema = {"treasury_place": pl.String(), "account": pl.String(), "is_cash": pl.Boolean()}

#: Where the tax of a regularised advance goes, by rate (P16).
ADVANCE_TAXES: Schema = {"rate": pl.Int32(), "region": pl.String(), "account": pl.String()}

REFLECTIONS: Schema = {
    "prefix": pl.String(),
    "cost_center": pl.String(),  # null: any
    "account": pl.String(),
    "against": pl.String(),
    "percent": pl.Int64(),  # ten-thousandths of a per cent
}


def _none(schema: Schema) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


@dataclass(frozen=True, slots=True)
class BillingRules:
    """Configuration of billing; frames have the schemas above."""

    types: pl.DataFrame
    variables: pl.DataFrame
    posting_codes: pl.DataFrame
    posting_rates: pl.DataFrame
    articles: pl.DataFrame = field(default_factory=lambda: _none(ARTICLES))
    layers: pl.DataFrame = field(default_factory=lambda: _none(LAYERS))
    customers: pl.DataFrame = field(default_factory=lambda: _none(CUSTOMERS))
    places: pl.DataFrame = field(default_factory=lambda: _none(PLACES))
    advance_taxes: pl.DataFrame = field(default_factory=lambda: _none(ADVANCE_TAXES))
    reflections: pl.DataFrame = field(default_factory=lambda: _none(REFLECTIONS))
    fx_gain: str = ""
    fx_loss: str = ""
    withholding: str = ""
    cost_method: CostMethod = CostMethod.LAST
    small_gift_limit: int = 5000
    """hundredths of the company's currency"""
    titled_debts: bool = False
    """parameter of P15"""
    default_posting_code: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What is chosen for one preparation (P5–P18)."""

    day_totals: bool = False
    reflections: bool = False
    rubric: bool = False
    cost_center: bool = False
    check_cost_center: bool = False
    inventory: bool = False
    exclude_gifts: bool = False
    treasury_account: bool = False
    """use the account of the document's treasury place (P14)"""
    per_document: bool = True
    """one entry for each document; otherwise one single entry for all, with ``number``"""
    number: str = ""
    movement_date: date | None = None
    internal_date: bool = False
    journal: str = ""
    """in place of the types' own"""
    entry_type: str = ""
    filter: str = ""
    """free condition on the documents (P2)"""
    types: tuple[str, ...] = ()
    """billing types chosen (P3); all that are configured when empty (P5)"""
    since: date | None = None
    until: date | None = None
    only_unposted: bool = True
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
