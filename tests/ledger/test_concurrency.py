"""Many post at once: numbers without gap or repeat, one chain, and a document posted by one of them alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import OperationalError, connection, transaction

from razao.companies.rights import Access, company_for
from razao.kernel.problems import Refused
from razao.ledger.integrity import verify
from razao.ledger.models import Batch, Entry
from razao.ledger.periods import close
from razao.ledger.posting import Progress, post
from tests.factories import a_company
from tests.ledger.by_hand import connect
from tests.ledger.entries import draft, drafts

POSTERS = 100
AT_ONCE = 20


@pytest.fixture
def access(committed_db) -> Access:
    with transaction.atomic():
        return a_company()


def at_once(access: Access, work: Callable[[Access, int], None]) -> list[list[str]]:
    """``work`` a hundred times, twenty sessions at a time; the codes of what was refused, by turn."""

    def one(turn: int) -> list[str]:
        try:
            with transaction.atomic():
                work(company_for(access.user_id, access.company.pk), turn)
        except Refused as refusal:
            return [p.code for p in refusal.problems]
        finally:
            connection.close()
        return []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(POSTERS)))


def put(access: Access, *wanted) -> None:
    post(access, drafts(*wanted), kind="manual", source="", fingerprint="")


def test_a_hundred_posters_leave_no_gap_and_no_repeat(access):
    journals = [("VD", "FR"), ("OD", "DV"), ("CX", "MC")]

    def work(mine: Access, turn: int) -> None:
        pairs = [journals[(turn + step) % 3] for step in range(1 + turn % 4)]
        put(
            mine,
            *(draft(journal=j, entry_type=t, date=date(2025, 1 + turn % 12, 5)) for j, t in pairs),
        )

    assert at_once(access, work) == [[]] * POSTERS
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        for journal, _ in journals:
            numbers = Entry.objects.filter(journal__code=journal).values_list("number", flat=True)
            assert sorted(numbers) == list(range(1, len(numbers) + 1))
        sequences = Batch.objects.order_by("sequence").values_list("sequence", flat=True)
        assert list(sequences) == list(range(1, POSTERS + 1))
        assert verify(access.company) == []


def test_a_hundred_who_post_the_same_document_post_it_once(access):
    said = at_once(access, lambda mine, _: put(mine, draft(source_key="the same")))
    assert sorted(said) == [[], *([["post.duplicate"]] * (POSTERS - 1))]
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        assert Entry.objects.count() == 1
        assert verify(access.company) == []


def test_closing_a_period_while_others_post_lets_nothing_in_afterwards(access):
    def work(mine: Access, turn: int) -> None:
        if turn == POSTERS // 2:
            close(mine, "2025", 5)
        else:
            put(mine, draft())

    said = at_once(access, work)
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        posted = Entry.objects.count()
        assert posted == said.count([]) - 1
        assert said.count(["post.period_closed"]) == POSTERS - 1 - posted
        assert verify(access.company) == []


def test_a_posting_whose_session_dies_leaves_nothing_and_can_be_done_again(access):
    wanted = drafts(*(draft(source_key=f"k{n}") for n in range(400)))

    def die(done: int, total: int, note: str = "") -> None:
        if note == "posting":
            pid = connection.connection.info.backend_pid
            with connect("postgres", autocommit=True) as surgeon:
                surgeon.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    def put_all(progress: Progress | None = None) -> None:
        with transaction.atomic():
            mine = company_for(access.user_id, access.company.pk)
            post(mine, wanted, kind="billing", source="", fingerprint="", progress=progress)

    with pytest.raises(OperationalError):
        put_all(die)
    connection.close()
    put_all()
    with pytest.raises(Refused):
        put_all()
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        assert (Batch.objects.count(), Entry.objects.count()) == (1, 400)
        assert verify(access.company) == []
