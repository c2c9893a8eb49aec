"""An account of an address is its owner's once they used what was mailed to it: another office gives it no role before."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client, RequestFactory

from razao.companies.models import ApiToken, Role, User
from razao.companies.rights import companies_of
from razao.companies.tokens import issue
from razao.web.first_password import link_for
from tests.web.test_people import choose, invite, link_in, link_shown

pytestmark = pytest.mark.django_db

WANTED = "contabilista@gabinete.pt"


@pytest.fixture
def squatter(stranger) -> Client:
    """Somebody of another office who made an account for an address that is not theirs, and sits in it with all they can get."""
    elsewhere, _ = stranger
    link = link_shown(invite(elsewhere, WANTED, Role.CLERK))
    client = Client()
    choose(client, link)
    person = User.objects.get(email=WANTED)
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={})
    issue(person, "programa")
    mail.outbox.clear()
    return client


def codes(answer) -> list[str]:
    return list(answer.context["form"].errors)


def test_an_account_made_elsewhere_gets_no_role_before_its_owner_took_it(
    browser, company, squatter
):
    assert squatter.get("/profile/").status_code == 200
    refused = invite(browser, WANTED, Role.ACCOUNTANT)
    assert (refused.status_code, codes(refused)) == (422, ["email"])
    person = User.objects.get(email=WANTED)
    assert company not in [found for found, _ in companies_of(person.pk)]

    [letter] = mail.outbox
    assert letter.to == [WANTED]
    owner = Client()
    assert choose(owner, link_in(letter), "outra frase muito comprida").headers["Location"] == "/"
    assert invite(browser, WANTED, Role.ACCOUNTANT).status_code == 200
    assert owner.get(f"/c/{company.pk}/").status_code == 200

    assert squatter.get("/profile/").status_code == 302
    assert not Authenticator.objects.filter(user=person).exists()
    assert not ApiToken.objects.filter(user=person).exists()


def test_nobody_fills_a_strangers_mailbox_by_inviting_them_again_and_again(browser, squatter):
    answers = [invite(browser, WANTED, Role.ACCOUNTANT).status_code for _ in range(8)]
    assert answers == [422] * 8
    assert [letter.to for letter in mail.outbox] == [[WANTED]] * 5


def test_a_forgotten_password_is_proof_too(browser, company, squatter):
    owner = Client()
    owner.post("/accounts/password/reset/", {"email": WANTED})
    form = owner.get(link_in(mail.outbox[-1]), follow=True).request["PATH_INFO"]
    owner.post(form, dict.fromkeys(("password1", "password2"), "outra frase muito comprida"))
    assert invite(browser, WANTED, Role.ACCOUNTANT).status_code == 200
    assert owner.get(f"/c/{company.pk}/").status_code == 200
    assert not Authenticator.objects.filter(user__email=WANTED).exists()


def test_a_letter_to_another_address_of_the_account_is_no_proof(browser, company, squatter):
    mine = "eu@outro.pt"
    asked = squatter.post("/accounts/email/", {"email": mine, "action_add": ""})
    squatter.post(asked.headers["Location"], {"password": "uma frase muito comprida"})
    mail.outbox.clear()
    guest = Client()
    guest.post("/accounts/password/reset/", {"email": mine})
    assert [letter.to for letter in mail.outbox] == [[mine]]
    form = guest.get(link_in(mail.outbox[0]), follow=True).request["PATH_INFO"]
    guest.post(form, dict.fromkeys(("password1", "password2"), "outra frase muito comprida"))
    assert invite(browser, WANTED, Role.ACCOUNTANT).status_code == 422


def test_whoever_was_invited_by_mail_works_for_a_second_office_at_once(
    browser, company, stranger, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        invite(stranger[0], WANTED, Role.CLERK)
    choose(Client(), link_in(mail.outbox[0]))
    assert invite(browser, WANTED, Role.ACCOUNTANT).status_code == 200


def test_the_link_to_hand_over_opens_no_account_that_is_in_use(browser, squatter, stranger):
    person = User.objects.get(email=WANTED)
    request = RequestFactory().get("/")
    shown = link_for(request, person, mailed=False)
    assert Client().get(shown).status_code == 410
    forged = shown[:-3] + ("A" if shown[-3] != "A" else "B") + shown[-2:]
    assert Client().get(forged).status_code == 404


def test_a_mailbox_alone_does_not_get_past_the_code_of_an_app(browser, stranger):
    invite(stranger[0], WANTED, Role.CLERK)
    person = User.objects.get(email=WANTED)
    Authenticator.objects.create(
        user=person, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    invite(browser, WANTED, Role.CLERK)
    answer = choose(Client(), link_in(mail.outbox[-1]))
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
