"""Every country's books from the company's opening to its VAT: capture an invoice, post it, integrate a sale, read the reports."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from razao.billing import checking
from razao.billing import flow as billing
from razao.billing.models import Article
from razao.billing.sourcing import Choice
from razao.billing.starting import start
from razao.booking.billing_rules import Options
from razao.booking.loading import posting_profile
from razao.capture import flow, posting, review
from razao.capture.models import CapturedInvoice, Flow
from razao.capture.parties import AccountForm, account_form, open_account
from razao.capture.profiles import save_profile
from razao.capture.reading.read import read_file
from razao.capture.samples.generate import Sample
from razao.companies.rights import Access
from razao.countries import reading
from razao.countries.facts import Direction
from razao.countries.pack import available, load, look_also_in
from razao.countries.tax_ids import normalise_tax_id
from razao.ledger.balances import trial_balance
from razao.ledger.chart_import import import_chart
from razao.ledger.code_accounts import ACCOUNTS, change_vat_code
from razao.ledger.models import Entry, Line
from razao.reports.catalogue.vat import code_figures
from razao.reports.parameters import Parameters, fiscal_year_of
from razao.web.company_forms import countries_of_the_books
from tests.billing.shop import HEADINGS, MAPPING, booked
from tests.capture.papers import read
from tests.capture.walks import A_NEW_COUNTRY, DAY, WALKS, Walk, e_invoice, paper
from tests.factories import a_company
from tests.invoices.formats.test_syntaxes import nfe

pytestmark = pytest.mark.django_db


def opened(walk: Walk) -> Access:
    """A company of the country with open books; São Tomé's chart comes from a file."""
    access = a_company(
        walk.country, years=(2026,), tax_id=walk.tax_id, region=walk.region or walk.country
    )
    if not load(walk.country).chart_complete:
        with_a_chart_of_its_own(access)
    return access


CHART = """conta;nome;movimento
571;Caixa;sim
631;Limpeza e conservação;sim
701;Vendas de mercadorias no país;sim
4331;IVA dedutível;sim
4332;IVA liquidado;sim
"""


def with_a_chart_of_its_own(access: Access) -> None:
    """What an office in São Tomé does first: its chart, the accounts of the tax, and where purchases and sales go."""
    import_chart(access, CHART.encode())
    nothing = dict.fromkeys(ACCOUNTS, "")
    deducted, collected = nothing | {"tax_account": "4331"}, nothing | {"tax_account": "4332"}
    change_vat_code(access, "DOBNOR", deducted, Decimal(100))
    change_vat_code(access, "LNOR", collected | {"base_account": "701"}, Decimal(100))
    for direction, account in ((Direction.PURCHASE, "631"), (Direction.SALE, "701")):
        now = posting_profile(access.company, direction)
        kept = {"credit_accounts": {}, "cash_account": "", "counterpart": account}
        _profile, problems = save_profile(access, direction, kept | {"journal": now.journal})
        assert problems == []


def captured(access: Access, walk: Walk, make: Callable[[Walk, str], Sample]) -> CapturedInvoice:
    """Upload the seller's paper; the reader reads it as always."""
    sample = make(walk, access.company.name)
    receipt = flow.upload(access, Flow.RECEIVED, io.BytesIO(sample.content), sample.name)
    (row,) = read(access, receipt.scans[0])
    return row


def settled(access: Access, row: CapturedInvoice, walk: Walk) -> None:
    """The clerk opens the seller's account with its withholding, says what was bought, and looks at what is doubtful."""
    form = account_form(row, access.company)
    party = replace(form.party, withholding_code=walk.withholding_code)
    open_account(access, row.pk, AccountForm(form.code, party, walk.account, form.classifier))
    row.refresh_from_db()
    for field in list(row.doubts):
        review.confirm(access, row.pk, None, field)


def entry_of(access: Access, row: CapturedInvoice) -> list[tuple[str, str, str]]:
    """The lines of an invoice's entry as an accountant writes them."""
    row.refresh_from_db()
    entry = Entry.objects.get(company=access.company, id=row.entry_id)
    lines = Line.objects.filter(entry_id=entry.id).select_related("account").order_by("position")
    return [
        ("D" if line.debit else "C", line.account.code, str(line.debit or line.credit))
        for line in lines
    ]


