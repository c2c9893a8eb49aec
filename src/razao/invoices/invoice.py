"""The invoice: what a seller's document says, in EN 16931 terms; the one noun that capture and billing share.

Everything here is a frozen value without Django, queue or clock. Amounts are ``Decimal`` with two places
and never negative for an ordinary document: the sign of a credit note lies in its ``document_type``.
``None`` means "the document does not say, or it could not be supported".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Source(StrEnum):
    """Where a field's value was read, from the most to the least exact (M14)."""

    XML = "xml"
    QR = "qr"
    TEXT = "text"
    OCR = "ocr"
    DERIVED = "derived"
    PERSON = "person"
    """typed or confirmed by a person in review; never produced by a reader"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field has its value. ``box`` is (left, top, right, bottom) as fractions 0–1 of the page as displayed."""

    source: Source
    page: int | None = None
    """1-based, within the file"""
    box: tuple[float, float, float, float] | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class VatAmount:
    """One row of the tax breakdown (BG-23): a base taxed at one rate in one region."""

    rate: Decimal
    """per cent, e.g. 23"""
    base: Decimal
    amount: Decimal
    region: str = "PT"
    """SAF-T TaxCountryRegion (PT, PT-AC, PT-MA) or the ISO country"""
    exemption: str | None = None
    """exemption reason code (M07, …) where the rate is zero"""
    kind: str | None = None
    """what the row is when it is not VAT: 'surcharge' (ES recargo), 'stamp_duty', 'outside_scope'"""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoiced line (BG-25), where the document has them. ``net_amount`` is after the line's discounts."""

    description: str = ""
    article: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    net_amount: Decimal | None = None
    vat_rate: Decimal | None = None
    exemption: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as read (DESIGN §6). ``document_type`` is the SAF-T (PT) code: FT FR FS NC ND …"""

    pages: tuple[int, ...] = ()
    document_type: str | None = None
    number: str | None = None
    atcud: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    currency: str | None = None
    seller_tax_id: str | None = None
    seller_name: str | None = None
    seller_country: str | None = None
    seller_address: str | None = None
    buyer_tax_id: str | None = None
    buyer_name: str | None = None
    buyer_country: str | None = None
    vat: tuple[VatAmount, ...] = ()
    net_total: Decimal | None = None
    vat_total: Decimal | None = None
    withholding: Decimal | None = None
    gross_total: Decimal | None = None
    """total with tax, before withholding (SAF-T GrossTotal, QR field O)"""
    payable: Decimal | None = None
    lines: tuple[InvoiceLine, ...] = ()
    status: str = "N"
    """SAF-T status: N normal, A cancelled, S self-billed, …"""
    reference: str | None = None
    """number of the invoice that a credit or debit note corrects (BT-25)"""
    evidence: Mapping[str, Evidence] = field(default_factory=lambda: MappingProxyType({}))
    """by field name; rows of the breakdown as ``vat.0.base``"""
    confident: bool = False
    """true only when every field that posting needs is certain"""

    @property
    def is_credit(self) -> bool:
        """True when the document reduces what is owed (credit notes and returns)."""
        return self.document_type in CREDIT_TYPES


#: SAF-T (PT) types whose amounts count against the seller's sales (Portaria 302/2016; TD, RE, DA are older).
CREDIT_TYPES = frozenset({"NC", "TD", "DA", "RE"})

#: Types that are paid on the spot: no debt remains (fatura-recibo, fatura simplificada, venda a dinheiro).
CASH_TYPES = frozenset({"FR", "FS", "VD", "TV"})

#: Types of the AT QR code that are no invoice and never post as a purchase (incidence S29).
NOT_INVOICES = frozenset(
    {"GR", "GT", "GA", "GC", "GD", "CM", "CC", "FC", "FO", "NE", "OU", "OR", "PF", "DC", "RC", "RG"}
)
