"""Billing in the background and beside other people: jobs, edits at the same time, and one posting whatever happens."""

from __future__ import annotations

import random
import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import connections, transaction

from razao.billing import flow
from razao.billing.keeping import plan_of
from razao.billing.models import PostingCodeRate, Preparation
from razao.booking.billing_rules import Options
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import Run, StopRequested, stop
from razao.kernel.models import JobRun
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as
from razao.ledger.models import Batch, Entry
from tests.billing.shop import a_shop, booked, table, with_customers


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


class Editor(threading.Thread):
    """Somebody who keeps changing an account of a posting code."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self.access, self.done = access, threading.Event()

    def run(self) -> None:
        chance = random.Random(1)
        while not self.done.is_set():
            with transaction.atomic():
                act_as(user=self.access.user_id, companies=[self.access.company.pk])
                rows = PostingCodeRate.objects.filter(posting_code__code="MERC", rate=23)
                rows.update(revenue=chance.choice(["71113", "71114"]))
            self.done.wait(0.01)
        connections.close_all()


def integrated(access: Access, kept: Preparation) -> list[str] | None:
    """Accounts of the lines posted; None when it was refused because something changed."""
    try:
        with transaction.atomic():
            batch = flow.integrate(again(access), kept.pk, kept.fingerprint)
            return sorted(account for _, _, account, _ in booked(batch))
    except flow.Changed:
        return None


@pytest.mark.slow
def test_what_is_posted_is_what_was_seen_whatever_others_change(
    committed_db: None, tmp_path: Path
) -> None:
    with transaction.atomic():
        access = a_shop()
        choice = table(tmp_path)
        with_customers(access, choice)
    editor = Editor(access)
    editor.start()
    posted = refused = 0
    try:
        for _ in range(30):
            with transaction.atomic():
                kept = flow.prepare(again(access), choice, Options())
                seen = plan_of(kept)
            accounts = integrated(access, kept)
            if accounts is None:
                refused += 1
                continue
            assert accounts == sorted(seen.lines["account"].to_list())
            posted += 1
            with transaction.atomic():
                flow.undo(again(access), kept.pk, day=date(2026, 5, 31), reason="teste")
    finally:
        editor.done.set()
        editor.join()
    assert posted + refused == 30
    assert posted > 0


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
