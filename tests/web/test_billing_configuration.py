"""The configuration of billing on screen: change a row, see what it would change, mend what is missing, copy it elsewhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from razao.billing import interchange
from razao.billing.comparing import compare
from razao.billing.models import (
    BillingSource,
    PostingCode,
    PostingCodeRate,
    TreasuryPlace,
)
from razao.companies.models import User
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import Run
from tests.billing.shop import SALES, a_shop, table, with_customers
from tests.factories import a_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def access(tmp_path: Path, settings) -> Access:
    settings.RAZAO_INTAKE = tmp_path
    return a_shop()


@pytest.fixture
def desk(access: Access) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    return client


def path(access: Access, rest: str = "") -> str:
    return f"/c/{access.company.pk}/billing/{rest}"


def typed(page, **changes: str) -> dict[str, str]:
    """What a browser would send of the page's form, with some of it typed anew."""
    cells = [*page.context["cells"], *(c for row in page.context["rows"] for c in row)]
    said = {c.name: str(c.value) for c in cells if c.field.kind != "check"}
    said |= {c.name: "on" for c in cells if c.field.kind == "check" and c.value}
    return {**said, "parts": str(len(page.context["rows"])), **changes}


def at_rate(page, rate: str, region: str = "PT") -> int:
    """Row of the page with this rate."""
    told = [{c.field.name: str(c.value) for c in row} for row in page.context["rows"]]
    return next(
        at
        for at, row in enumerate(told)
        if (row["rate"].replace(",", "."), row["region"]) == (rate, region)
    )


def the(access: Access, model, **key: str):
    company_for(access.user_id, access.company.pk)
    return model.objects.get(company=access.company, **key)


def test_an_account_of_a_rate_is_changed_and_the_rest_stays(access, desk):
    code = the(access, PostingCode, code="MERC")
    before = interchange.row_of(access.company, "posting_codes", pk=code.pk)
    address = path(access, f"configuration/posting_codes/{code.pk}/")
    page = desk.get(address)
    at = at_rate(page, "23.00")
    answer = desk.post(address, typed(page, **{f"part-{at}-revenue": "71114"}))
    assert (answer.status_code, answer["Location"]) == (302, address)
    company_for(access.user_id, access.company.pk)
    after = interchange.row_of(access.company, "posting_codes", pk=code.pk)
    moved = [
        (o["region"], o["revenue"], n["revenue"])
        for o, n in zip(before["rates"], after["rates"], strict=True)
        if o != n
    ]
    assert moved == [("PT", "71113", "71114")]


def test_the_configuration_is_seen_at_a_glance(access, desk):
    shown = desk.get(path(access, "configuration/")).context
    assert [code.code for code in shown["codes"]] == ["MERC", "SERV"]
    assert [t.code for t in shown["types"]] == ["FR", "FS", "FT", "NC", "ND", "VD"]
    assert (shown["articles"], [p.name for p in shown["places"]]) == (2, ["Banco", "Caixa"])


def test_a_row_is_added_with_a_comma_and_another_removed(access, desk):
    code = the(access, PostingCode, code="SERV")
    address = path(access, f"configuration/posting_codes/{code.pk}/")
    page = desk.get(address)
    rows, gone = len(page.context["rows"]) - 2, at_rate(page, "6.00")
    new = {
        f"part-{rows}-{n}": v for n, v in (("rate", "5,5"), ("region", "*"), ("revenue", "7211"))
    }
    desk.post(address, typed(page, **new, **{f"part-{gone}-remove": "on"}))
    company_for(access.user_id, access.company.pk)
    rates = PostingCodeRate.objects.filter(posting_code=code, region__in=["PT", "*"])
    kept = {str(r.rate) for r in rates}
    assert ("5.5000" in kept, "6.0000" in kept) == (True, False)


def test_what_is_wrong_is_named_beside_its_value_and_nothing_is_kept(access, desk):
    code = the(access, PostingCode, code="MERC")
    address = path(access, f"configuration/posting_codes/{code.pk}/")
    page = desk.get(address)
    first = {f"part-0-{n}": v for n, v in (("rate", "muito"), ("revenue", "999"))}
    answer = desk.post(address, typed(page, **first, name="Outro nome"))
    wrong = {c.name: bool(c.wrong) for row in answer.context["rows"] for c in row if c.wrong}
    assert (answer.status_code, wrong) == (422, {"part-0-rate": True, "part-0-revenue": True})
    assert [c.value for c in answer.context["cells"] if c.name == "name"] == ["Outro nome"]
    assert the(access, PostingCode, code="MERC").name == "Mercadorias"


def test_the_same_rate_twice_is_refused(access, desk):
    code = the(access, PostingCode, code="MERC")
    address = path(access, f"configuration/posting_codes/{code.pk}/")
    page = desk.get(address)
    rows, at = len(page.context["rows"]) - 2, at_rate(page, "23.00")
    twice = {
        f"part-{rows}-{n}": str(page.context["rows"][at][i].value)
        for i, n in enumerate(("rate", "region", "exemption"))
    }
    assert desk.post(address, typed(page, **twice)).status_code == 422


