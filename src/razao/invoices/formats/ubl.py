"""UBL 2.x: the root of an Invoice, CreditNote or DebitNote in, the invoice and its problems out.

EN 16931 (Peppol BIS 3, XRechnung, CIUS-PT, CIUS-RO …) and its relatives (ZATCA, OIOUBL) by the same
business terms. CIUS-PT puts the ATCUD and the tax authority's QR message into a document reference.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from razao.invoices.formats import codes
from razao.invoices.formats.assembly import ZERO, Settlement, finish
from razao.invoices.formats.xml import Node, without_namespaces
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.problems import Problem

_DOCUMENTS = ("Invoice", "CreditNote", "DebitNote", "SelfBilledInvoice", "SelfBilledCreditNote")
_DEFAULTS = {"CreditNote": "NC", "SelfBilledCreditNote": "NC", "DebitNote": "ND"}
_QR_FIELD = re.compile(r"(?:^|\*)([A-S]\d?):([^*]*)")
_CASH_NUMBER = re.compile(r"(FR|FS) \S+/\d+$")
_PT_EXEMPTION = "#TAXEXEMPTIONREASONCODE@CLASSIFIEDTAXCATEGORY#"


def read(root: etree._Element) -> tuple[list[Invoice], list[Problem]]:
    """The invoices of the file: one, or those inside a business document envelope (SBDH)."""
    problems: list[Problem] = []
    root = without_namespaces(root)
    if root.tag in _DOCUMENTS:
        return [_invoice(Node(root, problems))], problems
    return [_invoice(Node(e, problems)) for e in root if e.tag in _DOCUMENTS], problems


def _invoice(doc: Node) -> Invoice:
    code = doc.text("InvoiceTypeCode", "CreditNoteTypeCode")
    seller = doc.at("AccountingSupplierParty/Party")
    buyer = doc.at("AccountingCustomerParty/Party")
    currency = doc.text("DocumentCurrencyCode") or _currency_of_total(doc)
    seller_tax_id, buyer_tax_id = _tax_id(seller), _tax_id(buyer)
    seller_country = _country(seller, seller_tax_id)
    home = codes.home(seller_country, seller.text("PostalAddress/PostalZone"))
    qr = _qr(doc)
    totals = doc.at("LegalMonetaryTotal", "RequestedMonetaryTotal")
    number = doc.text("ID")
    default = _DEFAULTS.get(str(doc.element.tag), "FT")
    invoice = Invoice(
        document_type=qr.get("D") or _document_type(code, default, number, seller_country),
        number=number,
        atcud=_atcud(doc) or qr.get("H"),
        issue_date=doc.day("IssueDate"),
        due_date=doc.day("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"),
        currency=currency,
        seller_tax_id=codes.compact_tax_id(seller_tax_id),
        seller_name=_name(seller),
        seller_country=seller_country,
        seller_address=_address(seller),
        buyer_tax_id=codes.compact_tax_id(buyer_tax_id),
        buyer_name=_name(buyer),
        buyer_country=_country(buyer, buyer_tax_id),
        vat=tuple(_vat(doc, currency, qr.get("I1") or home)),
        net_total=totals.amount("TaxExclusiveAmount"),
        vat_total=_vat_total(doc, currency),
        withholding=doc.total("WithholdingTaxTotal/TaxAmount"),
        gross_total=totals.amount("TaxInclusiveAmount"),
        payable=totals.amount("PayableAmount"),
        lines=tuple(_lines(doc)),
        status=qr.get("E") or _status(doc, code),
        reference=doc.text("BillingReference/InvoiceDocumentReference/ID"),
    )
    settlement = Settlement(
        prepaid=totals.amount("PrepaidAmount") or ZERO,
        rounding=totals.amount("PayableRoundingAmount") or ZERO,
    )
    return finish(invoice, doc.problems, settlement)


def _document_type(code: str | None, default: str, number: str | None, country: str | None) -> str:
    kind = codes.document_type(code, default) if default == "FT" else default
    cash = _CASH_NUMBER.match(number or "") if country == "PT" else None
    return cash[1] if cash and kind == "FT" else kind


def _status(doc: Node, code: str | None) -> str:
    return "S" if str(doc.element.tag).startswith("SelfBilled") else codes.status(code)


def _name(party: Node) -> str | None:
    """Registered name (BT-27, BT-44), else the trading name, else a person's."""
    name = party.text("PartyLegalEntity/RegistrationName", "PartyName/Name")
    if name:
        return name
    person = (party.text("Person/FirstName"), party.text("Person/FamilyName"))
    return " ".join(part for part in person if part) or None


def _tax_id(party: Node) -> str | None:
    """VAT number (BT-31, BT-48), else any other tax registration (BT-32)."""
    schemes = list(party.all("PartyTaxScheme"))
    vat = [s for s in schemes if (s.text("TaxScheme/ID") or "VAT").upper() == "VAT"]
    for scheme in (*vat, *schemes):
        found = scheme.text("CompanyID")
        if found:
            return found
    return None


def _country(party: Node, tax_id: str | None) -> str | None:
    stated = codes.country(party.text("PostalAddress/Country/IdentificationCode"))
    return stated or codes.country_of(tax_id)


