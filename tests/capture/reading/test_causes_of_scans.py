"""What scans taught: words that OCR glued, split or misread by a letter go in, the field comes out right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.capture.reading.dates import _worded, plain
from razao.capture.reading.document import Code
from razao.capture.reading.fields import invoice_of
from razao.capture.reading.labels import mended
from razao.invoices.invoice import Invoice, Source
from tests.capture.reading.typed_pages import read, typed

HEAD = """
Casa Agrícola do Vale, Lda
Rua das Flores 12
4000-123 Porto
{label} 507957547

{buyer} Hotel Miramar, S.A.
NIF: 501442600

{title}          Data: 14-03-2026

"""
SUMS = """
Total líquido                 100,00
IVA 23%                        23,00
Total                         123,00
"""


def seen(
    body: str,
    *,
    label: str = "NIF:",
    buyer: str = "Cliente:",
    title: str = "Fatura FT 2026/14",
    source: Source = Source.OCR,
) -> Invoice:
    return read(HEAD.format(label=label, buyer=buyer, title=title) + body, source=source)


def rows(invoice: Invoice) -> list[tuple[str, str, str]]:
    return [(str(r.rate), str(r.base), str(r.amount)) for r in invoice.vat]


@pytest.mark.parametrize("label", ["N.I: F.", "N. I. F.", "N.I..F.:", "Contribuinle:"])
def test_the_label_of_an_identifier_may_be_torn_apart_or_misread(label):
    assert seen(SUMS, label=label).seller_tax_id == "507957547"


@pytest.mark.parametrize("buyer", ["Exma.(s). Sr.(s):", "Adquirenle:", "Clienle:"])
def test_the_header_of_the_buyer_may_be_misread_by_a_letter(buyer):
    assert seen(SUMS, buyer=buyer).buyer_name == "Hotel Miramar, S.A."


def test_only_words_that_can_be_no_other_are_mended():
    assert [mended(w) for w in ("vencimenlo", "adquirente", "porto", "totals")] == [
        "vencimento",
        "adquirente",
        "porto",
        "totals",
    ]


@pytest.mark.parametrize(
    ("title", "document_type"),
    [("Fatura.Simplificada FS0084/370932", "FS"), ("Nota.de.Crédito NC2026/3", "NC")],
)
def test_a_title_with_dots_for_spaces(title, document_type):
    assert seen(SUMS, title=title).document_type == document_type


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("8 denovembrode.2025", date(2025, 11, 8)),
        ("13·jan 2025", date(2025, 1, 13)),
        ("1 de junho. de 2026", date(2026, 6, 1)),
        ("3 de março de 2026", date(2026, 3, 3)),
        ("6 de fevereiro de 12,50", None),
    ],
)
def test_dates_in_words_with_lost_spaces(printed, value):
    found = [span[2] for span in _worded(plain(printed))]
    assert found == ([value] if value else [])


def test_a_misread_base_is_what_the_other_bases_leave_of_the_net():
    found = seen(
        """
Incidência                      515,99
IVA                              35,77
Total Documento                 551,76
Taxa      Base       Valor
23%       78.33      6,51
6%        4B7.66     29,26
"""
    )
    assert rows(found) == [("23", "28.33", "6.51"), ("6", "487.66", "29.26")]


def test_a_rate_may_stand_so_close_to_its_tax_that_they_look_like_one_number():
    found = seen(
        """
Base          Taxa Imposto
714,00 EUR        23 164,22 EUR
1 121,62 EUR      6          67,30 EUR
Total ilíquido               1 835,62 EUR
Total IVA                      231,52 EUR
Total                        2 067,14 EUR
""",
        source=Source.TEXT,
    )
    assert rows(found) == [("23", "714.00", "164.22"), ("6", "1121.62", "67.30")]


def test_a_label_may_break_over_two_lines():
    found = seen(
        """
Total do documento                        71 363,36 EUR
Retenção de garantia                       3 568,17 EUR
Importância a                             67 795,19 EUR
pagar
""",
        source=Source.TEXT,
    )
    assert found.payable == Decimal("67795.19")


def test_many_lines_with_rates_do_not_hide_the_breakdown_after_them():
    lines = "\n".join(
        f"Dormida {n}      1   {n}7,0{n}   {n % 3 * 6}%   {n}7,0{n}" for n in range(1, 9)
    )
    found = seen(
        lines
        + """
Incidência                16.930,58
IVA 23% (2.143,59)           493,03
IVA 13% (1.488,91)           193,56
IVA 6% (12.832,26)           769,94
IVA 0% (465,82)                0,00
Valor total               18.387,11
""",
        source=Source.TEXT,
    )
    assert [r[1] for r in rows(found)] == ["2143.59", "1488.91", "12832.26", "465.82"]


def test_bases_in_brackets_under_rates_of_nought_are_neither_net_nor_tax():
    found = seen(
        """
Total bruto   Desconto   Base tributável   imposto 0,00%   imposto 0,00%   TOTAL (EUR)
                                           (620,51)        (29,37)
