"""SAF-T files as programs really write them: damaged, wrongly encoded, unbalanced; each fault reported."""

from __future__ import annotations

import contextlib
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench._saft_files import write_saft
from razao.invoices.formats.saft import Saft, read_saft
from razao.invoices.frame import to_invoices
from razao.kernel.problems import Problem, Refused, Severity


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three invoices of two lines with their entries, without a fault, in Windows-1252."""
    path = tmp_path_factory.mktemp("saft") / "saft.xml"
    write_saft(path, 3, 2)
    return path.read_bytes()


def changed(file: bytes, old: str, new: str, count: int = 1) -> bytes:
    assert old.encode("cp1252") in file
    return file.replace(old.encode("cp1252"), new.encode("cp1252"), count)


def codes(saft: Saft) -> list[str]:
    return [p.code for p in saft.problems]


def test_a_file_without_fault_gives_sales_and_books(file: bytes) -> None:
    saft = read_saft(file)

    assert saft.problems == ()
    assert (saft.header.name, saft.header.basis, saft.header.fiscal_year) == (
        "Armazéns São João, Lda.",
        "I",
        2026,
    )
    assert saft.header.taxonomy == "S"
    first = saft.sales.frames.documents.row(0, named=True)
    assert first["source_key"] == "501964843|FT|FT A/1|2026"
    assert (first["billing_type"], first["series"], first["atcud"]) == ("FT", "A", "CSDF7T5H-1")
    assert (first["net"], first["vat"], first["gross"]) == (3750, 863, 4613)
    assert (first["buyer_name"], first["buyer_country"]) == ("Cliente 1 & Irmãos", "PT")
    assert first["internal_date"] == date(2026, 2, 2)
    assert first["confident"] is True
    assert (
        saft.sales.frames.lines.select("net", "vat_rate").rows() == [(1250, 2300), (2500, 2300)] * 3
    )
    assert saft.ledger.accounts.select("code", "taxonomy", "closing_debit").rows()[0] == (
        *("21111", "6", 13839),
    )
    assert saft.ledger.journals.rows() == [("VND", "Vendas")]
    assert saft.ledger.transactions.select("journal", "transaction_id", "date").row(0) == (
        *("VND", "2026-02-02 VND 1", date(2026, 2, 2)),
    )
    assert saft.ledger.lines.select("transaction", "position", "account", "debit", "credit").rows()[
        :3
    ] == [(0, 1, "21111", 4613, 0), (0, 2, "71111", 0, 3750), (0, 3, "24331", 0, 863)]


def test_the_accounting_entry_of_a_document_is_found_by_its_transaction(file: bytes) -> None:
    saft = read_saft(file)

    linked = saft.sales.register.join(saft.ledger.transactions, on="transaction_id")
    assert linked.select("doc", "transaction").rows() == [(0, 0), (1, 1), (2, 2)]


def test_services_are_told_from_goods(file: bytes) -> None:
    lines = read_saft(file).sales.frames.lines
    assert lines.select("article", "service").rows()[3:5] == [("A4", False), ("A4", False)]
    assert lines.filter(pl.col("article") == "A5")["service"].to_list() == [True]


@pytest.mark.parametrize(
    ("written", "declared", "told"),
    [
        ("utf-8", "windows-1252", ("windows-1252", "UTF-8")),
        ("cp1252", "UTF-8", ("UTF-8", "Windows-1252")),
        ("utf-8-sig", "windows-1252", ("windows-1252", "UTF-8")),
        ("cp1252", "klingon", ("klingon", "Windows-1252")),
    ],
)
def test_a_wrongly_declared_encoding_is_read_right_and_reported(
    file: bytes, written: str, declared: str, told: tuple[str, str]
) -> None:
    text = file.decode("cp1252").replace('encoding="windows-1252"', f'encoding="{declared}"')

    saft = read_saft(text.encode(written))

    assert saft.header.name == "Armazéns São João, Lda."
    assert saft.problems == (
        Problem(
            "saft.encoding",
            Severity.WARNING,
            values={"declared": told[0], "actual": told[1]},
        ),
    )


def test_an_encoding_whose_name_is_damaged_is_told_and_the_file_is_read(file: bytes) -> None:
    """Found by fuzzing (``make fuzz TARGET=saft``, seed 665a7c99-90)."""
    saft = read_saft(file.replace(b'encoding="windows-1252"', b'encoding="kling\0on"'))
    told = [(p.code, p.values.get("declared")) for p in saft.problems]
    assert (saft.header.name, told) == (
        "Armazéns São João, Lda.",
        [("saft.encoding", "kling?on"), ("saft.damaged", None)],
    )


def test_a_line_number_beyond_all_lines_is_told_and_the_document_read(file: bytes) -> None:
    """Found by fuzzing (``make fuzz TARGET=saft``, seed 10c9d4ec-185)."""
    number = "<LineNumber>{}</LineNumber>"
    saft = read_saft(changed(file, number.format(1), number.format(4294967295)))
    told = [(p.code, p.values.get("text")) for p in saft.problems]
    sums = saft.sales.frames.documents.select("net", "vat", "gross").row(0)
    assert (told, sums) == ([("saft.value", "4294967295")], (3750, 863, 4613))


@pytest.mark.parametrize("total", ["NaN", "sNaN", "Infinity", "1e2147483648", "-1e-2147483648"])
def test_a_control_total_that_is_no_amount_differs_from_what_was_counted(
    file: bytes, total: str
) -> None:
    was = file.split(b"<TotalCredit>")[1].split(b"</TotalCredit>")[0].decode()
    saft = read_saft(changed(file, f"<TotalCredit>{was}<", f"<TotalCredit>{total}<"))
    assert [(p.code, p.values.get("declared")) for p in saft.problems] == [
        ("saft.control_total", total)
    ]


@pytest.mark.parametrize(
    ("written", "declared"), [("utf-8", "UTF-8"), ("utf-8-sig", "utf-8"), ("utf-16", "UTF-16")]
)
def test_a_rightly_declared_encoding_is_no_fault(file: bytes, written: str, declared: str) -> None:
    text = file.decode("cp1252").replace('encoding="windows-1252"', f'encoding="{declared}"')

    saft = read_saft(text.encode(written))

    assert (saft.header.name, saft.problems) == ("Armazéns São João, Lda.", ())


def test_two_encodings_in_one_file_are_both_read(file: bytes) -> None:
    text = file.decode("cp1252").replace('encoding="windows-1252"', 'encoding="UTF-8"')
    data = text.encode("utf-8").replace("Évora".encode(), "Évora".encode("cp1252"), 1)

    saft = read_saft(data.replace(b"<City>\xc9vora", b"<City>\x81\xc9vora", 1))

    assert saft.header.name is not None
    assert codes(saft)[0] == "saft.encoding"
    assert len(saft.sales.frames) == 3


def test_a_bare_ampersand_is_mended_and_reported(file: bytes) -> None:
    saft = read_saft(changed(file, "Cliente 1 &amp; Irmãos", "Cliente 1 & Irmãos"))

    assert saft.sales.frames.documents["buyer_name"][0] == "Cliente 1 & Irmãos"
    assert codes(saft) == ["saft.damaged"]


def test_control_characters_are_left_out_and_reported(file: bytes) -> None:
    saft = read_saft(changed(file, "Artigo 2 em armazém", "Artigo\x0b 2 em\x00 armazém"))

    assert saft.sales.frames.lines["description"][0] == "Artigo 2 em armazém"
    assert codes(saft) == ["saft.damaged"]


def test_a_file_that_ends_too_early_is_read_as_far_as_it_goes(file: bytes) -> None:
    end = file.rindex(b"<Invoice>")

    saft = read_saft(file[:end])

    assert len(saft.sales.frames) == 2
    assert codes(saft) == ["saft.damaged", "saft.control_total", "saft.control_total"]
    assert dict(saft.problems[1].values) == {
        "section": "SalesInvoices",
        "element": "NumberOfEntries",
        "declared": "3",
        "found": "2",
    }


def test_a_file_without_namespace_is_read(file: bytes) -> None:
    data = changed(file, ' xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"', "")

    saft = read_saft(data)

    assert (len(saft.sales.frames), saft.ledger.transactions.height, saft.problems) == (3, 3, ())


@pytest.mark.parametrize("data", [b"", b"not xml", b"<a><b></a>"])
def test_what_is_no_xml_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_saft(data)

    assert [p.code for p in refused.value.problems] == ["saft.not_xml"]


def test_xml_without_any_record_is_empty_and_says_so() -> None:
    saft = read_saft(b"<html/>")

    assert len(saft.sales.frames) == 0
    assert saft.problems[0].code == "saft.header_missing"


def test_a_document_type_declaration_is_refused(file: bytes) -> None:
    data = changed(file, "<AuditFile", '<!DOCTYPE x [<!ENTITY e "boom">]><AuditFile')

    with pytest.raises(Refused) as refused:
        read_saft(data)
    assert [p.code for p in refused.value.problems] == ["saft.dtd"]


def test_totals_that_the_lines_do_not_make_are_an_error(file: bytes) -> None:
    data = changed(file, "<NetTotal>37.50</NetTotal>", "<NetTotal>39.50</NetTotal>")

    saft = read_saft(data)

    assert saft.sales.frames.documents["confident"].to_list() == [False, True, True]
    assert saft.problems == (
        Problem(
            "saft.document_totals",
            Severity.ERROR,
            "FT A/1",
            {"net": "39.50", "vat": "8.63", "gross": "46.13", "lines": "37.50", "taxes": "8.63"},
        ),
    )


def test_a_cent_of_rounding_is_shared_out_and_no_error(file: bytes) -> None:
    data = changed(file, "<NetTotal>37.50</NetTotal>", "<NetTotal>37.51</NetTotal>")
    data = changed(data, "<GrossTotal>46.13</GrossTotal>", "<GrossTotal>46.14</GrossTotal>")

    saft = read_saft(data)

    assert saft.problems == ()
    assert saft.sales.frames.lines["net"].to_list()[:2] == [1250, 2501]
    assert saft.sales.frames.vat.select("base", "amount").row(0) == (3751, 863)


def test_lines_with_four_decimals_keep_the_documents_total(file: bytes) -> None:
    data = changed(
        file, "<CreditAmount>12.50</CreditAmount>", "<CreditAmount>12.5049</CreditAmount>"
    )
    data = changed(
        data, "<CreditAmount>25.00</CreditAmount>", "<CreditAmount>24.9951</CreditAmount>"
    )

    saft = read_saft(data)

    assert saft.problems == ()
    assert saft.sales.frames.lines["net"].to_list()[:2] == [1250, 2500]


def test_an_unbalanced_entry_is_an_error(file: bytes) -> None:
    data = changed(file, "<DebitAmount>46.13</DebitAmount>", "<DebitAmount>46.14</DebitAmount>")

    saft = read_saft(data)

    assert codes(saft) == ["saft.entry_unbalanced", "saft.closing_balance"]
    assert saft.problems[0].where == "2026-02-02 VND 1"
    assert dict(saft.problems[0].values) == {"journal": "VND", "debit": "46.14", "credit": "46.13"}


def test_an_account_outside_the_chart_is_an_error(file: bytes) -> None:
    data = changed(file, "<AccountID>71111</AccountID>\n              <Source", "<AccountID>79999</AccountID>\n              <Source")  # fmt: skip

    assert codes(read_saft(data)) == ["saft.account_missing", "saft.closing_balance"]


def test_a_number_that_comes_twice_is_an_error(file: bytes) -> None:
    data = changed(file, "<InvoiceNo>FT A/3</InvoiceNo>", "<InvoiceNo>FT A/2</InvoiceNo>")

    assert codes(read_saft(data)) == ["saft.document_repeated"]


def test_a_value_that_is_no_number_is_named(file: bytes) -> None:
    data = changed(file, "<UnitPrice>12.50</UnitPrice>", "<UnitPrice>12,50</UnitPrice>")

    saft = read_saft(data)

    assert saft.problems == (
        Problem(
            "saft.value", Severity.WARNING, "unit_price", {"text": "12,50", "column": "unit_price"}
        ),
    )


def test_more_than_a_hundred_of_a_kind_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "saft.xml"
    write_saft(path, 120, 1, entries=False)
    data = changed(path.read_bytes(), "<NetTotal>12.50", "<NetTotal>15.50", 120)

    saft = read_saft(data)

    assert len(saft.problems) == 101
    assert dict(saft.problems[-1].values) == {
        "code": "saft.document_totals",
        "count": 120,
        "listed": 100,
    }


DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_{version}">
<Header><AuditFileVersion>{version}</AuditFileVersion><TaxRegistrationNumber>501964843</TaxRegistrationNumber>
<FiscalYear>2026</FiscalYear><StartDate>2026-01-01</StartDate><EndDate>2026-12-31</EndDate></Header>
<MasterFiles><Customer><CustomerID>C1</CustomerID><CustomerTaxID>999999990</CustomerTaxID></Customer>
<TaxTable><TaxTableEntry><TaxType>IVA</TaxType><TaxCountryRegion>PT-AC</TaxCountryRegion>
<TaxCode>NOR</TaxCode><TaxPercentage>16</TaxPercentage></TaxTableEntry></TaxTable></MasterFiles>
<SourceDocuments><SalesInvoices>{invoices}</SalesInvoices></SourceDocuments></AuditFile>"""


