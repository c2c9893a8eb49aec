"""Capture through the API: a program sends files, corrects fields and posts, with the rights of its person."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from razao.capture.models import CapturedInvoice, Scan
from razao.companies.models import User
from razao.companies.rights import company_for
from razao.companies.tokens import issue
from razao.ledger.models import Entry
from tests.capture.papers import a_paper, read
from tests.factories import a_company

pytestmark = pytest.mark.django_db


def headers(access) -> dict[str, str]:
    key = issue(User.objects.get(pk=access.user_id), "script")
    company_for(access.user_id, access.company.pk)
    return {"Authorization": f"Bearer {key}"}


def test_a_program_sends_corrects_and_posts(client, access):
    door = f"/api/v1/companies/{access.company.pk}/documents"
    key = headers(access)
    paper = a_paper(access.company)
    sent = client.post(
        door, {"file": SimpleUploadedFile("f.pdf", paper.content)}, headers=key
    ).json()
    assert (len(sent["invoices"]), sent["problems"]) == (1, [])
    again = client.post(door, {"file": SimpleUploadedFile("g.pdf", paper.content)}, headers=key)
    assert [p["code"] for p in again.json()["problems"]] == ["capture.file_known"]
    assert again.json()["invoices"] == sent["invoices"]
    company_for(access.user_id, access.company.pk)
    read(access, Scan.objects.get())

    (listed,) = client.get(door, headers=key).json()
    assert (listed["state"], listed["number"]) == ("doubtful", paper.invoices[0]["number"])
    one = f"{door}/{listed['id']}"
    fixed = client.post(
        f"{one}/corrections", {"fields": {"account": "2212"}}, "application/json", headers=key
    ).json()
    assert (fixed["state"], fixed["problems"]) == ("ready", [])
    stale = client.post(
        f"{one}/corrections",
        {"fields": {"number": "x"}, "version": 1},
        "application/json",
        headers=key,
    )
    assert (stale.status_code, stale.json()["problems"][0]["code"]) == (
        409,
        "capture.changed_meanwhile",
    )
    wanted = {"invoices": [fixed["id"]], "fingerprints": {fixed["id"]: fixed["fingerprint"]}}
    (outcome,) = client.post(f"{door}/post", wanted, "application/json", headers=key).json()
    company_for(access.user_id, access.company.pk)
    assert outcome["entry"] == str(Entry.objects.get().id)
    assert client.get(one, headers=key).json()["state"] == "posted"


def test_another_companys_documents_are_not_there(client, access):
    read_row = a_paper(access.company)
    door = f"/api/v1/companies/{access.company.pk}/documents"
    client.post(
        door, {"file": SimpleUploadedFile("f.pdf", read_row.content)}, headers=headers(access)
    )
    company_for(access.user_id, access.company.pk)
    row = CapturedInvoice.objects.get()
    theirs = a_company(code="c2")
    key = headers(theirs)
    assert client.get(door, headers=key).status_code == 404
    assert client.get(f"{door}/{row.pk}", headers=key).status_code == 404
    own = f"/api/v1/companies/{theirs.company.pk}/documents"
    assert client.get(own, headers=key).json() == []
    assert client.get(f"{own}/{row.pk}", headers=key).status_code == 404
    fields = {"fields": {"number": "x"}}
    foreign = client.post(f"{own}/{row.pk}/corrections", fields, "application/json", headers=key)
    assert foreign.status_code == 404
