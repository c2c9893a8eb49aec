"""Electronic invoices: a deal in, its UBL 2.1 document (EN 16931, CIUS-PT) out, alone or inside the PDF."""

from __future__ import annotations

import io
from decimal import Decimal

import pikepdf
from lxml import etree

from razao.capture.samples.deals import Deal
from razao.capture.samples.parties import Party
from razao.invoices.invoice import Invoice, VatAmount

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:"
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:feap.gov.pt:CIUS-PT:2.1.1"
Element = etree._Element


def basic(parent: Element, name: str, text: str, **attributes: str) -> None:
    """A cbc element with text."""
    node = etree.SubElement(parent, f"{{{CBC}}}{name}", attrib=attributes)
    node.text = text


def aggregate(parent: Element, *names: str) -> Element:
    """A cac element, or a path of them."""
    for name in names:
        parent = etree.SubElement(parent, f"{{{CAC}}}{name}")
    return parent


def money(parent: Element, name: str, value: Decimal | None, currency: str) -> None:
    """An amount element with its currency."""
    basic(parent, name, f"{value or Decimal(0):.2f}", currencyID=currency)


def party(parent: Element, role: str, who: Party) -> None:
    """Seller or buyer (BG-4, BG-7)."""
    node = aggregate(parent, role, "Party")
    address = aggregate(node, "PostalAddress")
    basic(address, "StreetName", who.street)
    code, _, town = who.town.partition(" ")
    basic(address, "CityName", town or code)
    basic(address, "PostalZone", code)
    basic(aggregate(address, "Country"), "IdentificationCode", who.country)
    tax = aggregate(node, "PartyTaxScheme")
    prefix = "" if who.tax_id.startswith(who.country) else who.country
    basic(tax, "CompanyID", prefix + who.tax_id)
    basic(aggregate(tax, "TaxScheme"), "ID", "VAT")
    basic(aggregate(node, "PartyLegalEntity"), "RegistrationName", who.name)


def category(row: VatAmount) -> str:
    """EN 16931 category: S standard, K intra-community, G export, AE reverse charge, E exempt, O outside."""
    if row.rate:
        return "S"
    codes = {"M16": "K", "M05": "G", "M30": "AE", "M31": "AE", "M99": "O", "M01": "O"}
    return codes.get(row.exemption or "", "E")


def tax_totals(root: Element, invoice: Invoice, currency: str) -> None:
    """The breakdown (BG-23)."""
    total = aggregate(root, "TaxTotal")
    money(total, "TaxAmount", invoice.vat_total, currency)
    for row in invoice.vat:
        sub = aggregate(total, "TaxSubtotal")
        money(sub, "TaxableAmount", row.base, currency)
        money(sub, "TaxAmount", row.amount, currency)
        node = aggregate(sub, "TaxCategory")
        basic(node, "ID", category(row))
        basic(node, "Percent", f"{row.rate:.2f}")
        if row.exemption:
            basic(node, "TaxExemptionReasonCode", row.exemption)
        basic(aggregate(node, "TaxScheme"), "ID", "VAT")


def lines(root: Element, deal: Deal, currency: str, *, credit: bool) -> None:
    """The lines (BG-25)."""
    for position, line in enumerate(deal.invoice.lines, 1):
        node = aggregate(root, "CreditNoteLine" if credit else "InvoiceLine")
        basic(node, "ID", str(position))
        name = "CreditedQuantity" if credit else "InvoicedQuantity"
        basic(node, name, f"{line.quantity:f}", unitCode="C62")
        money(node, "LineExtensionAmount", line.net_amount, currency)
        item = aggregate(node, "Item")
        basic(item, "Name", line.description)
        tax = aggregate(item, "ClassifiedTaxCategory")
        basic(tax, "ID", "S" if line.vat_rate else "E")
        basic(tax, "Percent", f"{line.vat_rate:.2f}")
        basic(aggregate(tax, "TaxScheme"), "ID", "VAT")
        money(aggregate(node, "Price"), "PriceAmount", line.unit_price, currency)


def ubl(deal: Deal) -> bytes:
    """The deal as a UBL invoice or credit note."""
    invoice = deal.invoice
    currency = invoice.currency or "EUR"
    credit = invoice.document_type == "NC"
    kind = "CreditNote" if credit else "Invoice"
    spaces = {None: f"{ROOT}{kind}-2", "cac": CAC, "cbc": CBC}
    # the stubs do not know that None names the default namespace
    root = etree.Element(f"{{{ROOT}{kind}-2}}{kind}", nsmap=spaces)  # type: ignore[arg-type]
    basic(root, "CustomizationID", CUSTOMIZATION)
    basic(root, "ID", invoice.number or "")
    basic(root, "IssueDate", f"{invoice.issue_date}")
    if invoice.due_date and not credit:
        basic(root, "DueDate", f"{invoice.due_date}")
    basic(
        root, f"{kind}TypeCode", {"NC": "381", "ND": "383"}.get(invoice.document_type or "", "380")
    )
    basic(root, "DocumentCurrencyCode", currency)
    if invoice.reference:
        basic(
            aggregate(root, "BillingReference", "InvoiceDocumentReference"), "ID", invoice.reference
        )
    if invoice.atcud:
        reference = aggregate(root, "AdditionalDocumentReference")
        basic(reference, "ID", invoice.atcud, schemeID="ANG")
    party(root, "AccountingSupplierParty", deal.seller)
    if deal.buyer:
        party(root, "AccountingCustomerParty", deal.buyer)
    tax_totals(root, invoice, currency)
    sums = aggregate(root, "LegalMonetaryTotal")
    money(sums, "LineExtensionAmount", invoice.net_total, currency)
    money(sums, "TaxExclusiveAmount", invoice.net_total, currency)
    money(sums, "TaxInclusiveAmount", invoice.gross_total, currency)
    money(sums, "PayableAmount", invoice.gross_total, currency)
    lines(root, deal, currency, credit=credit)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def inside(pdf: bytes, xml: bytes) -> bytes:
    """The PDF with the XML attached."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.attachments["invoice.xml"] = pikepdf.AttachedFileSpec(
            document,
            xml,
            description="",
            filename="invoice.xml",
            mime_type="text/xml",
            creation_date="",
            mod_date="",
        )
        document.save(target, deterministic_id=True)
    return target.getvalue()
