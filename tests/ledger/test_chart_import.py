"""A company's own chart, from CSV or XLSX as other programs write it."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from razao.kernel.problems import Refused
from razao.ledger.chart_import import ImportedChart, import_chart
from razao.ledger.models import Account
from tests.factories import a_company

pytestmark = pytest.mark.django_db


@pytest.fixture
def access():
    return a_company()


def said(access, text: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        import_chart(access, text.encode())
    return [(p.code, p.where) for p in refused.value.problems]


def test_new_accounts_follow_those_above_and_existing_ones_take_the_new_name(access):
    text = "Conta;Descrição\n111;Caixa da sede\n62265;Conservação — frota\n622651;Pneus\n"
    assert import_chart(access, text.encode("cp1252")) == ImportedChart(added=2, changed=1)
    rows = Account.objects.filter(code__in=["111", "62265", "622651"]).order_by("code")
    assert [(a.code, a.name, a.kind, a.postable) for a in rows] == [
        ("111", "Caixa da sede", "asset", True),
        ("62265", "Conservação — frota", "expense", False),
        ("622651", "Pneus", "expense", True),
    ]


def test_a_workbook_whose_codes_are_numbers(access):
    book = Workbook()
    book.active.append(["Plano de contas"])
    book.active.append(["Code", "Name", "Kind", "Postable"])
    book.active.append([9, "Analítica", "other", "no"])
    book.active.append([91.0, "Contas refletidas", None, "yes"])
    data = io.BytesIO()
    book.save(data)
    assert import_chart(access, data.getvalue()) == ImportedChart(added=2, changed=0)
    rows = Account.objects.filter(code__startswith="9").order_by("code")
    assert [(a.code, a.kind, a.postable) for a in rows] == [
        ("9", "other", False),
        ("91", "other", True),
    ]


def test_every_row_that_is_wrong_is_named_and_nothing_is_taken(access):
    before = Account.objects.count()
    text = "code,name,kind\n9,,other\n91,A,thing\n91,B,other\nX1,C,\n62,Gastos,\n"
    assert said(access, text) == [
        ("chart.name_missing", "9"),
        ("chart.kind_unknown", "91"),
        ("chart.twice", "91"),
        ("chart.kind_missing", "X1"),
    ]
    assert Account.objects.count() == before


def test_files_that_are_no_chart(access):
    assert said(access, "a,b\n1,2\n") == [("chart.columns", "")]
    with pytest.raises(Refused, match=r"chart\.unreadable"):
        import_chart(access, b"PK\x03\x04 not a workbook")
    assert said(access, f'code,name\n9,"{"x" * 200_000}"\n') == [("chart.unreadable", "")]


def test_what_the_chart_cannot_hold_is_named(access):
    text = f"code,name,kind,taxonomy,classifier\n{'9' * 100},N,other,,\n98,{'n' * 501},other,,\n"
    assert said(access, text + "97,N,other,²,\n96,N,other,99999,\n95,N,other,," + "x" * 21) == [
        ("chart.value", code) for code in ("9" * 60, "98", "97", "96", "95")
    ]
