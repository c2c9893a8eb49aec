"""UN/CEFACT CII: the root of a cross-industry invoice in, the invoice and its problems out.

Factur-X and ZUGFeRD 2, XRechnung (D16B), and ZUGFeRD 1 with its older element names.
The profiles MINIMUM and BASIC WL carry no lines, MINIMUM no tax breakdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from razao.invoices.formats import codes
from razao.invoices.formats.assembly import ZERO, Settlement, finish
from razao.invoices.formats.xml import Node, without_namespaces
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.problems import Problem

# Element names: CII D16B first, then ZUGFeRD 1.
_HEAD = ("ExchangedDocument", "HeaderExchangedDocument")
_TRADE = ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction")
_AGREEMENT = ("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement")
_SETTLEMENT = ("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement")
_SUMS = (
    "SpecifiedTradeSettlementHeaderMonetarySummation",
    "SpecifiedTradeSettlementMonetarySummation",
)
_RATE = ("RateApplicablePercent", "ApplicablePercent")
_LINE_AGREEMENT = ("SpecifiedLineTradeAgreement", "SpecifiedSupplyChainTradeAgreement")
_LINE_DELIVERY = ("SpecifiedLineTradeDelivery", "SpecifiedSupplyChainTradeDelivery")
_LINE_SETTLEMENT = ("SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement")
_LINE_SUMS = (
    "SpecifiedTradeSettlementLineMonetarySummation",
    "SpecifiedTradeSettlementMonetarySummation",
)


def read(root: etree._Element) -> tuple[list[Invoice], list[Problem]]:
    """The one invoice of the file."""
    problems: list[Problem] = []
    return [_invoice(Node(without_namespaces(root), problems))], problems


def _invoice(doc: Node) -> Invoice:
    head, trade = doc.at(*_HEAD), doc.at(*_TRADE)
    agreement, settled = trade.at(*_AGREEMENT), trade.at(*_SETTLEMENT)
    seller, buyer = agreement.at("SellerTradeParty"), agreement.at("BuyerTradeParty")
    sums = settled.at(*_SUMS)
    code = head.text("TypeCode")
    currency = settled.text("InvoiceCurrencyCode") or _currency_of_total(sums)
    seller_tax_id, buyer_tax_id = _tax_id(seller), _tax_id(buyer)
    seller_country = _country(seller, seller_tax_id)
    home = codes.home(seller_country, seller.text("PostalTradeAddress/PostcodeCode"))
    invoice = Invoice(
        document_type=codes.document_type(code),
        number=head.text("ID"),
        issue_date=head.day("IssueDateTime"),
        due_date=settled.day("SpecifiedTradePaymentTerms/DueDateDateTime"),
        currency=currency,
        seller_tax_id=codes.compact_tax_id(seller_tax_id),
        seller_name=seller.text("Name"),
        seller_country=seller_country,
        seller_address=_address(seller),
        buyer_tax_id=codes.compact_tax_id(buyer_tax_id),
        buyer_name=buyer.text("Name"),
        buyer_country=_country(buyer, buyer_tax_id),
        vat=tuple(_vat(settled, home)),
        net_total=_sum(sums, "TaxBasisTotalAmount", currency),
        vat_total=_sum(sums, "TaxTotalAmount", currency),
        gross_total=_sum(sums, "GrandTotalAmount", currency),
        payable=_sum(sums, "DuePayableAmount", currency),
        lines=tuple(_lines(trade)),
        status=codes.status(code),
        reference=_reference(settled),
    )
    settlement = Settlement(
        prepaid=_sum(sums, "TotalPrepaidAmount", currency) or ZERO,
        rounding=_sum(sums, "RoundingAmount", currency) or ZERO,
    )
    return finish(invoice, doc.problems, settlement)


def _reference(settled: Node) -> str | None:
    return settled.text(
        "InvoiceReferencedDocument/IssuerAssignedID", "InvoiceReferencedDocument/ID"
    )


def _currency_of_total(sums: Node) -> str | None:
    total = sums.one("GrandTotalAmount")
    return total.attribute("currencyID") if total else None


def _sum(sums: Node, name: str, currency: str | None) -> Decimal | None:
    """The amount in the document's currency; the tax total alone may also stand in the accounting currency (BT-111)."""
    found = list(sums.all(name))
    for wanted in (currency, None):
        for amount in found:
            if amount.attribute("currencyID") == wanted:
                return amount.amount(".")
    only_in_another = name == "TaxTotalAmount" and currency is not None
    return None if only_in_another or not found else found[0].amount(".")


def _tax_id(party: Node) -> str | None:
    """VAT number (scheme VA), else the tax office's number (scheme FC)."""
    numbers = list(party.all("SpecifiedTaxRegistration/ID"))
    for scheme in ("VA", None, "FC"):
        for number in numbers:
            if number.attribute("schemeID") == scheme and number.text("."):
                return number.text(".")
    return next((n.text(".") for n in numbers if n.text(".")), None)


def _country(party: Node, tax_id: str | None) -> str | None:
    return codes.country(party.text("PostalTradeAddress/CountryID")) or codes.country_of(tax_id)


def _address(party: Node) -> str | None:
    address = party.at("PostalTradeAddress")
    town = " ".join(t for t in (address.text("PostcodeCode"), address.text("CityName")) if t)
    street = (address.text("LineOne"), address.text("LineTwo"), address.text("LineThree"))
    return ", ".join(part for part in (*street, town) if part) or None


def _vat(settled: Node, place: str | None) -> Iterator[VatAmount]:
    for row in settled.all("ApplicableTradeTax"):
        letter = row.text("CategoryCode")
        rate = row.rate(*_RATE) or ZERO
        code, reason = row.text("ExemptionReasonCode"), row.text("ExemptionReason")
        yield VatAmount(
            rate=rate,
            base=row.amount("BasisAmount") or ZERO,
            amount=row.amount("CalculatedAmount") or ZERO,
            region=codes.region(letter, place, rate),
            exemption=codes.exemption(letter, code, reason) if rate == 0 else None,
            kind=codes.kind(letter),
        )


def _lines(trade: Node) -> Iterator[InvoiceLine]:
    for line in trade.all("IncludedSupplyChainTradeLineItem"):
        product, settled = line.at("SpecifiedTradeProduct"), line.at(*_LINE_SETTLEMENT)
        quantity = line.at(*_LINE_DELIVERY).at("BilledQuantity")
        tax = settled.at("ApplicableTradeTax")
        rate = tax.rate(*_RATE)
        code, reason = tax.text("ExemptionReasonCode"), tax.text("ExemptionReason")
        yield InvoiceLine(
            description=product.text("Name", "Description")
            or line.text("AssociatedDocumentLineDocument/IncludedNote/Content")
            or "",
            article=product.text("SellerAssignedID", "GlobalID", "BuyerAssignedID"),
            quantity=quantity.number("."),
            unit=quantity.attribute("unitCode"),
            unit_price=_unit_price(line.at(*_LINE_AGREEMENT)),
            net_amount=settled.at(*_LINE_SUMS).amount("LineTotalAmount"),
            vat_rate=rate,
            exemption=codes.exemption(tax.text("CategoryCode"), code, reason) if not rate else None,
        )


def _unit_price(agreement: Node) -> Decimal | None:
    """Price of one unit: the price may be stated for a number of them (BT-149)."""
    price = agreement.at("NetPriceProductTradePrice")
    amount, per = price.number("ChargeAmount"), price.number("BasisQuantity")
    return amount / per if amount is not None and per else amount
