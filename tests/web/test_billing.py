"""Billing on screen: choose, prepare, observe, integrate what was seen, undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from razao.billing.models import BillingSource, Preparation
from razao.companies.models import User
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import run_worker
from tests.billing.shop import SALES, a_shop, table, with_customers
from tests.factories import an_office


@pytest.fixture
def access(committed_db, tmp_path: Path, settings) -> Access:
    settings.RAZAO_INTAKE = tmp_path
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
        BillingSource.objects.create(
            company=access.company, name="loja", kind="table", settings=choice.settings
        )
    return access


@pytest.fixture
def desk(access: Access) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    return client


def path(access: Access, rest: str = "") -> str:
    return f"/c/{access.company.pk}/billing/{rest}"


def kept(access: Access) -> Preparation:
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        return Preparation.objects.latest("created_at")


def prepare(desk: Client, access: Access) -> str:
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        source = str(BillingSource.objects.get().pk)
    answer = desk.post(
        path(access),
        {"source": source, "only_unposted": "on", "per_document": "on", "since": "2026-05-01"},
    )
    assert answer.status_code == 302
    run_worker(wait=False)
    return answer["Location"]


def test_a_month_is_prepared_observed_integrated_and_undone(desk, access):
    address = prepare(desk, access)
    page = desk.get(address)
    assert [e["reference"] for e in page.context["entries"]] == [
        "FT A/1",
        "FT A/2",
        "FR A/1",
        "NC A/1",
    ]
    assert page.context["tie_out"][-1]["ties"] is True
    seen = kept(access)
    assert desk.post(f"{address}integrate/", {"fingerprint": seen.fingerprint}).status_code == 302
    run_worker(wait=False)
    assert kept(access).state == "integrated"
    assert desk.get(address).context["batch"].entry_count == len(SALES)
    desk.post(f"{address}undo/", {"day": "2026-05-31", "reason": "Mês errado"})
    assert kept(access).state == "undone"


def test_another_plan_than_the_one_seen_is_refused(desk, access):
    address = prepare(desk, access)
    answer = desk.post(f"{address}integrate/", {"fingerprint": "0" * 64})
    assert answer.status_code == 409
    assert kept(access).state == "prepared"


def test_without_a_source_the_form_says_so_and_keeps_what_was_typed(desk, access):
    answer = desk.post(path(access), {"filter": "gross > 100", "per_document": "on"})
    form = answer.context["form"]
    assert (list(form.errors), form["filter"].value()) == (["source"], "gross > 100")


def test_the_configuration_goes_out_and_in_as_one_file(desk, access, tmp_path):
    told = desk.get(path(access, "configuration/?as=file"))
    file = tmp_path / "c.json"
    file.write_bytes(told.content)
    with file.open("rb") as content:
        assert desk.post(path(access, "configuration/"), {"file": content}).status_code == 302
    assert desk.get(path(access, "configuration/?as=file")).json() == told.json()


def test_a_file_that_is_no_configuration_is_refused(desk, access, tmp_path):
    file = tmp_path / "c.json"
    file.write_text("[1]")
    with file.open("rb") as content:
        assert desk.post(path(access, "configuration/"), {"file": content}).status_code == 409


def test_a_stranger_finds_nothing(access, desk):
    prepare(desk, access)
    with transaction.atomic():
        _office, stranger = an_office("Outro")
    client = Client()
    client.force_login(stranger)
    addresses = [path(access), path(access, "configuration/"), path(access, f"{kept(access).pk}/")]
    assert [client.get(a).status_code for a in addresses] == [404, 404, 404]
