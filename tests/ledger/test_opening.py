"""Opening books: a new company can post at once, with the chart and codes of its country."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.countries.pack import load
from razao.ledger.models import Account, EntryType, Journal, Period, VatCode, WithholdingAccount
from razao.ledger.opening import open_books, open_year
from tests.factories import a_company

pytestmark = pytest.mark.django_db


def test_a_portuguese_company_gets_the_whole_chart_and_all_codes():
    access = a_company()
    pack = load("PT")
    assert Account.objects.count() == len(pack.accounts)
    assert Journal.objects.count() == len(pack.journals)
    assert EntryType.objects.count() == len(pack.entry_types)
    assert VatCode.objects.count() == len(pack.vat_codes)
    normal = VatCode.objects.get(code="LNOR")
    assert (normal.tax_account and normal.tax_account.code, normal.base_fields) == (
        "2433113",
        ["3"],
    )
    rates = normal.rates.filter(valid_from__lte=date(2025, 1, 1), valid_to=None)
    assert [r.rate for r in rates] == [Decimal(23)]
    kept = WithholdingAccount.objects.get(code__code="B", direction="purchase", chart="PT")
    assert kept.account.code == "2422"
    assert access.company.taxonomy == "S"


def test_opening_again_adds_nothing():
    access = a_company()
    before = (Account.objects.count(), VatCode.objects.count(), Period.objects.count())
    open_books(access.company, access.user_id, (2025,))
    assert (Account.objects.count(), VatCode.objects.count(), Period.objects.count()) == before


def test_a_fiscal_year_that_begins_in_july_has_its_months_in_order():
    access = a_company()
    access.company.fiscal_year_start_month = 7
    year = open_year(access.company, 2030)
    months = [(p.number, p.start, p.end) for p in year.periods.order_by("number")]
    assert months[:2] == [
        (0, date(2030, 7, 1), date(2030, 7, 1)),
        (1, date(2030, 7, 1), date(2030, 7, 31)),
    ]
    assert months[12:14] == [
        (12, date(2031, 6, 1), date(2031, 6, 30)),
        (13, date(2031, 6, 1), date(2031, 6, 30)),
    ]
    assert len(months) == 17
