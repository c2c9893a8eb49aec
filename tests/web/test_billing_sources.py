"""Sources on screen: tried before they are kept, columns mapped with a preview, passwords sealed and never sent astray."""

from __future__ import annotations

from pathlib import Path

import pyodbc
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from razao.billing.models import BillingSource
from razao.companies.models import Office, Role, User
from razao.companies.rights import Access, company_for
from razao.companies.sealing import unseal
from tests.billing.phc_tables import create
from tests.billing.shop import HEADINGS, SALES, a_shop
from tests.billing.test_phc_service import FIVE, service
from tests.factories import a_person

pytestmark = pytest.mark.django_db
PHC = {"name": "phc", "url": "https://erp.example.pt/phc", "user": "ana", "company": "X"}


@pytest.fixture
def access(tmp_path: Path, settings) -> Access:
    settings.RAZAO_INTAKE = tmp_path
    return a_shop()


@pytest.fixture
def desk(access: Access) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    return client


@pytest.fixture
def accountant(access: Access) -> Client:
    """Somebody who configures, and administers nothing."""
    office = Office.objects.get(pk=access.company.office_id)
    person = a_person(office, Role.ACCOUNTANT, by=User.objects.get(pk=access.user_id))
    client = Client()
    client.force_login(person)
    return client


def path(access: Access, rest: str = "") -> str:
    return f"/c/{access.company.pk}/billing/sources/{rest}"


def kept(access: Access) -> BillingSource:
    company_for(access.user_id, access.company.pk)
    return BillingSource.objects.get(company=access.company)


def refused(answer) -> list[str]:
    return [p.code for p in answer.context["refused"]]


def test_a_password_is_sealed_and_never_shown_again(access, desk):
    desk.post(path(access, "new/phc/"), PHC | {"secret": "segredo", "active": "on"})
    source = kept(access)
    assert (unseal(source.secret), "segredo" in source.secret) == ("segredo", False)
    shown = desk.get(path(access, f"{source.pk}/")).content.decode()
    assert ("segredo" in shown, source.secret in shown) == (False, False)
    desk.post(path(access, f"{source.pk}/"), PHC | {"user": "rui", "active": "on"})
    assert (kept(access).settings["user"], unseal(kept(access).secret)) == ("rui", "segredo")


def test_a_kept_password_goes_to_no_other_address(access, desk):
    desk.post(path(access, "new/phc/"), PHC | {"secret": "segredo"})
    address = path(access, f"{kept(access).pk}/")
    moved = PHC | {"url": "https://evil.example/phc"}
    for do in ("save", "test"):
        assert refused(desk.post(address, moved | {"do": do})) == ["source.secret_again"]
    assert kept(access).settings["url"] == PHC["url"]
    assert desk.post(address, moved | {"secret": "outro"}).status_code == 302
    assert unseal(kept(access).secret) == "outro"


def test_only_an_administrator_lets_a_source_reach_inside(access, desk, accountant):
    inside = PHC | {"url": "http://127.0.0.1:1/phc", "secret": "segredo", "inside_allowed": "on"}
    answer = accountant.post(path(access, "new/phc/"), inside | {"do": "test"})
    assert refused(answer) == ["source.inside"]
    desk.post(path(access, "new/phc/"), inside)
    source = kept(access)
    assert source.inside_allowed
    address = path(access, f"{source.pk}/")
    accountant.post(address, inside | {"user": "rui"})
    assert (kept(access).inside_allowed, kept(access).settings["user"]) == (True, "rui")
    accountant.post(address, inside | {"url": "http://169.254.169.254/", "secret": "x"})
    assert kept(access).inside_allowed is False


def test_a_password_in_the_connection_is_refused(access, desk):
    typed = {"name": "erp", "connection": "Server=erp.example.pt;Pwd=segredo"}
    answer = desk.post(path(access, "new/odbc/"), typed)
    assert (answer.status_code, refused(answer)) == (422, ["source.password_in_connection"])


