"""Companies are opened and changed, periods closed and reopened with a reason."""

from __future__ import annotations

import pytest

from razao.companies.models import Company
from razao.companies.rights import companies_of, company_for
from razao.ledger.models import Account, Period

pytestmark = pytest.mark.django_db

NEW = {
    "company_name": "Quinta do Côa, S.A.",
    "code": "coa",
    "country": "PT",
    "tax_id": "503504564",
    "region": "PT-MA",
}


def test_a_new_company_opens_with_its_countrys_books(browser, administrator):
    answer = browser.post("/settings/companies/new/", NEW)
    made = next(c for c, _ in companies_of(administrator.pk) if c.code == "coa")
    assert answer.headers["Location"] == f"/c/{made.pk}/"
    company_for(administrator.pk, made.pk)
    assert (made.region, made.currency, Account.objects.filter(code="11").count()) == (
        "PT-MA",
        "EUR",
        1,
    )


def test_a_code_in_use_is_told_at_its_field_and_what_was_typed_stays(browser):
    answer = browser.post("/settings/companies/new/", {**NEW, "code": "padaria"})
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors), form["company_name"].value()) == (
        422,
        ["code"],
        "Quinta do Côa, S.A.",
    )


def test_particulars_change_and_wrong_tax_numbers_do_not(browser, company, administrator):
    page = f"/c/{company.pk}/settings/company/"
    form = {"name": "Padaria Nova", "code": "pn", "tax_id": "501964843", "region": "PT-AC"}
    assert browser.post(page, {**form, "tax_id": "1"}).status_code == 422
    assert browser.post(page, form).headers["Location"] == page
    company_for(administrator.pk, company.pk)
    now = Company.objects.get(pk=company.pk)
    assert (now.name, now.code, now.region) == ("Padaria Nova", "pn", "PT-AC")


def test_the_list_of_companies_narrows_and_sorts_by_its_address(browser):
    browser.post("/settings/companies/new/", NEW)
    down = browser.get("/settings/companies/", {"sort": "-name"})
    assert [c.code for c in down.context["listing"].rows] == ["coa", "padaria"]
    one = browser.get("/settings/companies/", {"q": "sao joao"})
    assert [c.code for c in one.context["listing"].rows] == ["padaria"]


def state(administrator, company, year: str, number: int) -> tuple[str, str]:
    company_for(administrator.pk, company.pk)
    period = Period.objects.get(fiscal_year__code=year, number=number)
    return period.state, period.reason


def test_a_period_closes_and_reopens_with_a_reason_only(browser, company, administrator):
    page = f"/c/{company.pk}/settings/periods/"
    year = browser.get(page).context["years"][0]["year"].code
    browser.post(f"{page}{year}/3/close/")
    assert state(administrator, company, year, 3) == ("closed", "")
    assert browser.post(f"{page}{year}/3/reopen/", {"reason": "  "}).status_code == 422
    browser.post(f"{page}{year}/3/reopen/", {"reason": "Fatura atrasada"})
    assert state(administrator, company, year, 3) == ("reopened", "Fatura atrasada")


def test_a_whole_year_closes_and_the_next_one_opens(browser, company, administrator):
    page = f"/c/{company.pk}/settings/periods/"
    shown = browser.get(page).context
    oldest = shown["years"][-1]["year"].code
    browser.post(f"{page}{oldest}/close/")
    assert {p["badge"][0] for p in browser.get(page).context["years"][-1]["periods"]} == {"done"}
    browser.post(f"{page}open/", {"year": shown["next_year"]})
    assert browser.get(page).context["years"][0]["year"].code == shown["next_year"]
    assert browser.post(f"{page}open/", {"year": "3000"}).status_code == 404
