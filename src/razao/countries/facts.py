"""The facts a country pack holds, one frozen value for each kind of row; rows of data in, typed values out.

Nothing here knows a flow. Rates are per cent as ``Decimal``; dates are inclusive on both ends and
``None`` means "no limit known". ``confidence`` is ``high``, ``medium`` or ``low``; what is not high, or has
the source ``unverified``, is listed to the administrator (``Pack.unverified``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class AccountKind(StrEnum):
    """On which side of the statements an account lies; contra accounts keep the side of their class."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"
    OTHER = "other"
    """clearing or memo account, or one that may end on either side"""


class Direction(StrEnum):
    """Whose document it is, seen from the company that keeps the books."""

    SALE = "sale"
    """issued by the company"""
    PURCHASE = "purchase"
    """received by the company"""


class Nature(StrEnum):
    """What a purchase is used for: it decides the deductible VAT account and the field of the return."""

    INVENTORY = "inventory"
    ASSETS = "assets"
    OTHER = "other"
    ANY = ""
    """sales, and operations where the use makes no difference"""


@dataclass(frozen=True, slots=True)
class Period:
    """Inclusive validity in days; ``None`` is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        after_start = self.valid_from is None or self.valid_from <= day
        return after_start and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: Period) -> bool:
        """True when some day lies in both."""
        first, last = date.min, date.max
        return (self.valid_from or first) <= (other.valid_to or last) and (
            other.valid_from or first
        ) <= (self.valid_to or last)


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """One account of the chart that a new company gets."""

    code: str
    name: str
    kind: AccountKind
    postable: bool
    parent: str | None = None
    """code of the account above; ``None`` for a class of the chart"""
    layer: str = "official"
    """``official``, ``practice`` (opened by accountants below the official plan) or ``vendor`` detail"""
    contra: bool = False
    """its balance is normally on the other side of its kind (accumulated depreciation, discounts)"""
    either_side: bool = False
    """its balance may stand on either side"""
    taxonomy_s: int | None = None
    """SNC taxonomy code of Portaria 302/2016, reference S (PT only)"""
    taxonomy_m: int | None = None
    """the same for reference M, micro-entities (PT only)"""
    party_group: bool = False
    """one account for each party is opened below it; it is not posted to itself"""
    classifier: str = ""
    """family of accounts (``Classifier.code``) in which a party or counterpart is looked for"""
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class Classifier:
    """A family of accounts that share what may be said of them: customers, suppliers, banks …"""

    code: str
    name: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VatRate:
    """One rate of a tax in a region during a time."""

    region: str
    """SAF-T TaxCountryRegion or ISO 3166-2; ``*`` is every region of the country"""
    tax: str
    """IVA, IGIC, IPSI, RE (surcharge), IS …"""
    kind: str
    """normal, intermediate, reduced, exempt … ; with tax, region and day it names one rate"""
    name: str
    """the kind in Portuguese"""
    saft_code: str
    """SAF-T TaxCode (NOR INT RED ISE NS OUT NA), blank where the country's file has none"""
    rate: Decimal | None
    """per cent; ``None`` where the document states it freely"""
    period: Period = Period()
    legal_source: str = ""
    source: str = ""
    confidence: str = "high"
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReturnFields:
    """Fields of the periodic VAT return that a posting under a VAT code adds to."""

    base: tuple[str, ...] = ()
    tax: tuple[str, ...] = ()
    """tax due to the State"""
    deduction: tuple[str, ...] = ()
    """tax that the company deducts"""
    regularisation: tuple[str, ...] = ()
    """where the tax of a credit note goes in its place"""


@dataclass(frozen=True, slots=True)
class VatCodeSpec:
    """A VAT code: modality × kind of rate × region, with its accounts."""

    code: str
    name: str
    direction: Direction
    operation: str
    """domestic, intra_eu, intra_eu_services, extra_eu_services, import, reverse_charge, export, exempt …"""
    nature: Nature
    kind: str
    """kind of ``VatRate``; the per cent follows from it and the day"""
    region: str
    tax: str = "IVA"
    """which tax the kind of rate belongs to"""
    deductible_percent: Decimal = Decimal(100)
    """of the tax, for purchases; the rest is cost"""
    base_account: str | None = None
    """account that takes the base where nothing else says so"""
    tax_account: str | None = None
    """deductible or collected VAT; ``None`` where the code carries no tax"""
    reverse_charge: bool = False
    """the buyer accounts for the tax: collected to ``reverse_account``, deducted to ``tax_account``"""
    reverse_account: str | None = None
    regularisation_account: str | None = None
    """takes the tax of a credit note where the office regularises apart from the original account"""
    captive_percent: Decimal = Decimal(0)
    """of the tax, that the buyer keeps from the seller and pays to the State himself (AO, IVA cativo)"""
    captive_account: str | None = None
    """takes that share: recoverable for the seller, payable for the buyer"""
    return_fields: ReturnFields = ReturnFields()
    saft_tax_code: str = ""
    exemption_required: bool = False
    """the document must state an exemption reason"""
    exemption: str | None = None
    """the usual reason (a code of ``Pack.exemptions``)"""
    confidence: str = "high"

    @property
    def modality(self) -> str:
        """Operation and nature in one word, as a posting profile names it (``domestic_other``)."""
        return f"{self.operation}_{self.nature}" if self.nature else self.operation


