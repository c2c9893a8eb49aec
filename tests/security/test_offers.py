"""No page offers what whoever looks at it is refused: every link and button that a role sees, followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.http import Http404
from django.test import Client
from django.urls import resolve

from razao.archive import store
from razao.archive.models import Folder, StoredFile
from razao.companies.models import Office, Role, User
from razao.companies.opening import open_company
from tests.delivery.clients import PDF
from tests.factories import a_company, a_person, an_office
from tests.security.test_matrix import Everything, answered, visitors

pytestmark = pytest.mark.django_db


class Offer(NamedTuple):
    """A link or a button: what a click asks for."""

    verb: str
    address: str
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> tuple[str, ...]:
        """What makes it another offer: its view, of what kind its object is, the names of what it says; not which object."""
        parts = urlsplit(self.address)
        said = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        said += [f"{n}={v}" if n in {"act", "do"} else n for n, v in self.fields]
        match = resolve(parts.path)
        return (self.verb, match.view_name, *sorted(match.kwargs), "?", *sorted(set(said)))


class Form(NamedTuple):
    """A form that posts, as far as it has been read."""

    action: str
    fields: list[tuple[str, str]]
    buttons: list[tuple[str, str]]
    controls: list[str]


class Page(HTMLParser):
    """The offers of a page: its links, and its forms wherever something in them can be typed or pressed."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address, self.offers = address, list[Offer]()
        self.form: Form | None = None
        self.shut: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "fieldset":
            self.shut.append("disabled" in told)
        if tag == "a" and "href" in told:
            self._offer("get", told["href"])
        for verb in ("get", "post"):
            if f"hx-{verb}" in told:
                self._offer(verb, told[f"hx-{verb}"])
        if tag == "form" and told.get("method", "").lower() == "post":
            self.form = Form(told.get("action", ""), [], [], [])
        elif self.form is not None and "disabled" not in told and not any(self.shut):
            self._control(self.form, tag, told)

    def _control(self, form: Form, tag: str, told: dict[str, str]) -> None:
        name, kind = told.get("name", ""), told.get("type", "")
        pair = (name, told.get("value", ""))
        if kind == "hidden" or (kind == "radio" and name not in dict(form.fields)):
            form.fields.append(pair)
        if tag not in {"input", "select", "textarea", "button"} or kind in {"hidden", "button"}:
            return
        form.controls.append(tag)
        if "formaction" in told:
            self._offer("post", told["formaction"], tuple(form.fields))
        elif tag == "button" and name:
            form.buttons.append(pair)

    def handle_endtag(self, tag: str) -> None:
        if tag == "fieldset":
            self.shut.pop()
        if tag != "form" or self.form is None:
            return
        form, self.form = self.form, None
        said = [pair for pair in form.fields if pair[0] != "csrfmiddlewaretoken"]
        for button in ([[one] for one in form.buttons] or [[]]) if form.controls else []:
            self._offer("post", form.action, tuple(said + button))

    def _offer(self, verb: str, address: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        whole = urljoin(self.address, address)
        if whole.startswith("/") and not whole.startswith(("/static/", "/accounts/logout")):
            self.offers.append(Offer(verb, whole.partition("#")[0], fields))


def taken(browser: Client, offer: Offer) -> tuple[int, str]:
    """Status and page of what a click answers; what a button did is undone."""
    if offer.verb == "post":
        return answered(browser, "post", offer.address, dict(offer.fields))[0].status_code, ""
    answer, body = answered(browser, "get", offer.address, undo=False)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code, body.decode() if is_page else ""


def everything_offered(browser: Client, start: str) -> Iterator[tuple[Offer, Offer, int]]:
    """Each kind of offer from ``start`` on, with where it stood and the status of its answer."""
    first = Offer("get", start)
    waiting, seen = [(first, first)], {first.kind}
    while waiting:
        offer, stood = waiting.pop()
        status, html = taken(browser, offer)
        yield offer, stood, status
        if offer.verb != "get":
            continue
        for further in Page(offer.address, html).offers:
            try:
                kind = further.kind
            except Http404:
                yield further, offer, 404
                continue
            if kind not in seen:
                seen.add(kind)
                waiting.append((further, offer))


@pytest.fixture
def theirs() -> Everything:
    """A company with one of everything, its files on the disk."""
    made = Everything()
    for file in StoredFile.objects.filter(company=made.access.company):
        staged = store.stage(BytesIO(PDF), Folder.PF_BORRADOR, file.company_id)
        store.settle(replace(staged, sha256=file.sha256), Folder.PF_BORRADOR, file.company_id)
    return made


def refused(browser: Client, start: str) -> tuple[list[tuple[object, ...]], int]:
    """What a walk from ``start`` was offered and refused, and on which page; how much was offered."""
    answers = list(everything_offered(browser, start))
    found = {
        (status, *offer.kind, "on", stood.kind[1])
        for offer, stood, status in answers
        if status in {403, 404, 405} or status >= 500
    }
    return sorted(found), len(answers)


@pytest.mark.parametrize("role", Role)
def test_nobody_is_offered_what_they_are_refused(theirs, role):
    browser = visitors(theirs)[role].browser
    found, offered = refused(browser, "/portal/" if role == Role.CLIENT else "/")
    assert found == []
    assert offered > (20 if role == Role.CLIENT else 100)


def no_company(office: Office, administrator: User) -> None:
    """The office as its first page finds it."""


def no_books(office: Office, administrator: User) -> None:
    """A company without a fiscal year."""
    open_company(administrator.pk, office, code="c1", name="Empresa, Lda.", tax_id="501964843")


def empty_books(office: Office, administrator: User) -> None:
    """A company in which nothing was done yet."""
    a_company(office=(office, administrator))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CLIENT])
@pytest.mark.parametrize("begun", [no_company, no_books, empty_books])
def test_where_nothing_is_yet_nobody_is_offered_what_they_are_refused(role, begun):
    office, administrator = an_office()
    begun(office, administrator)
    person = (
        administrator if role is Role.ADMINISTRATOR else a_person(office, role, by=administrator)
    )
    browser = Client(raise_request_exception=False)
    browser.force_login(person)
    found, offered = refused(browser, "/")
    assert found == []
    assert offered > (15 if begun is no_company else 50)
