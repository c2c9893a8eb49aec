"""Reflections: a cost line is mirrored into analytic accounts within the same balanced entry."""

from __future__ import annotations

import pytest

from razao.ledger.models import Account, CostCenter, Reflection
from razao.ledger.posting import post
from razao.ledger.reflections import reflect, rules_of
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db


@pytest.fixture
def access():
    access = a_company()
    kept = {"company": access.company, "kind": "other"}
    loja = CostCenter.objects.create(company=access.company, code="L1", name="Loja")
    to = Account.objects.create(code="92", name="Centros de custo", **kept)
    against = Account.objects.create(code="91", name="Contas refletidas", **kept)
    Reflection.objects.create(
        company=access.company, name="Gastos da loja", prefix="6", cost_center=loja, account=to, against=against,
        percent="33.3333",
    )  # fmt: skip
    return access


def rows(wanted):
    return wanted.lines.select("position", "account", "debit", "credit", "cost_center").rows()


def test_a_third_of_the_shops_costs_is_mirrored(access):
    plain = drafts(
        draft([("6241", 10000, 0, {"cost_center": "L1"}), ("111", 0, 10000)]),
        draft([("6241", 10000, 0), ("111", 0, 10000)]),
    )
    mirrored = reflect(plain, rules_of(access.company))
    assert rows(mirrored) == [
        (1, "6241", 10000, 0, "L1"),
        (2, "111", 0, 10000, None),
        (3, "92", 3333, 0, "L1"),
        (4, "91", 0, 3333, "L1"),
        (1, "6241", 10000, 0, None),
        (2, "111", 0, 10000, None),
    ]
    post(access, mirrored, kind="manual", source="test", fingerprint="")


def test_without_rules_nothing_is_added():
    other = a_company(code="c2")
    plain = drafts(draft())
    assert reflect(plain, rules_of(other.company)) is plain
