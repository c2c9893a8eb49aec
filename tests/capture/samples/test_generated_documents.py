"""Sample documents: their truth adds up, the paper says it, and a seed always gives the same file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.pt import nif

from razao.capture.samples import codes
from razao.capture.samples.demo import demo_samples
from razao.capture.samples.documents import Document, Wanted, draw_document
from razao.capture.samples.generate import KINDS, samples, write
from razao.capture.samples.looks import HELD_BACK_SHEETS
from razao.capture.samples.parties import draw_party
from razao.capture.samples.trades import GENERAL_SHEETS, trades

ZERO = Decimal("0.00")
SHEETS = sorted({*GENERAL_SHEETS, *(sheet for trade in trades() for sheet in trade.sheets)})
EVERY_SEED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def text_of(document: Document) -> str:
    pdf = pdfium.PdfDocument(document.pdf)
    text = " ".join(pdf[i].get_textpage().get_text_range() for i in range(len(pdf)))
    pdf.close()
    return " ".join(text.split())


@given(st.integers(0, 10**9))
@EVERY_SEED
def test_the_truth_of_every_document_adds_up(seed: int) -> None:
    invoice = draw_document(f"adds-up/{seed}").invoice

    taxed = [row for row in invoice.vat if row.kind is None]
    assert sum((row.base for row in taxed), ZERO) == invoice.net_total
    assert sum((row.amount for row in invoice.vat), ZERO) == invoice.vat_total
    assert invoice.net_total + invoice.vat_total == invoice.gross_total
    for row in taxed:
        # programs that round the tax of each line differ by at most a cent a line
        assert abs(row.base * row.rate / 100 - row.amount) <= Decimal("0.005") * (
            len(invoice.lines) + 1
        )
    assert invoice.payable <= invoice.gross_total
    assert all(
        value.as_tuple().exponent == -2
        for value in (invoice.net_total, invoice.vat_total, invoice.gross_total, invoice.payable)
    )


@given(st.integers(0, 10**9))
@EVERY_SEED
def test_the_code_says_what_the_document_says(seed: int) -> None:
    document = draw_document(f"code/{seed}", Wanted(country="PT", code=True))
    fields = dict(
        pair.split(":", 1) for pair in codes.message(Random(seed), document.deal).split("*")
    )

    invoice = document.invoice
    assert nif.is_valid(fields["A"])
    assert fields["D"] == invoice.document_type
    assert fields["G"] == invoice.number
    assert fields["H"] == invoice.atcud
    assert Decimal(fields["O"]) == invoice.gross_total
    taxes = [Decimal(v) for k, v in fields.items() if k in {"I4", "I6", "I8", "M"}]
    assert sum(taxes, ZERO) == Decimal(fields["N"])
    bases = [Decimal(v) for k, v in fields.items() if k in {"I2", "I3", "I5", "I7", "L"}]
    assert sum(bases, ZERO) + Decimal(fields["N"]) == Decimal(fields["O"])


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_layout_prints_number_and_total(sheet: str) -> None:
    document = draw_document(f"layout/{sheet}", Wanted(sheet=sheet))

    text = text_of(document)
    assert document.invoice.number in text
    printed = f"{document.invoice.gross_total:.2f}"
    digits = "".join(c for c in text if c.isdigit())
    assert "".join(c for c in printed if c.isdigit()) in digits


def test_at_least_fifteen_layouts_and_some_of_them_held_back() -> None:
    assert len(SHEETS) >= 15
    assert set(SHEETS) > HELD_BACK_SHEETS


def test_a_seed_makes_the_same_file_every_time() -> None:
    first, second = (
        [sample.content for sample in samples(4, seed=3, kinds=["digital_qr"])] for _ in range(2)
    )

    assert first == second
    assert len(set(first)) == 4


def test_long_invoices_carry_their_sum_from_page_to_page() -> None:
    document = draw_document("long", Wanted(sheet="classic", country="PT", lines=60))

    assert document.invoice.pages == (1, 2, 3)


def test_a_folder_gets_files_and_a_manifest_with_a_line_for_each(tmp_path) -> None:
    assert write(tmp_path, samples(3, seed=1, kinds=["digital"])) == 3

    assert len((tmp_path / "manifest.jsonl").read_text("utf-8").splitlines()) == 3
    assert len(list(tmp_path.glob("*.pdf"))) == 3


@pytest.mark.parametrize("country", ["ES", "AO", "CV", "MZ", "ST", "GW"])
def test_other_countries_add_up_in_their_currency(country: str) -> None:
    for seed in range(6):
        invoice = draw_document(f"{country}/{seed}", Wanted(country=country, books=country)).invoice

        assert invoice.net_total + invoice.vat_total == invoice.gross_total
        if invoice.currency == "XOF":
            assert invoice.gross_total == invoice.gross_total.to_integral_value()


def test_a_danfe_shows_its_access_key() -> None:
    document = draw_document("danfe", Wanted(country="BR", books="BR"))

    digits = "".join(c for c in text_of(document) if c.isdigit())
    assert document.invoice.seller_tax_id + "55001" in digits


def test_the_demo_shows_every_kind_of_document() -> None:
    company = draw_party(Random(1), "PT", "Comércio")
    found = list(demo_samples(company, first=date(2026, 1, 1), last=date(2026, 6, 30)))

    assert len(found) >= 60
    assert {sample.kind for sample in found} == set(KINDS)
    assert {sample.direction for sample in found} == {"received", "issued"}
    types = {invoice.get("document_type") for sample in found for invoice in sample.invoices}
    assert {"FT", "FR", "FS", "NC"} <= types
    for sample in found:
        for invoice in sample.invoices:
            side = "seller" if sample.direction == "issued" else "buyer"
            assert invoice[f"{side}_tax_id"] == company.tax_id
    assert len({sample.name for sample in found}) == len(found)
