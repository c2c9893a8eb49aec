"""Why nothing is taxed, and where: reasons told by the law alone, tax regions told by rates, words and postal codes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from razao.capture.reading.reasons import codes_in
from razao.countries import pack
from razao.invoices.formats import codes
from razao.invoices.invoice import VatAmount
from tests.capture.reading.typed_pages import read


def plain(text: str) -> str:
    from razao.capture.reading.dates import plain as folded

    return folded(text)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("Isento artigo 9.º do CIVA", "M07"),
        ("Isento de IVA ao abrigo do art. 9º, alínea 1), do C.I.V.A.", "M07"),
        ("IVA - regime de isenção [art.º 53.º]", "M10"),
        ("Isento Artigo 14.º do CIVA", "M05"),
        ("Isento artigo 14.º do RITI", "M16"),
        ("IVA – autoliquidação, Artigo 2.º n.º 1 alínea j) do CIVA", "M31"),
        ("Regime da margem de lucro – Bens em segunda mão", "M13"),
        ("Artigo 16.º, n.º 6, alínea c) do CIVA", "M01"),
        ("M40 - IVA autoliquidação", "M40"),
    ],
)
def test_the_law_cited_tells_the_reason(printed, code):
    assert codes_in(printed, plain(printed)) == (code,)


def test_every_legal_basis_of_the_national_table_tells_its_own_code():
    told = {
        e.code: codes_in(e.legal_basis, plain(e.legal_basis)) for e in pack.load("PT").exemptions
    }
    wrong = {code: found for code, found in told.items() if found and found != (code,)}
    assert wrong == {"M14": ("M13",), "M15": ("M13",)}


LETTER = """
Clínica do Largo, Lda
Av. Arriaga 30
{postcode} {town}
NIF: 507957547
                                                Exmo.(s) Sr.(s)
                                                Seguros Atlântico, S.A.
                                                Rua do Carmo 5
                                                1200-092 Lisboa
                                                NIF: 501442600

Fatura FT 2026/77       Data: 09-07-2026

Total s/ IVA                                    {net}
IVA {rate}                                      {vat}
Total                                           {gross}
{note}
"""


def letter(postcode: str, town: str, net: str, rate: str, vat: str, gross: str, note: str = ""):
    return read(
        LETTER.format(
            postcode=postcode, town=town, net=net, rate=rate, vat=vat, gross=gross, note=note
        )
    )


def test_an_exempt_sale_from_the_islands_is_of_the_islands():
    note = "Isento artigo 9.º do CIVA"
    madeira = letter("9000-064", "Funchal", "135,00", "0%", "0,00", "135,00", note)
    azores = letter("9500-150", "Ponta Delgada", "135,00", "0%", "0,00", "135,00", note)
    lisbon = letter("1000-205", "Lisboa", "135,00", "0%", "0,00", "135,00", note)
    rows = [i.vat for i in (madeira, azores, lisbon)]
    amount = Decimal("135.00"), Decimal("0.00")
    assert rows == [
        (VatAmount(Decimal(0), *amount, region, "M07"),) for region in ("PT-MA", "PT-AC", "PT")
    ]


def test_a_rate_that_only_one_region_has_decides_before_the_postal_code():
    found = letter("1000-205", "Lisboa", "100,00", "22%", "22,00", "122,00")
    assert [(r.rate, r.region) for r in found.vat] == [(Decimal(22), "PT-MA")]


def test_a_rate_of_both_islands_is_of_the_one_where_the_seller_is():
    found = letter("9500-150", "Ponta Delgada", "100,00", "4%", "4,00", "104,00")
    assert [(r.rate, r.region) for r in found.vat] == [(Decimal(4), "PT-AC")]


SPANISH = """
FERRETERÍA TEIDE, S.L.U.
Avda. Tres de Mayo 15
38005 Santa Cruz de Tenerife
CIF B38345674

FACTURA F26-0456        Fecha 20/01/2026

Subtotal: 60,00
IGIC 7%: 4,20
TOTAL: 64,20
"""


def test_igic_is_the_tax_of_the_canary_islands():
    found = read(SPANISH, "ES")
    assert [(str(r.rate), r.base, r.amount, r.region) for r in found.vat] == [
        ("7", Decimal("60.00"), Decimal("4.20"), "ES-CN")
    ]


SURCHARGE = """
DISTRIBUCIONES LEVANTE, S.A.
46988 Paterna (Valencia)
C.I.F. A58818501

Factura Nº: A-26/3391       Fecha: 07-02-2026

Base      % I.V.A.    Importe I.V.A.    % R.E.    Importe R.E.
125,00    21,00       26,25             5,20      6,50
180,00    4,00        7,20              0,50      0,90

                      TOTAL FACTURA: 345,85
"""


def test_the_equivalence_surcharge_stands_beside_vat_and_is_none():
    found = read(SURCHARGE, "ES")
    assert [(str(r.rate), r.base, r.amount, r.kind) for r in found.vat] == [
        ("21", Decimal("125.00"), Decimal("26.25"), None),
        ("4", Decimal("180.00"), Decimal("7.20"), None),
        ("5.2", Decimal("125.00"), Decimal("6.50"), "surcharge"),
        ("0.5", Decimal("180.00"), Decimal("0.90"), "surcharge"),
    ]
    assert (found.net_total, found.vat_total, found.gross_total) == (
        Decimal("305.00"),
        Decimal("40.85"),
        Decimal("345.85"),
    )


def test_an_e_invoice_s_seller_on_an_island_is_taxed_there_unless_the_rate_is_another_s():
    madeira, azores = codes.home("PT", "9000-064"), codes.home("PT", "9700-014")
    assert (madeira, azores, codes.home("PT", "4000-123"), codes.home("ES", "9000")) == (
        "PT-MA",
        "PT-AC",
        "PT",
        "ES",
    )
    told = [
        codes.region("S", madeira, Decimal(22)),
        codes.region("S", madeira, Decimal(23)),
        codes.region("E", azores, Decimal(0)),
        codes.region("S", "PT", Decimal(16)),
        codes.region("L", "ES", Decimal(7)),
    ]
    assert told == ["PT-MA", "PT", "PT-AC", "PT-AC", "ES-CN"]
