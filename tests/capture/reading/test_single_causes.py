"""One cause of a wrong field each: the smallest page that shows it goes in, and the field comes out right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.capture.reading.taxids import deciphered
from tests.capture.reading.typed_pages import read

SLIP = """
Distribuidora Central do Tejo, Lda.
2615-135 Alverca
NIF: 502544180

Exmos. Senhores
Rosa & Filhos, Lda
2600-001 Vila Franca de Xira
NIF: 507957547

Fatura FT A26/88          Data: 05-01-2026
{more}
Total líquido             100,00
IVA 23%                    23,00
Total                     123,00
"""


@pytest.mark.parametrize(
    ("printed", "due"),
    [
        ("Condições de pagamento: 30 dias", date(2026, 2, 4)),
        ("Cond. Pagamento: Fatura a 60 dias", date(2026, 3, 6)),
        ("Vencimento: 8 dias", date(2026, 1, 13)),
        ("Condições de pagamento: Pronto pagamento", None),
        ("Condições de pagamento: 30 dias     Vencimento: 10-02-2026", date(2026, 2, 10)),
        ("Não se aceitam devoluções após 15 dias", None),
    ],
)
def test_a_due_date_follows_from_the_days_of_the_terms(printed, due):
    assert read(SLIP.format(more=printed)).due_date == due


def test_letters_that_ocr_gives_for_digits_are_digits_where_the_check_digit_then_holds():
    assert deciphered("5O2544l8O").value == "502544180"  # type: ignore[union-attr]
    assert deciphered("5O2544l81") is None
    assert deciphered("A58B185Ol", "ES").value == "A58818501"  # type: ignore[union-attr]


DANFE = """
RIGUI DISTRIBUIDORA LTDA         DANFE                     CHAVE DE ACESSO
Rua A, 10 - São Paulo            Documento Auxiliar da     {key}
                                 Nota Fiscal Eletrônica
                                 Nº 000.012.345

DESTINATÁRIO / REMETENTE
NOME / RAZÃO SOCIAL                   CNPJ / CPF               DATA DA EMISSÃO
TELCAR COMÉRCIO EIRELI                17.302.397/0001-79       21/01/2025

VALOR TOTAL DOS PRODUTOS     VALOR DO FRETE     VALOR TOTAL DA NOTA
900,00                       50,00              950,00
"""


def test_the_access_key_of_a_danfe_names_its_issuer():
    from razao.countries.nfe_key import check_digit

    stem = "3525018549260400015555001000012345112345678"
    key = stem + check_digit(stem)
    found = read(DANFE.format(key=" ".join(key[i : i + 4] for i in range(0, 44, 4))), "BR")
    assert (found.document_type, found.seller_tax_id, found.seller_country, found.currency) == (
        "FT",
        "85492604000155",
        "BR",
        "BRL",
    )
    assert (found.buyer_tax_id, found.number) == ("17302397000179", "000.012.345")
    assert found.gross_total == Decimal("950.00")


def rows(invoice):
    return [(str(r.rate), str(r.base), str(r.amount)) for r in invoice.vat]


HEAD = """
Casa Agrícola do Vale, Lda
Rua das Flores 12
4000-123 Porto
NIF: 507957547

Cliente: Hotel Miramar, S.A.
NIF: 501442600

Fatura FT 2026/14          Data: 14-03-2026

"""


def test_rows_that_add_up_go_before_a_sum_that_only_happens_to():
    """160,00 before discounts and the VAT of one row make the total by chance."""
    found = read(
        HEAD
        + """
Designação         Valor    Incidência    Total
Taxa reduzida      6%       100,00        6,00
Taxa normal        23%      54,00         12,42

Total ilíquido                  160,00
Descontos                         6,00
Impostos                         18,42
Total                           172,42
"""
    )
    assert rows(found) == [("23", "54.00", "12.42"), ("6", "100.00", "6.00")]
    assert (found.net_total, found.gross_total) == (Decimal("154.00"), Decimal("172.42"))


def test_the_total_of_a_row_is_not_that_of_the_document():
    found = read(
        HEAD
        + """
Descritivo                Base      Taxa     Imposto     Total
Despesas de cobrança      20,00     23%      4,60        24,60
Juros de mora (M01)       13,45     0%       0,00        13,45

Total: 38,05 EUR
"""
    )
    assert rows(found) == [("23", "20.00", "4.60"), ("0", "13.45", "0.00")]
    assert [r.exemption for r in found.vat] == [None, "M01"]
    assert found.gross_total == Decimal("38.05")


def test_what_is_paid_and_what_was_withheld_lead_to_a_gross_total_that_is_not_printed():
    found = read(
        """
LAURA GÓMEZ RUIZ
NIF: 05270111Y
28014 Madrid

FACTURA Nº: 2026/014       Fecha: 15/04/2026

Base imponible    % IVA    Cuota IVA    % IRPF    Retención IRPF    TOTAL A PAGAR
1.500,00          21       315,00       15        -225,00           1.590,00
""",
        "ES",
    )
    assert (found.net_total, found.vat_total, found.withholding) == (
        Decimal("1500.00"),
        Decimal("315.00"),
        Decimal("225.00"),
    )
    assert (found.gross_total, found.payable) == (Decimal("1815.00"), Decimal("1590.00"))


def test_the_total_after_a_rounding_is_the_one_to_be_paid():
    found = read(
        """
KMF FOODICIOUS SDN BHD
Date: 09-04-2018 19:22:25

