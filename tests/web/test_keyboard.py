"""With the keyboard alone, in a real browser: the switcher, lists, keys of the page; no part of a page is refused by the policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Page, expect

from razao.companies.models import User
from razao.companies.opening import open_company, open_office
from razao.ledger.opening import open_books
from tests import browser

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COMPANIES = [
    ("padaria", "Padaria São João, Lda.", "501964843"),
    ("coa", "Quinta do Côa, S.A.", "503504564"),
]


@pytest.fixture
def site(committed_db: None) -> Iterator[str]:
    """The site, served in a thread, with an office of two companies."""
    with transaction.atomic():
        ana = User.objects.create_user("ana@gabinete.pt", "azulejo azul e branco", name="Ana")
        office = open_office("Gabinete Prates", "PT", ana)
        for code, name, tax_id in COMPANIES:
            open_books(open_company(ana.pk, office, code=code, name=name, tax_id=tax_id), ana.pk)
    with browser.served() as address:
        yield address


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A browser's page of the signed-in administrator; whatever the browser complains of fails the test."""
    ana = User.objects.get(email="ana@gabinete.pt")
    with browser.at_work(ana.pk, site=site, size=(1280, 800)) as shown:
        yield shown


def violations(page: Page) -> list[str]:
    """What axe finds wrong."""
    return [found["id"] for found in Axe().run(page)["violations"]]


def test_a_day_by_keyboard(page: Page, site: str):
    # the switcher: g c, part of a name without its accents, enter
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.keyboard.type("quinta do coa")
    expect(page.locator("#switcher-list [role=option]")).to_have_count(1)
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/*/")
    assert page.inner_text("h1") == "Quinta do Côa, S.A."

    # home and back down a list: j j enter
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(f"{site}/")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.inner_text("tr.here a[data-open]") == "Padaria São João, Lda."
    page.keyboard.press("k")
    assert page.inner_text("tr.here a[data-open]") == "Quinta do Côa, S.A."
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/*/")
    page.wait_for_selector("html[data-ready]")

    # ? lists the keys of the page, escape closes; letters typed into a field stay letters
    page.keyboard.press("?")
    listed = page.inner_text("#keys dl >> nth=-1")
    assert page.locator("#keys").get_attribute("open") == ""
    page.keyboard.press("Escape")
    assert page.locator("#keys").get_attribute("open") is None
    assert "g" in listed
    page.keyboard.press("/")
    page.keyboard.type("g c ? j")
    assert page.input_value("#top-search") == "g c ? j"
    assert page.locator("dialog[open]").count() == 0
    assert violations(page) == []


def test_a_passkey_is_added_and_opens_the_door(page: Page, site: str):
    # passkeys belong to a name, so the site is visited by one
    home = site.replace("127.0.0.1", "localhost")
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", "ana@gabinete.pt")
    page.fill("[name=password]", "azulejo azul e branco")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{home}/")

    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{home}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", "azulejo azul e branco")  # a second look before keys are changed
    page.keyboard.press("Enter")
    page.fill("[name=name]", "Portátil")
    page.check("main input[type=checkbox]")
    assert violations(page) == []
    page.click("main button.primary")
    page.wait_for_url("**/recovery-codes/**")

    page.goto(f"{home}/accounts/logout/")
    page.click("main button.primary")
    page.goto(f"{home}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{home}/")
    assert page.inner_text("h1") == "Gabinete Prates"
