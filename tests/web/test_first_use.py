"""The first person who opens an empty Razão becomes its administrator, once."""

from __future__ import annotations

import pytest
from django.test import Client

from razao.companies.models import Role, User
from razao.companies.rights import companies_of, company_for, memberships_of
from razao.ledger.models import Account, Period

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "Mafalda Sequeira",
    "email": "Mafalda@Gabinete.pt",
    "password": "azulejo azul e branco",
    "office_name": "Gabinete Sequeira",
    "company_name": "Transportes Figueiredo & Irmãos, Lda.",
    "code": "tfi",
    "country": "PT",
    "tax_id": "501 964 843",
    "region": "",
}


def test_an_empty_house_leads_to_its_set_up():
    client = Client()
    assert client.get("/").headers["Location"] == "/setup/"
    assert client.get("/setup/").status_code == 200


def test_the_first_person_gets_office_company_and_books_and_is_signed_in():
    client = Client()
    assert client.post("/setup/", ANSWERS).headers["Location"] == "/"
    person = User.objects.get(email="mafalda@gabinete.pt")
    assert [(m.office.name, m.role) for m in memberships_of(person.pk) if m.office] == [
        ("Gabinete Sequeira", Role.ADMINISTRATOR)
    ]
    [(company, _)] = companies_of(person.pk)
    assert (company.code, company.tax_id, company.region) == ("tfi", "501964843", "PT")
    company_for(person.pk, company.pk)
    assert (Account.objects.count() > 500, Period.objects.count()) == (True, 34)
    assert client.get("/").status_code == 200


def test_set_up_is_over_once_somebody_is_there():
    Client().post("/setup/", ANSWERS)
    late = Client()
    assert late.get("/setup/").headers["Location"] == "/"
    assert late.post("/setup/", {**ANSWERS, "email": "eu@tambem.pt"}).headers["Location"] == "/"
    assert not User.objects.filter(email="eu@tambem.pt").exists()
    assert late.get("/").headers["Location"] == "/accounts/login/"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("password", "curta", "password"),
        ("tax_id", "501964844", "tax_id"),
        ("email", "sem arroba", "email"),
        ("code", "com espaço", "code"),
        ("region", "MZ", "region"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(field, value, error):
    answer = Client().post("/setup/", {**ANSWERS, field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [error])
    assert answer.context["form"]["office_name"].value() == "Gabinete Sequeira"
    assert not User.objects.filter(email="mafalda@gabinete.pt").exists()
