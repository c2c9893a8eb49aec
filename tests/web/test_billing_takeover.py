"""A company is taken over on screen: its former software's file is read, what it would bring is seen, then it is taken over."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from razao.billing.models import BillingDocumentType, TakeOver
from razao.companies.models import User
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import run_worker
from razao.kernel.models import JobRun
from razao.ledger.models import Entry
from tests.billing.test_onboarding import two_companies

COUNT = 40


@pytest.fixture
def taken(committed_db, tmp_path: Path, settings) -> tuple[Access, Client, Path]:
    """An empty company, its accountant's browser, and the former software's file."""
    with transaction.atomic():
        file, _, access = two_companies(tmp_path, COUNT)
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    return access, client, file


def in_the_books(access: Access) -> tuple[int, list[str]]:
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        entries = Entry.objects.filter(company=access.company).count()
        types = BillingDocumentType.objects.filter(company=access.company)
        return entries, list(types.values_list("code", flat=True))


def read(access: Access, client: Client, file: Path) -> str:
    with file.open("rb") as content:
        answer = client.post(f"/c/{access.company.pk}/billing/takeover/", {"file": content})
    run_worker(wait=False)
    return answer["Location"]


def test_what_a_file_would_bring_is_seen_before_anything_is_kept(taken) -> None:
    access, client, file = taken
    text = file.read_text()
    amount = text.index("<DebitAmount>") + len("<DebitAmount>")
    text = text[:amount] + "1" + text[amount:]
    booked, moved = "<AccountID>71113</AccountID>\n", "<AccountID>71114</AccountID>\n"
    last = text.rindex(booked)
    file.write_text(text[:last] + moved + text[last + len(booked) :])

    address = read(access, client, file)
    told = client.get(address).context["told"]
    assert (told["entries"], told["unbalanced"]) == (COUNT - 1, 1)
    assert told["problems"][0]["code"] == "onboarding.unbalanced"
    assert (told["linked"], told["same"] + told["missed_count"]) == (COUNT, COUNT)
    assert {"71114", "71113"} <= {row["account"] for row in told["missed"]}
    assert in_the_books(access) == (0, [])

    client.post(f"{address}accept/", {"rules": "on"})
    run_worker(wait=False)
    shown = client.get(address).context
    assert (shown["kept"].state, shown["told"]["entries"]) == ("taken", COUNT - 1)
    assert in_the_books(access) == (COUNT - 1, ["FR", "FT", "NC"])
    assert client.post(f"{address}accept/").status_code == 409


def test_the_file_of_another_company_is_refused(taken) -> None:
    access, client, file = taken
    file.write_text(file.read_text().replace(f">{access.company.tax_id}<", ">503504564<"))
    read(access, client, file)
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        kept = TakeOver.objects.get()
        run = JobRun.objects.get(pk=kept.job_id)
    assert (kept.state, [p["code"] for p in run.problems]) == (
        "failed",
        ["onboarding.other_company"],
    )
    assert in_the_books(access) == (0, [])
