"""What a company of each country walks through: who it is, an invoice it receives, a sale it makes, and what its books say then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random

from razao.capture.samples import electronic
from razao.capture.samples.content import sheet_of
from razao.capture.samples.deals import Deal
from razao.capture.samples.documents import LANGUAGES
from razao.capture.samples.generate import Sample
from razao.capture.samples.lines import DealLine, truth_line
from razao.capture.samples.looks import draw_look
from razao.capture.samples.parties import draw_party
from razao.capture.samples.printing import print_sheet
from razao.capture.samples.trades import trades
from razao.invoices.invoice import Invoice, VatAmount

Lines = list[tuple[str, str, str]]
DAY = date(2026, 5, 14)


@dataclass(frozen=True, slots=True)
class Walk:
    """One country's walk. Amounts as they stand in the books; entries as (D or C, account, amount)."""

    country: str
    tax_id: str
    seller: str
    """tax number of the seller"""
    number: str
    what: str
    base: str
    rate: str
    tax: str
    account: str
    """expense account that the clerk chooses"""
    bought: Lines
    sale: tuple[str, str, str]
    """net, rate, total"""
    customer: str
    sold: Lines
    currency: str = "EUR"
    region: str = ""
    withheld: str = ""
    withholding_code: str = ""
    vat: tuple[tuple[str, str, str], ...] = ()
    """code, base and tax of each row of the VAT summary"""
    look: str = "1"
    """seed of the paper's layout and wording"""

    @property
    def place(self) -> str:
        return self.region or self.country

    def invoice(self, buyer: str) -> Invoice:
        """What the seller's paper says."""
        base, tax = Decimal(self.base), Decimal(self.tax)
        held = Decimal(self.withheld) if self.withheld else None
        return Invoice(
            pages=(1,),
            document_type="FT",
            number=self.number,
            issue_date=DAY,
            currency=self.currency,
            seller_tax_id=self.seller,
            seller_country=self.country,
            buyer_tax_id=self.tax_id,
            buyer_name=buyer,
            buyer_country=self.country,
            vat=(VatAmount(Decimal(self.rate), base, tax, self.place),),
            net_total=base,
            vat_total=tax,
            gross_total=base + tax,
            withholding=held,
            payable=base + tax - (held or 0),
        )