def test_a_source_is_tried_with_what_is_typed_and_says_why_it_fails(access, desk):
    with service(documents=FIVE) as (double, asked):
        typed = PHC | {"url": asked.settings["url"], "inside_allowed": "on", "do": "test"}
        answer = desk.post(path(access, "new/phc/"), typed | {"secret": "segredo"})
        assert answer.context["tried"]["documents"] == 5
        assert refused(desk.post(path(access, "new/phc/"), typed | {"secret": "errada"})) == [
            "source.login_refused"
        ]
        double.faults = ["error"]
        answer = desk.post(path(access, "new/phc/"), typed | {"secret": "segredo"})
        assert answer.context["refused"][0].values["message"] == "Entity Ft is not available"
    assert BillingSource.objects.count() == 0


def test_the_columns_of_a_table_are_mapped_with_a_preview(access, desk, tmp_path):
    (tmp_path / "vendas.csv").write_text("\n".join([HEADINGS, *SALES]))
    answer = desk.post(
        path(access, "new/table/"), {"name": "loja", "path": "vendas.csv", "active": "on"}
    )
    source = kept(access)
    assert answer["Location"] == path(access, f"{source.pk}/mapping/")
    page = desk.get(answer["Location"])
    assert [c.name for c in page.context["columns"]] == HEADINGS.split(";")
    assert page.context["columns"][1].values[0] == "FT A/1"
    fields = ("billing_type", "number", "issue_date", "buyer_id", "buyer_tax_id", "buyer_name", "article", "quantity", "net", "vat_rate", "gross")  # fmt: skip
    said = {f"column-{at}": name for at, name in enumerate(fields)}
    said |= {"columns": "11", "constant-currency": "EUR", "decimal": ",", "day_first": "on"}
    shown = desk.post(answer["Location"], said | {"do": "preview"})
    assert [(r["number"], str(r["gross"])) for r in shown.context["tried"]["rows"]] == [
        ("FT A/1", "123.00"),
        ("FT A/2", "212.00"),
        ("FR A/1", "61.50"),
        ("NC A/1", "12.30"),
    ]
    assert "mapping" not in kept(access).settings
    assert desk.post(answer["Location"], said | {"do": "save"}).status_code == 302
    assert kept(access).settings["mapping"]["columns"]["net"] == "liquido"
    tested = desk.post(
        path(access, f"{source.pk}/"), {"name": "loja", "path": "vendas.csv", "do": "test"}
    )
    assert tested.context["tried"]["problems"] == []


def test_a_table_given_as_a_file_shows_its_columns(access, desk):
    desk.post(path(access, "new/table/"), {"name": "loja", "active": "on"})
    address = path(access, f"{kept(access).pk}/mapping/")
    assert desk.get(address).context["columns"] == []
    file = SimpleUploadedFile("mes.csv", "N.º;Data;Base 23\n1;14/05/2026;100,00\n".encode("cp1252"))
    page = desk.post(address, {"file": file})
    assert [(c.name, c.values) for c in page.context["columns"]] == [
        ("N.º", ["1"]),
        ("Data", ["14/05/2026"]),
        ("Base 23", ["100,00"]),
    ]


def test_a_path_outside_the_intake_folder_is_not_read(access, desk):
    desk.post(path(access, "new/table/"), {"name": "loja", "path": "/etc/passwd"})
    answer = desk.get(path(access, f"{kept(access).pk}/mapping/"))
    assert (answer.context["columns"], refused(answer)) == ([], ["source.outside_intake"])


def test_a_query_is_tried_with_a_sample_of_rows_and_mapped(access, desk, tmp_path):
    connection = f"DRIVER={{SQLite3}};Database={tmp_path}/phc.sqlite"
    with pyodbc.connect(connection, autocommit=True) as database:
        create(database)
    query = "SELECT fno AS numero, fdata AS data, etotal AS total FROM ft ORDER BY fno"
    typed = {
        "name": "erp",
        "connection": connection,
        "preset": "",
        "query": query,
        "inside_allowed": "on",
    }
    answer = desk.post(path(access, "new/odbc/"), typed | {"do": "test"})
    assert answer.context["tried"]["headings"] == ["numero", "data", "total"]
    assert len(answer.context["tried"]["sample"]) > 0
    answer = desk.post(path(access, "new/odbc/"), typed)
    page = desk.get(answer["Location"])
    assert [c.name for c in page.context["columns"]] == ["numero", "data", "total"]
    wrong = desk.post(
        path(access, "new/odbc/"), typed | {"name": "x", "query": "SELECT nothing", "do": "test"}
    )
    assert refused(wrong) == ["source.odbc"]
