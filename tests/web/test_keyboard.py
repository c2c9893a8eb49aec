"""With the keyboard alone, in a real browser: the switcher, lists, keys of the page; no part of a page is refused by the policy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import transaction
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, expect, sync_playwright

from razao.companies.models import User
from razao.companies.opening import open_company, open_office
from razao.ledger.opening import open_books

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
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A browser's page of the signed-in administrator; whatever the browser complains of fails the test."""
    client = Client()
    client.force_login(
        User.objects.get(email="ana@gabinete.pt"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver runs a loop in this thread
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="pt-PT")
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        shown = context.new_page()
        complaints: list[str] = []
        shown.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(site)
        shown.wait_for_selector("html[data-ready]")
        yield shown
        chromium.close()
        assert complaints == []
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


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
