"""Amounts as each currency is written: the franc of Guinea-Bissau has no centimes on any page or paper."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse
from django.utils.translation import override

from razao.companies.models import User
from razao.ledger.accounts import NewParty, open_party_account
from razao.ledger.models import Batch
from razao.ledger.posting import post
from razao.reports.index import Form, offered, sheet_of, write
from razao.reports.parameters import Parameters, fiscal_year_of
from razao.reports.render.text import cell_text
from razao.reports.sheet import Kind
from razao.web import figures
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

SALE = [("41110001", 5950000, 0), ("7011", 0, 5000000), ("4431", 0, 950000)]


@pytest.mark.parametrize(
    ("places", "language", "written"),
    [
        (0, "pt", "146\u00a0906"),
        (2, "pt", "146\u00a0906,00"),
        (0, "en", "146,906"),
        (2, "pt-br", "146.906,00"),
        (2, "es", "146.906,00"),
    ],
)
def test_a_cell_has_the_decimals_of_its_currency(places: int, language: str, written: str) -> None:
    assert cell_text(Decimal("146906.00"), Kind.AMOUNT, language, places) == written


def test_amounts_of_a_page_follow_its_company() -> None:
    with override("pt"):
        figures.write_in("XOF")
        francs = (figures.money(Decimal("146906.00")), figures.plain(Decimal("146906.00")))
        figures.write_in("")
        euros = figures.money(Decimal("146906.00"))
    assert francs == ("146\u00a0906", "146906")
    assert euros == "146\u00a0906,00"


@pytest.mark.django_db
def test_pages_and_files_of_guinea_bissau_show_whole_francs(client, tmp_path: Path) -> None:
    access = a_company("GW", years=(2025,), tax_id="510001112")
    customer = NewParty("510003334", "Cliente de Bissau", "GW")
    open_party_account(access, customer, code="41110001")
    sale = drafts(draft(SALE, entry_type="FT", reference="FT 1"))
    post(access, sale, kind=Batch.Kind.MANUAL, source="test", fingerprint="")
    year = Parameters(access.company, fiscal_year_of(access.company, "2025"))
    sheet = sheet_of("trial_balance", year)
    write(sheet, Form.XLSX, tmp_path / "b.xlsx")
    page = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    formats = {c.number_format for row in page.iter_rows() for c in row if c.value == 59500}
    assert (sheet.places, formats) == (0, {"#,##0;\u2212#,##0;0"})
    client.force_login(
        User.objects.get(pk=access.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    where = {"company": access.company.pk, "code": "trial_balance"}
    shown = client.get(reverse("reports:preview", kwargs=where)).content.decode()
    assert (shown.count("59\u00a0500<"), shown.count("59\u00a0500,00")) == (
        shown.count("59\u00a0500"),
        0,
    )
    entries = client.get(reverse("ledger:entries", kwargs={"company": access.company.pk}))
    assert "59\u00a0500,00" not in entries.content.decode()


def test_the_fields_of_the_return_are_offered_where_they_are_known() -> None:
    assert "vat_return" in {one.code for one in offered("PT")}
    assert "vat_return" not in {one.code for one in offered("AO")}
