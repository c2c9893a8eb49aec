"""What is missing for the documents at hand is listed, each with a button that creates it, and then prepared anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from razao.billing.models import Article, BillingSource, PostingCode, Preparation
from razao.companies.models import User
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import run_worker
from razao.ledger.models import Account, CostCenter
from tests.billing.shop import MAPPING, SALES, a_shop, table
from tests.web.test_billing_configuration import path, typed


def prepared(access: Access, desk: Client, folder: Path, rows: list[str]) -> str:
    """Address of a preparation of these rows."""
    settings = table(folder, rows).settings
    constants = MAPPING["constants"] | {"cost_center": "LX"}
    mapping = MAPPING | {"types": {"XX": "FT"}, "constants": constants}
    settings = {**settings, "mapping": mapping}
    source = BillingSource.objects.create(
        company=access.company, name="mês", kind="table", settings=settings
    )
    answer = desk.post(
        path(access), {"source": str(source.pk), "per_document": "on", "cost_center": "on"}
    )
    return answer["Location"]


def listed(desk: Client, address: str) -> list[tuple[str, str, str]]:
    page = desk.get(address)
    return [(m.what, m.address, m.customer) for m in page.context["missing"]]


@pytest.fixture
def office(committed_db, tmp_path: Path, settings) -> tuple[Access, Client]:
    """As ``access`` and ``desk``, where jobs can run."""
    settings.RAZAO_INTAKE = tmp_path
    with transaction.atomic():
        access = a_shop()
        Article.objects.filter(code="HORA").delete()
        PostingCode.objects.filter(code="SERV").update(cash_account="1199")
        code = PostingCode.objects.create(company=access.company, code="LIVROS")
        Article.objects.filter(code="CANETA").update(posting_code=code.code)
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    return access, client


def latest(access: Access) -> Preparation:
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        return Preparation.objects.latest("created_at")


def test_what_is_missing_is_listed_with_what_creates_it_until_nothing_is(office, tmp_path):
    access, desk = office
    rows = [
        SALES[0]
        .replace("FT;", "XX;", 1)
        .replace(";100,00;23;", ";100,00;5,5;")
        .replace("123,00", "105,50")
    ]
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        address = prepared(access, desk, tmp_path, rows)
    run_worker(wait=False)
    found = listed(desk, address)
    assert sorted(what for what, _, _ in found) == ["LIVROS", "XX"]
    for what, answers in (
        ("XX", {}),
        ("LIVROS", {"revenue": "71199", "tax": "2433113", "vat_code": "LNOR"}),
    ):
        at = next(a for w, a, _ in listed(desk, address) if w == what)
        page = desk.get(at)
        row = next(
            (i for i, r in enumerate(page.context["rows"]) if str(r[0].value) in {"5,50", "5.50"}),
            0,
        )
        said = {f"part-{row}-{n}": v for n, v in answers.items()}
        answer = desk.post(
            at, typed(page, **said, **{"for": address.rstrip("/").rsplit("/", 1)[1]})
        )
        assert answer.status_code == 302, [c.wrong for r in answer.context["rows"] for c in r]
        address = answer["Location"]
        run_worker(wait=False)
    customer = next(c for _, _, c in listed(desk, address) if c)
    address = desk.post(f"{address}again/", {"customers": "1", "number": customer})["Location"]
    run_worker(wait=False)
    what, at, _ = listed(desk, address)[0]
    assert what == "71199"
    said = {"code": what, "name": "Livros", "for": address.rstrip("/").rsplit("/", 1)[1]}
    address = desk.post(at, said)["Location"]
    run_worker(wait=False)
    what, at, _ = listed(desk, address)[0]
    assert (what, desk.get(at).context["form"]["code"].value()) == ("LX", "LX")
    said = {"code": what, "name": "Lisboa", "for": address.rstrip("/").rsplit("/", 1)[1]}
    address = desk.post(at, said)["Location"]
    run_worker(wait=False)
    assert listed(desk, address) == []
    kept = latest(access)
    assert (kept.counts, kept.ready) == ({}, 1)
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        assert Account.objects.get(code="71199").name == "Livros"
        assert CostCenter.objects.get().name == "Lisboa"
