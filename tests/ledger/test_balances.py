"""Trial balance and account statement: sums of accounts and headings, opening apart, pages with the running balance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.kernel.problems import NotFound
from razao.ledger.balances import trial_balance
from razao.ledger.models import CostCenter
from razao.ledger.posting import post
from razao.ledger.statements import statement
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db


@pytest.fixture
def access():
    access = a_company()
    CostCenter.objects.create(company=access.company, code="L1", name="Loja")
    opening = draft(
        [("111", 50000, 0), ("511", 0, 50000)], journal="AB", entry_type="SB", date=date(2025, 1, 1)
    )
    sales = [draft(date=date(2025, month, 14)) for month in (1, 2, 3)]
    power = [("6241", 1000, 0, {"cost_center": "L1"}), ("111", 0, 1000)]
    cost = draft(power, journal="CX", entry_type="MC", date=date(2025, 2, 20))
    other_year = draft(date=date(2026, 1, 5))
    wanted = drafts(opening, *sales, cost, other_year)
    post(access, wanted, kind="manual", source="test", fingerprint="")
    return access


def amounts(balance, code):
    row = balance.row(code)
    return (row.opening, row.debit, row.credit, row.balance, row.level)


def test_accounts_and_headings_with_opening_apart(access):
    balance = trial_balance(access.company, year="2025")
    assert amounts(balance, "111") == (500, 369, 10, 859, 3)
    assert amounts(balance, "1") == (500, 369, 10, 859, 1)
    assert amounts(balance, "2433113") == (0, 0, 69, -69, 7)
    assert [row.code for row in balance.rows if row.postable] == [
        "111",
        "2433113",
        "511",
        "6241",
        "71113",
    ]
    assert (balance.total.total_debit, balance.total.total_credit) == (
        Decimal("879.00"),
        Decimal("879.00"),
    )


def test_earlier_periods_are_the_opening_of_later_ones(access):
    balance = trial_balance(access.company, year="2025", first=2, last=2)
    assert amounts(balance, "111") == (623, 123, 10, 736, 3)
    assert balance.total.movement == 0


def test_one_cost_centre_and_one_class(access):
    of_shop = trial_balance(access.company, year="2025", cost_center="L1", headings=False)
    assert [(row.code, row.balance) for row in of_shop.rows] == [("6241", 10)]
    class_7 = trial_balance(access.company, year="2025", prefix="7", headings=False)
    assert [(row.code, row.balance) for row in class_7.rows] == [("71113", -300)]


def test_a_year_without_postings_is_empty(access):
    balance = trial_balance(access.company, year="2024")
    assert (balance.rows, balance.total.debit) == ((), 0)


@pytest.mark.parametrize(
    ("start", "opening"),
    [
        (date(2025, 1, 1), 0),
        (date(2025, 1, 2), 500),
        (date(2025, 1, 14), 500),
        (date(2025, 1, 15), 623),
        (date(2025, 2, 1), 623),
        (date(2025, 2, 15), 746),
        (date(2025, 12, 31), 859),
        (date(2026, 1, 6), 123),
        (date(2031, 1, 1), 0),
    ],
)
def test_a_statement_opens_with_what_was_before(access, start, opening):
    page = statement(access.company, "111", start=start, end=date(2031, 12, 31))
    assert page.opening == opening


def test_pages_of_a_statement_join_without_gap_or_repeat(access):
    everything = statement(access.company, "111", start=date(2025, 1, 1), end=date(2025, 12, 31))
    assert [(x.date, x.journal, x.number, x.balance) for x in everything.lines] == [
        (date(2025, 1, 1), "AB", 1, 500),
        (date(2025, 1, 14), "VD", 1, 623),
        (date(2025, 2, 14), "VD", 2, 746),
        (date(2025, 2, 20), "CX", 1, 736),
        (date(2025, 3, 14), "VD", 3, 859),
    ]
    assert everything.following is None
    lines, after = [], None
    for _ in range(3):
        page = statement(
            access.company,
            "111",
            start=date(2025, 1, 1),
            end=date(2025, 12, 31),
            after=after,
            limit=2,
        )
        lines += page.lines
        after = page.following
    assert after is None
    assert tuple(lines) == everything.lines


def test_a_heading_has_the_statement_of_all_its_accounts(access):
    page = statement(access.company, "2", start=date(2025, 2, 1), end=date(2025, 3, 31))
    assert (page.opening, [x.account for x in page.lines], page.closing) == (
        -23,
        ["2433113", "2433113"],
        -69,
    )


def test_an_account_that_is_not_there(access):
    with pytest.raises(NotFound):
        statement(access.company, "nada", start=date(2025, 1, 1), end=date(2025, 12, 31))
