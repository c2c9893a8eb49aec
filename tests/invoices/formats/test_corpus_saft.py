"""Every SAF-T file of the corpus: documents and counts as its manifest says, planted faults found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from razao.invoices.formats.read import read_xml
from razao.invoices.formats.saft import Saft, read_saft
from tests.corpus import SHARED, manifest, need

ROWS = [pytest.param(row, id=row["file"].rsplit("/", 1)[-1]) for row in manifest("saft_pt")]

#: Faults that the makers of the files planted, and what they are found as.
PLANTED = {
    "Exemplo_Facturacao.xml": {"saft.version", "saft.rate_missing"},
    "saft_DEBIT_NC.xml": set(),  # a payment's side; payments are not integrated
    "saft_MISSING_INVOICE.xml": {"saft.numbering_gap"},
    "saft_REPEATED_INVOICE_INTERNAL_CODE.xml": {"saft.code_of_two_types"},
    "saft_WRONG_SCHEMA.xml": {"saft.header_missing"},
    "saft_idemo599999999.xml": set(),
    "saft_permissivo.xml": {"saft.customer_missing"},
    "saft_permissivo_error.xml": {"saft.customer_missing", "saft.header_missing"},
}


def read(row: dict[str, Any]) -> Saft:
    return read_saft(need("saft_pt") / row["file"])


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


@pytest.mark.parametrize("row", ROWS)
def test_the_documents_are_those_of_the_manifest(row: dict[str, Any]) -> None:
    documents = read(row).sales.frames.documents.iter_rows(named=True)
    truth = [d for d in row["fields"]["documents"] if d["section"] == "SalesInvoices"]

    found = [
        {
            "number": d["number"],
            "issue_date": str(d["issue_date"]),
            "atcud": d["atcud"],
            "customer_id": d["buyer_id"],
            "customer_tax_id": d["buyer_tax_id"],
            "amounts": (d["net"], d["vat"], d["gross"]),
        }
        for d in documents
    ]

    assert found == [
        {
            "number": d["number"],
            "issue_date": d["issue_date"],
            "atcud": d.get("atcud"),
            "customer_id": d["customer_id"],
            "customer_tax_id": d.get("customer_tax_id"),
            "amounts": tuple(cents(d[n]) for n in ("net_total", "tax_total", "gross_total")),
        }
        for d in truth
    ]


@pytest.mark.parametrize("row", ROWS)
def test_type_status_and_bases_are_those_of_the_manifest(row: dict[str, Any]) -> None:
    sales = read(row).sales
    bases = sales.frames.vat.group_by("doc", "rate").agg(pl.col("base").sum())
    found = {(d, r): base for d, r, base in bases.iter_rows()}
    truth = [d for d in row["fields"]["documents"] if d["section"] == "SalesInvoices"]
    old = {"Factura": "FT"}

    for doc, (read_document, true) in enumerate(
        zip(sales.frames.documents.iter_rows(named=True), truth, strict=True)
    ):
        assert read_document["document_type"] == old.get(true["doc_type"], true["doc_type"])
        assert read_document["status"] == true.get("status", "N")
        assert sales.register["transaction_id"][doc] == true.get("transaction_id")
        for tax in true["tax_lines"]:
            rate = cents(tax["rate"] or "0")
            same = [t for t in true["tax_lines"] if cents(t["rate"] or "0") == rate]
            total = sum(Decimal(t["base"]) for t in same)
            assert abs(found[doc, rate] - abs(total) * 100) < 1


@pytest.mark.parametrize("row", ROWS)
def test_the_master_data_is_counted_as_in_the_manifest(row: dict[str, Any]) -> None:
    ledger = read(row).ledger

    found = {
        "Customer": ledger.customers.height,
        "Supplier": ledger.suppliers.height,
        "Product": ledger.products.height,
        "Account": ledger.accounts.height,
        "TaxTableEntry": ledger.tax_table.height,
    }
    assert found == row["fields"]["counts"]


@pytest.mark.parametrize("row", ROWS)
def test_planted_faults_are_found_and_no_others(row: dict[str, Any]) -> None:
    found = {p.code for p in read(row).problems}
    assert found == PLANTED[row["file"].rsplit("/", 1)[-1]]


@pytest.mark.parametrize("row", ROWS)
def test_every_document_adds_up_in_the_frames(row: dict[str, Any]) -> None:
    frames = read(row).sales.frames
    for rows, column, total in ((frames.lines, "net", "net"), (frames.vat, "base", "net")):
        sums = rows.group_by("doc").agg(pl.col(column).sum().alias("sum"))
        joined = frames.documents.join(sums, on="doc")
        assert joined.height == len(frames)
        assert joined.filter(pl.col("sum") != pl.col(total)).is_empty()


def test_the_angolan_example_has_two_purchases() -> None:
    need("saft_pt")
    saft = read_saft(SHARED / "reference" / "saft" / "assoft_SAF-T_AO_PurchaseInvoices.xml")

    documents = saft.purchases.frames.documents
    columns = (
        "number",
        "document_type",
        "seller_tax_id",
        "buyer_tax_id",
        "currency",
        "withholding",
    )
    assert documents.select(columns).rows() == [
        ("FT 2019A1/12360", "FT", "1234567890", "5103105000", "AOA", 2100000),
        ("NC 2019A1/1", "NC", "1234567890", "5103105000", "AOA", 2100000),
    ]
    assert documents["reference"].to_list() == [None, "FT 2019A1/12360"]
    assert saft.purchases.frames.vat.select("rate", "base", "amount").rows() == [
        (1400, 30000000, 4200000),
        (1400, 30000000, 4200000),
    ]
    assert saft.problems == ()


def test_a_billing_file_reads_as_invoices_through_the_one_door() -> None:
    path = need("saft_pt") / "rebelo/tests/Resources/saft_idemo599999999.xml"

    invoices, problems = read_xml(path.read_bytes())

    assert problems == []
    assert len(invoices) == 24
    assert all(i.confident for i in invoices)
    first = invoices[0]
    assert (first.number, first.gross_total, first.payable) == (
        "1T 1/1",
        Decimal("28.07"),
        Decimal("28.07"),
    )
    assert first.evidence["gross_total"].source == "xml"