def one(body: str, version: str = "1.04_01") -> Saft:
    invoices = f"<Invoice>{body}</Invoice>"
    return read_saft(DOCUMENT.format(version=version, invoices=invoices).encode())


CREDIT_NOTE = (
    "<InvoiceNo>NC A/1</InvoiceNo><InvoiceDate>2026-05-14</InvoiceDate><InvoiceType>NC</InvoiceType>"
    "<CustomerID>C1</CustomerID><Line><LineNumber>1</LineNumber><Quantity>1</Quantity>"
    "<References><Reference>FT A/1</Reference><Reason>Devolução</Reason></References>"
    "<DebitAmount>100.00</DebitAmount><Tax><TaxType>IVA</TaxType><TaxCountryRegion>PT</TaxCountryRegion>"
    "<TaxCode>NOR</TaxCode><TaxPercentage>23</TaxPercentage></Tax></Line>"
    "<DocumentTotals><TaxPayable>23.00</TaxPayable><NetTotal>100.00</NetTotal>"
    "<GrossTotal>123.00</GrossTotal></DocumentTotals>"
)


@given(noise=st.binary(min_size=1, max_size=30), at=st.integers(0, 1600))
@settings(max_examples=50)
def test_no_damage_makes_the_reader_fall_over(noise: bytes, at: int) -> None:
    whole = DOCUMENT.format(
        version="1.04_01", invoices=f"<Invoice>{CREDIT_NOTE}</Invoice>"
    ).encode()
    with contextlib.suppress(Refused):
        read_saft(whole[:at] + noise + whole[at + len(noise) :])


