"""A person recognises their own sessions, and ends the others one by one."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import translation

from razao.companies.models import User
from razao.kernel.models import AuditEvent
from razao.web.devices import device_words
from tests.factories import an_office

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
OFFICE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome 131, Android"),
        (OFFICE, "Edge 131, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox 140, Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari 18, iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "programa desconhecido"),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, words: str) -> None:
    with translation.override("pt"):
        assert device_words(agent) == words


def signed_in(person: User, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200
    return client


@pytest.mark.django_db
def test_the_session_of_a_lost_phone_is_ended_and_no_other() -> None:
    _office, person = an_office()
    phone, office = signed_in(person, PHONE), signed_in(person, OFFICE)
    lost = UserSession.objects.get(user_agent=PHONE)
    page = office.get("/accounts/sessions/").content.decode()
    assert page.count(">Chrome 131, Android</th>") == 1
    assert office.post(f"/profile/sessions/{lost.pk}/end/").status_code == 302
    assert phone.get("/").status_code == 302
    assert office.get("/").status_code == 200
    assert AuditEvent.objects.filter(action="session.ended", subject=str(lost.pk)).count() == 1


@pytest.mark.django_db
def test_nobody_ends_a_session_of_somebody_else() -> None:
    _office, person = an_office()
    _other_office, other = an_office()
    theirs, mine = signed_in(other, PHONE), signed_in(person, OFFICE)
    session = UserSession.objects.get(user_agent=PHONE)
    assert mine.post(f"/profile/sessions/{session.pk}/end/").status_code == 404
    assert theirs.get("/").status_code == 200
