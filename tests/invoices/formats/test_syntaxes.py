"""What each syntax says in its own way: withheld taxes, surcharges, split payment, access keys, ATCUD and QR."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from razao.invoices.formats import codes
from razao.invoices.formats.nfe import access_key_is_valid
from razao.invoices.formats.read import read_xml
from razao.invoices.invoice import Invoice


def read(text: str) -> Invoice:
    (invoice,) = read_xml(text.encode())[0]
    return invoice


def problems(text: str) -> list[tuple[str, str]]:
    return [(p.code, p.where) for p in read_xml(text.encode())[1]]


def amounts(invoice: Invoice) -> tuple[str, ...]:
    """Net, VAT, gross, withheld and payable, as texts."""
    five = (invoice.net_total, invoice.vat_total, invoice.gross_total)
    return tuple(str(a) for a in (*five, invoice.withholding, invoice.payable))


def breakdown(invoice: Invoice) -> list[tuple[Any, ...]]:
    return [
        (str(v.rate), str(v.base), str(v.amount), v.region, v.exemption, v.kind)
        for v in invoice.vat
    ]


FACTURAE = """<fe:Facturae xmlns:fe="http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml">
<Parties><SellerParty><TaxIdentification><TaxIdentificationNumber>54362315K</TaxIdentificationNumber>
</TaxIdentification><Individual><Name>Ana</Name><FirstSurname>Ruiz</FirstSurname><SecondSurname>Gil</SecondSurname>
<AddressInSpain><Address>Calle Mayor 1</Address><PostCode>28013</PostCode><Town>Madrid</Town>
<CountryCode>ESP</CountryCode></AddressInSpain></Individual></SellerParty>
<BuyerParty><TaxIdentification><TaxIdentificationNumber>PT501964843</TaxIdentificationNumber></TaxIdentification>
<LegalEntity><CorporateName>Comprador, Lda.</CorporateName><OverseasAddress><Address>Rua 1</Address>
<PostCodeAndTown>1100-001 Lisboa</PostCodeAndTown><CountryCode>PRT</CountryCode></OverseasAddress></LegalEntity>
</BuyerParty></Parties><Invoices><Invoice><InvoiceHeader><InvoiceNumber>17</InvoiceNumber>
<InvoiceSeriesCode>2026-</InvoiceSeriesCode><InvoiceDocumentType>{kind}</InvoiceDocumentType>
<InvoiceClass>{of_class}</InvoiceClass>{corrective}</InvoiceHeader>
<InvoiceIssueData><IssueDate>2026-05-14</IssueDate><InvoiceCurrencyCode>EUR</InvoiceCurrencyCode></InvoiceIssueData>
<TaxesOutputs><Tax><TaxTypeCode>{tax}</TaxTypeCode><TaxRate>21.0</TaxRate><TaxableBase><TotalAmount>1000.00</TotalAmount>
</TaxableBase><TaxAmount><TotalAmount>210.00</TotalAmount></TaxAmount>{surcharge}</Tax></TaxesOutputs>
<TaxesWithheld><Tax><TaxTypeCode>04</TaxTypeCode><TaxRate>15.00</TaxRate></Tax></TaxesWithheld>
<InvoiceTotals><TotalGrossAmountBeforeTaxes>1000.00</TotalGrossAmountBeforeTaxes>
<TotalTaxOutputs>{taxes}</TotalTaxOutputs><TotalTaxesWithheld>150.00</TotalTaxesWithheld>
<InvoiceTotal>{total}</InvoiceTotal><TotalOutstandingAmount>{total}</TotalOutstandingAmount>
<TotalExecutableAmount>{total}</TotalExecutableAmount></InvoiceTotals>
<Items><InvoiceLine><ItemDescription>Asesoría</ItemDescription><Quantity>10</Quantity>
<UnitPriceWithoutTax>100</UnitPriceWithoutTax><GrossAmount>1000.00</GrossAmount><TaxesOutputs><Tax>
<TaxRate>21.0</TaxRate></Tax></TaxesOutputs></InvoiceLine></Items>
<PaymentDetails><Installment><InstallmentDueDate>2026-06-14</InstallmentDueDate></Installment></PaymentDetails>
</Invoice></Invoices></fe:Facturae>"""


def facturae(**changes: str) -> str:
    plain = {
        "kind": "FC",
        "of_class": "OO",
        "corrective": "",
        "tax": "01",
        "surcharge": "",
        "taxes": "210.00",
        "total": "1060.00",
    }
    return FACTURAE.format(**{**plain, **changes})


def test_a_spanish_professional_withholds_income_tax() -> None:
    invoice = read(facturae())

    assert amounts(invoice) == ("1000.00", "210.00", "1210.00", "150.00", "1060.00")
    assert (invoice.seller_name, invoice.seller_country) == ("Ana Ruiz Gil", "ES")
    assert invoice.seller_address == "Calle Mayor 1, 28013 Madrid"
    assert (invoice.buyer_tax_id, invoice.buyer_country) == ("501964843", "PT")
    assert (invoice.number, invoice.due_date) == ("2026-17", date(2026, 6, 14))
    assert invoice.confident


def test_the_equivalence_surcharge_is_a_row_of_its_own() -> None:
    surcharge = (
        "<EquivalenceSurcharge>5.20</EquivalenceSurcharge>"
        "<EquivalenceSurchargeAmount><TotalAmount>52.00</TotalAmount></EquivalenceSurchargeAmount>"
    )
    invoice = read(facturae(surcharge=surcharge, taxes="262.00", total="1112.00"))

    assert breakdown(invoice) == [
        ("21.0", "1000.00", "210.00", "ES", None, None),
        ("5.20", "1000.00", "52.00", "ES", None, "surcharge"),
    ]
    assert amounts(invoice) == ("1000.00", "262.00", "1262.00", "150.00", "1112.00")
    assert invoice.confident


def test_the_canaries_have_a_tax_of_their_own() -> None:
    assert read(facturae(tax="03")).vat[0].region == "ES-CN"


@pytest.mark.parametrize(
    ("kind", "of_class", "method", "expected"),
    [
        ("FC", "OO", "", ("FT", "N")),
        ("FA", "OO", "", ("FS", "N")),
        ("AF", "OO", "", ("FT", "S")),
        ("FC", "OR", "01", ("FT", "N")),
        ("FC", "OR", "02", ("ND", "N")),
    ],
)
def test_types_of_facturae(kind: str, of_class: str, method: str, expected: Any) -> None:
    corrective = (
        f"<Corrective><InvoiceNumber>9</InvoiceNumber><InvoiceSeriesCode>2026-</InvoiceSeriesCode>"
        f"<CorrectionMethod>{method}</CorrectionMethod></Corrective>"
    )
    invoice = read(facturae(kind=kind, of_class=of_class, corrective=corrective if method else ""))

    assert (invoice.document_type, invoice.status) == expected
    assert invoice.reference == ("2026-9" if method else None)


FATTURAPA = """<p:FatturaElettronica xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2" versione="FPR12">
<FatturaElettronicaHeader><CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese>
<IdCodice>12345678903</IdCodice></IdFiscaleIVA><Anagrafica><Nome>Mario</Nome><Cognome>Rossi</Cognome></Anagrafica>
</DatiAnagrafici><Sede><Indirizzo>Via Roma</Indirizzo><NumeroCivico>1</NumeroCivico><CAP>00100</CAP>
<Comune>Roma</Comune><Nazione>IT</Nazione></Sede></CedentePrestatore><CessionarioCommittente><DatiAnagrafici>
<CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale><Anagrafica><Denominazione>Cliente</Denominazione></Anagrafica>
</DatiAnagrafici></CessionarioCommittente></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa>
<Data>2026-05-14</Data><Numero>17/A</Numero>{more}<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>
</DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi><DettaglioLinee><Descrizione>Consulenza</Descrizione>
<PrezzoTotale>1000.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee><DatiRiepilogo>
<AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>1000.00</ImponibileImporto><Imposta>220.00</Imposta>
<EsigibilitaIVA>{due}</EsigibilitaIVA></DatiRiepilogo></DatiBeniServizi><DatiPagamento>
<DettaglioPagamento><DataScadenzaPagamento>2026-07-31</DataScadenzaPagamento></DettaglioPagamento>
<DettaglioPagamento><DataScadenzaPagamento>2026-06-30</DataScadenzaPagamento></DettaglioPagamento>
</DatiPagamento></FatturaElettronicaBody></p:FatturaElettronica>"""


def fatturapa(**changes: str) -> str:
    return FATTURAPA.format(
        **{"kind": "TD01", "more": "", "total": "1220.00", "due": "I", **changes}
    )


def test_an_italian_professional_withholds_income_tax() -> None:
    withheld = (
        "<DatiRitenuta><TipoRitenuta>RT01</TipoRitenuta><ImportoRitenuta>200.00</ImportoRitenuta>"
        "<AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>"
    )
    invoice = read(fatturapa(more=withheld))

    assert amounts(invoice) == ("1000.00", "220.00", "1220.00", "200.00", "1020.00")
    assert (invoice.seller_name, invoice.seller_tax_id) == ("Mario Rossi", "IT12345678903")
    assert (invoice.seller_address, invoice.buyer_tax_id) == (
        *("Via Roma 1, 00100 Roma", "RSSMRA80A01H501U"),
    )
    assert invoice.due_date == date(2026, 6, 30)
    assert invoice.confident


def test_tax_that_the_buyer_pays_to_the_state_is_not_due_to_the_seller() -> None:
    invoice = read(fatturapa(due="S"))

    assert amounts(invoice) == ("1000.00", "220.00", "1220.00", "None", "1000.00")
    assert invoice.confident


def test_stamp_duty_in_the_total_is_left_to_a_person() -> None:
    duty = (
        "<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo>"
    )
    invoice = read(fatturapa(more=duty, total="1222.00"))

    assert amounts(invoice) == ("1000.00", "220.00", "1222.00", "None", "1222.00")
    assert not invoice.confident
    assert problems(fatturapa(more=duty, total="1222.00")) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("TD01", ("FT", "N")),
        ("TD04", ("NC", "N")),
        ("TD05", ("ND", "N")),
        ("TD06", ("FT", "N")),
        ("TD17", ("FT", "S")),
    ],
)
def test_types_of_fatturapa(kind: str, expected: tuple[str, str]) -> None:
    invoice = read(fatturapa(kind=kind))
    assert (invoice.document_type, invoice.status) == expected


def test_a_lot_holds_several_invoices() -> None:
    text = fatturapa()
    start, end = text.index("<FatturaElettronicaBody>"), text.index("</p:FatturaElettronica>")
    lot = text[:end] + text[start:end].replace("17/A", "18/A") + text[end:]

    assert [i.number for i in read_xml(lot.encode())[0]] == ["17/A", "18/A"]


SIMPLIFIED = """<FatturaElettronicaSemplificata versione="FSM10"><FatturaElettronicaHeader><CedentePrestatore>
<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>12345678903</IdCodice></IdFiscaleIVA><Denominazione>Bar Sport</Denominazione>
<Sede><Indirizzo>Via Roma</Indirizzo><CAP>00100</CAP><Comune>Roma</Comune><Nazione>IT</Nazione></Sede>
</CedentePrestatore><CessionarioCommittente><IdentificativiFiscali><IdFiscaleIVA><IdPaese>PT</IdPaese>
<IdCodice>501964843</IdCodice></IdFiscaleIVA></IdentificativiFiscali><AltriDatiIdentificativi>
<Denominazione>Comprador</Denominazione><Sede><Comune>Lisboa</Comune><Nazione>PT</Nazione></Sede>
</AltriDatiIdentificativi></CessionarioCommittente></FatturaElettronicaHeader><FatturaElettronicaBody><DatiGenerali>
<DatiGeneraliDocumento><TipoDocumento>TD07</TipoDocumento><Divisa>EUR</Divisa><Data>2026-05-14</Data><Numero>5</Numero>
</DatiGeneraliDocumento></DatiGenerali><DatiBeniServizi><Descrizione>Pranzo</Descrizione><Importo>110.00</Importo>
<DatiIVA>{tax}</DatiIVA></DatiBeniServizi></FatturaElettronicaBody></FatturaElettronicaSemplificata>"""


@pytest.mark.parametrize("tax", ["<Imposta>10.00</Imposta>", "<Aliquota>10.00</Aliquota>"])
def test_the_simplified_invoice_has_its_tax_inside(tax: str) -> None:
    invoice = read(SIMPLIFIED.format(tax=tax))

    assert amounts(invoice) == ("100.00", "10.00", "110.00", "None", "110.00")
    assert (invoice.document_type, invoice.seller_name, invoice.buyer_name) == (
        *("FS", "Bar Sport", "Comprador"),
    )
    assert (invoice.buyer_tax_id, invoice.buyer_country) == ("501964843", "PT")
    assert invoice.confident


KEY = "35260514200166000187550010000000171301234567"
KEY = KEY[:43]
NFE = """<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><NFe><infNFe Id="NFe{key}" versao="4.00">
<ide><mod>{model}</mod><serie>1</serie><nNF>17</nNF><dhEmi>2026-05-14T10:00:00-03:00</dhEmi><tpNF>1</tpNF>
<finNFe>{purpose}</finNFe></ide><emit><CNPJ>16727230000197</CNPJ><xNome>Vinhos do Sul Ltda</xNome><enderEmit>
<xLgr>Rua A</xLgr><nro>10</nro><xBairro>Centro</xBairro><xMun>Porto Alegre</xMun><UF>RS</UF><CEP>90010000</CEP>
</enderEmit></emit><dest><idEstrangeiro>PT501964843</idEstrangeiro><xNome>Comprador Lda</xNome></dest>
<det nItem="1"><prod><cProd>V1</cProd><xProd>Vinho tinto</xProd><uCom>CX</uCom><qCom>10.0000</qCom>
<vUnCom>100.0000000000</vUnCom><vProd>1000.00</vProd><vDesc>50.00</vDesc></prod><imposto><ICMS><ICMS10><vBC>950.00</vBC>
<pICMS>18.00</pICMS><vICMS>171.00</vICMS></ICMS10></ICMS><IPI><cEnq>999</cEnq><IPITrib><vBC>950.00</vBC><pIPI>10.00</pIPI>
<vIPI>95.00</vIPI></IPITrib></IPI></imposto></det><total><ICMSTot><vBC>950.00</vBC><vICMS>171.00</vICMS><vBCST>1200.00</vBCST>
<vST>45.00</vST><vProd>1000.00</vProd><vFrete>20.00</vFrete><vDesc>50.00</vDesc><vIPI>95.00</vIPI><vNF>{total}</vNF>
</ICMSTot><retTrib><vIRRF>15.00</vIRRF></retTrib></total><cobr><dup><nDup>001</nDup><dVenc>2026-06-14</dVenc></dup></cobr>
</infNFe></NFe><protNFe><infProt><cStat>{state}</cStat></infProt></protNFe></nfeProc>"""


def check_digit(digits: str) -> str:
    weights = [4, 3, 2, 9, 8, 7, 6, 5] * 5 + [4, 3, 2]
    rest = sum((ord(d) - 48) * w for d, w in zip(digits, weights, strict=True)) % 11
    return str(0 if rest < 2 else 11 - rest)


def nfe(**changes: str) -> str:
    plain = {"model": "55", "purpose": "1", "total": "1110.00", "state": "100"}
    return NFE.format(**{**plain, "key": KEY + check_digit(KEY), **changes})


def test_a_brazilian_note_splits_its_taxes_from_the_total() -> None:
    invoice = read(nfe())

    assert breakdown(invoice) == [
        ("18.00", "950.00", "171.00", "BR", None, "icms"),
        ("0.00", "1200.00", "45.00", "BR", None, "icms_st"),
        ("10.00", "950.00", "95.00", "BR", None, "ipi"),
    ]
    assert amounts(invoice) == ("799.00", "311.00", "1110.00", "15.00", "1095.00")
    assert (invoice.document_type, invoice.number, invoice.currency) == ("FT", "1/17", "BRL")
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 5, 14), date(2026, 6, 14))
    assert invoice.atcud == KEY + check_digit(KEY)
    assert [str(line.net_amount) for line in invoice.lines] == ["950.00"]
    assert invoice.confident


def test_a_note_without_separate_taxes_has_one_untaxed_row() -> None:
    text = nfe(total="970.00")
    for tax in ("vICMS>171.00", "vST>45.00", "vIPI>95.00"):
        text = text.replace(f"<{tax}", f"<{tax.split('>')[0]}>0.00")

    invoice = read(text)

    assert breakdown(invoice) == [("0.00", "970.00", "0.00", "BR", None, None)]
    assert invoice.confident


def test_a_note_of_the_test_environment_is_never_trusted() -> None:
    text = nfe().replace("<tpNF>", "<tpAmb>2</tpAmb><tpNF>")

    assert ("read.xml_test_document", "status") in problems(text)
    assert not read(text).confident


def test_the_access_key_has_a_check_digit() -> None:
    right = KEY + check_digit(KEY)
    wrong = KEY + str((int(right[43]) + 1) % 10)

    assert access_key_is_valid(right)
    assert not access_key_is_valid(wrong)
    assert not access_key_is_valid(right[:-1])
    letters = KEY[:6] + "12ABC34501DE" + KEY[18:]
    assert access_key_is_valid(letters + check_digit(letters))
    assert access_key_is_valid("43180906929383000163550010000000261000010301")
    assert ("read.xml_access_key", "atcud") in problems(nfe(key=wrong))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"purpose": "4"}, ("NC", "N")),
        ({"model": "65"}, ("FS", "N")),
        ({"state": "101"}, ("FT", "A")),
    ],
)
def test_types_and_states_of_the_note(changes: dict[str, str], expected: Any) -> None:
    invoice = read(nfe(**changes))
    assert (invoice.document_type, invoice.status) == expected


def test_a_total_that_its_parts_do_not_make_is_reported() -> None:
    assert ("read.xml_totals", "gross_total") in problems(nfe(total="1120.00"))


UBL = """<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-05-14</cbc:IssueDate>{code}
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{references}
<cac:AccountingSupplierParty><cac:Party><cac:PostalAddress><cbc:StreetName>Rua 1</cbc:StreetName>
<cbc:CityName>Lisboa</cbc:CityName><cbc:PostalZone>1100-001</cbc:PostalZone><cac:Country>
<cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>{country}501964843</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>
</cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Vendedor</cbc:RegistrationName></cac:PartyLegalEntity>
</cac:Party></cac:AccountingSupplierParty>{withheld}
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount><cac:TaxSubtotal>
<cbc:TaxableAmount currencyID="EUR">{net}</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>{letter}</cbc:ID><cbc:Percent>{rate}</cbc:Percent>{reason}<cac:TaxScheme><cbc:ID>VAT</cbc:ID>
</cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>{net}</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>{gross}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount>{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">4</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount>{net}</cbc:LineExtensionAmount><cac:Item><cbc:Name>Artigo</cbc:Name>
<cac:ClassifiedTaxCategory><cbc:ID>{letter}</cbc:ID><cbc:Percent>{rate}</cbc:Percent></cac:ClassifiedTaxCategory>{extra}</cac:Item>
<cac:Price><cbc:PriceAmount>50</cbc:PriceAmount><cbc:BaseQuantity>2</cbc:BaseQuantity></cac:Price></cac:InvoiceLine></{root}>"""


def ubl(**changes: str) -> str:
    plain = {
        "root": "Invoice",
        "number": "FT A/17",
        "country": "PT",
        "references": "",
        "code": "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>",
        "withheld": "",
        "reason": "",
        "net": "100.00",
        "tax": "23.00",
        "gross": "123.00",
        "payable": "123.00",
        "letter": "S",
        "rate": "23",
        "extra": "",
    }
    return UBL.format(**{**plain, **changes})


def type_code(code: str) -> str:
    return f"<cbc:InvoiceTypeCode>{code}</cbc:InvoiceTypeCode>"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("FT", "N")),
        ({"code": type_code("326")}, ("FT", "N")),
        ({"code": type_code("381")}, ("NC", "N")),
        ({"code": type_code("383")}, ("ND", "N")),
        ({"code": type_code("384")}, ("FT", "N")),
        ({"code": type_code("389")}, ("FT", "S")),
        ({"code": type_code("325")}, ("PF", "N")),
        ({"code": "", "root": "CreditNote"}, ("NC", "N")),
        ({"code": "", "root": "DebitNote"}, ("ND", "N")),
        ({"code": "", "root": "SelfBilledCreditNote"}, ("NC", "S")),
        ({"number": "FR A/17"}, ("FR", "N")),
        ({"number": "FR A/17", "country": "DE"}, ("FT", "N")),
    ],
)
def test_types_of_ubl(changes: dict[str, str], expected: Any) -> None:
    invoice = read(ubl(**changes))
    assert (invoice.document_type, invoice.status) == expected


def test_a_portuguese_vat_number_loses_its_prefix_and_others_keep_theirs() -> None:
    assert read(ubl()).seller_tax_id == "501964843"
    assert read(ubl(country="DE")).seller_tax_id == "DE501964843"


def test_a_price_for_several_units_is_told_for_one() -> None:
    assert read(ubl()).lines[0].unit_price == Decimal(25)


def test_withheld_tax_lowers_what_is_due() -> None:
    withheld = (
        "<cac:WithholdingTaxTotal><cbc:TaxAmount>25.00</cbc:TaxAmount></cac:WithholdingTaxTotal>"
    )
    invoice = read(ubl(withheld=withheld, payable="98.00"))

    assert amounts(invoice) == ("100.00", "23.00", "123.00", "25.00", "98.00")
    assert invoice.confident


QR = (
    "A:501964843*B:999999990*C:PT*D:FR*E:N*F:20260514*G:FR A/17*H:CSDF7T5H-17*I1:PT-MA*I7:100.00"
    "*I8:22.00*N:22.00*O:122.00*Q:abcd*R:9999"
)


@pytest.mark.parametrize("encoded", [True, False])
def test_a_portuguese_invoice_carries_its_atcud_and_qr_message(encoded: bool) -> None:
    message = base64.b64encode(QR.encode()).decode() if encoded else QR
    references = (
        '<cac:AdditionalDocumentReference><cbc:ID schemeID="ANG">ATCUD:CSDF7T5H-17</cbc:ID>'
        "<cbc:DocumentDescription>QR_CODE</cbc:DocumentDescription><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">{message}</cbc:EmbeddedDocumentBinaryObject>'
        "</cac:Attachment></cac:AdditionalDocumentReference>"
    )
    invoice = read(
        ubl(references=references, rate="22", tax="22.00", gross="122.00", payable="122.00")
    )

    assert (invoice.atcud, invoice.document_type) == ("CSDF7T5H-17", "FR")
    assert invoice.vat[0].region == "PT-MA"
    assert invoice.confident


def test_a_portuguese_exemption_may_stand_on_the_lines() -> None:
    extra = (
        "<cac:AdditionalItemProperty><cbc:Name>#TAXEXEMPTIONREASONCODE@CLASSIFIEDTAXCATEGORY#</cbc:Name>"
        "<cbc:Value>M07</cbc:Value></cac:AdditionalItemProperty>"
    )
    invoice = read(
        ubl(letter="E", rate="0", tax="0.00", gross="100.00", payable="100.00", extra=extra)
    )

    assert invoice.vat[0].exemption == "M07"
    assert invoice.lines[0].exemption == "M07"


@pytest.mark.parametrize(
    ("letter", "reason", "exemption", "kind"),
    [
        ("AE", "", "VATEX-EU-AE", None),
        ("K", "", "VATEX-EU-IC", None),
        ("G", "", "VATEX-EU-G", None),
        ("O", "", "VATEX-EU-O", "outside_scope"),
        ("E", "<cbc:TaxExemptionReason>Isento Artigo 9.º CIVA (M07)</cbc:TaxExemptionReason>", "M07", None),
        ("E", "<cbc:TaxExemptionReasonCode>M99</cbc:TaxExemptionReasonCode>", "M99", None),
        ("Z", "", None, None),
    ],
)  # fmt: skip
def test_untaxed_rows_say_why(
    letter: str, reason: str, exemption: str | None, kind: str | None
) -> None:
    invoice = read(
        ubl(letter=letter, rate="0", tax="0.00", gross="100.00", payable="100.00", reason=reason)
    )
    assert (invoice.vat[0].exemption, invoice.vat[0].kind) == (exemption, kind)


def test_a_negative_total_is_a_credit_note_of_the_positive_amount() -> None:
    negative = {"net": "-100.00", "tax": "-23.00", "gross": "-123.00", "payable": "-123.00"}
    for code in ("380", "381", "384"):
        invoice = read(ubl(code=type_code(code), **negative))

        assert invoice.document_type == "NC"
        assert amounts(invoice) == ("100.00", "23.00", "123.00", "None", "123.00")
        assert breakdown(invoice) == [("23", "100.00", "23.00", "PT", None, None)]
        assert invoice.lines[0].net_amount == Decimal("100.00")
        assert invoice.confident is (code != "381")


def test_a_negative_credit_note_is_left_to_a_person() -> None:
    negative = {"net": "-100.00", "tax": "-23.00", "gross": "-123.00", "payable": "-123.00"}
    assert problems(ubl(code=type_code("381"), **negative)) == [
        ("read.xml_negative_credit_note", "gross_total")
    ]


def test_totals_that_contradict_are_not_believed() -> None:
    text = ubl(gross="124.00", payable="124.00")

    assert not read(text).confident
    assert problems(text) == [("read.xml_totals", "gross_total")]


def test_an_invoice_in_an_envelope_is_read() -> None:
    inside = ubl()
    text = (
        '<StandardBusinessDocument xmlns="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">'
        f"<StandardBusinessDocumentHeader/>{inside}</StandardBusinessDocument>"
    )
    assert read(text).number == "FT A/17"


def test_every_stated_field_has_evidence() -> None:
    invoice = read(ubl())
    expected = {
        *("document_type", "number", "issue_date", "currency", "seller_tax_id", "seller_name"),
        *("seller_country", "seller_address", "net_total", "vat_total", "gross_total", "payable"),
        *("status", "vat.0.rate", "vat.0.base", "vat.0.amount"),
    }
    assert set(invoice.evidence) == expected
    assert {e.source.value for e in invoice.evidence.values()} == {"xml"}


@pytest.mark.parametrize(
    ("code", "country"),
    [("PT", "PT"), ("prt", "PT"), ("ESP", "ES"), ("EL", "GR"), ("AGO", "AO"), ("XX", None), (None, None)],
)  # fmt: skip
def test_countries_are_known_by_two_and_three_letters(
    code: str | None, country: str | None
) -> None:
    assert codes.country(code) == country


def test_a_sentence_is_no_tax_id_and_no_exemption_code() -> None:
    assert codes.compact_tax_id("see the terms and conditions on the next page") is None
    assert codes.exemption("E", "exempt because of article nine of the code", "M07") == "M07"


@pytest.mark.parametrize(
    ("tax_id", "country"),
    [("DE123456789", "DE"), ("EL123456789", "GR"), ("501964843", None), ("B64717838", None), (None, None)],
)  # fmt: skip
def test_the_prefix_of_a_vat_number_tells_the_country(
    tax_id: str | None, country: str | None
) -> None:
    assert codes.country_of(tax_id) == country
