"""In a real browser: the accountant sends a trial balance, the client signs in with a second factor, finds, opens, downloads; the office has the proof."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from axe_core_python.sync_playwright import Axe
from django.core import mail
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from razao.companies.models import User
from razao.delivery import subscriptions
from razao.delivery.models import Delivery
from razao.ledger.posting import post
from tests import browser
from tests.delivery import clients
from tests.delivery.clients import House, a_house
from tests.factories import PASSWORD
from tests.ledger.entries import draft, drafts

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 390, "height": 844}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def bakery(house) -> House:
    """A company with books, a portal that asks for a second factor, and its client."""
    books = a_house("padaria", books=True)
    with books.at_work() as access:
        entries = drafts(draft(), draft(date=date(2026, 10, 5), document_date=date(2026, 10, 5)))
        post(access, entries, kind="manual", source="", fingerprint="")
        subscriptions.activate(access, second_factor=True)
    return books


@pytest.fixture
def site(committed_db: None) -> Iterator[str]:
    with browser.served() as address:
        yield address


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.chromium() as running:
        yield running


def work() -> None:
    """Run the queue in a thread: the driver's loop runs in this one."""
    worker = Thread(target=clients.work)
    worker.start()
    worker.join()


def look(page: Page, name: str) -> None:
    """Accessible, nothing cut at this width; a picture of it where somebody wants to see it."""
    found = [one["id"] for one in Axe().run(page)["violations"]]
    assert (name, found) == (name, [])
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is cut"
    folder = os.environ.get("RAZAO_TEST_PICTURES")
    if folder:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=str(Path(folder) / f"{name}-{theme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")


def desk_of(chromium: Browser, site: str, person: User) -> Page:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="pt-PT", reduced_motion="reduce"
    )
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return context.new_page()


