"""For any balanced drafts: they post, the trial balance sums to zero, undoing restores it, and the books verify."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from razao.companies.rights import Access
from razao.ledger.balances import trial_balance
from razao.ledger.integrity import verify
from razao.ledger.models import Entry
from razao.ledger.posting import post, reverse
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db

ACCOUNTS = ["111", "121", "71113", "2433113", "6241", "511"]
texts = st.none() | st.text(max_size=30)
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@st.composite
def entries(draw):
    """An entry that balances: some lines with amounts, and one that takes the difference."""
    amounts = draw(st.lists(st.integers(-(10**12), 10**12).filter(bool), min_size=1, max_size=6))
    rest = -sum(amounts)
    amounts += [rest] if rest else []
    rows = [
        (
            draw(st.sampled_from(ACCOUNTS)),
            max(a, 0),
            max(-a, 0),
            {"text": draw(texts), "rubric": draw(texts)},
        )
        for a in amounts
    ]
    journal, kind = draw(st.sampled_from([("VD", "FT"), ("OD", "DV")]))
    return draft(
        rows,
        journal=journal,
        entry_type=kind,
        date=draw(days),
        reference=draw(texts),
        text=draw(texts),
    )


batches = st.lists(entries().filter(lambda entry: len(entry[1]) > 1), min_size=1, max_size=5)


@pytest.fixture
def access() -> Access:
    return a_company()


def sums(access: Access) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    return {
        (year, row.code): (row.total_debit, row.total_credit)
        for year in ("2024", "2025", "2026")
        for row in trial_balance(access.company, year=year, first=0, headings=False).rows
    }


def nets(access: Access) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for (_, code), (debit, credit) in sums(access).items():
        found[code] = found.get(code, Decimal(0)) + debit - credit
    return {code: net for code, net in found.items() if net}


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches, batches, days)
def test_whatever_balances_posts_and_can_be_undone(access, first, second, day):
    with transaction.atomic():
        post(access, drafts(*first), kind="manual", source="", fingerprint="")
        before = nets(access)
        batch = post(access, drafts(*second), kind="manual", source="", fingerprint="")
        every = sums(access).values()
        assert sum(debit for debit, _ in every) == sum(credit for _, credit in every)
        assert batch.total == sum(
            (line.debit for entry in batch.entries.all() for line in entry.lines.all()), Decimal(0)
        )
        reverse(access, batch.id, day=day, reason="Engano")
        assert nets(access) == before
        post(access, drafts(*second), kind="manual", source="", fingerprint="")
        assert verify(access.company) == []
        assert Entry.objects.count() == len(first) + 3 * len(second)
        transaction.set_rollback(True)
