"""What a person types becomes a value; what they change changes the invoice, and nothing that was read is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.capture import corrections, overriding, recording
from razao.capture.corrections import add_row, change, confirm, corrected, drop_row
from razao.capture.doubts import doubtful_fields
from razao.capture.likeness import Marks, likenesses
from razao.capture.typed import typed
from razao.invoices.invoice import Evidence, Invoice, InvoiceLine, Source, VatAmount
from razao.kernel.problems import Problem, Refused

SURE = Evidence(Source.QR, 1, (0.1, 0.2, 0.3, 0.4), 1.0)
INVOICE = Invoice(
    pages=(1, 2),
    document_type="FT",
    number="FT A/12",
    issue_date=date(2026, 3, 5),
    currency="EUR",
    seller_tax_id="501964843",
    seller_name="Papelaria",
    vat=(
        VatAmount(Decimal("23.00"), Decimal("100.00"), Decimal("23.00")),
        VatAmount(Decimal("6.00"), Decimal("50.00"), Decimal("3.00")),
    ),
    net_total=Decimal("150.00"),
    vat_total=Decimal("26.00"),
    gross_total=Decimal("176.00"),
    lines=(InvoiceLine("Papel A4", quantity=Decimal(2), net_amount=Decimal("100.00")),),
    evidence=dict.fromkeys(
        ("document_type", "number", "issue_date", "seller_tax_id", "gross_total"), SURE
    ),
)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("issue_date", "31/12/2025", "2025-12-31"),
        ("issue_date", "311225", "2025-12-31"),
        ("issue_date", "2025-12-31", "2025-12-31"),
        ("due_date", "1.2.26", "2026-02-01"),
        ("gross_total", "1.234,56", "1234.56"),
        ("gross_total", "1,234.56", "1234.56"),
        ("gross_total", "1 234,5 €", "1234.50"),
        ("gross_total", "1.234", "1234.00"),
        ("gross_total", "0.123", "0.12"),
        ("vat.0.rate", "23%", "23.00"),
        ("seller_tax_id", "501 964 843", "501964843"),
        ("number", "  FT  A/12 ", "FT A/12"),
        ("number", " ", None),
    ],
)
def test_what_is_typed_becomes_a_value(field, text, value):
    assert typed(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("issue_date", "31/02/2025", "capture.not_a_date"),
        ("issue_date", "ontem", "capture.not_a_date"),
        ("gross_total", "mil", "capture.not_an_amount"),
        ("gross_total", "9" * 30, "capture.not_an_amount"),
    ],
)
def test_what_is_no_value_is_refused_where_it_was_typed(field, text, code):
    with pytest.raises(Refused) as refusal:
        typed(field, text)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.where, problem.values["text"]) == (code, field, text)


@given(st.dates(date(1990, 1, 1), date(2068, 12, 31)))
def test_every_day_can_be_typed_as_people_write_it(day):
    for form in ("%d/%m/%Y", "%d-%m-%y", "%d%m%y", "%Y-%m-%d"):
        text = day.strftime(form)
        if "%y" in form and day.year < 2000:
            continue
        assert typed("issue_date", text) == day.isoformat()


@given(st.decimals(Decimal("0.01"), Decimal("9999999.99"), places=2))
def test_every_amount_can_be_typed_as_people_write_it(value):
    portuguese = f"{value:,.2f}".replace(",", " ").replace(".", ",")
    assert typed("gross_total", portuguese) == str(value)
    assert typed("gross_total", f"{value:,.2f}") == str(value)


def test_an_invoice_is_the_same_after_it_was_stored():
    assert recording.from_json(recording.to_json(INVOICE)) == INVOICE
    assert recording.from_json({}) == Invoice()


def test_a_correction_is_a_persons_word_and_the_reading_stays():
    said = change(INVOICE, {}, "number", "FT A/13")
    after = corrected(INVOICE, said)
    assert after == replace(INVOICE, number="FT A/13", evidence=after.evidence)
    assert after.evidence["number"] == Evidence(Source.PERSON, 1, (0.1, 0.2, 0.3, 0.4), 1.0)
    assert after.evidence["issue_date"] == SURE


def test_the_tax_follows_its_base_and_the_totals_follow_the_rows():
    after = corrected(INVOICE, change(INVOICE, {}, "vat.0.base", "200.00"))
    assert after.vat[0] == VatAmount(Decimal("23.00"), Decimal("200.00"), Decimal("46.00"))
    assert (after.net_total, after.vat_total) == (Decimal("250.00"), Decimal("49.00"))
    assert after.gross_total == Decimal("176.00")


def test_a_total_that_was_typed_does_not_follow():
    said = change(INVOICE, {}, "net_total", "151.00")
    said = change(corrected(INVOICE, said), said, "vat.0.base", "200.00")
    assert corrected(INVOICE, said).net_total == Decimal("151.00")


def test_rows_can_be_added_and_dropped():
    said = add_row(INVOICE, {}, "PT")
    assert len(corrected(INVOICE, said).vat) == 3
    said = drop_row(corrected(INVOICE, said), said, 0)
    assert [r.rate for r in corrected(INVOICE, said).vat] == [Decimal("6.00"), Decimal(0)]
    with pytest.raises(LookupError):
        drop_row(INVOICE, {}, 2)


@pytest.mark.parametrize(
    "field", ["lines", "confident", "vat.9.base", "vat.0.kind", "vat.x.base", "x"]
)
def test_what_nobody_can_type_is_no_field(field):
    with pytest.raises(LookupError):
        change(INVOICE, {}, field, "1")


def test_what_the_reader_is_sure_of_is_not_doubtful():
    assert doubtful_fields(replace(INVOICE, confident=True), "received") == ()


def test_missing_and_unsure_fields_are_doubtful_until_somebody_looked():
    unsure = replace(
        INVOICE,
        number=None,
        evidence={**INVOICE.evidence, "issue_date": replace(SURE, confidence=0.6)},
    )
    assert doubtful_fields(unsure, "received") == ("number", "issue_date")
    said = change(unsure, confirm({}, "issue_date"), "number", "FT A/12")
    assert doubtful_fields(corrected(unsure, said), "received") == ()


def test_an_unsure_row_is_proven_by_the_total_it_adds_up_to():
    unsure = {**INVOICE.evidence, "vat.0.base": replace(SURE, confidence=0.5), "gross_total": SURE}
    assert "vat.0.base" not in doubtful_fields(replace(INVOICE, evidence=unsure), "received")
    other = replace(INVOICE, evidence=unsure, gross_total=Decimal("186.00"))
    assert doubtful_fields(other, "received") == ("vat.0.base",)


def test_an_unsure_reader_that_names_nothing_has_the_total_looked_at():
    assert doubtful_fields(INVOICE, "received") == ("gross_total",)
    assert doubtful_fields(corrected(INVOICE, confirm({}, "gross_total")), "received") == ()


def test_a_field_the_reader_complains_of_is_doubtful():
    problems = [Problem("read.xml_value", where="number")]
    assert doubtful_fields(INVOICE, "received", problems) == ("number",)


def test_the_partys_tax_number_is_the_buyers_when_the_company_issued():
    assert doubtful_fields(replace(INVOICE, evidence={}), "issued")[0] == "buyer_tax_id"


def marks(**values: object) -> Marks:
    given = {"id": "1", "source_key": "k", "atcud": "A-1", "party_tax_id": "5", "number": "FT 1"}
    given |= {"gross_total": Decimal("10.00"), "issue_date": date(2026, 5, 4)} | values
    return Marks(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (marks(id="2"), ["capture.duplicate_document"]),
        (marks(id="2", source_key="x"), ["capture.duplicate_atcud"]),
        (marks(id="2", source_key="x", atcud=""), ["capture.duplicate_alike"]),
        (marks(id="2", source_key="x", atcud="", issue_date=date(2026, 6, 4)), []),
        (marks(id="2", source_key="x", atcud="", party_tax_id="6"), []),
        (marks(id="2", source_key="x", atcud="", gross_total=Decimal("10.01")), []),
        (marks(), []),
    ],
)
def test_the_same_document_is_told_by_different_marks(other, codes):
    assert [p.code for p in likenesses(marks(), [other])] == codes


def test_documents_that_say_nothing_are_not_alike():
    empty = Marks(id="1")
    assert list(likenesses(empty, [Marks(id="2")])) == []


def test_a_split_row_always_adds_up():
    said = overriding.split({}, 0, Decimal("100.00"), "62213")
    assert [p["base"] for p in said["splits"]] == ["100.00", "0.00"]
    said = overriding.override(said, "split.1.base", "30.00")
    said = overriding.override(said, "split.1.counterpart", "6233")
    said = overriding.split(said, 0, Decimal("100.00"), None)
    said = overriding.override(said, "split.2.base", "20.00")
    assert [p["base"] for p in said["splits"]] == ["50.00", "30.00", "20.00"]
    said = overriding.unsplit(said, 1)
    assert [p["base"] for p in said["splits"]] == ["80.00", "20.00"]
    assert overriding.unsplit(said, 1)["splits"] == []


@pytest.mark.parametrize("field", ["row.0.x", "split.0.base", "row.x.counterpart", "gross"])
def test_what_nobody_can_override_is_no_field(field):
    with pytest.raises(LookupError):
        overriding.override({}, field, "1")


def test_an_override_goes_back_to_the_proposal_when_blank():
    said = overriding.override({}, "row.1.vat_code", "C23")
    assert said == {"rows": {"1": {"vat_code": "C23"}}}
    assert overriding.override(said, "account", "221110001")["account"] == "221110001"
    assert overriding.override(said, "row.1.vat_code", None)["rows"] == {"1": {"vat_code": None}}
    assert set() == corrections.SIMPLE & overriding.DOCUMENT
