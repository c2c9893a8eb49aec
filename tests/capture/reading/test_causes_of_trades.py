"""Papers of banks, landlords, insurers, shops and suppliers of water: the smallest page that shows each peculiarity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from razao.invoices.invoice import Invoice
from tests.capture.reading.typed_pages import read

BUYER = """
Padaria Central do Bairro, Lda.
Rua das Flores, 12
1200-192 Lisboa
"""


def totals(found: Invoice) -> tuple[str, ...]:
    said = (found.net_total, found.vat_total, found.gross_total, found.payable)
    return tuple(str(value) for value in said)


def rows(found: Invoice) -> list[tuple[str, str, str, str | None]]:
    return [(str(v.rate), str(v.base), str(v.amount), v.exemption or v.kind) for v in found.vat]


def test_a_till_that_shortens_the_word_for_its_number_is_the_seller():
    found = read("""
Combustíveis Lusos, S.A.
Contrib. 500697370
1600-209 Lisboa
FATURA SIMPLIFICADA FS 0482/119283
NIF: 513204016
TOTAL EUR             63,21
""")
    assert (found.seller_tax_id, found.buyer_tax_id) == ("500697370", "513204016")


def test_the_receipt_of_a_landlord_is_what_was_owed_and_what_was_kept():
    found = read("""
AUTORIDADE TRIBUTÁRIA E ADUANEIRA
RECIBO DE RENDA ELETRÓNICO
Recibo n.º 10          Data de emissão: 2026-10-02
LOCADOR(ES)
Nome: MARIA DA CONCEIÇÃO SENHORIA NIF: 123456789
LOCATÁRIO(S)
Nome: PADARIA CENTRAL DO BAIRRO LDA NIF: 513204016
Valor: 850,00 €     Retenção IRS: 25,00% - 212,50 €     Importância recebida: 637,50 €
""")
    assert (found.gross_total, found.withholding, found.payable) == (
        Decimal("850.00"),
        Decimal("212.50"),
        Decimal("637.50"),
    )
    assert (found.seller_name, found.buyer_name) == (
        "MARIA DA CONCEIÇÃO SENHORIA",
        "PADARIA CENTRAL DO BAIRRO LDA",
    )


def test_a_bank_sums_its_commissions_in_the_last_row_of_the_table():
    found = read("""
BANCO DO ATLÂNTICO SUL, S.A.
CONTRIBUINTE 500960046

NIF CLIENTE : 513204016
N.º DOCUMENTO: FR BAS26/7712340     DATA EMISSÃO: 30-09-2026

DATA    DESCRIÇÃO                 COMISSÃO     I.SELO 4%        IVA       TOTAL
05-09   MANUTENÇÃO DE CONTA           5,25          0,21       0,00        5,46
12-09   TRANSFERÊNCIA                 1,00          0,04       0,00        1,04
30-09   ALUGUER DO TERMINAL          15,00          0,00       3,45       18,45
        TOTAIS                       21,25          0,25       3,45       24,95

RESUMO   TAXA          BASE        IMPOSTO
         23%          15,00           3,45
         ISENTO        6,25           0,00   ISENTO ART. 9.º CIVA (M07)
""")
    assert totals(found) == ("21.25", "3.70", "24.95", "24.95")
    assert rows(found)[:2] == [("23", "15.00", "3.45", None), ("0", "6.25", "0.00", "M07")]


def test_an_insurer_that_prints_no_vat_but_the_law_that_exempts_it_charges_none():
    found = read("""
Segura Mais, Companhia de Seguros, S.A.
Pessoa coletiva 500918880

Documento n.º FT AR26/918273     Emitido em 2026-09-22
Tomador do seguro     Padaria Central do Bairro, Lda.     NIF     513204016

