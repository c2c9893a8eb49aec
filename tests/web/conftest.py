"""An office with its administrator and one company, and a browser's session for people of it."""

from __future__ import annotations

import pytest
from django.test import Client

from razao.companies.models import Company, Office, User
from razao.companies.opening import open_company, open_office
from razao.ledger.opening import open_books

PASSWORD = "azulejo azul e branco"


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_user("ana@gabinete.pt", PASSWORD, name="Ana Prates")


@pytest.fixture
def office(administrator: User) -> Office:
    return open_office("Gabinete Prates", "PT", administrator)


@pytest.fixture
def company(administrator: User, office: Office) -> Company:
    made = open_company(
        administrator.pk, office, code="padaria", name="Padaria São João, Lda.", tax_id="501964843"
    )
    open_books(made, administrator.pk)
    return made


@pytest.fixture
def browser(administrator: User, company: Company) -> Client:
    """The administrator, signed in."""
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def stranger(db: None) -> tuple[Client, Company]:
    """The administrator of another office, signed in, and a company of theirs."""
    person = User.objects.create_user("rui@outro.pt", PASSWORD, name="Rui")
    office = open_office("Outro Gabinete", "PT", person)
    theirs = open_company(person.pk, office, code="alheia", name="Alheia, S.A.", tax_id="503504564")
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client, theirs
