"""A clerk's work by keyboard alone, in a real browser: doubts, a new party, a split, undo, incidences, post and next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import transaction
from playwright.sync_api import Page, expect

from razao.archive.models import Filing
from razao.capture import flow
from razao.capture.models import CapturedInvoice
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import Run
from razao.kernel.tenancy import new_id
from razao.ledger.models import Entry
from tests.browser import at_work
from tests.capture.papers import a_paper, send
from tests.factories import a_company

expect.set_options(timeout=30_000)
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def clerk(committed_db: None) -> Access:
    """A clerk of a company in whose list three invoices wait."""
    with transaction.atomic():
        access = a_company()
        scans = [send(access, a_paper(access.company, seed)) for seed in "123"]
    for scan in scans:
        run = Run(new_id(), access.user_id, access.company.pk)
        flow.read_scan(run, scan=str(scan.pk))
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        row = CapturedInvoice.objects.order_by("pk")[1]
        row.reading["confident"] = False
        row.reading["evidence"]["issue_date"]["confidence"] = 0.4
        row.save()
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        flow.proposing.refresh(access.company, flow.queries.locked_rows([row.pk]))
    return access


@pytest.fixture
def page(clerk: Access) -> Iterator[Page]:
    """The clerk's browser at the list."""
    # A refused account form answers 409 and is shown; the browser notes every 4xx.
    with at_work(
        clerk.user_id, f"/c/{clerk.company.pk}/documents/", forgive=lambda said: "409" in said
    ) as shown:
        yield shown


def invoices(clerk: Access) -> list[tuple[str, str]]:
    with transaction.atomic():
        company_for(clerk.user_id, clerk.company.pk)
        return list(CapturedInvoice.objects.order_by("pk").values_list("state", "account"))


def focused(page: Page) -> str | None:
    name = page.evaluate("document.activeElement.dataset.field ?? null")
    return None if name is None else str(name)


def shown(page: Page) -> str:
    return str(page.evaluate("document.getElementById('data').dataset.invoice"))


def write(page: Page, field: str, text: str) -> None:
    """Type over what stands in a field."""
    page.locator(field).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def after(page: Page, key: str) -> None:
    """Press a key and wait until the data pane came back."""
    version = page.locator("#data").get_attribute("data-version") or ""
    page.keyboard.press(key)
    expect(page.locator("#data")).not_to_have_attribute("data-version", version)


def test_three_invoices_by_keyboard_alone(page: Page, clerk: Access) -> None:
    page.keyboard.press("n")
    page.wait_for_selector("#data[data-open]")
    assert Axe().run(page)["violations"] == []
    first = shown(page)

    # The party is unknown: + gives the next free code, Enter opens the account form, filled in.
    expect(page.locator("#f-account")).to_be_focused()
    page.keyboard.type("+")
    expect(page.locator("#f-account")).to_have_value("221110001")
    expect(page.locator("#f-account")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#a-code")).to_have_value("221110001")
    page.locator("#a-counter").focus()
    page.keyboard.type("6224")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(page.locator("#data")).to_have_attribute("data-state", "ready")

    # Undo of a slip, a split row, and back.
    page.keyboard.press("Escape")
    write(page, "#f-number", "ENGANO")
    after(page, "Tab")
    page.keyboard.press("Escape")
    after(page, "u")
    assert page.input_value("#f-number") != "ENGANO"
    page.evaluate("document.activeElement.blur()")
    after(page, "s")
    expect(page.locator("#f-split-1-base")).to_be_visible()
    write(page, "#f-split-1-base", "10,00")
    after(page, "Tab")
    write(page, "#f-split-1-counterpart", "6225")
    page.keyboard.press("Enter")

    # Nothing is doubtful any more: Enter has posted it and the next one is here, at its doubtful field.
    expect(page.locator("#data")).not_to_have_attribute("data-invoice", first)
    assert invoices(clerk)[0] == ("posted", "221110001")
    second = shown(page)
    expect(page.locator("#f-issue_date")).to_be_focused()
    assert focused(page) == "issue_date"
    after(page, "Enter")
    expect(page.locator("#f-account")).to_be_focused()

    # A wrong date is refused beside its field, and what was typed stays.
    write(page, "#f-due_date", "31/02/2026")
    page.keyboard.press("Tab")
    expect(page.locator("#f-due_date")).to_have_attribute("aria-invalid", "true")
    assert page.input_value("#f-due_date") == "31/02/2026"
    page.locator("#f-due_date").focus()
    page.keyboard.press("Escape")

    # An account that exists is typed; then the invoice posts.
    write(page, "#f-account", "2212")
    page.keyboard.press("Enter")
    expect(page.locator("#data")).not_to_have_attribute("data-invoice", second)
    assert [state for state, _ in invoices(clerk)] == ["posted", "posted", "doubtful"]

    # The client is asked about the last one, and nothing is left.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("c")
    page.keyboard.type("Que despesa é esta?")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/?direction=received")
    assert [state for state, _ in invoices(clerk)] == ["posted", "posted", "asked"]
    with transaction.atomic():
        company_for(clerk.user_id, clerk.company.pk)
        assert Entry.objects.count() == 2
        folders = Filing.objects.order_by("pk").values_list("folder", flat=True)
        assert list(folders) == ["pf_asiento", "pf_asiento", "pf_borrador"]


def test_a_word_of_the_page_is_taken_into_the_field(page: Page, clerk: Access) -> None:
    page.keyboard.press("n")
    page.wait_for_selector("#data[data-open]")
    page.locator("#f-seller_name").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator(".words rect.at")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    word = page.locator(".words rect.at").get_attribute("data-word")
    after(page, "Enter")
    assert page.input_value("#f-seller_name") == word
    page.keyboard.press("Escape")
    page.locator("#f-number").focus()
    rect = page.locator(".words rect").nth(3)
    version = page.locator("#data").get_attribute("data-version") or ""
    rect.click(force=True)
    expect(page.locator("#data")).not_to_have_attribute("data-version", version)
    expect(page.locator("#f-number")).to_have_value(rect.get_attribute("data-word") or "")
