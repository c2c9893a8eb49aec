"""Invoices as columns: there and back, exact schemas, keys that are the same wherever a document is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.invoices.frame import (
    DOCUMENTS,
    LINES,
    VAT,
    InvoiceFrames,
    WrongColumns,
    concat,
    source_key,
    source_key_column,
    to_frames,
    to_invoices,
)
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount

TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
AMOUNTS = st.decimals(Decimal("-9999999999.99"), Decimal("9999999999.99"), places=2)
PRECISE = st.decimals(Decimal("-99999999.9999"), Decimal("99999999.9999"), places=4)
DATES = st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1))
VAT_ROWS = st.builds(
    VatAmount,
    rate=st.decimals(0, 100, places=2),
    base=AMOUNTS,
    amount=AMOUNTS,
    region=st.sampled_from(["PT", "PT-AC", "PT-MA", "ES"]),
    exemption=st.none() | st.just("M07"),
    kind=st.none() | st.just("stamp_duty"),
)
LINE_ROWS = st.builds(
    InvoiceLine,
    description=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    article=TEXTS,
    quantity=st.none() | PRECISE,
    unit=TEXTS,
    unit_price=st.none() | PRECISE,
    net_amount=st.none() | AMOUNTS,
    vat_rate=st.none() | st.decimals(0, 100, places=2),
    exemption=TEXTS,
)
INVOICES = st.builds(
    Invoice,
    document_type=st.none() | st.sampled_from(["FT", "FR", "NC", "ND"]),
    number=TEXTS,
    atcud=TEXTS,
    issue_date=DATES,
    due_date=DATES,
    currency=st.none() | st.just("EUR"),
    seller_tax_id=TEXTS,
    seller_name=TEXTS,
    seller_country=TEXTS,
    buyer_tax_id=TEXTS,
    buyer_name=TEXTS,
    buyer_country=TEXTS,
    vat=st.lists(VAT_ROWS, max_size=3).map(tuple),
    net_total=st.none() | AMOUNTS,
    vat_total=st.none() | AMOUNTS,
    withholding=st.none() | AMOUNTS,
    gross_total=st.none() | AMOUNTS,
    payable=st.none() | AMOUNTS,
    lines=st.lists(LINE_ROWS, max_size=3).map(tuple),
    status=st.sampled_from(["N", "A", "S"]),
    reference=TEXTS,
    confident=st.booleans(),
)

SALE = Invoice(
    document_type="FR",
    number="FR 2026/17",
    issue_date=date(2026, 5, 14),
    currency="EUR",
    seller_tax_id="501964843",
    vat=(VatAmount(Decimal(23), Decimal("100.00"), Decimal("23.00")),),
    net_total=Decimal("100.00"),
    vat_total=Decimal("23.00"),
    gross_total=Decimal("123.00"),
    payable=Decimal("123.00"),
    lines=(InvoiceLine("Consulta", "C1", Decimal("1.5"), unit_price=Decimal("66.6667")),),
)


@given(st.lists(INVOICES, max_size=4))
def test_invoices_come_back_from_the_columns_as_they_went_in(invoices: list[Invoice]) -> None:
    assert to_invoices(to_frames(invoices)) == invoices


@given(st.lists(INVOICES, max_size=4))
def test_the_key_of_a_column_is_the_key_of_the_value(invoices: list[Invoice]) -> None:
    frames = to_frames(invoices)

    assert frames.documents.select(source_key_column())["source_key"].to_list() == [
        source_key(i) for i in invoices
    ]


def test_a_number_of_nothing_but_blanks_identifies_no_document() -> None:
    blank = replace(SALE, number=" \t")

    assert source_key(blank) is None
    assert to_frames([blank]).documents.select(source_key_column())["source_key"].to_list() == [
        None
    ]


def test_a_sale_stands_in_minor_units() -> None:
    frames = to_frames([SALE])

    document = frames.documents.row(0, named=True)
    assert document["source_key"] == "501964843|FR|FR 2026/17|2026"
    assert (document["billing_type"], document["series"]) == ("FR", "2026")
    assert (document["net"], document["vat"], document["gross"]) == (10000, 2300, 12300)
    assert document["self_settling"] is True
    assert frames.vat.row(0) == (0, 1, 2300, "PT", None, 10000, 2300, None)
    assert frames.lines.select("quantity", "unit_price").row(0) == (15000, 666667)


def test_no_invoices_are_frames_of_the_right_shape() -> None:
    frames = to_frames([])

    assert dict(frames.documents.schema) == dict(DOCUMENTS)
    assert dict(frames.vat.schema) == dict(VAT)
    assert dict(frames.lines.schema) == dict(LINES)
    assert len(frames) == 0


def test_a_source_gives_the_columns_it_has() -> None:
    frames = InvoiceFrames.of(
        pl.DataFrame({"doc": [7], "document_type": ["FS"], "gross": [123]}),
        lines=pl.DataFrame({"doc": [7], "net": [100]}),
    )

    assert frames.documents.select("doc", "status", "self_settling", "net").row(0) == (
        *(7, "N", True, None),
    )
    assert frames.lines.select("doc", "net", "region", "discount", "service").row(0) == (
        *(7, 100, "PT", 0, False),
    )
    assert frames.vat.height == 0


def test_a_column_that_no_schema_knows_is_refused() -> None:
    with pytest.raises(WrongColumns, match="unknown columns \\['total'\\]"):
        InvoiceFrames.of(pl.DataFrame({"doc": [0], "total": [1]}))


def test_frames_of_another_shape_are_refused() -> None:
    frames = to_frames([SALE])

    with pytest.raises(WrongColumns, match="missing \\['vat'\\]"):
        InvoiceFrames(frames.documents.drop("vat"), frames.vat, frames.lines)


def test_documents_are_chosen_with_their_rows() -> None:
    credit = Invoice(document_type="NC", number="NC 2026/1", vat=SALE.vat)
    frames = to_frames([SALE, credit])

    assert to_invoices(frames.where(pl.col("document_type") == "NC")) == [credit]


def test_parts_are_put_together_and_counted_anew() -> None:
    empty, one, two = to_frames([]), to_frames([SALE]), to_frames([SALE, SALE])

    whole = concat([one, empty, two])

    assert whole.documents["doc"].to_list() == [0, 1, 2]
    assert to_invoices(whole) == [SALE, SALE, SALE]
    assert len(concat([])) == 0


def test_a_document_without_number_has_no_key() -> None:
    assert source_key(Invoice(document_type="FT", seller_tax_id="501964843")) is None
