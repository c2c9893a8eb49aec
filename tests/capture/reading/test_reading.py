"""Whole documents: made-up invoices of many layouts go in, and what they say comes out, with its place."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from click.testing import CliRunner

from razao.capture.accuracy.comparing import POSTING, RULES
from razao.capture.reading.document import Known, KnownParty
from razao.capture.reading.read import read_bytes
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import samples
from razao.cli.read import read as command
from razao.invoices.invoice import Source

SEED = 31


def drawn(kind: str, count: int, country: str | None = "PT"):
    return list(samples(count, SEED, Wanted(country=country), (kind,)))


def wrong(sample, reading) -> list[str]:
    """Names of posting fields that were read wrongly, over all invoices of a sample."""
    out = []
    for truth, invoice in zip(sample.invoices, reading.invoices, strict=True):
        out += [n for n in POSTING if n in truth and not RULES[n](truth[n], invoice)]
    return out


def test_digital_invoices_with_a_fiscal_code_are_right_in_every_posting_field_and_certain():
    faults = {}
    for sample in drawn("digital_qr", 25):
        reading = read_bytes(sample.content, sample.name)
        assert [i.confident for i in reading.invoices] == [True], sample.name
        if wrong(sample, reading):
            faults[sample.name] = wrong(sample, reading)
    assert faults == {}


def test_digital_invoices_without_a_code_are_never_certain_and_wrong():
    right, sure_and_wrong = 0, []
    found = drawn("digital", 30)
    for sample in found:
        reading = read_bytes(sample.content, sample.name)
        faults = wrong(sample, reading)
        right += not faults
        if faults and reading.invoices[0].confident:
            sure_and_wrong.append((sample.name, faults))
    assert sure_and_wrong == []
    assert right / len(found) >= 0.9


def test_piles_are_cut_where_documents_begin():
    for sample in drawn("pile", 8):
        reading = read_bytes(sample.content, sample.name)
        assert [list(i.pages) for i in reading.invoices] == [t["pages"] for t in sample.invoices]
        firsts = [t["pages"][0] for t in sample.invoices][1:]
        assert [c.before_page for c in reading.cuts] == firsts


def test_every_field_says_where_it_was_read():
    reading = read_bytes(drawn("digital_qr", 1)[0].content, "x")
    invoice = reading.invoices[0]
    assert invoice.evidence["gross_total"].source is Source.QR
    for name in ("seller_name", "buyer_name"):
        proof = invoice.evidence[name]
        assert (proof.source, proof.page) == (Source.TEXT, 1)
        assert proof.box is not None
        left, top, right, bottom = proof.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
    assert sum(len(w) for w in reading.words.values()) > 30


def test_what_the_books_know_decides_who_is_the_seller():
    sample = next(s for s in drawn("digital", 30) if s.invoices[0].get("buyer_tax_id"))
    truth = sample.invoices[0]
    buyer = KnownParty(truth["buyer_tax_id"], truth["buyer_name"])
    for direction, side in (("received", "buyer"), ("issued", "seller")):
        known = Known(company=buyer, direction=direction)
        invoice = read_bytes(sample.content, "x", known=known).invoices[0]
        assert getattr(invoice, f"{side}_tax_id") == buyer.tax_id


def test_the_same_file_is_read_the_same_twice():
    sample = drawn("digital", 1)[0]
    assert read_bytes(sample.content, "x") == read_bytes(sample.content, "x")


def test_lines_add_up_to_the_net_total():
    counted: Counter[bool] = Counter()
    for sample in drawn("digital_qr", 20):
        invoice = read_bytes(sample.content, "x").invoices[0]
        total = sum((line.net_amount or Decimal(0) for line in invoice.lines), Decimal(0))
        truth = sum(Decimal(line["net_amount"]) for line in sample.invoices[0]["lines"])
        counted[bool(invoice.lines) and abs(total - truth) <= Decimal("0.05")] += 1
    assert counted[True] >= 17


def test_an_electronic_invoice_inside_a_pdf_goes_before_its_text():
    reading = read_bytes(drawn("pdf_xml", 1)[0].content, "x")
    assert {e.source for e in reading.invoices[0].evidence.values()} == {Source.XML}


@pytest.mark.ocr
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "least"), [("scan_qr", 1.0), ("scan", 0.7), ("till", 0.6), ("photo", 0.5)]
)
def test_paper_is_read_and_never_certain_and_wrong(kind, least):
    found = drawn(kind, 6)
    right = 0
    for sample in found:
        reading = read_bytes(sample.content, sample.name)
        faults = wrong(sample, reading)
        right += not faults
        assert not (faults and reading.invoices[0].confident), (sample.name, faults)
    assert right / len(found) >= least


@pytest.mark.ocr
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_upright(turn):
    import io

    from PIL import Image

    from razao.capture.reading import images, pdf

    sample = drawn("digital_qr", 1)[0]
    picture = images.turned(pdf.render(pdf.open_pdf(sample.content)[0], 2000), turn)
    out = io.BytesIO()
    Image.fromarray(picture[..., ::-1]).save(out, "PNG")
    reading = read_bytes(out.getvalue(), "x")
    assert reading.rotations == {1: 360 - turn}
    straight = read_bytes(sample.content, "x").invoices[0]
    sideways = reading.invoices[0]
    assert (sideways.number, sideways.gross_total) == (straight.number, straight.gross_total)
    assert replace(sideways, evidence={}).seller_tax_id == straight.seller_tax_id


def test_the_command_prints_one_object_a_file(tmp_path):
    sample = drawn("digital_qr", 1)[0]
    (tmp_path / "a.pdf").write_bytes(sample.content)
    (tmp_path / "b.txt").write_text("no invoice")
    result = CliRunner().invoke(command, [str(tmp_path), "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 1
    assert [r["file"].rpartition("/")[2] for r in rows] == ["a.pdf", "b.txt"]
    assert rows[1]["problems"][0]["code"] == "read.unsupported_format"
    invoice = rows[0]["invoices"][0]
    assert invoice["gross_total"] == sample.invoices[0]["gross_total"]
    assert invoice["issue_date"] == sample.invoices[0]["issue_date"]
    assert CliRunner().invoke(command, []).exit_code == 2