Prémio bruto               330,91
Imposto do selo (9%)        28,57
Prémio total (EUR)         359,48
Operação isenta de IVA nos termos do artigo 9.º do CIVA (M07).
""")
    assert totals(found) == ("330.91", "28.57", "359.48", "359.48")
    assert rows(found)[0] == ("0", "330.91", "0.00", "M07")
    assert found.buyer_name == "Padaria Central do Bairro, Lda."


NUMBERED = """
Medicina do Trabalho, Unipessoal Lda       Fatura
NIF 508123453                              {number}

Contribuinte 513204016
Taxa/Valor    Incid./Qtd.    Total    Motivo Isenção
0,00               309,90     0,00    Isento artigo 9.º do CIVA
23,00              120,00    27,60

Mercadoria/Serviços        441,00
Descontos comerciais        11,10
IVA                         27,60
Total (EUR)                457,50
"""


def test_the_article_of_a_law_is_no_rate_of_tax():
    found = read(NUMBERED.format(number="1 2026/318"))
    assert totals(found)[:3] == ("429.90", "27.60", "457.50")
    assert rows(found) == [("23", "120.00", "27.60", None), ("0", "309.90", "0.00", "M07")]


def test_a_series_whose_code_is_a_digit_belongs_to_the_number():
    assert read(NUMBERED.format(number="1 2026/318")).number == "1 2026/318"
    assert read(NUMBERED.format(number="12 318")).number == "12"


def test_under_narrow_heads_each_value_is_that_of_its_own_column():
    found = read(
        """
PRESSTEC - Artes Gráficas, Lda
Contribuinte N.º: 503998877             Nota de Crédito
                                        NC NC2026/57
"""
        + BUYER
        + """
Data         N/ Contribuinte Cliente     Moeda     Doc. de origem
2026-09-10   513204016                   EUR       FT 2026/1204 de 2026-08-31
Ilíquido                      233,00
I.V.A. 23%                     53,59
Total do documento            286,59
"""
    )
    assert (found.buyer_tax_id, found.reference) == ("513204016", "FT 2026/1204")


def test_two_labels_share_a_date_and_the_order_has_its_own():
    found = read("""
Vendido por Amazonia EU S.à r.l.
IVA PT980471745
Data da fatura / Data de entrega 07 setembro 2026
N.º da fatura PT6000AB12CD3E
NIF: PT513204016
Data da encomenda 05 setembro 2026
Total da fatura 134,98 €
""")
    assert found.issue_date == date(2026, 9, 7)
    assert found.seller_name == "Amazonia EU S.à r.l."


def test_what_is_to_be_paid_may_be_more_than_the_invoice():
    found = read("""
Águas da Beira-Rio, E.M.
Contribuinte n.º 500906840
Fatura FT 2026/456789     Data da fatura: 15-09-2026
NIF 513204016             Total a pagar: 48,76€

Descrição               Preço     Valor     IVA
Água                   0,6400      9,60      6%
Saneamento             0,5900     36,38      6%

Total sem IVA              45,98
IVA 6%                      2,76
Total da fatura            48,74
Acerto do mês anterior      0,02
""")
    assert totals(found) == ("45.98", "2.76", "48.74", "48.76")


def test_a_lawyer_prints_fees_their_tax_what_was_paid_out_and_what_is_kept_but_no_total():
    found = read("""
Sousa, Prates & Associados, Sociedade de Advogados, SP, RL
NIPC 509555446

Padaria Central do Bairro, Lda.
N.I.F. 513204016

FATURA-RECIBO N.º FR 2026/87
Lisboa, 30 de setembro de 2026
Honorários por serviços jurídicos          € 1.250,00
IVA (23%)                                    € 287,50
Despesas por conta do cliente (art. 16.º, n.º 6, al. c) do CIVA)     € 102,00
Retenção na fonte de IRS (23%)              € -287,50
Total a receber                            € 1.352,00
""")
    assert totals(found) == ("1352.00", "287.50", "1639.50", "1352.00")
    assert found.withholding == Decimal("287.50")
    assert rows(found) == [("23", "1250.00", "287.50", None), ("0", "102.00", "0.00", "M01")]


def test_a_breakdown_that_only_the_articles_have_is_their_sum_by_rate():
    found = read("""
