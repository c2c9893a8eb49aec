"""A country's reference data as one frozen value: country code in, ``Pack`` out, read once from ``data/<CC>/``.

``load`` is the door. A pack is data (docs/countries.md): adding a country is adding a folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from razao.countries import reading
from razao.countries.facts import (
    ChartAccount,
    Classifier,
    Direction,
    EntryTypeSpec,
    Exemption,
    JournalSpec,
    Nature,
    ProfileDefaults,
    ReturnField,
    SaftFile,
    TaxonomyLine,
    Threshold,
    VatCodeSpec,
    VatRate,
    WithholdingSpec,
)

NO_TAX = frozenset({"exempt", "not_subject", "not_applicable", "other"})
"""kinds that state a treatment rather than a rate of the law"""


@dataclass(frozen=True, eq=False)
class Pack:
    """Everything the product knows of a country before a company says otherwise."""

    country: str
    """ISO 3166-1 alpha-2"""
    name: str
    currency: str
    decimals: int
    languages: tuple[str, ...]
    """of its documents, the first one first"""
    date_format: str
    """how documents print dates, with d, m and y (``dd/mm/yyyy``)"""
    decimal_separator: str
    thousands_separators: tuple[str, ...]
    fiscal_year_start: tuple[int, int]
    """usual month and day"""
    purposes: frozenset[str]
    """``books`` (a company may keep its books), ``reading`` and ``delivery``"""
    default_region: str
    """tax region of a company that names none"""
    tax_id_name: str
    """what the country calls its tax number (NIF, NUIT …)"""
    retention_years: int
    """for so many years after the year of its receipt a document is kept by law"""
    tax_id_form: str
    """regular expression of a usual tax number where no check digit is published; blank where a rule proves it"""
    final_consumer: str
    """tax number that stands for a customer who gave none; blank where the country has none"""
    accounts: tuple[ChartAccount, ...]
    chart_complete: bool
    """false where the official chart was not found and the office must import one"""
    party_code_digits: int
    """digits appended to a party group's code for each party"""
    party_separator: str
    """what stands between the group's code and those digits (``.`` in Angola)"""
    roles: Mapping[str, str]
    """account code for each job that flows need done (data/roles.csv says what each means)"""
    classifiers: tuple[Classifier, ...]
    inventory_prefixes: tuple[str, ...]
    asset_prefixes: tuple[str, ...]
    account_modalities: Mapping[str, str]
    """purchase modality that an expense account asks for by law (fuel, representation), by prefix"""
    vat_rates: tuple[VatRate, ...]
    vat_codes: tuple[VatCodeSpec, ...]
    exemptions: tuple[Exemption, ...]
    withholding: tuple[WithholdingSpec, ...]
    thresholds: tuple[Threshold, ...]
    journals: tuple[JournalSpec, ...]
    entry_types: tuple[EntryTypeSpec, ...]
    posting_profile: Mapping[Direction, ProfileDefaults]
    labels: Mapping[str, tuple[str, ...]]
    """words that the country's invoices print for each field, lower case, most usual first"""
    document_words: Mapping[str, tuple[str, ...]]
    """words that name each document type (SAF-T (PT) code), lower case"""
    return_fields: tuple[ReturnField, ...]
    taxonomy: tuple[TaxonomyLine, ...]
    saft: SaftFile | None
    """``None`` where the country has no such file or its schema is not at hand"""
    unverified: tuple[str, ...]
    """facts that the administrator should confirm, in Portuguese"""

    @property
    def interface_language(self) -> str:
        """The language in which people of the country are addressed before they choose one: pt, pt-br, es …"""
        first = self.languages[0].lower()
        return first if first == "pt-br" else first.partition("-")[0]

    @cached_property
    def account_by_code(self) -> Mapping[str, ChartAccount]:
        return {account.code: account for account in self.accounts}

    @cached_property
    def vat_code_by_code(self) -> Mapping[str, VatCodeSpec]:
        return {spec.code: spec for spec in self.vat_codes}

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Tax regions of the country, the default one first."""
        found = dict.fromkeys(rate.region for rate in self.vat_rates if rate.region != "*")
        return (self.default_region, *(r for r in found if r != self.default_region))

    def prefixes_of(self, *classifiers: str) -> tuple[str, ...]:
        """Beginnings of the accounts of these families."""
        return tuple(p for c in self.classifiers if c.code in classifiers for p in c.prefixes)

    def rates_on(self, region: str, day: date) -> tuple[VatRate, ...]:
        """All rates in force in ``region`` on ``day``, those of every region included."""
        return tuple(
            r for r in self.vat_rates if r.region in {region, "*"} and r.period.covers(day)
        )

    def rate_on(self, region: str, kind: str, day: date, tax: str = "") -> VatRate | None:
        """The rate of ``kind`` in ``region`` on ``day``; ``None`` where the pack knows none."""
        for rate in self.rates_on(region, day):
            if rate.kind == kind and tax in {"", rate.tax}:
                return rate
        return None

    def kinds_of(self, region: str, rate: Decimal, day: date) -> tuple[str, ...]:
        """Kinds whose rate in ``region`` on ``day`` is ``rate`` per cent: what an invoice's rate may be."""
        return tuple(r.kind for r in self.rates_on(region, day) if r.rate == rate)

    def vat_code(
        self, direction: Direction, modality: str, kind: str, region: str = ""
    ) -> VatCodeSpec | None:
        """The VAT code of a modality and a kind of rate; a code without rate serves every kind."""
        place = region or self.default_region
        fitting = [
            c
            for c in self.vat_codes
            if c.direction is direction and c.modality == modality and c.region in {place, "*"}
        ]
        exact = [c for c in fitting if c.kind == kind]
        return next(iter(exact or [c for c in fitting if c.kind in NO_TAX]), None)

    def nature_of(self, account: str) -> Nature:
        """What a purchase booked to ``account`` is used for."""
        if account.startswith(self.inventory_prefixes):
            return Nature.INVENTORY
        return Nature.ASSETS if account.startswith(self.asset_prefixes) else Nature.OTHER

    def modality_of(self, account: str) -> str | None:
        """The purchase modality that the law gives to what is booked to ``account``; longest prefix wins."""
        fitting = [prefix for prefix in self.account_modalities if account.startswith(prefix)]
        return self.account_modalities[max(fitting, key=len)] if fitting else None

    def withholding_on(self, code: str, day: date) -> WithholdingSpec | None:
        """The withholding of ``code`` in force on ``day``."""
        for spec in self.withholding:
            if spec.code == code and spec.period.covers(day):
                return spec
        return None

    def exemption(self, code: str, day: date) -> Exemption | None:
        """The exemption reason of ``code`` in force on ``day``."""
        for reason in self.exemptions:
            if reason.code == code and reason.period.covers(day):
                return reason
        return None


def available() -> tuple[str, ...]:
    """Country codes that have a pack, in alphabetical order."""
    return tuple(reading.folders())


def look_also_in(place: Path) -> None:
    """Know the packs in ``place`` as well: a folder for each country, as in ``data/``."""
    reading.PLACES.append(place)
    reading.folders.cache_clear()
    load.cache_clear()


@cache
def load(country: str) -> Pack:
    """The pack of ``country`` (ISO 3166-1 alpha-2).

    Raises LookupError when there is none. The value is shared and must not be changed.
    """
    if country not in reading.folders():
        raise LookupError(f"no country pack for {country!r}")
    return Pack(**reading.pack_values(country))
