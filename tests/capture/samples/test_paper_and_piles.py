"""Samples on paper, in piles and as electronic invoices: the truth stays exact whatever carries it."""

from __future__ import annotations

import io
from random import Random

import pikepdf
import pytest
import zxingcpp
from lxml import etree
from PIL import Image

from razao.capture.samples import codes
from razao.capture.samples.documents import Wanted, draw_document
from razao.capture.samples.electronic import ubl
from razao.capture.samples.generate import KINDS, samples
from razao.capture.samples.scanning import Paper, encode, page_images, scanned


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
def test_every_kind_can_be_made_and_made_again(kind: str) -> None:
    first, again = (list(samples(1, seed=11, kinds=[kind])) for _ in range(2))

    assert first == again
    assert first[0].kind == kind
    assert first[0].invoices


def test_the_code_survives_a_scanner_at_150_dpi() -> None:
    document = draw_document("scan", Wanted(country="PT", code=True, sheet="classic"))
    paper = Paper(dpi=150, skew=1.5, noise=6)

    page = scanned(Random(1), page_images(document.pdf, paper.dpi)[-1], paper)
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(encode([page], "jpg", paper))))

    assert [code.text.split("*")[0] for code in read] == [f"A:{document.invoice.seller_tax_id}"]


def test_a_pile_names_each_page_of_each_document_once() -> None:
    for sample in samples(6, seed=2, kinds=["pile"]):
        with pikepdf.open(io.BytesIO(sample.content)) as pdf:
            pages = len(pdf.pages)
        named = [page for invoice in sample.invoices for page in invoice["pages"]]
        assert len(sample.invoices) >= 2
        assert named == sorted(set(named))
        assert max(named) <= pages


def test_an_electronic_invoice_carries_the_numbers_of_the_document() -> None:
    document = draw_document("ubl", Wanted(country="PT", sheet="classic"))

    root = etree.fromstring(ubl(document.deal))
    values = {
        node.tag.split("}")[1]: node.text for node in root.iter() if isinstance(node.tag, str)
    }

    assert values["TaxInclusiveAmount"] == f"{document.invoice.gross_total:.2f}"
    assert values["IssueDate"] == f"{document.invoice.issue_date}"


def test_the_code_has_at_least_version_nine() -> None:
    document = draw_document("version", Wanted(country="PT", code=True))

    side, values = codes.modules(codes.message(Random(0), document.deal))

    assert side >= 4 * 9 + 17 + 8
    assert len(values) == side * side