RENDAUTO, Instituição Financeira de Crédito, S.A.
NIPC 501223347
Contribuinte n.º 513204016
Fatura n.º FT LEA2026/55321     Data: 01.10.2026

Descrição                Valor     Taxa IVA       IVA      Total
Renda - capital         231,14      23,00 %     53,16     284,30
Renda - juros            41,76      23,00 %      9,60      51,36
Seguro, isento M07       28,90       0,00 %      0,00      28,90
Total                   301,80                  62,76     364,56
""")
    assert totals(found)[:3] == ("301.80", "62.76", "364.56")
    assert rows(found) == [("23", "272.90", "62.76", None), ("0", "28.90", "0.00", "M07")]


def test_a_number_at_the_foot_is_the_seller_s_also_over_the_end_of_a_line():
    found = read("""
PADARIA CENTRAL DO BAIRRO LDA
N.º Contribuinte 513204016
Fatura FT 1A26/778     Data 05-10-2026
TOTAL EUR     516,83

Brilho & Cia, Lda. Registada na C.R.C. de Loures com o n.º único de matrícula e de pessoa coletiva
502445564   Capital social 5.000,00 €
""")
    assert (found.seller_tax_id, found.buyer_tax_id) == ("502445564", "513204016")


def test_a_question_is_a_label():
    found = read("""
Luzviva Energia, S.A. NIPC 506977552
Fatura FAC 0320260091/84512345     Emitida a: 12 de outubro de 2026
Quanto tenho a pagar? 143,01 € Até quando? 2 de novembro de 2026
Total     143,01 €
""")
    assert found.due_date == date(2026, 11, 2)


def test_the_head_of_the_buyer_s_number_heads_no_name():
    found = read("""
José & Maria Restauração, Lda
Nº Contribuinte: 512345678
Fatura Simplificada FS 1B2026/10293
Contrib. Cliente: 513204016
PRATO DO DIA    13%   19,00
TOTAL A PAGAR         19,00
""")
    assert (found.buyer_name, found.buyer_tax_id) == (None, "513204016")


def test_a_name_beside_its_head_may_hold_a_word_of_addresses():
    found = read("""
Farmácia Moderna, Lda     NIF: 517771233
Fatura-Recibo nº FR FR1/88213     Cliente: Padaria Central do Bairro
2026-10-17                        Contribuinte: 513204016
Total     36,72 €
""")
    assert found.buyer_name == "Padaria Central do Bairro"


def test_a_logo_beside_the_name_is_not_said_twice():
    found = read("""
luzviva Luzviva Comercialização de Energia, S.A. NIPC 506977552
Fatura FT 1/2     2026-10-17
Total     36,72 €
""")
    assert found.seller_name == "Luzviva Comercialização de Energia, S.A."
    twice = read("ONE ONE THREE SEAFOOD SDN BHD\nFatura FT 1/2     2026-10-17\nTotal     36,72")
    assert twice.seller_name == "ONE ONE THREE SEAFOOD SDN BHD"


def test_a_label_and_its_number_may_be_one_word():
    found = read("""
Sousa & Prates, Lda
NIPC 509555446

Padaria Central do Bairro, Lda.
N.I.F.513204016
Fatura FT 2026/87
Total          100,00
""")
    assert (found.seller_tax_id, found.buyer_tax_id) == ("509555446", "513204016")


def test_a_title_over_its_number_is_no_label_with_what_stands_below_the_number():
    found = read("""
Medicina do Trabalho, Lda              Fatura
NIF 508123453                          1 2026/318
                                       Original
Total (EUR)                457,50
""")
    assert (found.document_type, found.number) == ("FT", "1 2026/318")


def test_a_forwarder_heads_everything_in_two_languages():
    found = read("""