€ 722,08      € 72,20    € 649,88          € 0,00          € 0,00          € 649,88
M01 – Artigo 16.º, n.º 6 do CIVA
"""
    )
    assert (found.net_total, found.vat_total) == (Decimal("649.88"), Decimal("0.00"))


@pytest.mark.parametrize(
    ("notes", "reasons"),
    [
        ("M07 - Isento artigo 9.º do CIVA\nM10 - IVA - regime de isenção", ["M07", "M10"]),
        ("IVA - regime de isenção\nIsento artigo 9.º do CIVA", ["M10", "M07"]),
        ("M07 - Isento artigo 9.º do CIVA", ["M07", "M07"]),
    ],
)
def test_as_many_reasons_as_bases_without_tax_stand_in_their_order_and_are_not_certain(
    notes, reasons
):
    found = seen(
        f"""
Incidência                    679,92
IVA 0% (86,46)                  0,00
IVA 0% (593,46)                 0,00
Total do documento            679,92
{notes}
""",
        source=Source.TEXT,
    )
    assert [(str(r.base), r.exemption) for r in found.vat] == list(
        zip(["86.46", "593.46"], reasons, strict=True)
    )
    assert found.confident is False


def test_a_line_with_the_total_beside_a_row_without_tax_is_read_as_that_row():
    found = seen(
        """
Base tributável   Imposto   Taxa   Motivo        Total de IVA      0,00 €
44,08 €           0,00 €    0%     M01           Total           432,79 €
388,71 €          0,00 €    0%     M07
Subtotal          432,79 €
""",
        source=Source.TEXT,
    )
    assert [(str(r.base), r.exemption) for r in found.vat] == [("44.08", "M01"), ("388.71", "M07")]


def test_a_total_without_tax_that_is_the_gross_total_goes_before_lines_that_add_up_to_it():
    found = seen(
        """
Item                Quantity     Unit price   Tax Amount
Additional seats    3.00         12.30        33.21
Support package     3.00         274.30       740.61
Total excluding tax                          $773.82
Invoice total                                $773.82
""",
        source=Source.TEXT,
    )
    assert found.net_total == Decimal("773.82")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("MORAL – ARTES\nGRÁFICAS LDA.", "MORAL – ARTES GRÁFICAS LDA."),
        ("TANSER\nTanser - Distribuição & Filhos,\nLda.", "Tanser - Distribuição & Filhos, Lda."),
        ("Free Trade\nGráficas Lda.", "Gráficas Lda."),
    ],
)
def test_a_sellers_name_may_wrap_between_two_words_of_its_trade(head, name):
    found = read(
        f"{head}\nRua das Flores 12\n4000-123 Porto\nNIF: 507957547\n\nFatura FT 2026/14   Data: 14-03-2026\n"
        "Cliente: Hotel Miramar, S.A.\nNIF: 501442600\n" + SUMS
    )
    assert found.seller_name == name


def test_a_buyers_name_goes_on_under_its_header():
    found = read(
        "Casa do Mar, Lda\nRua das Flores 12\n4000-123 Porto\nNIF: 507957547\n\nFatura FT 2026/14   Data: 14-03-2026\n\n"
        "Exmos. Senhores: Corgui –\nDistribuição, SA\nNIF: 501442600\n" + SUMS
    )
    assert found.buyer_name == "Corgui – Distribuição, SA"


def test_a_country_alone_is_nobodys_name():
    found = read(
        "Factuur VF1005193039\nNederland\nDatum 8-9-2022\nBTW nummer: NL003336996B98\nTotaal EUR 49,99\n"
    )
    assert found.seller_name != "Nederland"


def test_a_code_that_is_no_type_any_more_gives_way_to_the_title():
    assert seen(SUMS, title="FATURA SIMPLIFICADA VD 2026/711").document_type == "FS"
    assert seen(SUMS, title="VD 2026/711").document_type == "VD"


@pytest.mark.parametrize(
    "printed", ["Data de vencimento: 24 de julho. de\n2026", "Vence·em 24-07-2026"]
)
def test_due_dates_that_break_or_whose_label_is_joined_by_a_dot(printed):
    assert seen(printed + "\n" + SUMS).due_date == date(2026, 7, 24)


def test_a_small_base_beside_its_printed_rate_may_be_off_by_a_cent():
    found = seen(
        """
Incidência     Taxa      IVA
51,85          23%       11,93
1,58           6%        0,10
Total ilíquido           53,43
Total IVA                12,03
Total                    65,46
""",
        source=Source.TEXT,
    )
    assert rows(found) == [("23", "51.85", "11.93"), ("6", "1.58", "0.10")]


def test_a_code_without_taxed_amounts_leaves_the_region_to_the_sellers_address():
    page = typed(
        "Casa Nova, SA\nRua do Porto 12\n{town}\nNIF: 123456789\n\nFatura FT A/7    Data: 14-03-2026\n"
        "M07 - Isento artigo 9.º do CIVA\nTotal    80,00".format(town="9719-710 Angra do Heroísmo")
    )
    text = (
        "A:123456789*B:999999990*C:PT*D:FT*E:N*F:20260314*G:FT A/7*H:CDF7T5HD-7*I1:0*L:80.00"
        "*N:0.00*O:80.00*Q:YhGV*R:9999"
    )
    found = invoice_of([page], codes=[Code(text, 1, (0.8, 0.8, 0.9, 0.9))])
    assert found is not None
    assert [(r.region, r.base, r.exemption) for r in found.vat] == [
        ("PT-AC", Decimal("80.00"), "M07")
    ]