def test_a_credit_note_is_positive_and_names_its_invoice() -> None:
    saft = one(CREDIT_NOTE)

    (invoice,) = to_invoices(saft.sales.frames)
    assert (invoice.is_credit, str(invoice.net_total), invoice.reference) == (
        True,
        "100.00",
        "FT A/1",
    )
    assert saft.problems == ()


def test_version_1_01_with_its_older_places_is_read() -> None:
    saft = one(
        "<InvoiceNo>FT A/1</InvoiceNo><InvoiceStatus>A</InvoiceStatus><InvoiceDate>2026-05-14</InvoiceDate>"
        "<InvoiceType>FT</InvoiceType><CustomerID>C1</CustomerID><Line><LineNumber>1</LineNumber>"
        "<References><CreditNote><Reference>FT A/0</Reference></CreditNote></References>"
        "<CreditAmount>10</CreditAmount><Tax><TaxType>IVA</TaxType><TaxCountryRegion>PT-AC</TaxCountryRegion>"
        "<TaxCode>NOR</TaxCode></Tax></Line><DocumentTotals><TaxPayable>1.60</TaxPayable>"
        "<NetTotal>10.00</NetTotal><GrossTotal>11.60</GrossTotal></DocumentTotals>",
        "1.01_01",
    )

    (invoice,) = to_invoices(saft.sales.frames)
    assert (invoice.status, invoice.reference) == ("A", "FT A/0")
    assert [(str(v.rate), v.region) for v in invoice.vat] == [("16.00", "PT-AC")]
    assert saft.problems == ()