TRANSMAR - Transitários, S.A. VAT PT506554430
Invoice / Fatura FT TM26/4471
Date / Data: 28-09-2026
To / Para: PADARIA CENTRAL DO BAIRRO LDA
VAT / Contribuinte: PT513204016

Exempt / Isento (art. 14.º CIVA - M05)     1.435,00
Taxable / Sujeito 23%                        235,00
VAT / IVA                                     54,05
TOTAL EUR                                  1.724,05
""")
    assert (found.seller_tax_id, found.buyer_tax_id) == ("506554430", "513204016")
    assert (found.seller_name, found.buyer_name) == (
        "TRANSMAR - Transitários, S.A.",
        "PADARIA CENTRAL DO BAIRRO LDA",
    )
    assert rows(found) == [("23", "235.00", "54.05", None), ("0", "1435.00", "0.00", "M05")]


def test_a_condominium_is_a_name_though_it_is_called_by_its_street():
    found = read("""
Condomínio do Edifício Rua das Flores 10-14
NIPC 901122339
AVISO DE COBRANÇA / RECIBO N.º RC 2026/311
Data de emissão: 01/10/2026     Data limite: 08/10/2026
Condómino: Padaria Central do Bairro, Lda.     Contribuinte: 513204016
Total a pagar     251,60 €
""")
    assert found.seller_name == "Condomínio do Edifício Rua das Flores 10-14"
    assert (found.buyer_name, found.due_date) == (
        "Padaria Central do Bairro, Lda.",
        date(2026, 10, 8),
    )


def test_a_total_called_exempt_is_no_tax():
    found = read("""
SABER MAIS, Formação Profissional, Lda.
NIF 510998870
Fatura n.º FT F/2026/92 de 11/09/2026
Total isento de IVA     420,00 €
Importância total       420,00 €
Isento de IVA ao abrigo do n.º 10 do artigo 9.º do CIVA
""")
    assert totals(found)[:3] == ("420.00", "0.00", "420.00")
    assert rows(found) == [("0", "420.00", "0.00", "M07")]


def test_days_of_payment_in_a_sentence_at_the_foot():
    found = read("""
Ideia Redonda, SA
Cont. n.º 507334450
Fatura FT 2026A/45     25 de Agosto de 2026
Total a pagar     1.577,48 €
Pagamento a 60 dias por transferência para a conta do costume, com o número da fatura
""")
    assert found.due_date == date(2026, 10, 24)


def test_an_identifier_without_a_label_ends_before_the_next_column():
    found = read("""
RECICLA NORTE, S.A.
NIF 506990010
Para: Padaria Central do Bairro, Lda     Fatura      FAC RN26/01902
PT513204016                              Contrato    2024/118
Total a pagar     50,97
""")
    assert (found.seller_tax_id, found.buyer_tax_id) == ("506990010", "513204016")


def test_names_beside_their_numbers_under_a_sign_and_at_the_foot():
    shop = read("""
PAPELARIA CENTRAL DE ÉVORA
de Joaquim Rosa & Irmão, Lda.
Contribuinte 504339982
Venda a Dinheiro VD 2026/3391
Nome: Padaria Central do Bairro Lda  Contrib.: 513204016
Total EUR     141,39
""")
    assert shop.seller_name == "Joaquim Rosa & Irmão, Lda."
    assert shop.buyer_name == "Padaria Central do Bairro Lda"
    alarm = read("""
SEGURO24                                    FATURA N.º 2610045678
PADARIA CENTRAL DO BAIRRO LDA
1200-192 LISBOA                             NIF cliente 513204016
Conceito / Concepto                         Total
Quota de outubro                            47,85

Seguro Vinte e Quatro, Unipessoal, Lda. Sede: Rua C, Lisboa. Capital social 1.000 euros.
NIPC 508771129. Alvará MAI 107-A.
""")
    assert alarm.seller_name == "Seguro Vinte e Quatro, Unipessoal, Lda."