Total (Inclusive of GST):     31.02
Rounding Adj:                 -0.02
TOTAL:                        31.00
CASH :                        31.00
GST Summary     Amount(RM)    Tax(RM)
SR (@ 6%)       29.26         1.76
"""
    )
    assert found.gross_total == Decimal("31.00")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Date :15/07/201712:07", date(2017, 7, 15)),
        ("Facture n°562044387 du 02 Juillet 2015", date(2015, 7, 2)),
        ("Fatura nº FT 26/512 de 3 março 2026", date(2026, 3, 3)),
    ],
)
def test_dates_stand_right_after_numbers_and_right_before_times(line, day):
    found = read(f"Exemplo, Lda\n{line}\nDate limite de paiement le 20 Juillet 2027\nTotal 29.99")
    assert found.issue_date == day


def test_a_number_that_breaks_after_its_code_is_the_document_s_own():
    found = read(
        HEAD.replace("Fatura FT 2026/14 ", "")
        + """
Quina & Tifon                    NOTA DE CRÉDITO NC
Sede: Carcavelos                                A24/53337
Referente a: FT 2026/741016

Total 10,00
"""
    )
    assert (found.document_type, found.number) == ("NC", "NC A24/53337")
    assert found.reference == "FT 2026/741016"


def test_words_for_an_order_on_an_invoice_do_not_make_it_an_order():
    found = read(
        HEAD.replace("FT 2026/14", "FAC A2026/14") + "Nota de encomenda     68293\nTotal 10,00"
    )
    assert found.document_type == "FT"


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Sternwolke GmbH, Industriestr. 25, 91710 Gunzenhausen", "Sternwolke GmbH"),
        ("SOMA & LORPAL, LDA.", "SOMA & LORPAL, LDA."),
    ],
)
def test_names_of_companies_lose_what_stands_around_them_and_keep_what_is_theirs(printed, name):
    text = f"{printed}\nNIF: 507957547\n\nFatura FT 2026/1\nTotal 10,00"
    assert read(text).seller_name == name


def test_a_letterhead_s_register_line_names_the_seller_and_a_sentence_the_buyer():
    found = read(
        """
NIPC e Matrícula CRC Lisboa 502604751 Luzia Comercial, S.A.

Faturado a: Consultores Reunidos, S.A., Av. da Boavista 1200, 4100-113 Porto, NIF 501442600

Fatura FT 2026/1     2026-08-19
Total 10,00
"""
    )
    assert (found.seller_tax_id, found.buyer_tax_id) == ("502604751", "501442600")
    assert found.buyer_name == "Consultores Reunidos, S.A."


def test_an_honorific_is_no_part_of_the_buyer_s_name():
    text = HEAD.replace("Cliente: Hotel", "Exmo(s). Sr(s). Hotel") + "Total 10,00"
    assert read(text).buyer_name == "Hotel Miramar, S.A."


def test_the_seller_s_address_goes_from_its_street_to_its_postal_code():
    found = read(HEAD + "Total 10,00")
    assert found.seller_address == "Rua das Flores 12, 4000-123 Porto"
    sender = "Sternwolke GmbH · Industriestr. 25 · 91710 Gunzenhausen\nOficina, Lda\nRua do Ouro 88\n1100-061 Lisboa\nTotal 1,00"
    assert read(sender).seller_address == "Industriestr. 25 · 91710 Gunzenhausen"


LINES = """
Artigo    Descrição          Qtd.     Preço     Desc.    IVA    Total
A1        Manuais            1,00     16,83     0        6      16,83
A2        Curso              1,00     403,69    0        0      403,69
A3        Transporte         1,00     45,00     0        0      45,00

Incidência               6%        16,83
Base tributável          465,52
IVA                      1,01
Total                    466,53
"""


def test_all_lines_are_the_invoice_s_though_fewer_make_up_the_base_of_one_rate():
    found = read(HEAD + LINES)
    assert [str(line.net_amount) for line in found.lines] == ["16.83", "403.69", "45.00"]


def test_lines_with_tax_are_told_without_it_also_before_a_discount():
    found = read(
        HEAD
        + """
Descrição          Qtd.     Preço     IVA     Total c/ IVA
Lavagem            12       7,69      23%     92,28
GPL Auto           53       0,98      23%     51,94

Total ilíquido              144,22
Descontos                     2,88
Valor líquido               114,91
Total IVA                    26,43
Total a pagar               141,34
"""
    )
    assert [str(line.net_amount) for line in found.lines] == ["75.02", "42.23"]


def test_the_end_of_a_name_on_a_line_of_its_own_is_read_with_its_beginning():
    text = """
PALTRI - COMUNICAÇÃO E IMAGEM,
UNIPESSOAL LDA.
Rua das Camélias 66
3802-926 Aveiro
NIF 507957547

Faturar a: Belal & Valdoumor & Filhos,
Lda.
NIF 501442600

Fatura FT 2026/1
Total 10,00
"""
    found = read(text)
    assert (found.seller_name, found.buyer_name) == (
        "PALTRI - COMUNICAÇÃO E IMAGEM, UNIPESSOAL LDA.",
        "Belal & Valdoumor & Filhos, Lda.",
    )


def test_taxes_of_several_rates_without_bases_lead_to_the_breakdown():
    found = read(
        HEAD
        + """
Subtotal             150,00
IVA 23%               23,00
IVA 6%                 3,00
Total                176,00
(100,00)
"""
    )
    assert rows(found) == [("23", "100.00", "23.00"), ("6", "50.00", "3.00")]
    assert (found.net_total, found.vat_total) == (Decimal("150.00"), Decimal("26.00"))
