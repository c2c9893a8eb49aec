"""The ledger's and the reports' pages, as an accountant opens them."""

from __future__ import annotations

import pytest

from razao.companies.models import User
from razao.companies.rights import Access
from razao.ledger.models import Batch, Entry
from razao.reports.index import REPORTS
from tests.factories import a_company, an_office
from tests.reports.year import bakery

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    return bakery()


@pytest.fixture
def desk(client, access: Access):
    client.force_login(User.objects.get(pk=access.user_id))
    return client


def page(desk, access: Access, path: str):
    return desk.get(f"/c/{access.company.pk}/{path}")


@pytest.mark.parametrize(
    "path", ["ledger/", "ledger/batches/", "ledger/accounts/", "ledger/journals/", "reports/"]
)
def test_each_page_opens(desk, access, path):
    assert page(desk, access, path).status_code == 200


def test_the_list_has_every_entry_with_its_amount(desk, access):
    rows = page(desk, access, "ledger/").context["listing"].rows
    assert [(e.journal.code, e.number, str(e.seal.total)) for e in rows] == [
        ("BC", 1, "600.00"),
        ("CP", 2, "123.00"),
        ("CP", 1, "246.00"),
        ("VD", 1, "1230.00"),
        ("AB", 1, "5000.00"),
    ]


@pytest.mark.parametrize(("entries", "queries"), [(1, None), (3, None)])
def test_the_list_costs_the_same_for_one_entry_and_for_more(
    client, django_assert_max_num_queries, entries, queries
):
    access = bakery() if entries == 3 else a_company()
    client.force_login(User.objects.get(pk=access.user_id))
    with django_assert_max_num_queries(40):
        assert page(client, access, "ledger/").status_code == 200


def test_an_entry_shows_its_lines_and_its_place_in_the_chain(desk, access):
    entry = Entry.objects.get(company=access.company, reference="F 77")
    context = page(desk, access, f"ledger/entries/{entry.id}/").context
    assert [
        (line.account.code, str(line.debit), str(line.credit)) for line in context["lines"]
    ] == [
        ("311", "200.00", "0.00"),
        ("2432113", "46.00", "0.00"),
        ("221110001", "0.00", "246.00"),
    ]
    assert len(context["hash"]) == 64


def test_a_batch_is_undone_once_with_a_reason(desk, access):
    batch = Batch.objects.get(company=access.company)
    address = f"/c/{access.company.pk}/ledger/batches/{batch.id}/undo/"
    answer = desk.post(address, {"day": "2025-12-31", "reason": "Lançado por engano"})
    assert answer.status_code == 302
    reversal = Batch.objects.get(company=access.company, reverses_id=batch.id)
    assert reversal.entry_count == batch.entry_count
    assert desk.post(address, {"day": "2025-12-31", "reason": "outra vez"}).status_code == 409


def test_an_account_keeps_its_counterpart(desk, access):
    address = f"/c/{access.company.pk}/ledger/accounts/221110001/"
    form = desk.get(address).context["form"]
    chosen = form.fields["counterpart"].queryset.get(code="311")
    desk.post(
        address, {"name": "Moagem", "counterpart": str(chosen.pk), "classifier": "", "active": "on"}
    )
    assert desk.get(address).context["account"].counterpart == chosen


@pytest.mark.parametrize("code", [r.code for r in REPORTS])
def test_each_report_opens_on_screen_and_as_a_file(desk, access, code):
    assert page(desk, access, f"reports/{code}/").status_code == 200
    answer = page(desk, access, f"reports/{code}/csv/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")


def test_figures_lead_to_the_lines_behind_them(desk, access):
    rows = page(desk, access, "reports/trial_balance/").context["rows"]
    sales = next(row for row in rows if row["cells"][0]["text"] == "71113")
    behind = desk.get(sales["href"]).context["rows"]
    assert [row["cells"][2]["text"] for row in behind if row["weight"] == "plain"] == ["FT A/1"]


def test_a_foreign_company_is_not_there(client, access):
    _office, stranger = an_office("Outro")
    client.force_login(stranger)
    paths = [
        "ledger/",
        "ledger/batches/",
        "ledger/accounts/",
        "reports/",
        "reports/journal/",
        "reports/saft/2025/",
    ]
    assert [page(client, access, path).status_code for path in paths] == [404] * 6
