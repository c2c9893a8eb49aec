"""Programs at the door: a key, the right person behind it, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from razao.companies.models import Company, User
from razao.companies.opening import open_office
from razao.companies.rights import office_for
from razao.companies.tokens import issue

pytestmark = pytest.mark.django_db


def person_with_company(email: str) -> tuple[User, Company]:
    user = User.objects.create_user(email, "uma frase comprida")
    office = open_office(email, "PT", user)
    office_for(user.pk, office.pk)
    company = Company.objects.create(office=office, code="demo", name="Padaria", tax_id="501964843")
    return user, company


def get(client, path: str, key: str):
    return client.get(path, headers={"Authorization": f"Bearer {key}"})


def test_a_key_reaches_the_companies_of_its_person(client):
    user, company = person_with_company("ana@example.pt")
    answer = get(client, "/api/v1/companies", issue(user, "script"))
    assert [(c["code"], c["id"], c["role"]) for c in answer.json()] == [
        ("demo", str(company.pk), "administrator")
    ]


def test_without_a_key_the_door_stays_shut(client):
    assert client.get("/api/v1/companies").status_code == 401
    assert get(client, "/api/v1/companies", "rz_guess").status_code == 401


def test_a_key_that_expired_is_no_key(client):
    user, _ = person_with_company("ana@example.pt")
    key = issue(user, "old", expires_at=timezone.now() - timedelta(seconds=1))
    assert get(client, "/api/v1/companies", key).status_code == 401


def test_a_foreign_company_is_not_there(client):
    user, _ = person_with_company("ana@example.pt")
    _, theirs = person_with_company("rui@example.pt")
    assert get(client, f"/api/v1/companies/{theirs.pk}", issue(user, "k")).status_code == 404


def test_an_unknown_address_and_a_foreign_company_answer_alike(client):
    user, _ = person_with_company("ana@example.pt")
    key = issue(user, "k")
    missing = get(client, "/api/v1/companies/00000000-0000-7000-8000-000000000000", key)
    _, theirs = person_with_company("rui@example.pt")
    assert missing.content == get(client, f"/api/v1/companies/{theirs.pk}", key).content
