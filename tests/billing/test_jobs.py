"""Billing in the background and beside other people: jobs, edits at the same time, and one posting whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from bench._rounds import beside_editors, killed_anywhere
from razao.billing import flow
from razao.billing.models import Preparation
from razao.billing.sourcing import Choice
from razao.booking.billing_rules import Options
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import Run, StopRequested
from razao.kernel.models import JobRun, stop
from razao.kernel.problems import Refused
from razao.ledger.models import Batch, Entry
from tests.billing.shop import SALES, a_shop, many, table, with_customers


def again(access: Access) -> Access:
    """The same person in a new transaction."""
    return company_for(access.user_id, access.company.pk)


def run_of(access: Access, name: str) -> Run:
    row = JobRun.objects.filter(name=name).latest("created_at")
    return Run(row.pk, access.user_id, access.company.pk)


def test_prepared_and_integrated_in_the_background(committed_db: None, tmp_path: Path) -> None:
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
        asked = flow.ask(access, choice, Options())
        assert asked.state == Preparation.State.PREPARING
        with pytest.raises(Refused, match=r"billing\.not_prepared"):
            flow.observe(access, asked.pk)
        run = run_of(access, "billing.prepare_job")
    flow.prepare_job(run, preparation=str(asked.pk))
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
        assert (asked.state, asked.ready) == (Preparation.State.PREPARED, 4)
    flow.integrate_job(run, preparation=str(asked.pk), fingerprint=asked.fingerprint)
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
        assert asked.state == Preparation.State.INTEGRATED
        assert Batch.objects.get().entry_count == 4


def test_a_preparation_whose_source_fails_says_so(committed_db: None, tmp_path: Path) -> None:
    with transaction.atomic():
        access = a_shop()
        asked = flow.ask(access, table(tmp_path), Options())
        run = run_of(access, "billing.prepare_job")
    (tmp_path / "vendas.csv").unlink()
    with pytest.raises(Refused, match=r"source\.file_missing"):
        flow.prepare_job(run, preparation=str(asked.pk))
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
        assert asked.state == Preparation.State.FAILED


def test_jobs_that_come_late_or_twice_change_nothing(committed_db: None, tmp_path: Path) -> None:
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
        asked = flow.ask(access, choice, Options())
        run = run_of(access, "billing.prepare_job")
    flow.prepare_job(run, preparation=str(asked.pk))
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
    for _ in range(2):
        flow.integrate_job(run, preparation=str(asked.pk), fingerprint=asked.fingerprint)
        flow.prepare_job(run, preparation=str(asked.pk))
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
        assert (asked.state, Batch.objects.count()) == (Preparation.State.INTEGRATED, 1)
        flow.undo(again(access), asked.pk, day=date(2026, 5, 31), reason="engano")
    flow.integrate_job(run, preparation=str(asked.pk), fingerprint=asked.fingerprint)
    flow.prepare_job(run, preparation=str(asked.pk))
    with transaction.atomic():
        again(access)
        asked.refresh_from_db()
        assert (asked.state, Batch.objects.count()) == (Preparation.State.UNDONE, 2)


def test_a_stopped_integration_leaves_nothing(committed_db: None, tmp_path: Path) -> None:
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
        kept = flow.prepare(access, choice, Options())
        row = JobRun.objects.create(company=access.company, user_id=access.user_id, name="x")
        stop(row.pk)
    run = Run(row.pk, access.user_id, access.company.pk)
    with pytest.raises(StopRequested):
        flow.integrate_job(run, preparation=str(kept.pk), fingerprint=kept.fingerprint)
    with transaction.atomic():
        again(access)
        kept.refresh_from_db()
        assert kept.state == Preparation.State.PREPARED
        assert Entry.objects.count() == 0


@pytest.fixture
def shop(committed_db: None, tmp_path: Path) -> Callable[[list[str]], tuple[Access, Choice]]:
    """A company that can integrate these rows."""

    def made(rows: list[str]) -> tuple[Access, Choice]:
        with transaction.atomic():
            access, choice = a_shop(), table(tmp_path, rows)
            with_customers(access, choice)
        return access, choice

    return made


@pytest.mark.slow
def test_what_is_posted_is_what_was_seen_whatever_others_change(shop: Any) -> None:
    told = beside_editors(*shop(SALES), times=25)
    assert (told.posted + told.refused, told.differing) == (25, 0)
    assert told.posted > 0
    assert min(told.edits.values()) > 0


@pytest.mark.slow
def test_an_integration_killed_anywhere_leaves_everything_or_nothing(shop: Any) -> None:
    told = killed_anywhere(*shop(many(200)), times=3)
    assert (told.whole + told.nothing, told.broken) == (3, [])


def test_two_who_integrate_at_once_post_once(committed_db: None, tmp_path: Path) -> None:
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
        plans = [flow.prepare(access, choice, Options()) for _ in range(2)]
    outcomes: list[str] = []

    def work(kept: Preparation) -> None:
        try:
            with transaction.atomic():
                flow.integrate(again(access), kept.pk, kept.fingerprint)
            outcomes.append("posted")
        except Refused as refusal:
            outcomes.append(refusal.problems[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(kept,)) for kept in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("posted") == 1
    assert set(outcomes) <= {"posted", "billing.changed", "post.duplicate"}
    with transaction.atomic():
        again(access)
        assert Batch.objects.count() == 1