@dataclass(frozen=True, slots=True)
class Exemption:
    """A reason for charging no VAT, as it is printed and reported."""

    code: str
    mention: str
    """what the invoice prints"""
    legal_basis: str = ""
    use: str = ""
    period: Period = Period()
    confidence: str = "high"


@dataclass(frozen=True, slots=True)
class WithholdingSpec:
    """Tax withheld at source by whoever pays, at one rate during a time."""

    code: str
    tax: str
    description: str
    rate: Decimal | None
    """per cent of the base; ``None`` where a table decides (payroll)"""
    period: Period = Period()
    category: str = ""
    holder: str = ""
    account: str | None = None
    """account of the tax to be paid to the State"""
    rubric: str = ""
    """rubric of the payment form (PT: guia de retenções)"""
    annual_code: str = ""
    """code in the yearly declaration (PT: modelo 10 / 30)"""
    legal_basis: str = ""
    exemption_rule: str = ""
    source: str = ""
    confidence: str = "high"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount below which nothing is withheld, during a time."""

    code: str
    description: str
    amount: Decimal | None
    """in the country's currency; ``None`` where the rule is a reduction and no amount"""
    period: Period = Period()
    category: str = ""
    legal_basis: str = ""
    confidence: str = "medium"
    note: str = ""


@dataclass(frozen=True, slots=True)
class JournalSpec:
    code: str
    name: str
    kind: str
    """sales, purchases, cash, bank, general, opening, adjustments, closing"""


@dataclass(frozen=True, slots=True)
class EntryTypeSpec:
    """A kind of entry: the accountant's document type."""

    code: str
    name: str
    journal: str
    transaction: str = "N"
    """SAF-T (PT) TransactionType: N normal, R regularisation, A result, J adjustment"""


@dataclass(frozen=True, slots=True)
class ProfileDefaults:
    """How a new company posts the documents of one direction (S14) until somebody says otherwise."""

    direction: Direction
    journal: str
    entry_types: Mapping[str, str]
    """entry type for each document type of the invoice (FT, NC …); ``*`` for any other"""
    classifier: str
    party_prefix: str
    """account under which a new party of the country gets its own account"""
    foreign_prefixes: Mapping[str, str]
    """the same for parties of ``eu`` and ``world``"""
    counterpart: str
    """income or expense account when nothing better is known"""
    modality: str
    """VAT modality when the document says nothing special"""
    modalities: Mapping[str, str]
    """VAT modality by document type or by situation (``exempt``, ``eu``, ``world``, an exemption code)"""
    credit_to_regularisation: bool = False
    """tax of credit notes goes to the VAT code's regularisation account"""


@dataclass(frozen=True, slots=True)
class ReturnField:
    """A field of the country's periodic VAT return."""

    number: str
    name: str
    kind: str
    """base, tax, deduction, regularisation_company, regularisation_state, total, carried, declaration"""
    element: str = ""
    """name in the return's XML schema"""
    box: str = ""


@dataclass(frozen=True, slots=True)
class TaxonomyLine:
    """A line of the chart taxonomy that the accounting SAF-T (PT) demands (Portaria 302/2016)."""

    reference: str
    """S (SNC, base and small entities) or M (micro-entities)"""
    code: int
    description: str
    prefixes: tuple[str, ...]
    """accounts it belongs to"""
    also: tuple[str, ...] = ()
    """further accounts that the official note puts there"""


@dataclass(frozen=True, slots=True)
class SaftFile:
    """The accounting file that the country's tax authority asks for (SAF-T), where its schema is at hand."""

    title: str
    """what the country calls it: ``SAF-T (PT)``"""
    namespace: str
    version: str
    encoding: str
    tax_entity: str
    """what the header names where the file is about the whole company"""
    software_element: str
    """header element of the program's certificate; a program without one says ``0``"""
    producer_tax_id: str
    """tax number stated for the maker of the program where there is none"""
    tax_id_length: tuple[int, int]
    """fewest and most characters of the company's tax number"""
    postal_code: str
    """regular expression of the postal code that every address must have; blank where none is needed"""
    reference_length: int
    """most characters of a document's reference"""
    taxonomy: bool
    """accounts name a line of the chart's taxonomy"""