def code_for(secret: str) -> str:
    """What the person's phone shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def sign_in_with_second_factor(page: Page, site: str, person: User) -> str:
    """First sign-in: password, then setting up the second factor that the company asks for; returns its secret."""
    page.goto(f"{site}/portal/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/reauthenticate/**")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/2fa/totp/activate/**")
    secret = re.search(r"\b[A-Z2-7]{32}\b", page.content()).group(0)
    page.fill("[name=code]", code_for(secret))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/2fa/recovery-codes/**")
    return secret


def test_from_the_trial_balance_to_the_proof(bakery, site, chromium, tmp_path):
    desk = desk_of(chromium, site, bakery.accountant)
    desk.goto(f"{site}/c/{bakery.company}/reports/trial_balance/?year=2026&first=10&last=10")
    desk.wait_for_selector("html[data-ready]")
    desk.keyboard.press("e")
    desk.wait_for_url("**/deliveries/review/trial_balance/**")
    assert (
        desk.locator("main form input:visible, main form select, main form textarea").count() == 0
    )
    expect(desk.locator(".review-facts")).to_contain_text("2026-10")
    expect(desk.locator(".review-facts")).to_contain_text(bakery.client.email)
    look(desk, "review")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/$"))
    look(desk, "queued")
    work()
    assert len(mail.outbox) == 1

    # a scanner follows every link of the mail, signed in or not
    link = re.search(r"http\S+(/portal/\S+)", mail.outbox[0].body).group(1)
    scanner = chromium.new_context()
    for method in ("GET", "HEAD"):
        scanner.request.fetch(f"{site}{link}", method=method)
    scanner.request.fetch(f"{site}{link}open/", method="GET")
    scanner.close()

    # the client, on a phone
    phone = chromium.new_context(
        viewport=PHONE, locale="pt-PT", has_touch=True, reduced_motion="reduce"
    )
    page = phone.new_page()
    secret = sign_in_with_second_factor(page, site, bakery.client)
    page.goto(f"{site}/portal/")
    page.wait_for_selector("html[data-ready]")
    look(page, "portal")
    with bakery.at_work():
        (delivery,) = Delivery.objects.all()
    assert delivery.state == "delivered"
    page.fill("#id_q", "balancete outubro 2433113")
    page.fill("#id_q", "2433113")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=2433113**")
    expect(page.locator(".letter.unread")).to_have_count(1)
    page.click(".letter.unread")
    page.wait_for_url("**/portal/d/**")
    page.wait_for_selector("img.leaf")
    page.wait_for_function("document.querySelector('img.leaf').naturalWidth > 0")
    look(page, "document")
    with page.expect_download() as saved:
        page.click("form[action$='/download/'] button")
    target = tmp_path / "balancete.pdf"
    saved.value.save_as(target)
    assert target.read_bytes()[:5] == b"%PDF-"

    # the office sees the proof
    assert bakery.now(delivery).state == "opened"
    desk.goto(f"{site}/c/{bakery.company}/deliveries/")
    desk.wait_for_selector("html[data-ready]")
    expect(desk.locator("tbody .badge.done")).to_have_count(1)
    look(desk, "history")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/{delivery.pk}/")
    expect(desk.locator(".timeline li.done").last).to_contain_text(bakery.client.email)
    look(desk, "one")
    with desk.expect_download() as receipt:
        desk.keyboard.press("p")
    receipt.value.save_as(tmp_path / "receipt.pdf")
    assert (tmp_path / "receipt.pdf").stat().st_size > 5000

    # another company's client finds nothing at any of these addresses
    stranger = desk_of(chromium, site, a_house("outra").client)
    for tail in ("", "open/", "download/"):
        address = f"{site}/portal/d/{delivery.pk}/{tail}"
        for ask in (stranger.request.get, stranger.request.post):
            assert ask(address).status in {403, 404, 405}, tail
    for address in (
        f"{site}/portal/d/{delivery.pk}/",
        f"{site}/portal-files/{delivery.pk}/",
        f"{site}/portal-files/{delivery.pk}/1.png",
        f"{site}/c/{bakery.company}/deliveries/{delivery.pk}/",
    ):
        assert stranger.request.get(address).status == 404, address
    stranger.goto(f"{site}/portal/")
    expect(stranger.locator(".letter")).to_have_count(0)

    # the same report of the same month, sent again, supersedes the first
    desk.goto(
        f"{site}/c/{bakery.company}/deliveries/review/trial_balance/?year=2026&first=10&last=10"
    )
    desk.wait_for_selector("html[data-ready]")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/$"))
    work()
    assert bakery.now(delivery).state == "superseded"
    page.goto(f"{site}/portal/d/{delivery.pk}/")
    expect(page.locator(".notice.warning a")).to_have_count(1)
    look(page, "superseded")

    # signed out, the phone's code is asked for again
    phone.clear_cookies()
    page.goto(f"{site}/portal/")
    page.fill("[name=login]", bakery.client.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/2fa/authenticate/**")
    time.sleep(max(0.0, 30 - time.time() % 30) + 0.2)  # a code is taken once
    page.fill("[name=code]", code_for(secret))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/portal/")
    for name, address in (
        ("hand-in", "hand-in/"),
        ("seen", "seen/"),
        ("preferences", "preferences/"),
    ):
        page.goto(f"{site}/portal/{address}")
        page.wait_for_selector("html[data-ready]")
        look(page, name)


def test_marked_rows_by_right_click_and_the_portals_own_pages(house, site, chromium):
    house.upload("Primeiro")
    house.upload("Segundo", b"%PDF-1.4 other")
    with house.at_work() as access:
        subscriptions.activate(access, active=False)
    work()
    with house.at_work() as access:
        subscriptions.activate(access)
    desk = desk_of(chromium, site, house.accountant)
    desk.goto(f"{site}/c/{house.company}/deliveries/?state=failed")
    desk.wait_for_selector("html[data-ready]")
    expect(desk.locator("tbody .badge.fail")).to_have_count(2)
    look(desk, "failed")
    desk.locator("tbody tr").first.click(button="right")
    desk.locator("#row-menu [role=menuitem]").filter(
        has_text=re.compile("Mark all|Marcar tud")
    ).click()
    assert desk.locator("tbody [data-mark]:checked").count() == 2
    desk.locator("tbody tr").first.click(button="right")
    look(desk, "menu")
    desk.locator("#row-menu [role=menuitem]").filter(has_text=re.compile("^Integra")).click()
    desk.wait_for_selector(".toast")
    work()
    with house.at_work():
        assert [d.state for d in Delivery.objects.all()] == ["delivered", "delivered"]
    for name, tail in (
        ("portal-people", "portal/"),
        ("invite", "portal/invite/"),
        ("send", "send/"),
        ("folder", "folder/"),
        ("accesses", "accesses/"),
    ):
        desk.goto(f"{site}/c/{house.company}/deliveries/{tail}")
        desk.wait_for_selector("html[data-ready]")
        look(desk, name)


def test_a_double_click_sends_once(house, site, chromium):
    with house.at_work() as access:
        invited = subscriptions.invite(access, email="nova@cliente.pt", name="Nova")
    page = chromium.new_context(locale="pt-PT").new_page()
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"{site}/portal/i/{invited.token}/")
    page.wait_for_selector("html[data-ready]")
    page.fill("[name=password]", "uma frase para o portal")
    page.dblclick("form .button.primary")
    page.wait_for_url("**/portal/")
    assert sent.count("POST") == 1
