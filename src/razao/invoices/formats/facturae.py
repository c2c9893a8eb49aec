"""Facturae 3.x (Spain): the root of a file in, its invoices and their problems out.

Withheld taxes (retenciones) stand beside the total and are already taken off Facturae's InvoiceTotal;
the equivalence surcharge (recargo de equivalencia) is a tax row of its own. A corrective invoice (class
OR, CR) by differences is a credit note when negative and a debit note when positive.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from razao.invoices.formats import codes
from razao.invoices.formats.assembly import ZERO, Settlement, finish
from razao.invoices.formats.xml import Node, without_namespaces
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.problems import Problem

_CORRECTIVE = frozenset({"OR", "CR"})
#: TaxTypeCode: 01 IVA, 02 IPSI (Ceuta and Melilla), 03 IGIC (Canaries).
_REGIONS = {"02": "ES-CE", "03": "ES-CN"}
_ALL_OUTPUT = "TaxesOutputs/Tax"


def read(root: etree._Element) -> tuple[list[Invoice], list[Problem]]:
    """Every invoice of the file: a file holds one or a batch, all of the same parties."""
    problems: list[Problem] = []
    doc = Node(without_namespaces(root), problems)
    seller, buyer = doc.at("Parties/SellerParty"), doc.at("Parties/BuyerParty")
    return [_invoice(i, seller, buyer) for i in doc.all("Invoices/Invoice")], problems


def _invoice(doc: Node, seller: Node, buyer: Node) -> Invoice:
    head, issued, sums = (
        doc.at("InvoiceHeader"),
        doc.at("InvoiceIssueData"),
        doc.at("InvoiceTotals"),
    )
    seller_tax_id, buyer_tax_id = _tax_id(seller), _tax_id(buyer)
    before, taxes = sums.amount("TotalGrossAmountBeforeTaxes"), sums.amount("TotalTaxOutputs")
    withheld = sums.amount("TotalTaxesWithheld")
    total = sums.amount("InvoiceTotal")
    if before is not None and taxes is not None:
        total = before + taxes
    elif total is not None:
        total += withheld or ZERO
    seller_country = _country(seller, seller_tax_id)
    invoice = Invoice(
        document_type=_document_type(head),
        number=_number(head),
        issue_date=issued.day("IssueDate"),
        due_date=doc.day("PaymentDetails/Installment/InstallmentDueDate"),
        currency=issued.text("InvoiceCurrencyCode"),
        seller_tax_id=seller_tax_id,
        seller_name=_name(seller),
        seller_country=seller_country,
        seller_address=_address(seller),
        buyer_tax_id=buyer_tax_id,
        buyer_name=_name(buyer),
        buyer_country=_country(buyer, buyer_tax_id),
        vat=tuple(_vat(doc, seller_country)),
        net_total=before,
        vat_total=taxes,
        withholding=withheld or None,
        gross_total=total,
        payable=sums.amount("TotalExecutableAmount", "TotalOutstandingAmount"),
        lines=tuple(_lines(doc)),
        status="S" if head.text("InvoiceDocumentType") == "AF" else "N",
        reference=_reference(head),
    )
    return finish(invoice, doc.problems, _settlement(sums))


def _settlement(sums: Node) -> Settlement:
    """Between InvoiceTotal and TotalExecutableAmount: advances, subsidies, guarantees kept back, expenses."""
    less = (
        "TotalPaymentsOnAccount",
        "AmountsWithheld/WithholdingAmount",
        "Subsidies/Subsidy/SubsidyAmount",
        "PaymentInKind/PaymentInKindAmount",
    )
    more = ("TotalReimbursableExpenses", "TotalFinancialExpenses")
    prepaid = sum((sums.total(path) or ZERO for path in less), ZERO)
    return Settlement(
        prepaid=prepaid, rounding=sum((sums.amount(path) or ZERO for path in more), ZERO)
    )


def _document_type(head: Node) -> str:
    """Before the sign is looked at: a corrective invoice of a negative amount becomes a credit note."""
    simplified = head.text("InvoiceDocumentType") == "FA"
    if head.text("InvoiceClass") in _CORRECTIVE:
        # 01 replaces the whole invoice and states it anew; the others state the difference
        by_difference = head.text("Corrective/CorrectionMethod") in ("02", "03", "04")
        return "ND" if by_difference else "FT"
    return "FS" if simplified else "FT"


def _number(head: Node) -> str | None:
    """Series and number run together, as the tax agency's NumSerieFactura has them."""
    number = head.text("InvoiceNumber")
    return None if number is None else f"{head.text('InvoiceSeriesCode') or ''}{number}"


