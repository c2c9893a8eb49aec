"""A person's e-mail address is theirs once it is proven: what is sent to an address, and what it is invited to, is its owner's."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from razao.companies.models import Role, User
from razao.companies.people import invite
from razao.companies.rights import companies_of, office_for
from razao.kernel.models import AuditEvent
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db

WANTED = "contabilista@gabinete.pt"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
PAGE = "/accounts/email/"
TOLD = """Isto foi alterado na sua conta:

O seu email foi alterado de dono@padaria.pt para novo@padaria.pt.

…, a partir de 127.0.0.1 (Chrome 156, Linux).
Se não foi o próprio a fazê-lo, escolha já outra palavra-passe e avise o seu gabinete de contabilidade.

Razão · testserver"""


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nobody has asked for a letter yet: there is one in three minutes to an address."""
    cache.clear()


@pytest.fixture
def owner(administrator: User, company) -> User:
    """The client of the company, with a password of their own."""
    access = office_for(administrator.pk)
    person = invite(
        access, email="dono@padaria.pt", name="O dono", role=Role.CLIENT, company=company.pk
    ).user
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def owners(owner: User) -> Client:
    client = Client(headers={"user-agent": CHROME})
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    return client


def ask(client: Client, address: str) -> None:
    """Ask for another address and give the password that is asked for."""
    asked = client.post(PAGE, {"email": address, "action_add": ""})
    client.post(asked.headers["Location"], {"password": PASSWORD})


def follow(client: Client, letter: str) -> None:
    """Open the link of the letter and say yes."""
    link = re.search(r"http://testserver(\S+)", letter).group(1)
    client.post(link)


def addresses(person: User) -> list[tuple[str, bool, bool]]:
    rows = EmailAddress.objects.filter(user=person).order_by("pk")
    return [(row.email, row.verified, row.primary) for row in rows]


def test_an_address_said_and_not_proven_gives_nothing_that_is_meant_for_it(
    administrator, owner, owners, company
):
    ask(owners, WANTED)
    owners.post(PAGE, {"email": WANTED, "action_primary": ""})
    made = invite(
        office_for(administrator.pk), email=WANTED, name="Nova colega", role=Role.ACCOUNTANT
    )
    owner.refresh_from_db()
    assert (made.new, made.user == owner, owner.email) == (True, False, "dono@padaria.pt")
    assert companies_of(owner.pk) == [(company, Role.CLIENT)]


def test_a_proven_address_takes_the_place_of_the_old_one_which_is_told(owner, owners):
    ask(owners, "novo@padaria.pt")
    assert addresses(owner) == [
        ("dono@padaria.pt", True, True),
        ("novo@padaria.pt", False, False),
    ]
    [letter] = mail.outbox
    assert letter.to == ["novo@padaria.pt"]
    follow(owners, letter.body)
    owner.refresh_from_db()
    assert owner.email == "novo@padaria.pt"
    assert addresses(owner) == [("novo@padaria.pt", True, True)]
    [told] = mail.outbox[1:]
    assert told.to == ["dono@padaria.pt"]
    assert re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d", "…", told.body) == TOLD
    said = AuditEvent.objects.get(action="person.address_changed")
    assert (said.user_id, said.subject, said.details) == (
        owner.pk,
        "novo@padaria.pt",
        {"before": "dono@padaria.pt"},
    )


def test_the_link_may_be_opened_in_another_browser(owner, owners):
    ask(owners, "novo@padaria.pt")
    follow(Client(), mail.outbox[0].body)
    assert addresses(owner) == [("novo@padaria.pt", True, True)]


def test_nothing_changes_before_the_password_was_given(owner, owners):
    asked = owners.post(PAGE, {"email": "novo@padaria.pt", "action_add": ""})
    password_page = asked.headers["Location"]
    assert password_page.startswith("/accounts/reauthenticate/")
    owners.post(password_page, {"password": "uma palavra qualquer"})
    assert (addresses(owner), mail.outbox) == ([("dono@padaria.pt", True, True)], [])
    owners.post(password_page, {"password": PASSWORD})
    assert [m.to for m in mail.outbox] == [["novo@padaria.pt"]]


@pytest.fixture
def no_post(settings) -> None:
    """A mail server that nobody answers at."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def test_a_link_that_cannot_be_sent_is_told_and_nothing_waits(owner, owners, no_post):
    asked = owners.post(PAGE, {"email": "novo@padaria.pt", "action_add": ""})
    answer = owners.post(asked.headers["Location"], {"password": PASSWORD})
    assert (answer.status_code, [p.code for p in answer.context["problems"]]) == (
        409,
        ["mail.not_sent"],
    )
    assert addresses(owner) == [("dono@padaria.pt", True, True)]


def test_a_forgotten_password_answers_alike_whether_there_is_an_account_or_post(owner, no_post):
    said = [
        Client().post("/accounts/password/reset/", {"email": address})
        for address in (owner.email, "ninguem@padaria.pt")
    ]
    assert [(a.status_code, a.headers["Location"]) for a in said] == [
        (302, "/accounts/password/reset/done/")
    ] * 2


def test_another_password_holds_though_nobody_can_be_told(owner, owners, no_post):
    other = "outra frase muito comprida"
    owners.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": other, "password2": other},
    )
    owner.refresh_from_db()
    assert owner.check_password(other)


def test_the_address_of_another_person_cannot_be_proven(administrator, owner, owners):
    ask(owners, administrator.email)
    owner.refresh_from_db()
    assert owner.email == "dono@padaria.pt"
    assert addresses(owner)[0] == ("dono@padaria.pt", True, True)


def test_an_address_that_somebody_else_got_meanwhile_stays_theirs(administrator, owner, owners):
    ask(owners, WANTED)
    [letter] = mail.outbox
    invite(office_for(administrator.pk), email=WANTED, name="Nova colega", role=Role.ACCOUNTANT)
    follow(owners, letter.body)
    owner.refresh_from_db()
    assert owner.email == "dono@padaria.pt"


def test_the_database_takes_no_address_that_is_not_proven(owner):
    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.filter(pk=owner.pk).update(email=WANTED)
    EmailAddress.objects.create(user=owner, email=WANTED)
    with pytest.raises(DatabaseError), transaction.atomic():
        User.objects.filter(pk=owner.pk).update(email=WANTED)
    owner.refresh_from_db()
    assert owner.email == "dono@padaria.pt"
