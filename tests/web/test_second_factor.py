"""An office that asks its people for a second factor: nobody works there without one, and nothing else is asked of them."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from razao.companies.models import Office, Role, User
from razao.kernel.tenancy import act_as
from tests.factories import a_person
from tests.security.addresses import of_companies
from tests.security.test_isolation import Theirs, address

pytestmark = pytest.mark.django_db

SET_UP = "/accounts/2fa/totp/activate/"
FORM = {"name": "Gabinete", "time_zone": "Europe/Lisbon", "reception_minutes": "15"}


def test_who_has_none_is_sent_to_set_one_up_from_every_page_of_the_office():
    theirs = Theirs()
    administrator = User.objects.get(pk=theirs.access.user_id)
    office = theirs.access.company.office
    browser = Client()
    browser.force_login(administrator)
    asked = {**FORM, "second_factor": "on"}
    assert browser.post("/settings/office/", asked).headers["Location"] == "/settings/office/"
    act_as(user=administrator.pk, office=office.pk)
    assert Office.objects.get().second_factor
    clerk = a_person(office, Role.ADMINISTRATOR, by=administrator)
    browser.force_login(clerk)
    pages = ["/", "/settings/office/", "/companies/"]
    pages += [address(r, theirs.ids) for r in of_companies() if r.startswith("c/")]
    answers = {page: browser.get(page) for page in pages}
    open_to_them = {p for p, a in answers.items() if a.status_code == 200}
    assert open_to_them == set()
    assert {a.headers["Location"] for a in answers.values() if a.status_code == 302} == {SET_UP}
    Authenticator.objects.create(
        user=clerk, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    assert browser.get("/settings/office/").status_code == 200


def test_a_password_chosen_by_a_link_does_not_pass_the_second_factor(mailoutbox):
    office = Theirs().access.company.office
    administrator = User.objects.first()
    clerk = a_person(office, Role.CLERK, by=administrator)
    act_as(user=clerk.pk)
    Authenticator.objects.create(
        user=clerk, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    guest = Client()
    guest.post("/accounts/password/reset/", {"email": clerk.email})
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body).group(1)
    form = guest.get(link, follow=True).request["PATH_INFO"]
    chosen = dict.fromkeys(("password1", "password2"), "uma frase muito comprida")
    assert guest.post(form, chosen).headers["Location"] == "/accounts/2fa/authenticate/"
    assert guest.get("/profile/").headers["Location"] == "/accounts/login/?next=/profile/"
