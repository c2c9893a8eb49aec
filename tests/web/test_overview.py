"""The first screen: what waits, how old it is, and where a click leads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from razao.companies.models import User
from razao.reports.dashboard import months_of
from razao.web.overview import Cell, posted_by_month, sentences, stages
from tests.factories import a_company
from tests.reports.year import bakery, parameters

pytestmark = pytest.mark.django_db


def test_a_cell_darkens_with_the_age_of_its_oldest_item():
    today = date(2026, 11, 21)
    ages = [Cell(1, today - timedelta(days=days)).age(today) for days in (0, 2, 3, 9, 10, 400)]
    assert ages == [1, 1, 2, 2, 3, 3]
    assert Cell(0, today).age(today) == 0


def test_an_office_without_documents_is_told_that_nothing_waits():
    access = a_company()
    rows = stages([access.company], timezone.localdate())
    assert sentences(rows, timezone.localdate())[0].state == "done"


def test_the_plot_has_the_last_twelve_months_ending_now():
    access = a_company()
    bars = posted_by_month([access.company.pk], date(2026, 2, 10))
    assert [bar.label for bar in bars] == [
        *("03/25", "04/25", "05/25", "06/25", "07/25", "08/25"),
        *("09/25", "10/25", "11/25", "12/25", "01/26", "02/26"),
    ]
    assert [bar.now for bar in bars] == [False] * 11 + [True]


def test_the_year_of_a_company_shows_by_month_and_cash_carries_on():
    access = bakery()
    months = months_of(access.company, parameters(access).fiscal_year)
    assert [(str(m.revenue), str(m.costs), str(m.vat), str(m.cash)) for m in months[:4]] == [
        ("0.00", "0.00", "0.00", "5000.00"),
        ("1000.00", "0.00", "230.00", "5000.00"),
        ("0.00", "100.00", "-69.00", "5000.00"),
        ("0.00", "0.00", "0.00", "5600.00"),
    ]


def test_home_and_company_page_open(client):
    access = a_company()
    client.force_login(User.objects.get(pk=access.user_id))
    assert [client.get(path).status_code for path in ("/", f"/c/{access.company.pk}/")] == [
        200,
        200,
    ]
