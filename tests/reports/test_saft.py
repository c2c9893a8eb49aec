"""The accounting file for the tax authority: valid by its own schema, and equal to the books when read again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from razao.kernel.problems import Refused
from razao.reports.parameters import fiscal_year_of
from razao.reports.saft.writer import write
from tests.corpus import need_reference
from tests.factories import a_company
from tests.reports.year import bakery, parameters

pytestmark = pytest.mark.django_db
N = {"n": "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    access = bakery()
    path = tmp_path / "saft.xml"
    write(access.company, parameters(access).fiscal_year, path)
    return path


def test_the_file_is_valid_by_the_official_schema_with_its_assertions(file):
    schema = xmlschema.XMLSchema11(str(need_reference("saft/SAFTPT1_04_01.xsd")))
    assert [error.reason for error in schema.iter_errors(str(file))] == []


def test_the_declared_totals_are_those_of_the_entries(file):
    tree = etree.parse(str(file))
    declared = [
        tree.findtext(f".//n:{tag}", namespaces=N)
        for tag in ("NumberOfEntries", "TotalDebit", "TotalCredit")
    ]
    amounts = {
        side: sum(Decimal(e.text) for e in tree.iterfind(f".//n:{side}Amount", N))
        for side in ("Debit", "Credit")
    }
    assert declared == ["4", str(amounts["Debit"]), str(amounts["Credit"])]


def test_the_opening_stands_in_the_balances_and_not_among_the_entries(file):
    tree = etree.parse(str(file))
    account = tree.xpath(".//n:Account[n:AccountID='121']", namespaces=N)[0]
    assert (
        account.findtext("n:OpeningDebitBalance", namespaces=N),
        account.findtext("n:ClosingDebitBalance", namespaces=N),
    ) == ("5000.00", "5600.00")


def test_a_company_without_an_address_is_told_before_the_authority_does(tmp_path):
    access = bakery()
    access.company.address = ""
    with pytest.raises(Refused) as refusal:
        write(access.company, parameters(access).fiscal_year, tmp_path / "x.xml")
    assert [p.code for p in refusal.value.problems] == ["saft_file.no_address"]


def test_a_country_without_such_a_file_is_told_so(tmp_path):
    access = a_company("MZ", years=(2025,), tax_id="400339910")
    year = fiscal_year_of(access.company, "2025")
    with pytest.raises(Refused, match=r"saft_file\.no_format"):
        write(access.company, year, tmp_path / "x.xml")
