"""Tables of other programs: any separator, encoding, decimal mark and date form; bad rows named, the rest read."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from razao.invoices.formats.table_cells import cells_of
from razao.invoices.formats.tables import TableMapping, VatColumns, read_table
from razao.invoices.frame import InvoiceFrames, to_invoices
from razao.kernel.problems import Problem, Severity

LINES = TableMapping(
    columns={
        "billing_type": "Tipo",
        "number": "Número",
        "issue_date": "Data",
        "buyer_name": "Cliente",
        "article": "Artigo",
        "net": "Valor",
        "vat_rate": "IVA",
    },
    types={"Fatura": "FT", "Nota de crédito": "NC"},
)
TABLE = """Tipo;Número;Data;Cliente;Artigo;Valor;IVA
Fatura;A/1;14/05/2026;Évora & Cª;X1;1.000,50;23
Fatura;A/1;14/05/2026;Évora & Cª;X2;"10,00";6%
Nota de crédito;NC/1;15/05/2026;"Silva; Filhos";X1;-100,00 €;23
"""


def read(table: str | bytes, mapping: TableMapping = LINES) -> tuple[InvoiceFrames, list[Problem]]:
    data = table.encode() if isinstance(table, str) else table
    return read_table(data, mapping, seller_tax_id="501964843")


def totals(frames: InvoiceFrames) -> list[tuple[Any, ...]]:
    columns = ("number", "document_type", "net", "vat", "gross")
    return frames.documents.select(columns).rows()


EXPECTED = [("A/1", "FT", 101050, 23072, 124122), ("NC/1", "NC", 10000, 2300, 12300)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_lines_become_documents(encoding: str, separator: str) -> None:
    table = TABLE.replace("Silva; Filhos", "Silva Filhos").replace(";", separator)

    frames, problems = read(table.encode(encoding))

    assert problems == []
    assert totals(frames) == EXPECTED
    first = frames.documents.row(0, named=True)
    assert (first["buyer_name"], first["issue_date"]) == ("Évora & Cª", date(2026, 5, 14))
    assert (first["billing_type"], first["source_key"]) == ("Fatura", "501964843|FT|A/1|2026")
    assert first["confident"] is True
    assert frames.vat.select("doc", "rate", "base", "amount").rows() == [
        (0, 2300, 100050, 23012),
        (0, 600, 1000, 60),
        (1, 2300, 10000, 2300),
    ]
    assert frames.lines.select("article", "net", "vat_amount").rows() == [
        ("X1", 100050, 23012),
        ("X2", 1000, 60),
        ("X1", 10000, 2300),
    ]


def test_a_separator_inside_quotation_marks_is_text() -> None:
    frames, _ = read(TABLE)
    assert frames.documents["buyer_name"].to_list() == ["Évora & Cª", "Silva; Filhos"]


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Tipo", "Número", "Data", "Cliente", "Artigo", "Valor", "IVA"])
    day = datetime(2026, 5, 14)  # noqa: DTZ001 (spreadsheets know no time zone)
    sheet.append(["Fatura", "A/1", day, "Évora & Cª", "X1", 1000.5, 23])
    sheet.append(["Fatura", "A/1", date(2026, 5, 14), "Évora & Cª", "X2", 10, 6])
    sheet.append([None] * 7)
    sheet.append(["Nota de crédito", "NC/1", "15-05-2026", "Silva", "X1", -100, 23.0])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WORKBOOK = workbook()


def test_a_workbook_is_known_by_its_content() -> None:
    frames, problems = read(WORKBOOK)

    assert (problems, totals(frames)) == ([], EXPECTED)


@settings(max_examples=50)
@given(at=st.integers(4, 5000), byte=st.integers(0, 255))
def test_a_damaged_workbook_does_not_make_the_reader_fall_over(at: int, byte: int) -> None:
    data = bytearray(WORKBOOK)
    data[at % len(data)] = byte
    read_table(bytes(data), LINES)


def test_bad_rows_are_named_and_their_documents_left_out() -> None:
    table = TABLE + (
        "Fatura;A/2;14/05/2026;X;X1;abc;23\n"
        "Fatura;A/2;14/05/2026;X;X2;5,00;23\n"
        "Fatura;A/3;31/02/2026;X;X1;5,00;23\n"
        "\n"
        "Recibo;R/1;14/05/2026;X;X1;5,00;23\n"
        "Fatura;;14/05/2026;X;X1;5,00;23\n"
        "Fatura;A/4;14/05/2026;X;X1;5,00;23\n"
        "Fatura;A/4;14/05/2026;Y;X1;5,00;23\n"
        "Fatura;A/5;14/05/2026;X;X1;5,00;23;6\n"
        "Fatura;A/5;14/05/2026;X;X1;5,00;23\n"
        "Fatura;A/6;14/05/2026;X;X1;1,00\n"
    )

    frames, problems = read(table)

    assert [(p.code, dict(p.values)) for p in problems] == [
        ("table.ragged", {"row": 13, "cells": 8, "columns": 7}),
        ("table.bad_value", {"row": 7, "column": "Data", "text": "31/02/2026"}),
        ("table.bad_value", {"row": 5, "column": "Valor", "text": "abc"}),
        ("table.missing", {"row": 10, "field": "number"}),
        ("table.type_unknown", {"row": 9, "type": "Recibo"}),
        ("table.rows_disagree", {"row": 12, "field": "buyer_name", "number": "A/4"}),
    ]
    assert [p.where for p in problems] == ["13", "7", "5", "10", "9", "12"]
    assert totals(frames) == [*EXPECTED, ("A/6", "FT", 100, 0, 100)]


def test_one_row_a_document_with_a_pair_of_columns_for_each_rate() -> None:
    mapping = TableMapping(
        columns={"number": "Doc", "issue_date": "Date", "gross": "Total"},
        constants={"document_type": "FT", "currency": "EUR"},
        vat=(
            VatColumns(2300, "Base 23", "IVA 23"),
            VatColumns(600, "Base 6", "IVA 6"),
            VatColumns(0, "Isento", exemption="M07"),
        ),
    )
    table = (
        "Doc,Date,Base 23,IVA 23,Base 6,IVA 6,Isento,Total\n"
        "FT A/1,2026-05-14,100.00,23.00,50.00,3.00,10.00,186.00\n"
        "FT A/2,2026-05-14,,,,,0.00,0.00\n"
    )

    frames, problems = read(table, mapping)

    assert problems == []
    assert totals(frames) == [
        ("FT A/1", "FT", 16000, 2600, 18600),
        ("FT A/2", "FT", 0, 0, 0),
    ]
    assert frames.vat.select("rate", "exemption", "base", "amount").rows() == [
        (2300, None, 10000, 2300),
        (600, None, 5000, 300),
        (0, "M07", 1000, 0),
    ]


def test_prices_with_tax_inside_are_taken_apart() -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "line_gross": "total", "vat_rate": "r"},
        constants={"document_type": "FR"},
    )

    frames, problems = read("n;d;total;r\nFR 1/1;20260514;123,00;23\n", mapping)

    assert (problems, totals(frames)) == ([], [("FR 1/1", "FR", 10000, 2300, 12300)])
    assert frames.documents["self_settling"].to_list() == [True]


def test_tax_is_rounded_once_for_a_rate_and_a_cent_fits_the_stated_total() -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v", "vat_rate": "r", "gross": "t"},
        constants={"document_type": "FT"},
    )
    rows = "".join(f"1;2026-05-14;0.02;23;{total}\n" for total in ("0.07",) * 3)

    frames, problems = read("n;d;v;r;t\n" + rows, mapping)
    assert (problems, totals(frames)) == ([], [("1", "FT", 6, 1, 7)])

    frames, problems = read("n;d;v;r;t\n" + rows.replace("0.07", "0.08"), mapping)
    assert (problems, totals(frames)) == ([], [("1", "FT", 6, 2, 8)])


def test_a_total_that_the_rows_do_not_make_is_a_warning() -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v", "vat_rate": "r", "gross": "t"},
        constants={"document_type": "FT"},
    )

    frames, problems = read("n;d;v;r;t\n1;2026-05-14;100.00;23;150.00\n", mapping)

    values = {"number": "1", "stated": "150.00", "computed": "123.00"}
    assert problems == [Problem("table.totals", Severity.WARNING, "1", values)]
    assert frames.documents["confident"].to_list() == [False]


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1234,56", 123456),
        ("1.234,56", 123456),
        ("1 234,56 €", 123456),
        ("1,234.56", 123456),
        ("1234.56", 123456),
        ("(12,50)", -1250),
        ("12,50-", -1250),
        ("-12,50", -1250),
        ("+12,5", 1250),
        ("7", 700),
        ("1.234.567,8", 123456780),
        ("€ 0,5", 50),
        ("0,505", 51),
        ("1234,505", 123451),
    ],
)
def test_amounts_as_people_write_them(written: str, cents: int) -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v"}, constants={"document_type": "FT"}
    )
    frames, problems = read(f'n;d;v\n1;2026-05-14;"{written}"\n', mapping)

    assert (problems, frames.lines["net"].to_list()) == ([], [cents])


@pytest.mark.parametrize("written", ["1.234", "12.345", "123.456.789"])
def test_a_number_that_could_be_two_things_is_not_guessed(written: str) -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v"}, constants={"document_type": "FT"}
    )
    table = f"n;d;v\n1;2026-05-14;{written}\n"

    assert [p.code for p in read(table, mapping)[1]] == ["table.decimal_unclear"]
    said = TableMapping(columns=mapping.columns, constants=mapping.constants, decimal=",")
    assert read(table, said)[0].lines["net"].to_list() == [int(written.replace(".", "")) * 100]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-05-14", date(2026, 5, 14)),
        ("14/05/2026", date(2026, 5, 14)),
        ("4.5.2026", date(2026, 5, 4)),
        ("14-05-26", date(2026, 5, 14)),
        ("20260514", date(2026, 5, 14)),
        ("2026-05-14T10:20:30", date(2026, 5, 14)),
        ("14/05/2026 10:20", date(2026, 5, 14)),
    ],
)
def test_dates_as_people_write_them(written: str, day: date) -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v"}, constants={"document_type": "FT"}
    )
    frames, problems = read(f"n;d;v\n1;{written};1,00\n", mapping)

    assert (problems, frames.documents["issue_date"].to_list()) == ([], [day])


def test_marks_that_contradict_each_other_are_not_guessed() -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v"}, constants={"document_type": "FT"}
    )
    table = "n;d;v\n1;2026-05-14;1,50\n2;2026-05-14;2.50\n"

    assert [p.code for p in read(table, mapping)[1]] == ["table.decimal_unclear"]


def test_a_month_first_table_says_so() -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v"},
        constants={"document_type": "FT"},
        day_first=False,
    )
    frames, _ = read("n;d;v\n1;05/14/2026;1.00\n", mapping)
    assert frames.documents["issue_date"].to_list() == [date(2026, 5, 14)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table.no_header"),
        (b"\n\n", "table.no_header"),
        (b"a;a\n1;2\n", "table.no_header"),
        (b"a;b\n1;2\n", "table.no_column"),
        (b"PK\x03\x04 broken", "table.unreadable"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    frames, problems = read(data)
    assert ([p.code for p in problems], len(frames)) == ([code], 0)


def test_a_heading_of_a_hundred_thousand_names_is_refused_with_the_first_of_those_that_stand_twice() -> (
    None
):
    """Found by fuzzing (``make fuzz TARGET=csv``, seed 6fe04663-8414): each name was counted among all."""
    names = [f"n{number:05}" for number in range(50_000)]
    problems = read(";".join(names * 2) + "\n1\n")[1]
    assert [(p.code, dict(p.values)) for p in problems] == [
        ("table.no_header", {"columns": ", ".join(names[:20])})
    ]


def test_a_workbook_whose_styles_are_beyond_all_numbers_is_refused() -> None:
    """Found by fuzzing (``make fuzz TARGET=xlsx``, seed 64b8a2cf-3805)."""
    made, damaged = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    with zipfile.ZipFile(made) as whole, zipfile.ZipFile(damaged, "w") as out:
        for name in whole.namelist():
            part = whole.read(name)
            out.writestr(name, part.replace(b'numFmtId="0"', b'numFmtId="%d"' % 10**30))
    assert [p.code for p in read(damaged.getvalue())[1]] == ["table.unreadable"]


def test_headings_that_look_like_patterns_stand_for_themselves() -> None:
    """Found by fuzzing guided by coverage: "*" was taken for all columns, the row numbers among them."""
    mapping = TableMapping(
        columns={"number": "*", "issue_date": "^.*$", "net": "row", "vat_rate": "=currency"},
        constants={"document_type": "FT", "currency": "AOA"},
    )
    frames, problems = read(
        "*;^.*$;row;=currency\n 7 ;2026-05-14;1,00;14\n8;dia;2,00;14\n", mapping
    )
    assert frames.documents.select("number", "issue_date", "currency", "gross").rows() == [
        ("7", date(2026, 5, 14), "AOA", 114)
    ]
    assert [(p.code, dict(p.values)) for p in problems if p.code == "table.bad_value"] == [
        ("table.bad_value", {"row": 3, "column": "^.*$", "text": "dia"})
    ]


def sheet(rows: str) -> bytes:
    """A workbook whose first sheet has these rows, as a program could write them by hand."""
    made, out = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    xmlns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    written = f'<worksheet xmlns="{xmlns}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(made) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
        for name in whole.namelist():
            to.writestr(name, written if "sheet1.xml" in name else whole.read(name))
    return out.getvalue()


HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row>'
FAR_DOWN = '<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>'
FAR_RIGHT = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 5000))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [(HEADING + FAR_DOWN, "> 1048576 × 0"), (HEADING + FAR_RIGHT, "> 4097 × 16384")],
)
def test_a_few_bytes_cannot_ask_for_a_sheet_without_end(rows: str, reason: str) -> None:
    """What lies between two cells is gone through as empty: 5 kB took hours."""
    problems = read(sheet(rows))[1]
    assert [(p.code, dict(p.values)) for p in problems] == [
        ("table.unreadable", {"reason": reason})
    ]


def test_a_sample_reads_no_more_than_it_shows() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 200))
    cells, problems = cells_of(sheet(HEADING + rows + FAR_DOWN), first=120)
    assert (cells.columns, cells.height, problems) == ([" row", "n"], 119, [])


def test_a_mapping_to_a_field_that_does_not_exist_is_refused() -> None:
    mapping = TableMapping(columns={"number": "n", "colour": "n"})
    assert [(p.code, dict(p.values)) for p in read("n\n1\n", mapping)[1]] == [
        ("table.no_column", {"columns": "colour"})
    ]


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall_over(data: bytes) -> None:
    mapping = TableMapping(columns={"number": "n"}, constants={"issue_date": "2026-05-14"})
    read_table(b"n;x\n" + data, mapping)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 5),
            st.decimals(Decimal("0.01"), Decimal(99999), places=2),
            st.sampled_from([0, 6, 13, 23]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_documents_add_up_whatever_the_lines(lines: list[tuple[int, Decimal, int]]) -> None:
    mapping = TableMapping(
        columns={"number": "n", "issue_date": "d", "net": "v", "vat_rate": "r"},
        constants={"document_type": "FT"},
        decimal=".",
    )
    table = "n;d;v;r\n" + "".join(f"{n};2026-05-14;{net};{rate}\n" for n, net, rate in lines)

    frames, problems = read(table, mapping)

    assert problems == []
    for invoice in to_invoices(frames):
        mine = [(net, rate) for n, net, rate in lines if str(n) == invoice.number]
        assert invoice.net_total == sum(net for net, _ in mine)
        assert invoice.vat_total == sum(v.amount for v in invoice.vat)
        assert invoice.gross_total == sum(v.base + v.amount for v in invoice.vat)
        for row in invoice.vat:
            assert abs(row.amount - row.base * row.rate / 100) <= Decimal("0.005")
