"""Periods: closing stops posting, reopening needs a reason and leaves a trace."""

from __future__ import annotations

import pytest

from razao.kernel.models import AuditEvent
from razao.kernel.problems import NotFound, Refused
from razao.ledger.models import Entry
from razao.ledger.periods import close, close_year, reopen
from razao.ledger.posting import post
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db


def put(access) -> None:
    post(access, drafts(draft()), kind="manual", source="test", fingerprint="")


def test_a_closed_period_takes_nothing_until_it_is_reopened_with_a_reason():
    access = a_company()
    close(access, "2025", 5)
    with pytest.raises(Refused, match=r"post\.period_closed"):
        put(access)
    with pytest.raises(Refused, match=r"periods\.reason_missing"):
        reopen(access, "2025", 5, "  ")
    reopen(access, "2025", 5, "Fatura esquecida")
    put(access)
    assert Entry.objects.count() == 1
    trail = AuditEvent.objects.filter(action__startswith="period.").order_by("at")
    assert [(e.action, e.subject, e.details) for e in trail] == [
        ("period.closed", "2025/5", {}),
        ("period.reopened", "2025/5", {"reason": "Fatura esquecida"}),
    ]


def test_a_whole_year_is_closed_and_an_unknown_period_is_not_found():
    access = a_company()
    assert {p.state for p in close_year(access, "2025")} == {"closed"}
    with pytest.raises(NotFound):
        close(access, "2025", 17)
    with pytest.raises(Refused, match=r"periods\.not_closed"):
        reopen(access, "2024", 5, "x")
