"""Rules: everything of a company that decides how its invoices are booked, as frozen values without Django.

``loading`` reads them from the company's tables; tests write them down. ``propose`` takes invoices and rules
and nothing else, so that the same invoices under the same rules give the same plan, today and in a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import polars as pl

from razao.countries.facts import Direction

Schema = Mapping[str, pl.DataType]

#: The account directory: one row an account of the chart.
ACCOUNTS: Schema = {
    "account": pl.String(),
    "name": pl.String(),
    "postable": pl.Boolean(),
    "classifier": pl.String(),
    "party": pl.String(),  # tax id of the party whose account it is
    "counterpart": pl.String(),  # income or expense account usual for this party (S16)
    "needs_cost_center": pl.Boolean(),
}

#: VAT codes in use, one row a code and period of its rate.
VAT_CODES: Schema = {
    "vat_code": pl.String(),
    "direction": pl.String(),
    "modality": pl.String(),
    "kind": pl.String(),
    "tax": pl.String(),  # IVA, RE …
    "region": pl.String(),  # ``*`` is every region
    "rate": pl.Int32(),  # hundredths of a per cent
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
    "deductible": pl.Int32(),  # hundredths of a per cent of the tax
    "base_account": pl.String(),
    "tax_account": pl.String(),
    "reverse_account": pl.String(),
    "regularisation_account": pl.String(),
    "captive": pl.Int32(),  # hundredths of a per cent of the tax that the buyer keeps from the seller
    "captive_account": pl.String(),
}

#: Withholding codes with their accounts in this chart (S17).
WITHHOLDING: Schema = {
    "withholding_code": pl.String(),
    "account": pl.String(),
    "rate": pl.Int32(),
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),
}

PARTIES: Schema = {
    "party": pl.String(),  # tax id
    "name": pl.String(),
    "withholding_code": pl.String(),
}

#: Fiscal years and periods: days that may be posted to have a row with ``open``.
PERIODS: Schema = {"start": pl.Date(), "end": pl.Date(), "open": pl.Boolean()}

#: How the company has booked so far (M5): one row a party, kind of row and treatment.
HABITS: Schema = {
    "direction": pl.String(),
    "party": pl.String(),
    "rate": pl.Int32(),
    "exemption": pl.String(),  # "" when none
    "counterpart": pl.String(),
    "vat_code": pl.String(),
    "cost_center": pl.String(),
    "withholding_code": pl.String(),
    "setting": pl.String(),  # the party account's own counterpart when this was learnt
    "count": pl.Int64(),
    "last": pl.Datetime("us", "UTC"),  # when it was last confirmed by a posting
    "documents": pl.String(),  # numbers of the latest documents, JSON list
}


#: Greatest difference between a document's total and its rows that is rounding, in least amounts of the currency.
ROUNDING_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """How documents of one direction are booked (S14). Accounts are codes; "" means "none"."""

    direction: Direction
    journal: str
    entry_types: Mapping[str, str]
    """entry type by document type; ``*`` for any other"""
    classifier: str
    counterpart: str
    """income or expense account when nothing better is known"""
    modality: str
    modalities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """VAT modality by document type, exemption code, situation (``exempt``, ``eu``, ``world``) or
    ``@`` and the beginning of the counterpart account"""
    credit_to_regularisation: bool = False
    credit_accounts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """account in place of the counterpart on credit notes, by the beginning of the counterpart"""
    cash_account: str = ""
    """documents paid on the spot go here; "" posts them to the party's account"""
    final_consumer: str = ""
    """account of buyers who gave no tax number"""
    asset_classifier: str = ""
    """family in which the supplier of a fixed asset is looked for first"""
    withholding_account: str = ""
    """tax withheld from us by customers"""
    rounding_loss: str = ""
    rounding_gain: str = ""
    stamp_duty: str = ""
    non_deductible: str = ""
    """separate account for tax that is not deducted; "" adds it to the cost"""
    cost_center: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """A company's rules on one day. Frames have the schemas above; ``today`` is the only clock there is."""

    tax_id: str
    country: str
    currency: str
    today: date
    profiles: Mapping[Direction, Profile]
    accounts: pl.DataFrame
    vat_codes: pl.DataFrame
    withholding: pl.DataFrame
    parties: pl.DataFrame
    periods: pl.DataFrame
    journals: frozenset[str]
    entry_types: frozenset[str]
    cost_centers: frozenset[str] = frozenset()
    posted: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"source_key": pl.String()})
    )
    """documents that already have a live entry"""
    habits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(HABITS)))
    regions: tuple[str, ...] = ("PT", "PT-AC", "PT-MA")
    region: str = ""
    """the company's own tax region; a rate that its invoice's region does not have is looked for in it"""
    inventory_prefixes: tuple[str, ...] = ()
    asset_prefixes: tuple[str, ...] = ()
    rounding_limit: int = ROUNDING_LIMIT
    """greatest difference between a document's total and its rows that is booked as rounding, in hundredths"""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a person typed in review; every frame optional, keys as in the invoice frames.

    ``documents``: doc, account, withholding_code, cost_center, date, exchange_rate.
    ``rows``: doc, position (of the VAT row), counterpart, vat_code, cost_center.
    ``splits``: doc, position, counterpart, base (hundredths of the document's currency), cost_center.
    A null leaves the proposal as it is.
    """

    documents: pl.DataFrame | None = None
    rows: pl.DataFrame | None = None
    splits: pl.DataFrame | None = None


OVERRIDE_DOCUMENTS: Schema = {
    "doc": pl.Int64(),
    "account": pl.String(),
    "withholding_code": pl.String(),
    "cost_center": pl.String(),
    "date": pl.Date(),
    "exchange_rate": pl.Int64(),
}
OVERRIDE_ROWS: Schema = {
    "doc": pl.Int64(),
    "position": pl.Int32(),
    "counterpart": pl.String(),
    "vat_code": pl.String(),
    "cost_center": pl.String(),
}
OVERRIDE_SPLITS: Schema = {
    "doc": pl.Int64(),
    "position": pl.Int32(),
    "counterpart": pl.String(),
    "base": pl.Int64(),
    "cost_center": pl.String(),
}


def shaped(frame: pl.DataFrame | None, schema: Schema) -> pl.DataFrame:
    """``frame`` with exactly the columns of ``schema``; those it lacks are null."""
    if frame is None:
        return pl.DataFrame(schema=dict(schema))
    columns = [
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    ]
    return frame.select(columns)
