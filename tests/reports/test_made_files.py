"""Large reports in the background: asked for, left, found again; the office's own rights hold when the job runs and when it is fetched."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from razao.companies.models import Membership, Role, User
from razao.companies.rights import company_for
from razao.kernel.jobs import run_worker
from razao.kernel.models import JobRun
from razao.kernel.tenancy import act_as
from razao.reports import flow, made
from razao.reports.models import MadeFile
from tests.factories import a_person
from tests.reports.year import bakery

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def books(committed_db, settings, tmp_path):
    settings.RAZAO_CACHE = tmp_path
    with transaction.atomic():
        access = bakery()
        person = User.objects.get(pk=access.user_id)
        clerk = a_person(access.company.office, Role.CLERK, by=person)
    return access.company.pk, person, clerk


def desk_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def files_of(company, person) -> list[MadeFile]:
    with transaction.atomic():
        company_for(person.pk, company)
        return list(MadeFile.objects.select_related("run").order_by("asked_at"))


def content_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_report_is_asked_for_left_and_found_again(books, tmp_path):
    company, person, _clerk = books
    desk = desk_of(person)
    place = f"/c/{company}/reports/made/"
    for form in ("pdf", "xlsx"):
        asked = desk.post(f"/c/{company}/reports/make/journal/{form}/?year=2025&first=2&last=3")
        assert asked.headers["Location"] == place
    waiting = [row.pk for row in files_of(company, person)]
    assert [desk.get(f"{place}{pk}/").status_code for pk in waiting] == [404, 404]
    run_worker(wait=False)
    document, table = files_of(company, person)
    assert [row.run.state for row in (document, table)] == ["done", "done"]
    assert (document.name, table.name) == (
        "c1_journal_2025-02_2025-03.pdf",
        "c1_journal_2025-02_2025-03.xlsx",
    )
    assert content_of(desk.get(f"{place}{document.pk}/"))[:8] == b"%PDF-1.7"
    saved = tmp_path / "journal.xlsx"
    saved.write_bytes(content_of(desk.get(f"{place}{table.pk}/")))
    assert load_workbook(saved).active.max_row > 8
    assert document.size == made.place_of(document).stat().st_size


def test_a_year_with_its_proof_is_for_who_may_configure(books, tmp_path):
    company, person, clerk = books
    place = f"/c/{company}/reports/"
    assert desk_of(clerk).post(f"{place}year/2025/").status_code == 403
    assert desk_of(person).post(f"{place}year/1999/").status_code == 404
    assert desk_of(person).post(f"{place}year/2025/").status_code == 302
    run_worker(wait=False)
    (row,) = files_of(company, person)
    assert (row.run.state, row.name) == ("done", "c1-2025.zip")
    assert desk_of(clerk).get(f"{place}made/{row.pk}/").status_code == 403
    saved = tmp_path / "year.zip"
    saved.write_bytes(content_of(desk_of(person).get(f"{place}made/{row.pk}/")))
    with zipfile.ZipFile(saved) as found:
        names = {Path(name).name for name in found.namelist()}
        found.extractall(tmp_path / "out")
    assert {"manifest.json", "chain.tsv", "entries.txt", "verify.py", "saft.xml"} <= names
    from razao.delivery import verify

    assert list(verify.check(tmp_path / "out" / "c1-2025")) == []


def test_who_lost_the_right_meanwhile_gets_nothing(books):
    company, person, clerk = books
    desk_of(clerk).post(f"/c/{company}/reports/make/saft/xml/?year=2025")
    with transaction.atomic():
        act_as(user=clerk.pk)
        Membership.objects.filter(user=clerk).delete()
    run_worker(wait=False)
    (row,) = files_of(company, person)
    assert (row.size, row.run.state == JobRun.State.DONE) == (None, False)


def test_what_is_a_month_old_is_dropped_and_says_so(books):
    company, person, _clerk = books
    desk = desk_of(person)
    desk.post(f"/c/{company}/reports/make/saft/xml/?year=2025")
    run_worker(wait=False)
    (row,) = files_of(company, person)
    made.place_of(row).unlink()
    assert desk.get(f"/c/{company}/reports/made/{row.pk}/").status_code == 409
    with transaction.atomic():
        company_for(person.pk, company)
        MadeFile.objects.update(asked_at=timezone.now() - made.KEPT - timedelta(days=1))
    flow.drop_old_files()
    assert files_of(company, person) == []
