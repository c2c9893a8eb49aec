"""E-invoices with any element lost, doubled or filled with nonsense: read, reported, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from razao.invoices.formats.read import read_xml
from razao.invoices.frame import to_frames
from tests.invoices.formats.test_syntaxes import SIMPLIFIED, facturae, fatturapa, nfe, ubl

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>17</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>
<udt:DateTimeString format="102">20260514</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>A</ram:Name>
</ram:SpecifiedTradeProduct><ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>50</ram:ChargeAmount>
<ram:BasisQuantity>2</ram:BasisQuantity></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
<ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">4</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
<ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:CategoryCode>S</ram:CategoryCode>
<ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>100</ram:LineTotalAmount>
</ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>S</ram:Name><ram:SpecifiedTaxRegistration>
<ram:ID schemeID="VA">DE123456789</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:ApplicableTradeTax><ram:CalculatedAmount>19</ram:CalculatedAmount><ram:BasisAmount>100</ram:BasisAmount>
<ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>100</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">19</ram:TaxTotalAmount><ram:GrandTotalAmount>119</ram:GrandTotalAmount>
<ram:DuePayableAmount>119</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

SYNTAXES = {
    "ubl": ubl(),
    "cii": CII,
    "facturae": facturae(),
    "fatturapa": fatturapa(),
    "simplified": SIMPLIFIED.format(tax="<Aliquota>10.00</Aliquota>"),
    "nfe": nfe(),
}
NONSENSE = st.sampled_from(
    [
        *("", "0", "-1", "-100", "1e999999", "-1e-999999", "NaN", "Infinity", "9" * 40),
        *("99999999999999.99", "0.0000000000001", "1,5", "2026-13-45", "20260514", "x" * 500),
    ]
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 80), st.sampled_from(["fill", "drop", "double"]), NONSENSE),
    min_size=1,
    max_size=4,
)


def damaged(text: str, changes: list[tuple[int, str, str]]) -> bytes:
    root = etree.fromstring(text)
    for at, how, value in changes:
        elements = list(root.iter())[1:]
        if not elements:
            break
        element = elements[at % len(elements)]
        parent = element.getparent()
        assert parent is not None
        if how == "drop":
            parent.remove(element)
        elif how == "double":
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
        else:
            element.text = value
    return etree.tostring(root)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(changes=CHANGES)
def test_any_damage_is_read_and_a_doubtful_invoice_is_never_trusted(
    syntax: str, changes: list[tuple[int, str, str]]
) -> None:
    invoices, _ = read_xml(damaged(SYNTAXES[syntax], changes))

    to_frames(invoices)
    for invoice in invoices:
        if invoice.confident:
            needed: tuple[Any, ...] = (
                *(invoice.document_type, invoice.number, invoice.issue_date, invoice.currency),
                *(invoice.seller_tax_id, invoice.net_total, invoice.vat_total, invoice.vat),
            )
            assert all(value not in (None, "", ()) for value in needed)
            assert invoice.net_total is not None
            assert invoice.vat_total is not None
            assert invoice.gross_total == invoice.net_total + invoice.vat_total


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_undamaged_they_are_trusted(syntax: str) -> None:
    (invoice,), problems = read_xml(SYNTAXES[syntax].encode())
    assert (invoice.confident, problems) == (True, [])
