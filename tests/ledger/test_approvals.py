"""Two people for a large batch: who posts is not who approved, and the database holds it for whoever comes past the door."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from razao.companies.models import Role, User
from razao.companies.rights import Access, company_for
from razao.kernel.problems import Refused
from razao.ledger import approving
from razao.ledger.models import Approval, Batch
from razao.ledger.posting import post
from tests.factories import a_company, a_person, an_office
from tests.ledger.by_hand import Hand
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.usefixtures("committed_db")


class House:
    """A company whose batches over 200.00 or two entries need two people, and two accountants."""

    def __init__(self) -> None:
        with transaction.atomic():
            office = an_office()
            access = a_company(office=office)
            self.company = access.company.pk
            self.ana, self.rui = (a_person(office[0], Role.ACCOUNTANT, by=office[1]) for _ in "ab")
            admin = company_for(office[1].pk, self.company)
            approving.set_rule(admin, amount=Decimal(200), entries=2)

    def access(self, who: User) -> Access:
        """To be called in a transaction."""
        return company_for(who.pk, self.company)

    def post(self, who: User, *keys: str) -> Batch:
        with transaction.atomic():
            wanted = drafts(*(draft(source_key=key) for key in keys))
            return post(self.access(who), wanted, kind="manual", source="Maio", fingerprint="")

    def refused(self, who: User, *keys: str) -> list[str]:
        with pytest.raises(Refused) as refusal:
            self.post(who, *keys)
        return [p.code for p in refusal.value.problems]

    def approvals(self) -> list[tuple[str, str, int, UUID]]:
        with transaction.atomic():
            self.access(self.ana)
            rows = Approval.objects.order_by("asked_at")
            return [(r.state, str(r.total), r.entry_count, r.asked_by_id) for r in rows]

    def decide(self, who: User, *, agreed: bool = True) -> list[str]:
        """Codes of the refusal of deciding the last request; none when it was decided."""
        try:
            with transaction.atomic():
                access = self.access(who)
                last = Approval.objects.order_by("-asked_at")[0]
                approving.decide(access, last.pk, agreed=agreed)
        except Refused as refusal:
            return [p.code for p in refusal.problems]
        return []


@pytest.fixture
def house(committed_db) -> House:
    return House()


def test_a_small_batch_needs_nobody_else(house):
    assert house.post(house.ana, "a").entry_count == 1
    assert house.approvals() == []


def test_a_large_batch_waits_until_another_person_agrees_and_the_approval_serves_once(house):
    assert house.refused(house.ana, "a", "b") == ["post.needs_approval"]
    assert house.refused(house.ana, "a", "b") == ["post.needs_approval"]
    assert house.approvals() == [("waiting", "246.00", 2, house.ana.pk)]
    assert house.decide(house.ana) == ["post.approval_own"]
    assert house.decide(house.rui) == []
    assert house.decide(house.rui) == ["post.approval_decided"]

    assert house.refused(house.ana, "a", "c") == ["post.needs_approval"], "another plan"
    assert house.post(house.ana, "a", "b").entry_count == 2
    assert [row[0] for row in house.approvals()] == ["used", "waiting"]


def test_who_approved_does_not_post(house):
    house.refused(house.ana, "a", "b")
    house.decide(house.rui)
    assert house.refused(house.rui, "a", "b") == ["post.needs_approval"]


def test_a_batch_that_was_declined_is_not_posted(house):
    house.refused(house.ana, "a", "b")
    house.decide(house.rui, agreed=False)
    assert house.refused(house.ana, "a", "b") == ["post.needs_approval"]


def test_the_database_refuses_a_large_batch_written_by_hand(house):
    hand = Hand(house.company, house.ana.pk)
    batch = hand.batch()
    entry = hand.entry(batch)
    hand.lines(entry, [("111", "900.00", "0"), ("71113", "0", "900.00")])
    with pytest.raises(psycopg.IntegrityError, match="batch_needs_a_second_person"):
        hand.commit()
    hand.session.close()


def test_nobody_writes_an_approval_by_hand(house):
    house.refused(house.ana, "a", "b")
    hand = Hand(house.company, house.ana.pk)
    hand.run("SELECT set_config('razao.user', %s, false)", str(house.ana.pk))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        hand.run("UPDATE ledger_approval SET state = 'approved', decided_by_id = %s", house.rui.pk)
    hand.session.rollback()
    hand.act_for(house.company)
    hand.run("SELECT set_config('razao.user', %s, false)", str(house.ana.pk))
    approval = hand.one("SELECT id FROM ledger_approval")
    with pytest.raises(psycopg.IntegrityError, match="approval_by_another"):
        hand.run("SELECT ledger_decide(%s, true, '')", approval)
    hand.session.close()
