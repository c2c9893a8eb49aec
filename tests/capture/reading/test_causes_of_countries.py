"""What documents of other countries taught: the smallest page for each cause goes in, the field comes out right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from razao.capture.reading.taxids import identify
from razao.capture.reading.vat_lines import fits
from razao.countries.nfe_key import check_digit
from razao.invoices.invoice import Invoice
from tests.capture.reading.typed_pages import read

HEAD = """
Casa do Mar, Lda                         Exmos. Senhores
Rua de Lisboa 12                         Turismo Azul, Lda
7600 Praia                               4110 Espargos
NIF: 276794303                           NIF: 307036848

Fatura FT 2026/14          Data: 14-03-2026

"""


def rows(invoice: Invoice) -> list[tuple[str, str, str]]:
    return [(str(r.rate), str(r.base), str(r.amount)) for r in invoice.vat]


def test_the_escudo_sign_stands_for_the_decimal_mark():
    found = read(
        HEAD
        + """
% IVA     Incidência      Imposto
15 153.576$93   23.036$54
8  19.806$07    1.584$49
                                      Total sem IVA     173.383$00
                                      IVA                24.621$03
                                      Total             198.004$03
""",
        "CV",
    )
    assert rows(found) == [("15", "153576.93", "23036.54"), ("8", "19806.07", "1584.49")]
    assert (found.gross_total, found.currency) == (Decimal("198004.03"), "CVE")


def test_taxes_with_their_bases_in_brackets_may_head_columns():
    found = read(
        HEAD
        + """
Total líquido      IVA 15% (83.794,90)      IVA 8% (11.642,83)      Total
95.437,73 ECV      12.569,24 ECV            931,43 ECV              108.938,40 ECV
""",
        "CV",
    )
    assert rows(found) == [("15", "83794.90", "12569.24"), ("8", "11642.83", "931.43")]
    assert (found.net_total, found.vat_total) == (Decimal("95437.73"), Decimal("13500.67"))


def test_one_tax_may_stand_with_its_base_and_the_other_without():
    found = read(
        HEAD
        + """
Total líquido                   43 600,82 Kz
IVA 14,00% (22                   3 209,50 Kz
925,00)
IVA 5,00% (20 675,82)            1 033,79 Kz
Total do documento              47 844,11 Kz
""",
        "AO",
    )
    assert rows(found) == [("14", "22925.00", "3209.50"), ("5", "20675.82", "1033.79")]


def test_a_table_beside_the_totals_has_a_rate_of_its_own():
    found = read(
        """
Pinturas Sur, S.L.                       Cliente: Bazar Uno, S.L.
CIF: B58818501                           CIF: B83245076
Factura nº F-26/77       Fecha: 11-11-2025

Desglose de IVA                                  Subtotal                        54,31 EUR
% IVA    B. imponible    Cuota      Total        Total IVA                       11,41 EUR
21,00    54,31 EUR       11,41 EUR  65,72        Recargo de equivalencia 5,20%    2,82 EUR
                                                 Total factura                   68,54 EUR
""",
        "ES",
    )
    assert (found.gross_total, found.vat_total) == (Decimal("68.54"), Decimal("14.23"))
    assert [(str(r.rate), r.kind) for r in found.vat] == [("21", None), ("5.2", "surcharge")]


def test_lines_that_only_happen_to_add_up_to_the_total_are_no_tax():
    """62.44 would be a quarter of 250.00: more than any rate makes."""
    found = read(
        """
Analytics Guima LLC                      Bill to
VAT ID: 72-5781153                       Xaso Distribuciones S.L.U.
Invoice RE-006074                        VAT number: B26569566
Date of issue 29 Mar 2026

Description          Quantity    Price      VAT     Amount
Additional seats     4           15.61      0%      62.44
Support package      1           250.00     0%      250.00
Total excluding tax                                $312.44
Invoice total                                      $312.44
""",
        "ES",
    )
    assert (found.net_total, found.gross_total) == (Decimal("312.44"), Decimal("312.44"))


def test_what_a_rate_of_withholding_makes_of_the_net_is_withheld():
    found = read(
        HEAD
        + """
Total líquido                  3.108,00
IVA 0%                             0,00
Total                          3.108,00
Retenção na fonte               -777,00
"""
    )
    assert (found.withholding, found.payable) == (Decimal("777.00"), Decimal("2331.00"))


def test_a_seller_of_portugal_in_books_whose_numbers_look_the_same():
    page = """
Materiais do Minho, Unipessoal Lda.
Rua Nova 206
{town}
NIF: 575441313

Exmos. Senhores
Turismo Azul, Lda
4110 Espargos
NIF: 307036848