def test_exemptions_stamp_duty_gifts_withholding_and_payment_are_kept() -> None:
    line = (
        "<Line><LineNumber>{n}</LineNumber><Quantity>{q}</Quantity>{base}<CreditAmount>{net}</CreditAmount>"
        "<Tax><TaxType>{kind}</TaxType><TaxCountryRegion>PT</TaxCountryRegion><TaxCode>{code}</TaxCode>"
        "<TaxPercentage>{rate}</TaxPercentage></Tax>{exemption}</Line>"
    )
    saft = one(
        "<InvoiceNo>FR A/1</InvoiceNo><InvoiceDate>2026-05-14</InvoiceDate><InvoiceType>FR</InvoiceType>"
        "<CustomerID>C1</CustomerID>"
        + line.format(n=1, q=1, base="", net="50.00", kind="IVA", code="ISE", rate=0,
                      exemption="<TaxExemptionReason>Artigo 9.º (M07)</TaxExemptionReason>")
        + line.format(n=2, q=2, base="<TaxBase>5.00</TaxBase>", net="0.00", kind="IVA", code="NOR", rate=23, exemption="")
        + line.format(n=3, q=1, base="", net="100.00", kind="IS", code="OUT", rate=4, exemption="")
        + "<DocumentTotals><TaxPayable>6.30</TaxPayable><NetTotal>150.00</NetTotal><GrossTotal>156.30</GrossTotal>"
        "<Payment><PaymentMechanism>CH</PaymentMechanism><PaymentAmount>146.30</PaymentAmount></Payment>"
        "</DocumentTotals><WithholdingTax><WithholdingTaxType>IRS</WithholdingTaxType>"
        "<WithholdingTaxAmount>10.00</WithholdingTaxAmount></WithholdingTax>"
    )  # fmt: skip

    document = saft.sales.frames.documents.row(0, named=True)
    assert saft.sales.frames.vat.select("rate", "exemption", "base", "amount", "kind").rows() == [
        (0, "M07", 5000, 0, None),
        (2300, None, 0, 230, None),
        (400, None, 10000, 400, "stamp_duty"),
    ]
    assert (document["withholding"], document["payable"]) == (1000, 14630)
    assert (document["paid_by_title"], document["treasury_place"]) == (True, "CH")
    assert document["self_settling"] is True
    assert saft.problems == ()