def _reference(head: Node) -> str | None:
    number = head.text("Corrective/InvoiceNumber")
    series = head.text("Corrective/InvoiceSeriesCode") or ""
    return None if number is None else f"{series}{number}"


def _tax_id(party: Node) -> str | None:
    return codes.compact_tax_id(party.text("TaxIdentification/TaxIdentificationNumber"))


def _name(party: Node) -> str | None:
    company = party.text("LegalEntity/CorporateName")
    if company:
        return company
    person = ("Individual/Name", "Individual/FirstSurname", "Individual/SecondSurname")
    return " ".join(t for t in (party.text(path) for path in person) if t) or None


def _place(party: Node) -> Node:
    who = party.at("LegalEntity", "Individual")
    return who.at("AddressInSpain", "OverseasAddress")


def _country(party: Node, tax_id: str | None) -> str | None:
    return codes.country(_place(party).text("CountryCode")) or codes.country_of(tax_id)


def _address(party: Node) -> str | None:
    place = _place(party)
    town = place.text("PostCodeAndTown") or " ".join(
        t for t in (place.text("PostCode"), place.text("Town")) if t
    )
    return ", ".join(t for t in (place.text("Address"), town) if t) or None


def _vat(doc: Node, country: str | None) -> Iterator[VatAmount]:
    exemptions = _exemptions(doc)
    for tax in doc.all(_ALL_OUTPUT):
        code = tax.text("TaxTypeCode") or "01"
        rate = tax.rate("TaxRate") or ZERO
        base = tax.amount("TaxableBase/TotalAmount") or ZERO
        region = _REGIONS.get(code, country or "ES")
        exemption, kind = exemptions if rate == 0 else (None, None)
        yield VatAmount(
            rate=rate,
            base=base,
            amount=tax.amount("TaxAmount/TotalAmount") or ZERO,
            region=region,
            exemption=exemption,
            kind=kind,
        )
        surcharge = tax.amount("EquivalenceSurchargeAmount/TotalAmount")
        if surcharge:
            surcharge_rate = tax.rate("EquivalenceSurcharge") or ZERO
            yield VatAmount(surcharge_rate, base, surcharge, region, None, "surcharge")


def _exemptions(doc: Node) -> tuple[str | None, str | None]:
    """What the lines say of untaxed amounts: 01 exempt (with the reason's article), 02 not subject."""
    events = [n.text("SpecialTaxableEventCode") for n in doc.all("Items/*/SpecialTaxableEvent")]
    if events and all(event == "02" for event in events):
        return None, "outside_scope"
    return None, None


def _lines(doc: Node) -> Iterator[InvoiceLine]:
    for line in doc.all("Items/InvoiceLine"):
        yield InvoiceLine(
            description=line.text("ItemDescription") or "",
            article=line.text("ArticleCode"),
            quantity=line.number("Quantity"),
            unit=line.text("UnitOfMeasure"),
            unit_price=line.number("UnitPriceWithoutTax"),
            net_amount=line.amount("GrossAmount", "TotalCost"),
            vat_rate=line.rate("TaxesOutputs/Tax/TaxRate"),
        )
