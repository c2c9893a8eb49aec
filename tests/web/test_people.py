"""People of an office are invited, change role and leave; nobody is left without an administrator."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core import mail
from django.test import Client

from razao.companies.models import Membership, Role, User
from razao.companies.people import people_of
from razao.companies.rights import companies_of, office_for
from razao.kernel.models import AuditEvent

pytestmark = pytest.mark.django_db


def invite(client: Client, email: str, role: Role, company: str = ""):
    form = {"name": "Bruno Reis", "email": email, "role": role, "company": company}
    return client.post("/settings/people/invite/", form)


def link_in(letter) -> str:
    return re.search(r"http://testserver\S+", letter.body).group()


def link_shown(answer) -> str:
    """The link that whoever invites may hand over."""
    return unescape(
        re.search(r'id="link" readonly value="(.*?)"', answer.content.decode()).group(1)
    )


def choose(guest: Client, link: str, password: str = "uma frase muito comprida"):
    """Choose a password behind a link."""
    return guest.post(link, {"password": password})


def role_of(administrator: User, email: str) -> list[str]:
    access = office_for(administrator.pk)
    return [m.role for m in people_of(access) if m.user.email == email]


def test_an_invited_person_chooses_a_password_by_the_link_and_works(
    browser, company, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = invite(browser, "bruno@gabinete.pt", Role.CLERK)
    [letter] = mail.outbox
    assert letter.to == ["bruno@gabinete.pt"]
    links = (link_shown(answer), link_in(letter))
    assert links[0] != links[1]
    guest = Client()
    assert [guest.get(link).status_code for link in links] == [200, 200]
    assert choose(guest, links[0]).headers["Location"] == "/"
    assert [Client().get(link).status_code for link in links] == [410, 410]
    chosen = AuditEvent.objects.get(action="person.password_chosen")
    assert (chosen.user.email, chosen.details) == ("bruno@gabinete.pt", {"mailed": False})
    guest.post("/accounts/logout/")
    entered = {"login": "bruno@gabinete.pt", "password": "uma frase muito comprida"}
    assert guest.post("/accounts/login/", entered).headers["Location"] == "/"
    assert guest.get(f"/c/{company.pk}/").status_code == 200
    assert guest.get("/settings/people/").status_code == 403


def test_a_password_too_short_is_told_in_the_readers_language(
    browser, company, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        link = link_shown(invite(browser, "bruno@gabinete.pt", Role.CLERK))
    said = {}
    for language in ("pt", "pt-br", "es", "en"):
        answer = choose(Client(headers={"accept-language": language}), link, "br7xq!")
        said[language] = answer.context["form"].errors["password"]
    assert said == {
        "pt": ["A palavra-passe é demasiado curta. Deve ter pelo menos 12 caracteres."],
        "pt-br": ["A senha é curta demais. Deve ter pelo menos 12 caracteres."],
        "es": ["La contraseña es demasiado corta. Debe tener al menos 12 caracteres."],
        "en": ["This password is too short. It must contain at least 12 characters."],
    }


def test_no_page_of_signing_in_is_a_dead_end(db):
    pages = ("signup", "inactive", "confirm-email", "password/reset", "password/reset/done")
    onward = '<p><a href="/accounts/login/">'
    found = [onward in Client().get(f"/accounts/{page}/").content.decode() for page in pages]
    assert found == [True] * len(pages)
    assert onward not in Client().get("/accounts/login/").content.decode()


def test_a_client_is_invited_to_one_company(browser, company):
    assert invite(browser, "dono@padaria.pt", Role.CLIENT).status_code == 422
    assert invite(browser, "dono@padaria.pt", Role.CLIENT, str(company.pk)).status_code == 200
    person = User.objects.get(email="dono@padaria.pt")
    assert companies_of(person.pk) == [(company, Role.CLIENT)]


def test_nobody_is_invited_twice_to_one_place(browser):
    invite(browser, "bruno@gabinete.pt", Role.CLERK)
    answer = invite(browser, "BRUNO@gabinete.pt", Role.ACCOUNTANT)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["email"])


def test_a_role_changes_and_goes(browser, administrator):
    invite(browser, "bruno@gabinete.pt", Role.CLERK)
    office_for(administrator.pk)
    membership = Membership.objects.get(user__email="bruno@gabinete.pt")
    browser.post(f"/settings/people/{membership.pk}/role/", {"role": Role.ACCOUNTANT})
    assert role_of(administrator, "bruno@gabinete.pt") == [Role.ACCOUNTANT]
    browser.post(f"/settings/people/{membership.pk}/leave/")
    assert role_of(administrator, "bruno@gabinete.pt") == []


def test_the_last_administrator_stays(browser, administrator, office):
    office_for(administrator.pk)
    own = Membership.objects.get(user=administrator, office=office)
    for act, form in (("role", {"role": Role.CLERK}), ("leave", {})):
        answer = browser.post(f"/settings/people/{own.pk}/{act}/", form)
        assert (answer.status_code, [p.code for p in answer.context["problems"]]) == (
            409,
            ["people.last_administrator"],
        )
    assert role_of(administrator, administrator.email) == [Role.ADMINISTRATOR]


def test_another_offices_people_are_out_of_reach(browser, administrator, office, stranger):
    client, _ = stranger
    office_for(administrator.pk)
    own = Membership.objects.get(user=administrator, office=office)
    assert client.post(f"/settings/people/{own.pk}/leave/").status_code == 404
    assert client.post(f"/settings/people/{own.pk}/role/", {"role": "clerk"}).status_code == 404


def test_an_invitation_speaks_the_language_of_its_country_and_not_of_who_invites(
    browser, administrator, office, django_capture_on_commit_callbacks
):
    office_for(administrator.pk)
    office.country = "ES"
    office.save()
    browser.cookies["django_language"] = "en"
    with django_capture_on_commit_callbacks(execute=True):
        invite(browser, "lucia@gestoria.es", Role.CLERK)
    assert [m.subject for m in mail.outbox] == [f"{office.name} le invita a Razão"]
    assert User.objects.get(email="lucia@gestoria.es").language == "es"