def test_a_document_in_foreign_currency_keeps_both() -> None:
    saft = one(
        "<InvoiceNo>FT A/1</InvoiceNo><InvoiceDate>2026-05-14</InvoiceDate><InvoiceType>FT</InvoiceType>"
        "<CustomerID>C1</CustomerID><Line><LineNumber>1</LineNumber><CreditAmount>195.96</CreditAmount><Tax>"
        "<TaxType>IVA</TaxType><TaxCountryRegion>PT</TaxCountryRegion><TaxCode>NOR</TaxCode>"
        "<TaxPercentage>20</TaxPercentage></Tax></Line><DocumentTotals><TaxPayable>39.19</TaxPayable>"
        "<NetTotal>195.96</NetTotal><GrossTotal>235.15</GrossTotal><Currency><CurrencyCode>USD</CurrencyCode>"
        "<CurrencyAmount>317.45</CurrencyAmount><ExchangeRate>0.740747</ExchangeRate></Currency></DocumentTotals>"
    )

    columns = ("currency", "gross", "foreign_currency", "foreign_gross", "exchange_rate")
    assert saft.sales.frames.documents.select(columns).row(0) == (
        *("EUR", 23515, "USD", 31745, 74074700),
    )


def test_a_large_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("razao.invoices.formats.saft_collect._PART", 7)
    path = tmp_path / "saft.xml"
    write_saft(path, 40, 3)

    saft = read_saft(path)

    assert (len(saft.sales.frames), saft.sales.frames.lines.height, saft.problems) == (40, 120, ())
    assert saft.ledger.lines.height == 120


def test_what_is_read_does_not_depend_on_path_or_bytes(tmp_path: Path, file: bytes) -> None:
    path = tmp_path / "saft.xml"
    path.write_bytes(io.BytesIO(file).getvalue())

    assert read_saft(path).sales.frames.documents.equals(read_saft(file).sales.frames.documents)


@given(
    st.sampled_from(["Quantity", "DebitAmount", "TaxPercentage", "NetTotal", "TaxPayable"]),
    st.sampled_from(["9" * 17, "-" + "9" * 30, "1e18", "99999999999.99", "0.0000001", "NaN", "-0"]),
)
def test_numbers_of_any_size_are_read_or_named(element: str, value: str) -> None:
    start, end = f"<{element}>", f"</{element}>"
    before, after = CREDIT_NOTE.split(start)
    saft = one(before + start + value + end + after.split(end, 1)[1])

    assert len(saft.sales.frames) == 1


def test_an_angolan_file_is_in_kwanza_and_its_tax_in_angola() -> None:
    text = DOCUMENT.format(version="1.01_01", invoices=f"<Invoice>{CREDIT_NOTE}</Invoice>")
    text = text.replace("PT_1.01_01", "AO_1.01_01").replace("501964843", "5103105000")
    text = text.replace("<TaxCountryRegion>PT</TaxCountryRegion>", "")
    saft = read_saft(text.encode())

    (invoice,) = to_invoices(saft.sales.frames)
    assert (invoice.currency, invoice.seller_country, invoice.seller_tax_id) == (
        *("AOA", "AO", "5103105000"),
    )
    assert [(v.region, v.amount) for v in invoice.vat] == [("AO", Decimal("23.00"))]
    assert saft.problems == ()