WALKS = (
    Walk(
        country="PT",
        tax_id="501964843",
        seller="123456789",
        number="FT 2026/17",
        what="Parecer jurídico",
        base="1000.00",
        rate="23",
        tax="230.00",
        withheld="230.00",
        withholding_code="B",
        account="6224",
        bought=[
            ("D", "6224", "1000.00"),
            ("D", "2432313", "230.00"),
            ("C", "2422", "230.00"),
            ("C", "221110001", "1000.00"),
        ],
        sale=("200,00", "23", "246,00"),
        customer="503504564",
        sold=[("D", "211110001", "246.00"), ("C", "71113", "200.00"), ("C", "2433113", "46.00")],
        vat=(("LNOR", "200.00", "46.00"), ("DOBNOR", "1000.00", "230.00")),
    ),
    Walk(
        country="ES",
        look="3",
        tax_id="B64717838",
        seller="54362315K",
        number="2026-00017",
        what="Asesoramiento jurídico",
        base="1000.00",
        rate="21",
        tax="210.00",
        withheld="150.00",
        withholding_code="IRPF15",
        account="623",
        bought=[
            ("D", "623", "1000.00"),
            ("D", "4720", "210.00"),
            ("C", "4751", "150.00"),
            ("C", "40000001", "1060.00"),
        ],
        sale=("200,00", "21", "242,00"),
        customer="A58818501",
        sold=[("D", "43000001", "242.00"), ("C", "700", "200.00"), ("C", "4770", "42.00")],
        vat=(("LN", "200.00", "42.00"), ("DOBN", "1000.00", "210.00")),
    ),
    Walk(
        country="ES",
        region="ES-CN",
        tax_id="B64717838",
        seller="J99216582",
        number="2026-00018",
        what="Papelería surtida",
        base="1000.00",
        rate="7",
        tax="70.00",
        account="600",
        bought=[("D", "600", "1000.00"), ("D", "4727", "70.00"), ("C", "40000001", "1070.00")],
        sale=("200,00", "7", "214,00"),
        customer="A58818501",
        sold=[("D", "43000001", "214.00"), ("C", "700", "200.00"), ("C", "4777", "14.00")],
        vat=(("GLN", "200.00", "14.00"), ("GDEXN", "1000.00", "70.00")),
    ),
    Walk(
        country="AO",
        tax_id="5000767115",
        currency="AOA",
        seller="5417000001",
        number="FT 2026/17",
        what="Prestação de serviços de consultoria",
        base="500000.00",
        rate="14",
        tax="70000.00",
        withheld="32500.00",
        withholding_code="II6_5",
        account="75.2.34",
        bought=[
            ("D", "75.2.34", "500000.00"),
            ("D", "34.5.2.3", "70000.00"),
            ("C", "34.1.6", "32500.00"),
            ("C", "32.1.2.1.0001", "537500.00"),
        ],
        sale=("100000,00", "14", "114000,00"),
        customer="5417000003",
        sold=[
            ("D", "31.1.2.1.0001", "114000.00"),
            ("C", "61.3.1", "100000.00"),
            ("C", "34.5.3.1", "14000.00"),
        ],
        vat=(("LNOR", "100000.00", "14000.00"), ("DOBNOR", "500000.00", "70000.00")),
    ),
    Walk(
        country="CV",
        look="2",
        tax_id="200112233",
        currency="CVE",
        seller="254000001",
        number="FT 2026/17",
        what="Honorários de arquitetura",
        base="20000.00",
        rate="15",
        tax="3000.00",
        withheld="4000.00",
        withholding_code="B20",
        account="6235",
        bought=[
            ("D", "6235", "20000.00"),
            ("D", "24423", "3000.00"),
            ("C", "24321", "4000.00"),
            ("C", "221110001", "19000.00"),
        ],
        sale=("10000,00", "15", "11500,00"),
        customer="200445566",
        sold=[
            ("D", "211110001", "11500.00"),
            ("C", "711", "10000.00"),
            ("C", "24431", "1500.00"),
        ],
        vat=(("LNOR", "10000.00", "1500.00"), ("DOBNOR", "20000.00", "3000.00")),
    ),
    Walk(
        country="MZ",
        tax_id="400339910",
        currency="MZN",
        seller="400005834",
        number="FT 2026/17",
        what="Consultoria informática",
        base="20000.00",
        rate="16",
        tax="3200.00",
        withheld="4000.00",
        withholding_code="SERV20",
        account="63225",
        bought=[
            ("D", "63225", "20000.00"),
            ("D", "44323", "3200.00"),
            ("C", "4422", "4000.00"),
            ("C", "4210001", "19200.00"),
        ],
        sale=("5000,00", "16", "5800,00"),
        customer="400002118",
        sold=[("D", "4110001", "5800.00"), ("C", "711", "5000.00"), ("C", "44331", "800.00")],
        vat=(("LNOR", "5000.00", "800.00"), ("DOBNOR", "20000.00", "3200.00")),
    ),
    Walk(
        country="GW",
        tax_id="510001112",
        currency="XOF",
        seller="510002221",
        number="FT 2026/17",
        what="Cimento 50 kg",
        base="123450.00",
        rate="19",
        tax="23456.00",
        account="6011",
        bought=[
            ("D", "6011", "123450.00"),
            ("D", "4452", "23456.00"),
            ("C", "40110001", "146906.00"),
        ],
        sale=("50000", "19", "59500"),
        customer="510003334",
        sold=[("D", "41110001", "59500.00"), ("C", "7011", "50000.00"), ("C", "4431", "9500.00")],
        vat=(("LNOR", "50000.00", "9500.00"), ("DEXNOR", "123450.00", "23456.00")),
    ),
    Walk(
        country="ST",
        tax_id="510004441",
        currency="STN",
        seller="510005552",
        number="FT 2026/17",
        what="Serviço de limpeza",
        base="4000.00",
        rate="15",
        tax="600.00",
        account="631",
        bought=[("D", "631", "4000.00"), ("D", "4331", "600.00"), ("C", "400001", "4600.00")],
        sale=("1000,00", "15", "1150,00"),
        customer="510006663",
        sold=[("D", "410001", "1150.00"), ("C", "701", "1000.00"), ("C", "4332", "150.00")],
        vat=(("LNOR", "1000.00", "150.00"), ("DOBNOR", "4000.00", "600.00")),
    ),
)


