"""The reports of a small year, figure by figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.companies.models import User
from razao.kernel.problems import Refused
from razao.reports.catalogue import aged, financial
from razao.reports.catalogue.vat import return_fields
from razao.reports.index import REPORTS, sheet_of
from razao.reports.sheet import Weight
from tests.factories import a_company
from tests.reports.year import bakery, parameters

pytestmark = pytest.mark.django_db


def cells(sheet, *columns: str):
    """The rows of a sheet, these columns only."""
    places = [next(n for n, c in enumerate(sheet.columns) if c.key == key) for key in columns]
    return [tuple(row.cells[p] for p in places) for row in sheet.fixed()]


def euro(text: str) -> Decimal:
    return Decimal(text)


def test_the_trial_balance_shows_each_account_and_ties():
    sheet = sheet_of("trial_balance", parameters(bakery()))
    rows = {row[0]: row[1:] for row in cells(sheet, "account", "debit", "credit", "balance_debit")}
    assert rows["211110001"] == (euro("1230.00"), euro("600.00"), euro("630.00"))
    assert rows["71113"] == (euro("0.00"), euro("1000.00"), euro("0.00"))
    assert rows["21"] == (euro("1230.00"), euro("600.00"), euro("630.00"))
    total = sheet.fixed()[-1]
    assert total.cells[2:] == (
        *(euro("2199.00"), euro("2199.00")),
        *(euro("7199.00"), euro("7199.00")),
        *(euro("6599.00"), euro("6599.00")),
    )


def test_a_trial_balance_of_two_digits_hides_what_is_below():
    sheet = sheet_of("trial_balance", parameters(bakery(), level=2))
    codes = [row[0] for row in cells(sheet, "account")]
    assert codes == [
        "1",
        "12",
        "2",
        "21",
        "22",
        "24",
        "3",
        "31",
        "5",
        "51",
        "6",
        "62",
        "7",
        "71",
        "",
    ]


def test_a_statement_runs_from_the_balance_brought_forward():
    access = bakery()
    sheet = sheet_of("account_statement", parameters(access, account="211110001", first_period=3))
    assert cells(sheet, "date", "entry", "debit", "credit", "balance") == [
        (None, "", None, None, euro("1230.00")),
        (date(2025, 4, 15), "BC/1", None, euro("600.00"), euro("630.00")),
        (None, "", euro("0.00"), euro("600.00"), euro("630.00")),
    ]


def test_the_general_ledger_has_every_account_also_those_that_only_carry_forward():
    sheet = sheet_of("general_ledger", parameters(bakery(), first_period=12))
    heads = [row.cells[3].split()[0] for row in sheet.fixed() if row.weight is Weight.GROUP]
    assert heads == sorted(heads)
    assert len(heads) == 12


def test_the_journal_has_each_entry_in_its_order():
    sheet = sheet_of("journal", parameters(bakery(), journal="CP"))
    assert cells(sheet, "entry", "account", "debit", "credit") == [
        ("CP/1", "311", euro("200.00"), None),
        ("", "2432113", euro("46.00"), None),
        ("", "221110001", None, euro("246.00")),
        ("CP/2", "6224", euro("100.00"), None),
        ("", "2432313", euro("23.00"), None),
        ("", "2422", None, euro("23.00")),
        ("", "221110002", None, euro("100.00")),
        ("", "", euro("369.00"), euro("369.00")),
    ]


def test_the_vat_summary_has_base_and_tax_of_each_code():
    sheet = sheet_of("vat_summary", parameters(bakery()))
    assert cells(sheet, "code", "base", "tax") == [
        ("LNOR", euro("1000.00"), euro("230.00")),
        ("DEXNOR", euro("200.00"), euro("46.00")),
        ("DOBNOR", euro("100.00"), euro("23.00")),
        ("", None, euro("230.00")),
        ("", None, euro("69.00")),
    ]


def test_the_return_has_its_fields():
    assert return_fields(parameters(bakery())) == {
        "3": euro("1000.00"),
        "4": euro("230.00"),
        "22": euro("46.00"),
        "24": euro("23.00"),
    }


def test_what_was_withheld_stands_by_code_and_party():
    sheet = sheet_of("withholding_summary", parameters(bakery()))
    assert cells(sheet, "tax_id", "base", "tax")[1:] == [
        ("123456789", euro("100.00"), euro("23.00")),
        ("", euro("100.00"), euro("23.00")),
    ]


def test_the_balance_sheet_ties_with_the_result_in_it():
    sheet = sheet_of("balance_sheet", parameters(bakery()))
    rows = {row.cells[0]: row.cells[1] for row in sheet.fixed() if row.cells[1] is not None}
    assert (
        rows["TOTAL DO ATIVO"] == rows["TOTAL DO CAPITAL PRÓPRIO E DO PASSIVO"] == euro("6499.00")
    )
    assert rows["Resultado líquido do período"] == euro("900.00")


def test_the_income_statement_ends_in_the_same_result():
    sheet = sheet_of("income_statement", parameters(bakery()))
    assert sheet.fixed()[-1].cells == ("Resultado líquido do período", euro("900.00"))


@pytest.mark.parametrize("country", ["ES", "AO", "MZ"])
def test_a_country_without_a_model_gets_its_accounts_by_kind(country):
    assert financial.model(country, "balance_sheet") == ()


def test_accounts_by_kind_have_the_sum_of_the_kind_below_them():
    sheet = sheet_of("income_statement", parameters(a_company("ES", tax_id="B64717838")))
    assert [row.cells for row in sheet.fixed()] == [
        ("Rendimentos", None),
        ("Total: Rendimentos", euro("0.00")),
        ("Gastos", None),
        ("Total: Gastos", euro("0.00")),
        ("Resultado do período", euro("0.00")),
    ]


def test_a_report_without_a_row_says_so_on_screen(client):
    access = a_company()
    assert sheet_of("vat_summary", parameters(access)).fixed() == ()
    client.force_login(User.objects.get(pk=access.user_id))
    page = client.get(f"/c/{access.company.pk}/reports/vat_summary/").content.decode()
    assert page.count("Sem registos para este período e estas escolhas.") == 1


def test_payments_are_set_against_the_oldest_documents():
    access = bakery()
    sheet = sheet_of("aged_customers", parameters(access, last_period=4))
    first, total = cells(sheet, "account", "age0", "age1", "age2", "total")
    assert first == ("211110001", euro("0.00"), euro("0.00"), euro("630.00"), euro("630.00"))
    assert total[-1] == euro("630.00")


def test_a_payment_beyond_what_is_owed_shows_as_a_surplus():
    movements = [
        aged.Movement(date(2025, 1, 1), euro("10.00")),
        aged.Movement(date(2025, 1, 2), euro("-15.00")),
    ]
    assert aged.by_age(aged.open_items(movements), date(2025, 1, 31))[0] == euro("-5.00")


def test_suppliers_are_owed_what_the_ledger_says():
    sheet = sheet_of("aged_suppliers", parameters(bakery()))
    assert sheet.fixed()[-1].cells[-1] == euro("346.00")


@pytest.mark.parametrize("report", [r.code for r in REPORTS])
def test_every_report_also_opens_for_a_company_without_entries(report):
    from tests.factories import a_company

    assert sheet_of(report, parameters(a_company())).title != ""


def test_periods_that_run_backwards_are_refused():
    with pytest.raises(Refused) as refusal:
        sheet_of("journal", parameters(bakery(), first_period=5, last_period=2))
    assert [p.code for p in refusal.value.problems] == ["reports.periods_backwards"]


def test_a_figure_of_the_balance_sheet_leads_to_the_lines_of_all_its_accounts():
    made = bakery()
    sheet = sheet_of("balance_sheet", parameters(made))
    row = next(row for row in sheet.rows() if row.link == "accounts:11 12 13")
    lines = sheet_of("account_statement", parameters(made, account=row.link.split(":")[1]))
    ends = [cells[1] for cells in cells_of_ends(lines)]
    assert sum(ends) == row.cells[1]


def cells_of_ends(sheet):
    """Description and balance of each account's last row."""
    return [(r.cells[3], r.cells[6]) for r in sheet.rows() if r.weight is Weight.SUBTOTAL]
