"""From a billing file to posted entries and back, as an accountant goes: prepare, mend, prepare, observe, integrate, undo."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from razao.billing import checking, flow
from razao.billing.configuration import rules_of
from razao.billing.keeping import frame_of
from razao.billing.models import BillingDocument, PostingCodeRate, Preparation, PreparationPart
from razao.billing.sourcing import load
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.loading import rules_for
from razao.booking.rules import Rules
from razao.kernel.problems import Refused
from razao.ledger import approving
from razao.ledger.models import Account, Balance, Batch
from tests.billing.shop import SALES, a_shop, booked, table, with_customers

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 20)


def balances() -> dict[str, str]:
    """Debit less credit of every account that has any."""
    found: dict[str, str] = {}
    for row in Balance.objects.select_related("account"):
        left = row.debit - row.credit
        if left:
            found[row.account.code] = str(left)
    return found


def test_prepare_with_errors_then_mended_then_integrated_then_undone(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    first = flow.prepare(access, choice, Options())
    assert first.counts == {"billing.customer_missing": 3}
    assert (first.documents, first.ready) == (4, 1)

    assert checking.take_over_customers(access, choice, Options()) == 2
    second = flow.prepare(access, choice, Options())
    assert (second.counts, second.ready, second.ties) == ({}, 4, True)
    seen = flow.observe(access, second.pk)
    assert seen.plan.fingerprint == second.fingerprint

    batch = flow.integrate(access, second.pk, second.fingerprint)
    assert booked(batch) == [
        ("FT A/1", "D", "211110001", "123.00"),
        ("FT A/1", "C", "71113", "100.00"),
        ("FT A/1", "C", "2433113", "23.00"),
        ("FT A/2", "D", "211110001", "212.00"),
        ("FT A/2", "C", "71111", "200.00"),
        ("FT A/2", "C", "2433111", "12.00"),
        ("FR A/1", "D", "111", "61.50"),
        ("FR A/1", "C", "72113", "50.00"),
        ("FR A/1", "C", "2433113", "11.50"),
        ("NC A/1", "C", "211110001", "12.30"),
        ("NC A/1", "D", "7171", "10.00"),
        ("NC A/1", "D", "24341", "2.30"),
    ]
    after = balances()

    flow.undo(access, second.pk, day=TODAY, reason="engano")
    assert balances() == {}
    again = flow.prepare(access, choice, Options())
    assert again.fingerprint == second.fingerprint
    flow.integrate(access, again.pk, again.fingerprint)
    assert balances() == after


def ready(access: object, choice: object) -> Preparation:
    with_customers(access, choice)  # type: ignore[arg-type]
    return flow.prepare(access, choice, Options())  # type: ignore[arg-type]


def test_integrating_twice_posts_once(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    flow.integrate(access, kept.pk, kept.fingerprint)
    with pytest.raises(Refused, match=r"billing\.not_prepared"):
        flow.integrate(access, kept.pk, kept.fingerprint)
    later = flow.prepare(access, choice, Options())
    assert (later.documents, later.entries) == (0, 0)
    everything = flow.prepare(access, choice, Options(only_unposted=False))
    assert everything.counts == {"billing.already_integrated": 4}
    assert Batch.objects.filter(company=access.company).count() == 1


def test_nothing_posts_when_something_changed_and_the_differences_are_shown(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    PostingCodeRate.objects.filter(posting_code__code="SERV", revenue="72113").update(
        revenue="72114"
    )

    with pytest.raises(flow.Changed) as refusal:
        flow.integrate(access, kept.pk, kept.fingerprint)

    assert [
        (d["reference"], d["account"], d["before"], d["after"]) for d in refusal.value.differences
    ] == [
        ("FR A/1", "72113", -5000, None),
        ("FR A/1", "72114", None, -5000),
    ]
    assert Batch.objects.count() == 0


def test_a_document_changed_at_the_source_is_noticed(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    table(tmp_path, [SALES[0].replace("100,00", "110,00").replace("123,00", "135,30"), *SALES[1:]])

    with pytest.raises(flow.Changed) as refusal:
        flow.integrate(access, kept.pk, kept.fingerprint)
    assert {d["reference"] for d in refusal.value.differences} == {"FT A/1"}


def test_a_kept_plan_that_was_tampered_with_is_not_posted(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    lines = frame_of(kept, "lines").with_columns(pl.col("account").replace("71113", "71111"))
    content = io.BytesIO()
    lines.write_parquet(content)
    PreparationPart.objects.filter(preparation=kept, name="lines").update(
        content=content.getvalue()
    )

    with pytest.raises(flow.Changed) as refusal:
        flow.integrate(access, kept.pk, kept.fingerprint)
    assert {d["reference"] for d in refusal.value.differences} == {"FT A/1"}
    assert (Batch.objects.count(), BillingDocument.objects.count()) == (0, 0)


def test_nobody_is_asked_to_approve_what_would_come_out_differently(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    approving.set_rule(access, amount=None, entries=1)
    PostingCodeRate.objects.filter(posting_code__code="SERV").update(revenue="72114")
    with pytest.raises(flow.Changed):
        flow.integrate(access, kept.pk, kept.fingerprint)


def test_an_account_gone_since_is_a_change_and_not_a_refusal_of_the_ledger(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    Account.objects.filter(code="72113").update(postable=False)
    with pytest.raises(flow.Changed) as refusal:
        flow.integrate(access, kept.pk, kept.fingerprint)
    assert {d["reference"] for d in refusal.value.differences} == {"FR A/1"}
    assert Batch.objects.count() == 0


def test_another_fingerprint_is_not_the_plan_that_was_seen(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    kept = ready(access, choice)
    with pytest.raises(Refused, match=r"billing\.another_plan"):
        flow.integrate(access, kept.pk, "0" * 64)


def test_documents_of_a_day_total_are_remembered_one_by_one(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    with_customers(access, choice)
    kept = flow.prepare(access, choice, Options(day_totals=True))
    assert (kept.ready, kept.entries) == (4, 3)
    batch = flow.integrate(access, kept.pk, kept.fingerprint)

    assert booked(batch)[:2] == [
        ("FT A/1 – FT A/2", "D", "211110001", "335.00"),
        ("FT A/1 – FT A/2", "C", "71111", "200.00"),
    ]
    assert BillingDocument.objects.filter(batch_id=batch.id).count() == 4
    assert flow.prepare(access, choice, Options()).documents == 0


def test_a_free_filter_types_and_dates_choose_documents(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    with_customers(access, choice)

    def numbers(**options: object) -> list[str]:
        kept = flow.prepare(access, choice, Options(**options))  # type: ignore[arg-type]
        return flow.observe(access, kept.pk).plan.entries["reference"].to_list()

    assert numbers(filter="gross > 100 and customer = 'C1'") == ["FT A/1", "FT A/2"]
    assert numbers(types=("NC",)) == ["NC A/1"]
    assert numbers(since=date(2026, 5, 15), until=date(2026, 5, 15)) == ["FR A/1", "NC A/1"]
    with pytest.raises(Refused, match=r"billing\.filter_wrong"):
        numbers(filter="nonsense = 1")


def test_what_is_issued_and_not_integrated_is_listed(tmp_path: Path) -> None:
    access, choice = a_shop(), table(tmp_path)
    with_customers(access, choice)
    kept = flow.prepare(access, choice, Options(types=("FT",)))
    flow.integrate(access, kept.pk, kept.fingerprint)

    left = checking.pending_documents(access, choice, Options())
    assert left["number"].to_list() == ["FR A/1", "NC A/1"]


def test_what_a_change_of_configuration_would_change(tmp_path: Path) -> None:
    from razao.billing.comparing import Outcome, compared

    access, choice = a_shop(), table(tmp_path)
    with_customers(access, choice)
    kept = flow.prepare(access, choice, Options())
    flow.integrate(access, kept.pk, kept.fingerprint)
    told: list[int] = []

    def rules() -> tuple[BillingRules, Rules]:
        return rules_of(access.company), rules_for(access.company)

    before = rules()
    rate = PostingCodeRate.objects.get(posting_code__code="MERC", rate=23, region="PT")
    PostingCodeRate.objects.filter(pk=rate.pk).update(revenue="72114")
    found = compared(
        load(access.company, choice, Options()),
        Options(only_unposted=False),
        (before, rules()),
        lambda done, _total, _note: told.append(done),
    )

    assert found.changed.select("reference", "change", "account", "before", "after").rows() == [
        ("FT A/1", "changed", "71113", -10000, None),
        ("FT A/1", "changed", "72114", None, -10000),
    ]
    assert found.accounts.rows() == [("71113", 1, -10000, 0), ("72114", 1, 0, -10000)]
    assert (found.documents, found.entries_changed) == (4, 1)
    assert found.before == found.after == Outcome(4, 4, {})
    assert told == [2, 3]


def test_a_source_that_is_not_known_is_refused(tmp_path: Path) -> None:
    from razao.billing.sourcing import choice_of

    access = a_shop()
    with pytest.raises(Refused, match=r"billing\.source_unknown"):
        choice_of(access.company, "odbc:nowhere")
    with pytest.raises(Refused, match=r"source\.file_missing"):
        flow.prepare(access, choice_of(access.company, f"saft:{tmp_path}/none.xml"), Options())