#: A country that exists in a folder of this test alone (tests/capture/a_new_country).
A_NEW_COUNTRY = Walk(
    country="AQ",
    tax_id="100200300",
    currency="USD",
    seller="100200400",
    number="FT 2026/17",
    what="Consulting",
    base="1000.00",
    rate="12.5",
    tax="125.00",
    account="62",
    bought=[("D", "62", "1000.00"), ("D", "41", "125.00"), ("C", "40001", "1125.00")],
    sale=("200,00", "12,5", "225,00"),
    customer="100200500",
    sold=[("D", "30001", "225.00"), ("C", "70", "200.00"), ("C", "42", "25.00")],
    vat=(("SALE", "200.00", "25.00"), ("BUY", "1000.00", "125.00")),
)


def deal_of(walk: Walk, rng: Random, name: str) -> Deal:
    """The invoice before it gets a form, addressed to the company ``name``."""
    home = walk.country if walk.country in LANGUAGES else "PT"
    buyer = replace(
        draw_party(rng, home, "Comércio"), name=name, tax_id=walk.tax_id, country=walk.country
    )
    seller = replace(
        draw_party(Random(f"seller {home}"), home, "Comércio", region=walk.place),
        tax_id=walk.seller,
        country=walk.country,
    )
    trade = next(t for t in trades() if t.country == home and not t.abroad_only)
    line = DealLine(
        article="A00017",
        description=walk.what,
        unit="UN",
        quantity=Decimal(1),
        unit_price=Decimal(walk.base),
        discount=Decimal(0),
        printed=Decimal(walk.base),
        rate=Decimal(walk.rate),
        exemption=None,
        letter="N",
    )
    invoice = replace(
        walk.invoice(buyer.name),
        seller_name=seller.name,
        lines=(truth_line(line, gross=False),),
    )
    return Deal(
        invoice=invoice,
        trade=replace(trade, currency=walk.currency, gross=False),
        seller=seller,
        buyer=buyer,
        lines=(line,),
        withheld_rate=Decimal(walk.withheld) * 100 / Decimal(walk.base) if walk.withheld else None,
        certificate="2017",
        signature="aB3d",
    )


def e_invoice(walk: Walk, name: str) -> Sample:
    """The invoice as a UBL file."""
    xml = electronic.ubl(deal_of(walk, Random("walk"), name))
    return Sample(f"{walk.place}.xml", xml, "xml", walk.country, "received", "", ())


def paper(walk: Walk, name: str) -> Sample:
    """The invoice as the seller prints it: a PDF with text and no code."""
    rng = Random(f"walk {walk.place} {walk.look}")
    deal = deal_of(walk, rng, name)
    look = draw_look(
        rng,
        LANGUAGES[walk.country],
        "classic",
        region=walk.place,
        currency=walk.currency,
        held_back=False,
    )
    pdf = print_sheet(sheet_of(rng, deal, look, with_qr=False))
    return Sample(f"{walk.place}.pdf", pdf, "digital", walk.country, "received", "classic", ())
