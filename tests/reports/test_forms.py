"""One sheet in four forms: what the accountant sees is what the client gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from razao.reports.render import csv_file, pdf, xlsx
from razao.reports.render.pages import page_rows
from razao.reports.render.text import amount_text
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight, rows_of

COLUMNS = (
    Column("date", "Data", Kind.DATE, 1),
    Column("text", "Descrição", Kind.TEXT, 4),
    Column("debit", "Débito", Kind.AMOUNT, 1.3, carried=True),
)


def statement(count: int) -> Sheet:
    rows = [Row((date(2026, 5, 1), f"Movimento {n}", Decimal("1.10"))) for n in range(count)]
    rows.append(Row((None, "Total", Decimal("1.10") * count), Weight.TOTAL))
    return Sheet(
        "statement", "Extrato de conta", COLUMNS, rows_of(*rows), {"Empresa": "Padaria, Lda."}
    )


def test_a_short_report_is_one_page_with_its_total_last():
    (page,) = page_rows(statement(3))
    assert [row.cells for row in page] == [
        ("01/05/2026", "Movimento 0", "1,10"),
        ("01/05/2026", "Movimento 1", "1,10"),
        ("01/05/2026", "Movimento 2", "1,10"),
        ("", "Total", "3,30"),
    ]


def test_each_page_ends_with_what_is_carried_and_the_next_begins_with_it():
    pages = list(page_rows(statement(150)))
    ends = [page[-1].cells[1:] for page in pages]
    starts = [page[0].cells[1:] for page in pages]
    assert ends[0][0] == "A transportar"
    assert starts[1] == ("Transporte", ends[0][1])
    assert ends[-1] == ("Total", "165,00")


@given(st.integers(min_value=0, max_value=400))
def test_no_row_is_lost_between_pages(count):
    printed = [r for page in page_rows(statement(count)) for r in page if r.weight == "plain"]
    assert [r.cells[1] for r in printed] == [f"Movimento {n}" for n in range(count)]


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        ("1234567.80", "pt", "1\u00a0234\u00a0567,80"),
        ("-0.05", "pt", "\u22120,05"),
        ("1234.50", "es", "1.234,50"),
        ("1234.50", "en", "1,234.50"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(value, language, text):
    assert amount_text(Decimal(value), language) == text


def test_a_name_that_looks_like_a_formula_stays_a_name():
    sheet = Sheet("x", "X", COLUMNS, rows_of(Row((None, "=HYPERLINK(1)", Decimal("-5.00")))))
    lines = list(csv_file.lines(sheet))
    assert lines == ["\ufeffData;Descrição;Débito\r\n", ";'=HYPERLINK(1);-5,00\r\n"]


def test_the_workbook_has_numbers_and_dates(tmp_path: Path):
    xlsx.write(statement(2), tmp_path / "x.xlsx")
    sheet = load_workbook(tmp_path / "x.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert [[r[0].date(), r[1], r[2]] for r in rows[:2]] == [
        [date(2026, 5, 1), "Movimento 0", 1.1],
        [date(2026, 5, 1), "Movimento 1", 1.1],
    ]
    assert rows[2][1:] == ["Total", 2.2]


def text_of(path: Path, page: int) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return document[page].get_textpage().get_text_range()
    finally:
        document.close()


def test_the_print_is_an_archivable_pdf_with_numbered_pages(tmp_path: Path):
    path = tmp_path / "x.pdf"
    pages = pdf.write(statement(120), path)
    with pikepdf.open(path) as document, document.open_metadata() as metadata:
        assert (len(document.pages), metadata.pdfa_status) == (pages, "2B")
    assert f"Página 2 de {pages}" in text_of(path, 1)


def test_a_print_without_a_row_says_so_before_its_notes(tmp_path: Path):
    path = tmp_path / "x.pdf"
    sheet = replace(statement(0), rows=rows_of(), empty="Sem registos.", notes=("Nota.",))
    assert pdf.write(sheet, path) == 1
    said = text_of(path, 0)
    assert said.index("Sem registos.") < said.index("Nota.")
    pdf.write(replace(sheet, rows=statement(1).rows), path)
    assert "Sem registos." not in text_of(path, 0)


@pytest.mark.slow
def test_a_long_print_is_set_in_parts_and_joined_in_order(tmp_path: Path):
    path = tmp_path / "x.pdf"
    pages = pdf.write(statement(4000), path)
    with pikepdf.open(path) as document:
        assert len(document.pages) == pages
    assert f"Página {pages} de {pages}" in text_of(path, pages - 1)
    assert "4\u00a0400,00" in text_of(path, pages - 1).replace("\u202f", "\u00a0")


def test_long_names_are_shortened_within_their_column_and_figures_never(tmp_path):
    columns = (
        Column("name", "Nome", Kind.TEXT, 1),
        *(Column(f"c{n}", "Valor", Kind.AMOUNT, 1) for n in range(7)),
    )
    amount, name = (
        Decimal("-9876543210.12"),
        "Meios financeiros\nlíquidos, e outros de nome comprido",
    )
    rows = [Row((name, *[amount] * 7), weight, level) for weight in Weight for level in (0, 3)]
    target = tmp_path / "wide.pdf"
    pdf.write(Sheet("wide", "Largo", columns, rows_of(*rows)), target)
    document = pypdfium2.PdfDocument(target)
    words = document[0].get_textpage().get_text_bounded().replace("\xa0", " ")
    document.close()
    assert words.count("9 876 543 210,12") == 7 * len(rows)
    assert words.count("…") == len(rows)