def integrated(access: Access, walk: Walk, folder: Path) -> list[tuple[str, str, str]]:
    """A month of sales of one invoice, out of a file: customers taken over, prepared, integrated."""
    start(access.company, today=DAY)
    Article.objects.create(company=access.company, code="A1", posting_code="MERC")
    net, rate, total = walk.sale
    path = folder / "vendas.csv"
    row = f"FT;FT A/1;2026-05-20;C1;{walk.customer};Cliente;A1;1;{net};{rate};{total}"
    path.write_text(f"{HEADINGS}\n{row}\n", encoding="utf-8")
    mapping = {**MAPPING, "constants": {"currency": walk.currency}}
    choice = Choice("table", {"path": str(path), "mapping": mapping}, "table:vendas.csv")
    checking.take_over_customers(access, choice, Options())
    prepared = billing.prepare(access, choice, Options())
    assert (prepared.counts, prepared.ready, prepared.ties) == ({}, 1, True)
    batch = billing.integrate(access, prepared.pk, prepared.fingerprint)
    return [line[1:] for line in booked(batch)]


def walked(walk: Walk, folder: Path, make: Callable[[Walk, str], Sample] = paper) -> None:
    """Opening, capture, posting, a sale, trial balance, VAT summary; every figure as the walk says."""
    access = opened(walk)
    assert access.company.currency == walk.currency

    row = captured(access, walk, make)
    seller = normalise_tax_id(walk.country, row.party_tax_id)
    assert (row.number, row.issue_date, seller) == (walk.number, DAY, walk.seller)
    settled(access, row, walk)
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert outcome.problems == ()
    assert entry_of(access, row) == walk.bought

    assert integrated(access, walk, folder) == walk.sold

    balance = trial_balance(access.company, year="2026", headings=False)
    sums: dict[str, Decimal] = {}
    for side, account, amount in (*walk.bought, *walk.sold):
        signed = Decimal(amount) if side == "D" else -Decimal(amount)
        sums[account] = sums.get(account, Decimal(0)) + signed
    assert {r.code: r.balance for r in balance.rows} == sums
    assert balance.total.debit == balance.total.credit

    year = fiscal_year_of(access.company, "2026")
    figures = code_figures(Parameters(access.company, year))
    assert tuple((f.code, str(f.base), str(f.tax)) for f in figures) == walk.vat


@pytest.mark.parametrize("walk", WALKS, ids=[walk.place for walk in WALKS])
def test_a_company_walks_from_its_opening_to_its_vat(walk: Walk, tmp_path: Path) -> None:
    walked(walk, tmp_path)


def test_every_country_whose_books_can_be_kept_has_a_walk() -> None:
    books = {c for c in available() if "books" in load(c).purposes}
    assert {walk.country for walk in WALKS} == books


def test_a_country_that_is_nothing_but_data_walks_like_the_others(
    tmp_path: Path, a_new_country: Walk
) -> None:
    walked(a_new_country, tmp_path, e_invoice)


@pytest.fixture
def a_new_country(tmp_path: Path) -> Iterator[Walk]:
    """A pack that an office wrote for a country of its own, in a folder that ``RAZAO_PACKS`` names."""
    place = tmp_path / "packs"
    shutil.copytree(Path(__file__).parent / "a_new_country", place / "AQ")
    look_also_in(place)
    yield A_NEW_COUNTRY
    reading.PLACES.remove(place)
    reading.folders.cache_clear()


def test_brazil_is_read_and_keeps_no_books(tmp_path: Path) -> None:
    """NF-e for delivery and reading: nobody opens books of Brazil, and its notes are read into others' books."""
    pack = load("BR")
    assert (pack.purposes, pack.vat_codes) == (frozenset({"reading", "delivery"}), ())
    assert "BR" not in dict(countries_of_the_books())
    path = tmp_path / "nota.xml"
    path.write_text(nfe(), encoding="utf-8")
    (invoice,) = read_file(path, country="PT").invoices
    assert (invoice.number, invoice.currency, str(invoice.gross_total)) == (
        "1/17",
        "BRL",
        "1110.00",
    )
    assert (invoice.seller_tax_id, invoice.seller_country) == ("16727230000197", "BR")
