"""A clerk's pile of fifty mixed invoices by keyboard alone: every kind of incidence, two new parties, all posted or settled, every file in its folder."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from razao.archive import custody
from razao.archive.models import Filing, Folder
from razao.archive.store import holds
from razao.booking.loading import posting_profile
from razao.capture import flow, queries
from razao.capture.models import CapturedInvoice, Flow
from razao.capture.samples import electronic
from razao.capture.samples.deals import Deal
from razao.capture.samples.parties import Party, draw_party
from razao.capture.samples.trades import trades
from razao.companies.rights import Access, company_for
from razao.countries.facts import Direction
from razao.invoices.invoice import Invoice, VatAmount
from razao.kernel.jobs import Run
from razao.kernel.money import tax_on
from razao.kernel.tenancy import new_id
from razao.ledger.accounts import NewParty, open_party_account
from razao.ledger.models import Account, Entry, Period
from tests.capture.papers import a_paper, as_party, send
from tests.capture.test_clerk import page as page_of  # the browser, at the list
from tests.capture.test_clerk import shown
from tests.factories import a_company

pytestmark = [pytest.mark.browser, pytest.mark.slow]
page = page_of

COUNT = 50
#: The special ones by their number; all others are in order.
CLOSED, WRONG_RATE, UNBALANCED, CANCELLED, NOT_OURS, AGAIN = 5, 10, 15, 20, 25, 30
UNKNOWN = (2, 12, 22, 32)
PAPER = 40
#: What S13 lists, and the codes that say it.
KINDS = {
    "booking.journal_missing",
    "booking.entry_type_missing",
    "booking.account_missing",
    "booking.vat_rate_missing",
    "booking.unbalanced",
    "booking.period_closed",
    "capture.duplicate_document",
    "booking.cancelled",
    "booking.wrong_company",
}


def an_invoice(company: Party, seller: Party, number: int) -> bytes:
    """The invoice as UBL; the special ones have what makes them so."""
    rate = Decimal(19 if number == WRONG_RATE else (23, 13, 6)[number % 3])
    base = Decimal(100 + number)
    tax = tax_on(base, rate)
    gross = base + tax + (10 if number == UNBALANCED else 0)
    buyer = replace(company, tax_id="503504564") if number == NOT_OURS else company
    invoice = Invoice(
        pages=(1,),
        document_type="FT",
        number=f"FT 2026/{AGAIN - 1 if number == AGAIN else number}",
        issue_date=date(2026, 1 if number == CLOSED else 2 + number % 8, 1 + number % 28),
        currency="EUR",
        vat=(VatAmount(rate, base, tax),),
        net_total=base,
        vat_total=tax,
        gross_total=gross,
    )
    return electronic.ubl(Deal(invoice, trades()[0], seller, buyer, ()))


@pytest.fixture
def clerk(committed_db: None) -> Access:
    """A company with six known suppliers, a closed January, a profile that names what is not there, and fifty invoices read."""
    sellers = [draw_party(Random(f"seller {n}"), "PT") for n in range(7)]
    with transaction.atomic():
        access = a_company(years=(2026,))
        ours = as_party(access.company)
        for seller in sellers[:6]:
            code = f"22111{sellers.index(seller) + 1:04}"
            party = NewParty(seller.tax_id, seller.name)
            open_party_account(access, party, code=code, counterpart="6224", classifier="FOR")
        Period.objects.filter(company=access.company, number=1).update(state="closed")
        profile = posting_profile(access.company, Direction.PURCHASE)
        profile.journal, profile.entry_types = "ZZ", profile.entry_types | {"FT": "QQ"}
        profile.save()
        scans = [a_file(access, ours, sellers, n) for n in range(COUNT)]
    for scan in scans:
        flow.read_scan(Run(new_id(), access.user_id, access.company.pk), scan=str(scan.pk))
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        rows = list(CapturedInvoice.objects.order_by("pk"))
        rows[CANCELLED].reading["status"] = "A"  # as its fiscal code would say
        rows[CANCELLED].save()
    propose(access)
    return access


def a_file(access: Access, ours: Party, sellers: list[Party], number: int):
    if number == PAPER:
        return send(access, a_paper(access.company, "1"))
    # Invoice 30 repeats 29: the same seller and number, another file.
    seller = sellers[6] if number in UNKNOWN else sellers[(number - (number == AGAIN)) % 6]
    content = an_invoice(ours, seller, number)
    receipt = flow.upload(access, Flow.RECEIVED, io.BytesIO(content), f"f{number}.xml")
    return receipt.scans[0]


def propose(access: Access) -> None:
    """What the worker does after the profile changed."""
    flow.propose_again(Run(new_id(), access.user_id, access.company.pk))


class Keyboard:
    """What a clerk does; nothing of it touches the mouse."""

    def __init__(self, page: Page, access: Access) -> None:
        self.page, self.access = page, access
        self.met: Counter[str] = Counter()
        self.parties = self.papers = 0

    def incidences(self) -> set[str]:
        found = self.page.eval_on_selector_all(
            "#data [data-code]", "all => all.map(one => one.dataset.code)"
        )
        return set(found)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, selector: str) -> None:
        for _ in range(150):
            if self.page.evaluate("s => Boolean(document.activeElement?.matches(s))", selector):
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    def type_over(self, text: str) -> None:
        self.press("Control+a")
        self.page.keyboard.type(text)

    def leaves(self, invoice: str) -> None:
        """Wait for the next invoice, or for the list when none is left."""
        self.page.wait_for_function(
            "was => !document.getElementById('data') || document.getElementById('data').dataset.invoice !== was",
            arg=invoice,
        )
        self.page.wait_for_selector("html[data-ready]")

    def look_closer(self) -> None:
        """Zoom and turn the page of an invoice that has one, and back."""
        paper = self.page.locator("#page-pane .paper")
        if paper.count() == 0:
            return
        self.papers += 1
        field = self.page.evaluate("document.activeElement.id")
        self.press("Escape", "=", "=", "o")
        expect(paper).to_have_attribute("style", "width: 170%;")
        expect(paper).to_have_class("paper turn-90")
        self.press("-", "-", "o", "o", "o")
        expect(paper).to_have_attribute("style", "width: 100%;")
        expect(paper).to_have_class("paper")
        self.tab_to(f"#{field}")

    def mend_profile(self) -> None:
        """Journal and entry type do not exist: the profile is one key away."""
        self.press("Escape", "t")
        journal, types = 'select[name="journal"]', 'input[name="entry_types.value"][value="QQ"]'
        self.page.wait_for_selector(journal)
        self.tab_to(journal)
        self.page.keyboard.type("CP")
        expect(self.page.locator(journal)).to_have_value("CP")
        self.tab_to(types)
        self.type_over("VFT")
        self.press("Control+Enter")
        expect(self.page.locator(types)).to_have_count(0)
        propose(self.access)
        self.press("l")
        self.page.wait_for_selector("table#documents")
        self.press("n")
        self.page.wait_for_selector("#data[data-open]")

    def open_party(self) -> None:
        expect(self.page.locator("#f-account")).to_be_focused()
        self.page.keyboard.type("+")
        expect(self.page.locator("#f-account")).not_to_have_value("+")
        expect(self.page.locator("#f-account")).to_have_attribute("aria-invalid", "true")
        self.press("Enter")
        self.page.wait_for_selector("#dialog[open] #a-code")
        self.tab_to("#a-counter")
        self.type_over("6224")
        self.press("Control+Enter")
        expect(self.page.locator("#dialog")).not_to_be_visible()
        self.parties += 1

    def say(self, key: str, text: str) -> None:
        self.press("Escape", key)
        self.page.wait_for_selector("#say[open]")
        self.page.keyboard.type(text)
        self.press("Control+Enter")

    def settle(self, codes: set[str], invoice: str) -> None:
        """Do with an invoice what its incidences ask for, until it is left."""
        if codes & {"booking.journal_missing", "booking.entry_type_missing"}:
            return self.mend_profile()
        if codes & {"booking.cancelled", "booking.wrong_company", "capture.duplicate_document"}:
            self.say("x", "não é para lançar")
            return self.leaves(invoice)
        if "booking.vat_rate_missing" in codes:
            self.say("c", "A taxa de 19 % está certa?")
        elif "booking.account_missing" in codes:
            return self.open_party()
        elif "booking.period_closed" in codes:
            expect(self.page.locator("#f-date")).to_be_focused()
            self.type_over("010226")
            self.press("Enter")
        elif "booking.unbalanced" in codes:
            expect(self.page.locator("#f-gross_total")).to_be_focused()
            base = Decimal(100 + UNBALANCED)
            self.type_over(f"{base + tax_on(base, Decimal(23))}".replace(".", ","))
            self.press("Enter")
        else:
            self.press("Enter")
        return self.leaves(invoice)


def test_fifty_invoices_by_keyboard_alone(page: Page, clerk: Access) -> None:
    clerk_at = Keyboard(page, clerk)
    page.keyboard.press("n")
    page.wait_for_selector("#data[data-open]")
    for _ in range(2 * COUNT):
        if page.locator("#data").count() == 0:
            break
        clerk_at.look_closer()
        codes = clerk_at.incidences()
        clerk_at.met.update(codes)
        clerk_at.settle(codes, shown(page))
    assert set(clerk_at.met) >= KINDS
    assert clerk_at.parties == 2
    assert clerk_at.papers > 0
    with transaction.atomic():
        company_for(clerk.user_id, clerk.company.pk)
        states = Counter(CapturedInvoice.objects.values_list("state", flat=True))
        assert states == {"posted": 46, "rejected": 3, "asked": 1}
        assert Entry.objects.count() == 46
        assert Account.objects.filter(classifier="FOR", party__isnull=False).count() == 8
        kept = dict(Filing.objects.values_list("subject_id", "folder"))
        for row in CapturedInvoice.objects.select_related("scan__file"):
            folder = Folder.PF_ASIENTO if row.state == "posted" else Folder.PF_BORRADOR
            assert kept[row.pk] == folder
            assert holds(folder, clerk.company.pk, row.scan.file.sha256)
        assert custody.prove(clerk.company.pk, queries.living(clerk.company.pk)).ties
