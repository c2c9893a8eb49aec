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
