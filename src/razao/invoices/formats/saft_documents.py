"""Documents of a SAF-T file, gathered: Invoice records in, typed columns of heads, lines and withheld taxes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from razao.invoices.formats.saft_collect import (
    CENTS,
    DAY,
    HUNDRED_MILLIONTHS,
    MILLIONTHS,
    TEN_THOUSANDTHS,
    TEXT,
    WHOLE,
    Columns,
    Kind,
    leaves,
)
from razao.invoices.formats.saft_stream import Record

_DOCUMENTS: Mapping[str, Kind] = {
    "doc": WHOLE,
    "number": TEXT,
    "document_type": TEXT,
    "status": TEXT,
    "issue_date": DAY,
    "party": TEXT,
    "atcud": TEXT,
    "vat": CENTS,
    "net": CENTS,
    "gross": CENTS,
    "treasury_place": TEXT,
    "foreign_currency": TEXT,
    "foreign_gross": CENTS,
    "exchange_rate": HUNDRED_MILLIONTHS,
    "self_billed": TEXT,
    "period": WHOLE,
    "system_entry": TEXT,
    "transaction_id": TEXT,
    "hash": TEXT,
    "cash_vat": TEXT,
    "source_billing": TEXT,
}
_LINES: Mapping[str, Kind] = {
    "doc": WHOLE,
    "position": WHOLE,
    "article": TEXT,
    "description": TEXT,
    "quantity": TEN_THOUSANDTHS,
    "unit": TEXT,
    "unit_price": TEN_THOUSANDTHS,
    "tax_base": MILLIONTHS,
    "debit": MILLIONTHS,
    "credit": MILLIONTHS,
    "tax_type": TEXT,
    "region": TEXT,
    "tax_code": TEXT,
    "vat_rate": CENTS,
    "tax_amount": CENTS,
    "exemption_reason": TEXT,
    "exemption": TEXT,
    "discount": CENTS,
    "reference": TEXT,
}
_NESTED = frozenset({"DocumentStatus", "SpecialRegimes"})


@dataclass(slots=True)
class Documents:
    """The documents of one section, gathered record by record."""

    documents: Columns = field(default_factory=lambda: Columns(_DOCUMENTS))
    lines: Columns = field(default_factory=lambda: Columns(_LINES))
    withheld: Columns = field(
        default_factory=lambda: Columns({"doc": WHOLE, "kind": TEXT, "withholding": CENTS})
    )
    count: int = 0

    def clear(self) -> None:
        for columns in (self.documents, self.lines, self.withheld):
            columns.clear()
        self.count = 0

    def add(self, record: Record) -> None:
        """Takes one Invoice of SalesInvoices or PurchaseInvoices."""
        doc, skip = self.count, record.skip
        self.count += 1
        head: dict[str, str | None] = {}
        reference = None
        for child in record.element:
            name = child.tag[skip:]
            if name == "Line":
                self._add_line(doc, child, skip)
            elif name == "DocumentTotals":
                _totals(child, skip, head)
            elif name in _NESTED:
                head.update(leaves(child, skip))
            elif name == "WithholdingTax":
                tax = leaves(child, skip)
                kind, amount = tax.get("WithholdingTaxType"), tax.get("WithholdingTaxAmount")
                self.withheld.add((doc, kind, amount))
            elif name == "References":
                reference = leaves(child, skip).get("Reference")
            else:
                head[name] = child.text
        if reference:
            self.lines.add((doc, *(None,) * (len(_LINES) - 2), reference))
        self._add_document(doc, head)

    def _add_document(self, doc: int, head: dict[str, str | None]) -> None:
        get = head.get
        self.documents.add(
            (
                doc,
                get("InvoiceNo"),
                get("InvoiceType") or get("PurchaseType"),
                get("InvoiceStatus"),
                get("InvoiceDate"),
                get("CustomerID") or get("SupplierID"),
                get("ATCUD"),
                *(get("TaxPayable"), get("NetTotal"), get("GrossTotal")),
                get("PaymentMechanism"),
                *(get("CurrencyCode"), get("CurrencyAmount"), get("ExchangeRate")),
                get("SelfBillingIndicator"),
                get("Period"),
                get("SystemEntryDate"),
                get("TransactionID"),
                get("Hash"),
                get("CashVATSchemeIndicator"),
                get("SourceBilling"),
            )
        )

    def _add_line(self, doc: int, element: etree._Element, skip: int) -> None:
        line: dict[str, str | None] = {}
        for child in element:
            name = child.tag[skip:]
            if name == "Tax":
                line.update(leaves(child, skip))
            elif name == "References":
                line["Reference"] = _reference(child, skip)
            else:
                line[name] = child.text
        get = line.get
        self.lines.add(
            (
                doc,
                get("LineNumber"),
                get("ProductCode"),
                get("Description") or get("ProductDescription"),
                get("Quantity"),
                get("UnitOfMeasure"),
                get("UnitPrice"),
                get("TaxBase"),
                get("DebitAmount"),
                get("CreditAmount"),
                get("TaxType"),
                get("TaxCountryRegion"),
                get("TaxCode"),
                get("TaxPercentage"),
                get("TaxAmount"),
                get("TaxExemptionReason"),
                get("TaxExemptionCode"),
                get("SettlementAmount"),
                get("Reference"),
            )
        )

    def unreadable(self) -> dict[str, str]:
        """Columns with a text that is no value, and the first such text."""
        return {**self.documents.unreadable, **self.lines.unreadable, **self.withheld.unreadable}


def _reference(element: etree._Element, skip: int) -> str | None:
    """Number of the first document referred to; until version 1.02 it stands a level deeper (CreditNote)."""
    for found in element.iter():
        if found.tag[skip:] == "Reference" and found.text:
            return found.text
    return None


def _totals(element: etree._Element, skip: int, head: dict[str, str | None]) -> None:
    for child in element:
        name = child.tag[skip:]
        if name == "Payment":
            for key, value in leaves(child, skip).items():
                head.setdefault(key, value)  # the first of several ways of payment counts
        elif name == "Currency":
            head.update(leaves(child, skip))
        elif name != "Settlement":
            head[name] = child.text
