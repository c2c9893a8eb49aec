"""The header of a SAF-T file: element texts in, who wrote it and for which period out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Header:
    """Who wrote the file, for which period, with which program."""

    version: str | None
    country_version: str
    """PT or AO: whose SAF-T it is"""
    company_id: str | None
    tax_id: str | None
    name: str | None
    address: str | None
    country: str | None
    basis: str | None
    """TaxAccountingBasis: C accounting, F billing, I both, P partial billing, S self-billing …"""
    fiscal_year: int | None
    start: date | None
    end: date | None
    currency: str
    product: str | None
    certificate: str | None
    taxonomy: str | None
    """TaxonomyReference of the chart: S base, M micro, N and O others"""


def to_header(head: Mapping[str, str | None], namespace: str, taxonomy: str | None) -> Header:
    """The header from the texts of its elements. The currency is the country's where the file names none."""

    def text(*names: str) -> str | None:
        return next((t for t in (" ".join((head.get(n) or "").split()) for n in names) if t), None)

    country = text("Country")
    angolan = ":AO_" in namespace or country == "AO"
    year = text("FiscalYear")
    places = (text("AddressDetail", "StreetName"), text("PostalCode"), text("City"))
    return Header(
        version=text("AuditFileVersion"),
        country_version="AO" if angolan else "PT",
        company_id=text("CompanyID"),
        tax_id=text("TaxRegistrationNumber"),
        name=text("CompanyName"),
        address=", ".join(place for place in places if place) or None,
        country=country,
        basis=text("TaxAccountingBasis"),
        fiscal_year=int(year) if year and year.isdecimal() else None,
        start=_day(text("StartDate")),
        end=_day(text("EndDate")),
        currency=text("CurrencyCode") or ("AOA" if angolan else "EUR"),
        product=text("ProductID"),
        certificate=text("SoftwareCertificateNumber", "SoftwareValidationNumber"),
        taxonomy=(taxonomy or "").strip() or None,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
