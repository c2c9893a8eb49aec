"""Every e-invoice of the corpus reads as its manifest says, alone or out of the PDF that carries it."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from razao.invoices.formats.read import read_xml
from razao.invoices.invoice import Invoice
from tests.corpus import manifest, need

FOLDERS = (
    *("cii2ubl", "drafthorse", "easybill_zugferd", "einvoicing_php", "facturx_py", "gobl_ubl"),
    *("gobl_facturae", "gobl_fatturapa", "horstoeko_zugferd", "mustang", "xrechnung"),
    "zugferd_corpus",
)
ROWS = [
    pytest.param(folder, row, id=f"{folder}/{row['file']}")
    for folder in FOLDERS
    for row in manifest(folder)
    if row["kind"] in ("einvoice_xml", "pdf_with_xml")
]


def xml_of(path: Path, attachment: str | None) -> bytes:
    if attachment is None:
        return path.read_bytes()
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        return bytes(pdf.attachments[attachment].get_file().read_bytes())


def differences(invoice: Invoice, truth: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Fields that differ from the manifest, as (read, true)."""
    # a negative total is written as a credit note of the positive amount
    gross = Decimal(truth.get("gross_total", truth["net_total"]))
    sign = -1 if gross < 0 else 1
    credit = truth["doc_type"] == "credit_note" or gross < 0

    def money(name: str) -> Decimal | None:
        return Decimal(truth[name]) * sign if name in truth else None

    expected = {
        "number": truth["number"],
        "issue_date": truth["issue_date"],
        "due_date": truth.get("due_date"),
        "currency": truth["currency"],
        "seller_tax_id": "".join(truth.get("supplier_tax_id", "").split()) or None,
        "seller_name": " ".join(truth["supplier_name"].split()),
        "buyer_tax_id": "".join(truth.get("customer_tax_id", "").split()) or None,
        "buyer_name": " ".join(truth["customer_name"].split()),
        "net_total": money("net_total"),
        "vat_total": money("tax_total"),
        "gross_total": money("gross_total"),
        "payable": money("payable"),
        "lines": truth["n_lines"],
        "vat": sorted(
            (Decimal(r["rate"]), Decimal(r["base"]) * sign, Decimal(r["amount"]) * sign)
            for r in truth.get("vat_breakdown", ())
        ),
    }
    read = {
        **{n: getattr(invoice, n) for n in expected},
        "issue_date": str(invoice.issue_date),
        "due_date": str(invoice.due_date) if invoice.due_date else None,
        "lines": len(invoice.lines),
        "vat": sorted((r.rate, r.base, r.amount) for r in invoice.vat),
    }
    derived = {n for n in ("gross_total", "payable") if expected[n] is None}
    found = {n: (read[n], expected[n]) for n in expected if n not in derived}
    found["credit"] = (invoice.is_credit, credit)
    return {n: pair for n, pair in found.items() if pair[0] != pair[1]}


@pytest.mark.parametrize(("folder", "row"), ROWS)
def test_every_e_invoice_reads_as_its_manifest_says(folder: str, row: dict[str, Any]) -> None:
    data = xml_of(need(folder) / row["file"], row.get("attachment"))

    invoices, problems = read_xml(data)

    assert [differences(i, row["fields"]) for i in invoices] == [{}], problems


def test_the_corpus_holds_e_invoices_of_every_folder() -> None:
    for folder in FOLDERS:
        need(folder)
    assert {p.values[0] for p in ROWS} == set(FOLDERS)
