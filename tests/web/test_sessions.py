"""Who is signed in is what the database says at each request; and one person's program does not take the site's time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from razao.companies.models import User
from razao.web import pace
from razao.web.shared_cache import SharedCache
from tests.factories import an_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    _office, person = an_office()
    return person


@pytest.fixture
def browser(person: User) -> Client:
    """Signed in, and seen once, so that the session brings its person along."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200
    return client


def is_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_a_session_holds_until_somebody_ends_it(browser):
    assert is_in(browser)
    UserSession.objects.get().end()
    assert not is_in(browser)


def test_another_password_ends_every_session(person, browser):
    person.set_password("quinta feira de chuva")
    person.save()
    assert not is_in(browser)
    assert Session.objects.count() == 0


def test_whoever_may_not_sign_in_any_more_is_out_at_once(person, browser):
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(browser)


def test_a_session_past_its_time_is_none(browser):
    Session.objects.update(expire_date=timezone.now())
    assert not is_in(browser)


def test_the_person_written_beside_a_session_decides_nothing(person, browser):
    _office, other = an_office()
    UserSession.objects.update(user=other)
    assert browser.get("/").wsgi_request.user == person


def test_a_session_without_its_mark_or_by_an_unknown_way_in_is_nobodys(browser):
    for name, value in ((HASH_SESSION_KEY, ""), (SESSION_KEY, ""), ("_auth_user_backend", "x")):
        session = browser.session
        kept = session[name]
        session[name] = value
        session.save()
        answer = browser.get("/")
        assert not answer.wsgi_request.user.is_authenticated
        if browser.session.get(name) is None:
            return  # Django ended it
        session[name] = kept
        session.save()


def test_when_a_session_was_last_used_is_kept_every_five_minutes(browser):
    noted = UserSession.objects.get()
    assert is_in(browser)
    assert UserSession.objects.get().last_seen_at == noted.last_seen_at
    UserSession.objects.update(last_seen_at=noted.last_seen_at - timedelta(minutes=6))
    assert is_in(browser)
    assert UserSession.objects.get().last_seen_at > noted.last_seen_at - timedelta(minutes=1)


def test_a_session_used_from_elsewhere_says_so_at_once(browser):
    assert browser.get("/", headers={"User-Agent": "Lynx"}).status_code == 200
    assert [(s.ip, s.user_agent) for s in UserSession.objects.all()] == [("127.0.0.1", "Lynx")]


@pytest.mark.django_db(databases=["default", "aside"])
def test_what_one_process_counts_every_other_knows():
    one, other = SharedCache("", {}), SharedCache("", {})
    assert (one.add("k", [1.5]), other.add("k", [2.5]), other.get("k")) == (True, False, [1.5])
    other.set("k", [2.5, 1.5])
    assert (one.get("k"), one.delete("k"), other.delete("k"), other.get("k", 7)) == (
        *([2.5, 1.5], True, False, 7),
    )
    one.set("past", 1, timeout=-1)
    assert (other.get("past"), other.add("past", 2), other.get("past")) == (None, True, 2)
    one.clear()
    assert other.get("past") is None


@pytest.mark.django_db(databases=["default", "aside"])
def test_whoever_guesses_a_password_is_stopped_in_every_process(person, settings):
    settings.CACHES = {"default": {"BACKEND": "razao.web.shared_cache.SharedCache"}}
    guess = {"login": person.email, "password": "errada"}
    answers = [Client().post("/accounts/login/", guess) for _ in range(7)]
    told = [bool(a.context["form"].errors) for a in answers]
    assert told == [True] * 7
    person.set_password("quinta feira de chuva")
    person.save()
    right = {"login": person.email, "password": "quinta feira de chuva"}
    assert Client().post("/accounts/login/", right).status_code == 200  # not let in for now


def test_a_person_may_turn_so_many_pages_and_another_as_many():
    # Sixty within one span: two spans may meet, never three.
    turned = [pace.within("somebody", "20/h/user") for _ in range(60)]
    assert turned[:20] == [True] * 20
    assert not turned[-1]
    assert pace.within("another", "20/h/user")
