"""The frame of every page: the line of work, the company switcher, what runs in the background."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from razao.companies.models import Company, User
from razao.companies.rights import office_for
from razao.kernel.models import JobRun
from razao.web.company_finder import fitting

pytestmark = pytest.mark.django_db


def offered(client: Client, typed: str, path: str = "/") -> list[tuple[str, str]]:
    """Names in the switcher and where each leads."""
    answer = client.get("/switcher/", {"q": typed, "from": path})
    return [(company.name, href) for company, href in answer.context["options"]]


def test_the_switcher_finds_by_name_without_accents_by_code_and_by_tax_number(browser, company):
    there = f"/c/{company.pk}/"
    for typed in ("sao joa", "PADARIA", "padaria", "1964"):
        assert offered(browser, typed) == [("Padaria São João, Lda.", there)]
    assert offered(browser, "pão") == []


def test_the_switcher_stays_on_the_page_one_is_on(browser, company):
    page = f"/c/{company.pk}/settings/periods/"
    assert offered(browser, "", page) == [("Padaria São João, Lda.", page)]
    assert offered(browser, "", "/settings/people/")[0][1] == f"/c/{company.pk}/"


def test_the_switcher_never_offers_another_offices_company(browser, stranger):
    client, theirs = stranger
    assert [name for name, _ in offered(browser, "")] == ["Padaria São João, Lda."]
    assert [name for name, _ in offered(client, "")] == [theirs.name]


def test_the_companies_last_worked_on_come_first():
    companies = [Company(code=f"{n:03}", name=f"Quinta {n}", tax_id=str(n)) for n in range(500)]
    last = [str(companies[400].pk), str(companies[7].pk)]
    found = fitting(companies, "quinta", last)
    assert [c.code for c in found[:3]] == ["400", "007", "000"]
    assert len(found) == 50


def test_a_page_of_a_company_that_is_not_mine_is_not_there(browser, stranger):
    _, theirs = stranger
    for page in ("", "settings/", "settings/company/", "settings/periods/", "jobs/"):
        assert browser.get(f"/c/{theirs.pk}/{page}").status_code == 404


def test_nobody_sees_a_page_without_signing_in(company):
    for page in ("/settings/", "/settings/people/", "/profile/", f"/c/{company.pk}/", "/switcher/"):
        assert Client().get(page).headers["Location"] == f"/accounts/login/?next={page}"


def test_the_top_bar_counts_what_runs_and_the_list_tells_it(browser, company, administrator):
    office_for(administrator.pk)
    JobRun.objects.create(
        company=company, user=administrator, name="capture.read", title="A ler", done=3, total=9
    )
    page = browser.get(f"/c/{company.pk}/")
    assert page.context["shell"].jobs == 1
    listed = browser.get(f"/c/{company.pk}/jobs/")
    assert [run.title for run in listed.context["runs"]] == ["A ler"]
    assert '<progress aria-label="A ler" max="9" value="3">' in listed.content.decode()


def test_a_running_job_is_told_to_stop(browser, company, administrator, stranger):
    office_for(administrator.pk)
    run = JobRun.objects.create(company=company, user=administrator, name="capture.read")
    assert stranger[0].post(f"/jobs/{run.pk}/stop/").status_code == 404
    assert browser.post(f"/c/{company.pk}/jobs/{run.pk}/stop/").status_code == 200
    office_for(administrator.pk)
    assert JobRun.objects.get(pk=run.pk).stop_requested is True


def test_language_and_theme_are_kept_and_hold_at_once(browser, administrator):
    answer = browser.post("/profile/", {"name": "Ana P.", "language": "en", "theme": "dark"})
    assert answer.headers["Location"] == "/profile/"
    person = User.objects.get(pk=administrator.pk)
    assert (person.name, person.language, person.theme) == ("Ana P.", "en", "dark")
    page = browser.get("/profile/").content.decode()
    assert '<html lang="en" data-theme="dark">' in page


def test_every_page_carries_the_strict_policy(browser):
    policy = browser.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


def test_the_top_bar_tells_the_month_of_the_books(browser, company):
    period = browser.get(f"/c/{company.pk}/").context["shell"].period
    today = timezone.localdate()
    assert (period.number, period.start) == (today.month, today.replace(day=1))
    assert browser.get("/").context["shell"].period is None