def test_variables_are_a_table_that_is_read_and_changed(access, desk):
    page = desk.get(path(access, "configuration/types/new/?code=FT2"))
    assert [[c.value for c in row] for row in page.context["rows"]][:3] == [
        ["D", "gross", "customer", ""],
        ["C", "net", "revenue", ""],
        ["C", "tax", "tax", ""],
    ]
    answer = desk.post(
        path(access, "configuration/types/new/"),
        typed(page, **{"part-2-place": "fixed", "part-2-account": "2433113"}),
    )
    assert answer.status_code == 302
    company_for(access.user_id, access.company.pk)
    kept = interchange.row_of(access.company, "types", code="FT2")
    assert [(v["side"], v["amount"], v["place"], v["account"]) for v in kept["variables"]] == [
        ("D", "gross", "customer", ""),
        ("C", "net", "revenue", ""),
        ("C", "tax", "fixed", "2433113"),
    ]
    again = desk.post(path(access, "configuration/types/new/"), typed(page))
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("section", "typed_in", "kept"),
    [
        ("articles", {"code": "LIVRO", "posting_code": "MERC", "last": "12,5", "parts": "1", "part-0-quantity": "3", "part-0-unit_cost": "2,5"}, {"last": "12.5000", "layers": [["3", "2.5"]]}),
        ("customers", {"number": "C9", "tax_id": "503504564", "account": "211110001"}, {"account": "211110001"}),
        ("treasury_places", {"name": "Banco XPTO", "account": "1211"}, {"account": "1211", "is_cash": False}),
    ],
)  # fmt: skip
def test_what_is_typed_anew_is_there(access, desk, section, typed_in, kept):
    answer = desk.post(path(access, f"configuration/{section}/new/"), typed_in)
    assert answer.status_code == 302
    company_for(access.user_id, access.company.pk)
    name = interchange.SECTIONS[section][1][0]
    row = interchange.row_of(access.company, section, **{name: typed_in[name]})
    assert {n: row[n] for n in kept} == kept
    assert desk.get(path(access, f"configuration/{section}/")).status_code == 200
    assert desk.post(f"{answer['Location']}remove/").status_code == 302
    company_for(access.user_id, access.company.pk)
    assert interchange.row_of(access.company, section, **{name: typed_in[name]}) is None


def test_parameters_and_advances_are_changed_where_they_stand(access, desk):
    address = path(access, "configuration/parameters/")
    desk.post(
        address,
        typed(desk.get(address), small_gift_limit="75,00", cost_method="fifo", titled_debts="on"),
    )
    address = path(access, "configuration/advances/")
    desk.post(address, typed(desk.get(address), **{"part-0-account": "24342"}))
    company_for(access.user_id, access.company.pk)
    parameters = interchange.row_of(access.company, "parameters")
    assert (
        parameters["small_gift_limit"],
        parameters["cost_method"],
        parameters["titled_debts"],
    ) == ("75.00", "fifo", True)
    assert interchange.row_of(access.company, "advances")["taxes"][0]["account"] == "24342"


def a_source(access: Access, folder: Path, rows: list[str] | None = None) -> BillingSource:
    today = timezone.localdate() - timedelta(days=20)
    recent = [
        r.replace("2026-05-14", str(today)).replace("2026-05-15", str(today)) for r in rows or SALES
    ]
    choice = table(folder, recent)
    with_customers(access, choice)
    return BillingSource.objects.create(
        company=access.company, name="loja", kind="table", settings=choice.settings
    )


@pytest.mark.django_db(databases=["default", "aside"])
def test_before_saving_past_documents_are_compared_under_both_rules(access, desk, tmp_path):
    source = a_source(access, tmp_path)
    code = the(access, PostingCode, code="MERC")
    address = path(access, f"configuration/posting_codes/{code.pk}/")
    page = desk.get(address)
    assert page.context["documents"] == [(f"source:{source.pk}", "loja")]
    said = typed(page, do="compare", documents=f"source:{source.pk}", months="3")
    said[f"part-{at_rate(page, '23.00')}-revenue"] = "71114"
    shown = desk.post(address, said)
    asked = shown.context["comparison"]
    assert (asked["running"], asked["what_if"].told) == (True, None)
    run = Run(asked["run"].pk, access.user_id, access.company.pk)
    compare(run, what_if=str(asked["what_if"].pk))
    seen = desk.get(path(access, f"comparison/{asked['what_if'].pk}/?part=body"))
    compared = seen.context["comparison"]
    assert (compared["found"]["documents"], compared["found"]["entries_changed"]) == (4, 1)
    assert [(r["account"], str(r["before"]), str(r["after"])) for r in compared["accounts"]] == [
        ("71113", "-100.00", "0.00"),
        ("71114", "0.00", "-100.00"),
    ]
    assert [(r["reference"], r["account"]) for r in compared["rows"]] == [
        ("FT A/1", "71113"),
        ("FT A/1", "71114"),
    ]
    assert the(access, PostingCodeRate, posting_code=code, rate=23, region="PT").revenue == "71113"
    assert typed(shown)[f"part-{at_rate(page, '23.00')}-revenue"] == "71114"
    desk.post(address, typed(shown, do="save"))
    assert the(access, PostingCodeRate, posting_code=code, rate=23, region="PT").revenue == "71114"


def test_a_configuration_is_copied_from_another_company_of_the_office(access, desk):
    from razao.companies.models import Office

    house = Office.objects.get(pk=access.company.office_id), User.objects.get(pk=access.user_id)
    other = a_company(code="c2", office=house)
    company_for(access.user_id, access.company.pk)
    TreasuryPlace.objects.create(company=access.company, name="Cofre", account="111")
    answer = desk.post(path(other, "copy/"), {"from": str(access.company.pk)})
    assert answer.status_code == 302
    assert the(other, TreasuryPlace, name="Cofre").account == "111"
    stranger = a_company(code="c3")
    assert desk.post(path(other, "copy/"), {"from": str(stranger.company.pk)}).status_code == 404
