"""The frame of every page: the line of work, the company switcher, what runs in the background."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import formats, timezone
from django.utils.html import escape

from razao.companies.models import Company, Membership, Role, User
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
    browser.post("/profile/", {"name": "Ana P.", "language": "pt", "theme": "light"})
    shown = formats.date_format(today, "F \\d\\e Y")
    assert f"</span>{shown}</a>" in browser.get(f"/c/{company.pk}/").content.decode()


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://testserver/settings/people/?page=2#row", "/settings/people/?page=2"),
        ("https://elsewhere.example/settings/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_an_address_that_takes_only_forms_leads_back_where_one_came_from(browser, came_from, back):
    page = browser.get(f"/settings/people/{uuid4()}/role/", headers={"referer": came_from})
    assert (page.status_code, page.headers["Allow"], page.context["back"]) == (405, "POST", back)
    assert f'href="{escape(back)}"' in page.content.decode()


def test_what_is_refused_when_opened_does_not_lead_back_to_itself(office, company):
    people = "/settings/people/"
    reader = User.objects.create_user("leitor@gabinete.pt", name="Leitor")
    Membership.objects.create(office=office, user=reader, role=Role.READ_ONLY)
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    for came_from, back in ((f"/c/{company.pk}/", f"/c/{company.pk}/"), (people, "/")):
        page = client.get(people, headers={"referer": f"http://testserver{came_from}"})
        assert (page.status_code, page.context["back"]) == (403, back)
