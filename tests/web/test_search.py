"""Search over everything finds what the person may see, and only that."""

from __future__ import annotations

import pytest
from django.urls import reverse

from razao.companies.models import Party
from razao.companies.rights import company_for
from razao.ledger.models import Account
from razao.web import search as search_page

pytestmark = pytest.mark.django_db


def found(client, company, typed: str) -> dict[str, list[str]]:
    page = client.get(reverse("search", kwargs={"company": company.pk}), {"q": typed})
    return {str(title): [hit.title for hit in hits] for title, hits in page.context["groups"]}


def test_companies_are_found_by_part_of_their_name(browser, company, stranger):
    browser.cookies["django_language"] = "en"
    assert found(browser, company, "sao joa") == {"Companies": ["Padaria São João, Lda."]}
    assert found(browser, company, "alheia") == {}
    assert found(browser, company, "") == {}


def test_accounts_and_parties_of_the_company_are_found(administrator, company):
    access = company_for(administrator.pk, company.pk)
    party = Party.objects.create(company=company, tax_id="503504564", name="EDP Comercial")
    Account.objects.create(
        company=company, code="22119999", name="EDP", kind="liability", party=party
    )
    assert [hit.title for hit in search_page.accounts(access, "2211999")] == ["22119999 EDP"]
    assert [h.detail for h in search_page.parties(access, "5035")] == ["503504564 · 22119999"]
    assert [h.title for h in search_page.parties(access, "edp")] == ["EDP Comercial"]


def test_the_profiles_language_holds_where_the_browser_has_no_choice(browser, administrator):
    administrator.language = "en"
    administrator.save()
    assert '<html lang="en"' in browser.get("/profile/", headers={"Accept-Language": "es"}).text
    browser.cookies["django_language"] = "pt"
    assert '<html lang="pt"' in browser.get("/profile/").text
