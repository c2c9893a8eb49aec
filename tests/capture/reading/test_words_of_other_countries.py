"""What the measured set taught: glued labels, taxes in whole francs, the DANFE as an invoice."""

from __future__ import annotations

from decimal import Decimal

from razao.capture.reading.labels import PHRASES, Label, token
from razao.capture.reading.read import read_bytes
from razao.capture.reading.vat_lines import fits
from razao.capture.samples.documents import Wanted, draw_document


def test_labels_that_ocr_glues_together_are_labels() -> None:
    for printed in ("N.ºContribuinte:", "N°TVA"):
        labels = {label for _, label, _ in PHRASES[token(printed)]}
        assert labels == {Label.TAX_ID}


def test_tax_in_francs_is_rounded_to_the_franc_and_elsewhere_to_the_cent() -> None:
    base, rate, tax = Decimal("11576.00"), Decimal(19), Decimal("2199.00")

    assert fits(base, rate, tax, "GW") is True
    assert fits(base, rate, tax, "PT") is False


def test_an_invoice_in_francs_is_read_with_its_breakdown() -> None:
    document = draw_document("francs", Wanted(country="GW", books="GW", sheet="classic", lines=2))

    (read,) = read_bytes(document.pdf, country="GW").invoices

    rows = [(str(row.rate), row.base, row.amount) for row in read.vat]
    assert rows == [(str(row.rate), row.base, row.amount) for row in document.invoice.vat]


def test_a_danfe_is_an_invoice() -> None:
    document = draw_document("danfe", Wanted(country="BR", books="BR", lines=2))

    (read,) = read_bytes(document.pdf, country="BR").invoices

    assert (read.document_type, read.seller_tax_id) == ("FT", document.invoice.seller_tax_id)
