"""The accounting file of an Angolan company: valid by the authority's schema, and equal to the books when read again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xmlschema
from click.testing import CliRunner
from django.urls import reverse

from razao.cli.main import razao
from razao.companies.models import User
from razao.companies.rights import Access
from razao.invoices.formats.saft import read_saft
from razao.kernel.problems import Refused
from razao.ledger.accounts import NewParty, open_party_account
from razao.ledger.models import Batch
from razao.ledger.posting import post
from razao.reports.catalogue.vat import code_figures
from razao.reports.parameters import Parameters, fiscal_year_of
from razao.reports.saft.writer import write
from tests.corpus import need_reference
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db

YEAR = drafts(
    draft(
        [("43.1.1", 50000000, 0), ("51", 0, 50000000)],
        journal="AB",
        entry_type="SB",
        date=date(2025, 1, 1),
        document_date=date(2025, 1, 1),
        reference="Abertura",
        text="Capital",
    ),
    draft(
        [
            ("31.1.2.1.0001", 114000000, 0, {"party": "5417000003"}),
            ("61.3.1", 0, 100000000),
            ("34.5.3.1", 0, 14000000, {"vat_code": "LNOR", "tax_base": 100000000}),
        ],
        entry_type="FT",
        date=date(2025, 2, 10),
        document_date=date(2025, 2, 10),
        reference="FT A/1",
        text="Cimento",
    ),
    draft(
        [
            ("75.2.34", 50000000, 0),
            ("34.5.2.3", 7000000, 0, {"vat_code": "DCAT50OB", "tax_base": 50000000}),
            ("34.5.6.2", 0, 3500000, {"vat_code": "DCAT50OB"}),
            ("34.1.6", 0, 3250000, {"party": "5417000001"}),
            ("32.1.2.1.0001", 0, 50250000, {"party": "5417000001"}),
        ],
        journal="CP",
        entry_type="VFT",
        date=date(2025, 3, 3),
        document_date=date(2025, 3, 3),
        reference="FT 2025/77",
        text="Honorários",
    ),
)


def angolan() -> Access:
    """Opening, a sale and fees with tax kept and tax withheld."""
    access = a_company("AO", years=(2025,), tax_id="5000767115")
    company = access.company
    company.name, company.address = "Kwanza, Lda.", "Rua da Missão 21\nLuanda"
    company.save()
    customer = NewParty("5417000003", "Sonda, S.A.", "AO", "Largo do Porto 1\nLobito")
    open_party_account(access, customer, code="31.1.2.1.0001")
    lawyer = NewParty("5417000001", "Advogados do Sul", "AO")
    open_party_account(access, lawyer, code="32.1.2.1.0001")
    post(access, YEAR, kind=Batch.Kind.MANUAL, source="test", fingerprint="")
    return access


@pytest.fixture
def file(tmp_path: Path) -> Path:
    access = angolan()
    path = tmp_path / "saft_ao.xml"
    write(access.company, fiscal_year_of(access.company, "2025"), path)
    return path


def test_the_file_is_valid_by_the_authority_s_schema(file):
    schema = xmlschema.XMLSchema(str(need_reference("saft/SAFTAO1.01_01.xsd")))
    assert [error.reason for error in schema.iter_errors(str(file))] == []


def test_what_is_read_from_the_file_is_what_stands_in_the_books(file):
    read = read_saft(file)
    head = read.header
    assert (head.country_version, head.currency, head.tax_id) == ("AO", "AOA", "5000767115")
    lines = read.ledger.lines.select("account", "debit", "credit").sort("account")
    assert lines.rows() == [
        ("31.1.2.1.0001", 114000000, 0),
        ("32.1.2.1.0001", 0, 50250000),
        ("34.1.6", 0, 3250000),
        ("34.5.2.3", 7000000, 0),
        ("34.5.3.1", 0, 14000000),
        ("34.5.6.2", 0, 3500000),
        ("61.3.1", 0, 100000000),
        ("75.2.34", 50000000, 0),
    ]
    moved = read.ledger.accounts.filter(pl.col("code").is_in(["43", "43.1", "43.1.1", "51"]))
    assert moved.select(
        "code", "grouping_category", "grouping_code", "opening_debit", "closing_debit"
    ).rows() == [
        ("43", "GR", None, 50000000, 50000000),
        ("43.1", "GA", "43", 50000000, 50000000),
        ("43.1.1", "GM", "43.1", 50000000, 50000000),
        ("51", "GM", None, 0, 0),
    ]
    assert read.ledger.customers["tax_id"].to_list() == ["5417000003"]
    assert read.ledger.suppliers["tax_id"].to_list() == ["5417000001"]
    assert read.problems == ()


def test_everything_that_would_make_it_invalid_is_said_at_once(tmp_path):
    access = angolan()
    company = access.company
    company.address, company.tax_id = "Luanda", "12345"
    with pytest.raises(Refused) as refusal:
        write(company, fiscal_year_of(company, "2025"), tmp_path / "x.xml")
    assert [p.code for p in refusal.value.problems] == ["saft_file.no_address", "saft_file.tax_id"]


def test_the_command_and_the_page_of_reports_offer_it(tmp_path, client):
    access = angolan()
    path = tmp_path / "2025.xml"
    usual = ["ledger", "export", "saft", "--company", "c1", "--year", "2025", "--to", str(path)]
    assert CliRunner().invoke(razao, usual).exit_code == 0
    client.force_login(
        User.objects.get(pk=access.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(reverse("reports:index", kwargs={"company": access.company.pk}))
    assert "SAF-T (AO)" in page.content.decode()
    where = reverse("reports:saft", kwargs={"company": access.company.pk, "year": "2025"})
    answer = client.get(where)
    assert answer.content == path.read_bytes()


def test_the_vat_summary_tells_tax_that_is_kept_from_tax_that_is_deducted():
    access = angolan()
    year = Parameters(access.company, fiscal_year_of(access.company, "2025"))
    figures = [(f.code, f.use, int(f.base), int(f.tax)) for f in code_figures(year)]
    assert figures == [
        ("LNOR", "output", 1_000_000, 140_000),
        ("DCAT50OB", "captive", 0, 35_000),
        ("DCAT50OB", "input", 500_000, 70_000),
    ]