def _address(party: Node) -> str | None:
    address = party.at("PostalAddress")
    town = " ".join(t for t in (address.text("PostalZone"), address.text("CityName")) if t)
    street = (address.text("StreetName"), address.text("AdditionalStreetName"))
    return ", ".join(part for part in (*street, town) if part) or None


def _currency_of_total(doc: Node) -> str | None:
    payable = doc.one("LegalMonetaryTotal/PayableAmount")
    return payable.attribute("currencyID") if payable else None


def _tax_totals(doc: Node, currency: str | None) -> Iterator[Node]:
    """Tax totals in the document's currency (BT-110); one in the accounting currency (BT-111) repeats them."""
    for total in doc.all("TaxTotal"):
        amount = total.one("TaxAmount")
        stated = amount.attribute("currencyID") if amount else None
        if stated in (None, currency) or currency is None:
            yield total


def _vat_total(doc: Node, currency: str | None) -> Decimal | None:
    """ZATCA states the total twice, once bare: then the one with the breakdown counts, else their sum."""
    totals = list(_tax_totals(doc, currency))
    detailed = [t for t in totals if t.one("TaxSubtotal")]
    amounts = [t.amount("TaxAmount") for t in detailed or totals[:1]]
    known = [a for a in amounts if a is not None]
    return sum(known, ZERO) if known else None


def _vat(doc: Node, currency: str | None, place: str | None) -> Iterator[VatAmount]:
    stated_on_lines = _line_exemptions(doc)
    for total in _tax_totals(doc, currency):
        for row in total.all("TaxSubtotal"):
            category = row.at("TaxCategory")
            letter = category.text("ID")
            rate = category.rate("Percent") or row.rate("Percent") or ZERO
            code = category.text("TaxExemptionReasonCode")
            reason = category.text("TaxExemptionReason")
            yield VatAmount(
                rate=rate,
                base=row.amount("TaxableAmount") or ZERO,
                amount=row.amount("TaxAmount") or ZERO,
                region=codes.region(letter, place, rate),
                exemption=codes.exemption(letter, code or stated_on_lines.get(letter), reason)
                if rate == 0
                else None,
                kind=codes.kind(letter),
            )


def _line_exemptions(doc: Node) -> dict[str | None, str]:
    """CIUS-PT: exemption codes stand on the lines; one for a category is that category's."""
    found: dict[str | None, set[str]] = {}
    for item in doc.all("*/Item"):
        code = _pt_exemption(item)
        if code:
            found.setdefault(item.text("ClassifiedTaxCategory/ID"), set()).add(code)
    return {letter: next(iter(c)) for letter, c in found.items() if len(c) == 1}


def _pt_exemption(item: Node) -> str | None:
    for extra in item.all("AdditionalItemProperty"):
        if extra.text("Name") == _PT_EXEMPTION:
            return extra.text("Value")
    return None


def _lines(doc: Node) -> Iterator[InvoiceLine]:
    for line in (*doc.all("InvoiceLine"), *doc.all("CreditNoteLine"), *doc.all("DebitNoteLine")):
        item = line.at("Item")
        tax = item.at("ClassifiedTaxCategory")
        quantity = line.at("InvoicedQuantity", "CreditedQuantity", "DebitedQuantity")
        rate = tax.rate("Percent")
        yield InvoiceLine(
            description=item.text("Name", "Description") or "",
            article=item.text(
                "SellersItemIdentification/ID",
                "StandardItemIdentification/ID",
                "BuyersItemIdentification/ID",
            ),
            quantity=quantity.number("."),
            unit=quantity.attribute("unitCode"),
            unit_price=_unit_price(line),
            net_amount=line.amount("LineExtensionAmount"),
            vat_rate=rate,
            exemption=_line_exemption(item, tax) if not rate else None,
        )


def _line_exemption(item: Node, tax: Node) -> str | None:
    code = tax.text("TaxExemptionReasonCode") or _pt_exemption(item)
    return codes.exemption(tax.text("ID"), code, tax.text("TaxExemptionReason"))


def _unit_price(line: Node) -> Decimal | None:
    """Price of one unit: the price may be stated for a number of them (BT-149)."""
    price, per = line.number("Price/PriceAmount"), line.number("Price/BaseQuantity")
    return price / per if price is not None and per else price


def _atcud(doc: Node) -> str | None:
    for reference in doc.all("AdditionalDocumentReference/ID"):
        if reference.attribute("schemeID") == "ANG":
            return (reference.text(".") or "").removeprefix("ATCUD:") or None
    return None


def _qr(doc: Node) -> dict[str, str]:
    """Fields of the tax authority's QR message that a CIUS-PT invoice carries as text; empty without one."""
    for found in doc.all("AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject"):
        if found.attribute("mimeCode") != "text/plain":
            continue
        text = found.text(".") or ""
        # some issuers write the message itself where its base64 belongs
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            text = base64.b64decode(text, validate=True).decode("utf-8")
        if text.startswith("A:") and "*B:" in text:
            return {m[1]: m[2] for m in _QR_FIELD.finditer(text)}
    return {}
