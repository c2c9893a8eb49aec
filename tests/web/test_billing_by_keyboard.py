"""A month of 5,000 documents in a real browser, by keyboard: configure, prepare with errors, mend, prepare, observe, integrate, undo."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from axe_core_python.sync_playwright import Axe
from django.db import connections, transaction
from playwright.sync_api import Page, expect

from razao.billing.models import Preparation
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import run_worker
from razao.ledger.models import Balance, Entry
from tests.billing.shop import HEADINGS, many
from tests.browser import at_work
from tests.factories import a_company

expect.set_options(timeout=60_000)
CHROMIUM = Path("/usr/bin/chromium")
COUNT = 5_000
FIELDS = ("billing_type", "number", "issue_date", "buyer_id", "buyer_tax_id", "buyer_name", "article", "quantity", "net", "vat_rate", "gross")  # fmt: skip

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def access(committed_db: None, tmp_path: Path, settings) -> Access:
    """A company with books, nothing configured for billing, and the month as its program writes it."""
    settings.RAZAO_INTAKE = tmp_path
    (tmp_path / "maio.csv").write_text("\n".join([HEADINGS, *many(COUNT)]), encoding="utf-8")
    with transaction.atomic():
        return a_company()


@pytest.fixture
def page(access: Access) -> Iterator[Page]:
    """The accountant's browser at billing."""
    path = f"/c/{access.company.pk}/billing/"
    with at_work(access.user_id, path, patience=60_000, still=True) as shown:
        yield shown


def works() -> None:
    """A worker does what waits, as it would beside the site."""

    def work() -> None:
        run_worker(wait=False)
        connections.close_all()

    worker = Thread(target=work)
    worker.start()
    worker.join()


def goes(page: Page, *keys: str) -> None:
    """Press keys that lead to another page, and wait for it."""
    with page.expect_navigation(wait_until="load"):
        for key in keys:
            page.keyboard.press(key)
    page.wait_for_selector("html[data-ready]")


def types(page: Page, field: str, text: str) -> None:
    """Type over what stands in a field."""
    page.locator(field).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def chooses(page: Page, field: str, value: str) -> None:
    """Choose in a list without the mouse: its options are reached with the arrows."""
    page.locator(field).focus()
    at = page.locator(field).evaluate(
        "(list, value) => [...list.options].findIndex((o) => o.value === value)", value
    )
    page.keyboard.press("Home")
    for _ in range(at):
        page.keyboard.press("ArrowDown")
    assert page.locator(field).input_value() == value


def nothing_wrong(page: Page) -> None:
    """axe finds nothing, and nothing is cut at the side."""
    assert [found["id"] for found in Axe().run(page)["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def prepared(page: Page) -> None:
    """Wait for the worker, and see the preparation."""
    works()
    page.reload()
    page.wait_for_selector("html[data-ready]")


def kept(access: Access) -> Preparation:
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        return Preparation.objects.latest("created_at")


def test_a_month_of_5000_documents_by_keyboard(page: Page, access: Access) -> None:
    # Configure: the country's codes and types, an account of one's own, a source whose columns are mapped.
    goes(page, "c")
    goes(page, "2")
    nothing_wrong(page)
    page.locator("a", has_text="MERC").first.focus()
    goes(page, "Enter")
    row = page.locator("#parts tr", has=page.locator("input[value='23,00']"))
    revenue = row.first.locator("input[name$='-revenue']")
    types(page, f"[name='{revenue.get_attribute('name')}']", "71199")
    goes(page, "Control+Enter")
    nothing_wrong(page)
    goes(page, "l")
    goes(page, "3")
    goes(page, "n", "2")
    types(page, "[name=name]", "loja")
    types(page, "[name=path]", "maio.csv")
    page.locator("[name=active]").focus()
    if not page.locator("[name=active]").is_checked():
        page.keyboard.press("Space")
    goes(page, "Control+Enter")
    for at, name in enumerate(FIELDS):
        chooses(page, f"#column-{at}", name)
    chooses(page, "#m-decimal", ",")
    goes(page, "Alt+t")
    expect(page.locator("#tried-documents tbody tr")).to_have_count(20)
    nothing_wrong(page)
    goes(page, "Control+Enter")

    # Prepare with errors: the account does not exist, nor do the customers.
    page.goto(page.url.split("/billing/")[0] + "/billing/")
    page.wait_for_selector("html[data-ready]")
    page.locator("[name=source]").focus()
    page.keyboard.press("ArrowDown")
    goes(page, "Control+Enter")
    prepared(page)
    assert kept(access).counts == {
        "billing.account_unknown": COUNT,
        "billing.customer_missing": COUNT,
    }
    expect(page.locator("#missing-things tbody tr")).to_have_count(3)
    nothing_wrong(page)

    # Mend, and prepare.
    page.evaluate("document.activeElement.blur()")
    goes(page, "t")
    prepared(page)
    assert kept(access).counts == {"billing.account_unknown": COUNT}
    goes(page, "j", "Enter")
    types(page, "[name=name]", "Vendas da loja")
    goes(page, "Control+Enter")
    prepared(page)
    seen = kept(access)
    assert (seen.counts, seen.ready, seen.ties) == ({}, COUNT, True)

    # Observe, integrate.
    expect(page.locator("#ties tr.total")).to_have_count(1)
    expect(page.locator("#entries tr[data-row]")).to_have_count(100)
    nothing_wrong(page)
    page.keyboard.press("i")
    page.wait_for_selector("#confirm[open]")
    goes(page, "Enter")
    prepared(page)
    assert kept(access).state == Preparation.State.INTEGRATED
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        assert Entry.objects.count() == COUNT

    # Undo.
    page.keyboard.press("u")
    page.wait_for_selector("#undo[open]")
    types(page, "#undo [name=reason]", "Mês errado")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    goes(page, "Enter")
    assert kept(access).state == Preparation.State.UNDONE
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        left: dict[object, Decimal] = {}
        for row in Balance.objects.all():
            left[row.account_id] = left.get(row.account_id, Decimal(0)) + row.debit - row.credit
        assert set(left.values()) == {Decimal(0)}