Fatura FT 2026/14          Data: 14-03-2026
{more}
Total líquido                  100,00
IVA 0%                           0,00
Total                          100,00
"""
    printed = [("4725-180 Braga", ""), ("Braga", "ATCUD: 425W8A3N-14"), ("Praia", "")]
    found = [read(page.format(town=town, more=more), "CV") for town, more in printed]
    assert [i.seller_country for i in found] == ["PT", "PT", "CV"]
    assert [i.buyer_country for i in found] == ["CV", "CV", "CV"]


def test_identifiers_follow_the_rules_of_the_countries():
    told = {
        ("11144477735", "BR"): ("BR", True),
        ("276794303", "CV"): ("CV", False),
        ("B58818501", "GW"): ("ES", True),
        ("006012345LA048", "AO"): ("AO", False),
    }
    found = {key: identify(*key) for key in told}
    assert {k: (v.country, v.checked) for k, v in found.items() if v} == told


def test_tax_in_francs_is_the_sum_of_lines_rounded_to_francs():
    assert fits(Decimal("366225.00"), Decimal(19), Decimal("69584.00"), "GW") is True
    assert fits(Decimal("366225.00"), Decimal(19), Decimal("69587.00"), "GW") is False


def test_a_title_may_break_over_two_lines():
    found = read(
        """
Serma & Tipe, SL                FACTURA
Paseo de la Estación 138        RECTIFICATIVA
CIF: B58818501
Número GS-025820     Fecha 27-02-2026
Cliente: Bazar Uno, S.L.
CIF: B83245076
Base imponible     100,00
IVA 21%             21,00
Total              121,00
""",
        "ES",
    )
    assert found.document_type == "NC"


def test_the_town_that_both_parties_share_is_not_the_sellers_name():
    found = read(
        """
Vevalri – Materiais, E.I.
Avenida Julius Nyerere 39-A
Nampula
NUIT 424130508
Fatura FT L/1781                 Exmo.(s) Sr.(s)
Data: 2025-03-01                 Viri & Ribel, Lda
                                 Avenida 24 de Julho 57
                                 Nampula
                                 NUIT 495929264
Total líquido     100,00
IVA 16%            16,00
Total             116,00
""",
        "MZ",
    )
    assert (found.seller_name, found.buyer_name) == (
        "Vevalri – Materiais, E.I.",
        "Viri & Ribel, Lda",
    )


DANFE = """
RIGUI DISTRIBUIDORA LTDA         DANFE                     CHAVE DE ACESSO
Rua A, 10 - São Paulo            Documento Auxiliar da     {upper}
                                 Nota Fiscal Eletrônica    {lower}
                                 Nº 000.012.345

DESTINATÁRIO / REMETENTE
NOME / RAZÃO SOCIAL                   CNPJ / CPF               DATA DA EMISSÃO
TELCAR COMÉRCIO EIRELI                17.302.397/0001-79       21/01/2025

FRETE                SEGURO               TOTAL DA NOTA
          0,00                 0,00                        950,00
DESCRIÇÃO            UN       QUANT.      VALOR UNIT.      VALOR TOTAL
CABO FLEXIVEL        MT       28,00       3,00             84,00
FIO RIGIDO           MT       10,00       2,00             20,00
MOTOR                UN        1,00       846,00           846,00
"""


def test_amounts_stand_in_the_boxes_of_a_danfe_and_metres_are_no_currency():
    stem = "3525018549260400015555001000012345112345678"
    key = stem + check_digit(stem)
    groups = [key[i : i + 4] for i in range(0, 44, 4)]
    found = read(DANFE.format(upper=" ".join(groups[:9]), lower=" ".join(groups[9:])), "BR")
    assert (found.seller_tax_id, found.gross_total, found.currency) == (
        "85492604000155",
        Decimal("950.00"),
        "BRL",
    )
    assert found.issue_date == date(2025, 1, 21)


def test_a_base_in_brackets_may_wrap_under_its_rate():
    found = read(
        HEAD
        + """
Base imponible     IVA 21,00%      IVA 4,00% (26,91)    Total factura
                   (258,21)
285,12 €           54,22 €         1,08 €               340,42 €
""",
        "ES",
    )
    assert rows(found) == [("21", "258.21", "54.22"), ("4", "26.91", "1.08")]


def test_whole_francs_are_money_also_where_no_currency_is_named():
    found = read(
        HEAD
        + """
Serviço de manutenção      2     144,736    5.00   274,998
Total sem IVA      328,718            Base tributável    Imposto    % IVA
Total de IVA        62,456            328,718            62,456     19.00
Valor total        391,174
""",
        "GW",
    )
    assert rows(found) == [("19", "328718.00", "62456.00")]
    assert found.gross_total == Decimal("391174.00")


def test_a_date_in_words_may_break_over_two_lines():
    found = read(
        HEAD.replace("Data: 14-03-2026", "")
        + """
DATA DA EMISSÃO        MUNICÍPIO
6 de fevereiro de      Belo Horizonte
2025
Total                  100,00
""",
        "BR",
    )
    assert found.issue_date == date(2025, 2, 6)
