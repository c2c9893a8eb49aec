"""Accuracy: the rules by which a reading counts as right, and the figures they add up to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from razao.capture.accuracy.cases import Case, corpus_case
from razao.capture.accuracy.comparing import id_key, judge, name_key
from razao.capture.accuracy.tables import table
from razao.capture.accuracy.tally import Row, judge_file
from razao.capture.reading.document import Reading
from razao.invoices.invoice import Invoice, VatAmount

INVOICE = Invoice(
    pages=(1,),
    document_type="FT",
    number="FT A/12",
    issue_date=date(2026, 3, 12),
    currency="EUR",
    seller_tax_id="501964843",
    seller_name="Ação & Filhos, Lda.",
    seller_country="PT",
    vat=(VatAmount(rate=Decimal(23), base=Decimal("100.00"), amount=Decimal("23.00")),),
    net_total=Decimal("100.00"),
    vat_total=Decimal("23.00"),
    gross_total=Decimal("123.00"),
    confident=True,
)
TRUTH = {
    "number": "FT A/12",
    "issue_date": "2026-03-12",
    "seller_tax_id": "PT501964843",
    "seller_name": "ACAO & FILHOS LIMITADA",
    "gross_total": "123",
    "withholding": None,
    "vat": [{"rate": "23", "base": "100", "amount": "23", "region": "PT"}],
}


def test_equal_things_written_differently_are_right() -> None:
    assert judge(TRUTH, INVOICE) == {
        "number": True,
        "issue_date": True,
        "seller_tax_id": True,
        "seller_name": True,
        "gross_total": True,
        "withholding": True,
        "vat": True,
        "region": True,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", "FT A/13"),
        ("gross_total", "123.01"),
        ("withholding", "5.00"),
        ("issue_date", "2026-12-03"),
        ("vat", [{"rate": "23", "base": "100", "amount": "23.01"}]),
    ],
)
def test_a_difference_is_wrong(name: str, value: object) -> None:
    assert judge({name: value}, INVOICE) == {name: False}


def test_what_the_truth_does_not_have_is_not_judged() -> None:
    assert judge({}, INVOICE) == {}


def test_nothing_read_is_all_wrong() -> None:
    assert set(judge(TRUTH, None).values()) == {False}


def test_the_number_of_no_consumer_is_no_number() -> None:
    assert id_key("999999990") == id_key(None)


def test_legal_forms_have_one_spelling() -> None:
    assert name_key("Sousa Unipessoal Limitada") == name_key("SOUSA, UNIPESSOAL LDA.")


def test_a_confident_reading_that_is_wrong_is_counted() -> None:
    case = Case(Path("a.pdf"), "kind", ({"gross_total": "1.00"},))
    row = Row("kind")
    reading = Reading("a.pdf", (INVOICE,))

    row.add(case, reading, judge_file(case, reading))

    assert (row.confident, row.confident_wrong, row.posting_right) == (1, 1, 0)


def test_cuts_are_judged_by_first_pages() -> None:
    case = Case(Path("p.pdf"), "pile", ({"pages": [1]}, {"pages": [2, 3]}))
    pages = [Invoice(pages=(1,)), Invoice(pages=(2,)), Invoice(pages=(3,))]
    row = Row("pile")
    reading = Reading("p.pdf", tuple(pages))

    row.add(case, reading, judge_file(case, reading))

    assert row.cut_f1 == pytest.approx(2 / 3)


def test_a_corpus_manifest_is_understood() -> None:
    row = {"file": "a.pdf", "kind": "pdf_text", "fields": {"issuer": "X", "tax_total": "1.00"}}

    case = corpus_case(Path("folder"), row)

    assert case == Case(
        Path("folder/a.pdf"), "folder: pdf_text", ({"seller_name": "X", "vat_total": "1.00"},)
    )


def test_the_report_never_rounds_up_to_a_hundred() -> None:
    row = Row("kind", files=1000, invoices=1000, posting_right=999, wholly_right=1000)

    assert [cell.strip() for cell in table([row]).splitlines()[-1].split("|")[5:7]] == ["99", "100"]
