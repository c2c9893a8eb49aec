"""Verification: books as posted are sound; whatever an intruder above all rights changes is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from django.db import transaction

from razao.companies.rights import Access, company_for
from razao.ledger.integrity import verify
from razao.ledger.models import Batch, Entry
from razao.ledger.posting import post, reverse
from tests.factories import a_company
from tests.ledger.by_hand import connect
from tests.ledger.entries import DAY, draft, drafts

TABLES = ("batch", "entry", "line", "entryseal", "balance", "counter", "chain")


@pytest.fixture(scope="module")
def books(committed_module_db) -> Access:
    """Four batches, the last of which undoes the third; a copy of every row is kept aside."""
    with transaction.atomic():
        access = a_company()
        for key in ("a", "b"):
            pair = drafts(draft(source_key=key), draft(source_key=f"{key}2"))
            post(access, pair, kind="manual", source="", fingerprint="")
        last = drafts(draft(source_key="undone"))
        batch = post(access, last, kind="manual", source="", fingerprint="")
        reverse(access, batch.id, day=DAY, reason="Engano")
    copies = [f"CREATE TABLE kept.{table} AS TABLE ledger_{table}" for table in TABLES]
    intrude("CREATE SCHEMA kept", *copies)
    return access


@pytest.fixture
def access(books) -> Iterator[Access]:
    """The books, put back as they were after the test."""
    yield books
    for table in TABLES:
        copied = f"INSERT INTO ledger_{table} SELECT * FROM kept.{table}"
        intrude(f"DELETE FROM ledger_{table}", copied)


def verified(access: Access) -> list[tuple[str, str]]:
    with transaction.atomic():
        again = company_for(access.user_id, access.company.pk)
        return [(p.code, p.where) for p in verify(again.company)]


def intrude(*statements: str) -> None:
    """As the superuser, with every trigger off."""
    with connect("postgres") as session:
        session.execute("SET session_replication_role = replica")
        for statement in statements:
            session.execute(statement)


FIRST = "(SELECT id FROM ledger_entry WHERE source_key = 'a')"


def test_what_was_posted_is_sound(access):
    assert verified(access) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            f"UPDATE ledger_line SET text = 'x' WHERE entry_id = {FIRST} AND position = 1",
            [("verify.entry_hash", "VD 2025/1")],
        ),
        (
            f"UPDATE ledger_entry SET date = '2025-05-15' WHERE id = {FIRST}",
            [("verify.entry_hash", "VD 2025/1")],
        ),
        (
            f"UPDATE ledger_entry SET file = repeat('a', 64) WHERE id = {FIRST}",
            [("verify.entry_hash", "VD 2025/1")],
        ),
        (
            f"UPDATE ledger_line SET debit = debit + 1 WHERE entry_id = {FIRST} AND position = 1",
            [("verify.entry_unbalanced", "VD 2025/1"), ("verify.balance", "111 2025/5")],
        ),
        (
            f"DELETE FROM ledger_line WHERE entry_id = {FIRST}",
            [
                ("verify.entry_without_lines", "VD 2025/1"),
                ("verify.balance", "111 2025/5"),
                ("verify.balance", "2433113 2025/5"),
                ("verify.balance", "71113 2025/5"),
            ],
        ),
        (
            "UPDATE ledger_balance SET debit = debit + 1, credit = credit + 1 WHERE account_id ="
            " (SELECT id FROM ledger_account WHERE code = '111')",
            [("verify.balance", "111 2025/5")],
        ),
        (
            "UPDATE ledger_batch SET hash = sha256('x') WHERE sequence = 2",
            [("verify.batch_hash", "2"), ("verify.chain_link", "3")],
        ),
        (
            "UPDATE ledger_batch SET total = total + 1 WHERE sequence = 2",
            [("verify.batch_sums", "2")],
        ),
        (
            "UPDATE ledger_entry SET number = 9 WHERE number = 6",
            [("verify.entry_hash", "VD 2025/9"), ("verify.numbers", "VD 2025")],
        ),
        (
            "UPDATE ledger_entryseal SET reversed_by_id = NULL WHERE reversed_by_id IS NOT NULL",
            [("verify.reversal", "undone")],
        ),
        (
            f"UPDATE ledger_entryseal SET source_key = 'z' WHERE entry_id = {FIRST}",
            [("verify.seal", "VD 2025/1")],
        ),
        ("UPDATE ledger_chain SET sequence = 3", [("verify.chain_link", "3")]),
    ],
)
def test_a_change_made_behind_every_guard_is_named(access, statement, said):
    intrude(statement)
    assert verified(access) == said


def test_a_batch_taken_out_of_the_chain_is_missed(access):
    batch = "(SELECT id FROM ledger_batch WHERE sequence = 2)"
    entries = f"(SELECT id FROM ledger_entry WHERE batch_id = {batch})"
    intrude(
        f"DELETE FROM ledger_line WHERE entry_id IN {entries}",
        f"DELETE FROM ledger_entryseal WHERE entry_id IN {entries}",
        f"DELETE FROM ledger_entry WHERE batch_id = {batch}",
        "DELETE FROM ledger_batch WHERE sequence = 2",
    )
    said = verified(access)
    assert said[:2] == [("verify.chain_gap", "3"), ("verify.chain_link", "3")]
    assert ("verify.numbers", "VD 2025") in said


def test_the_hashes_are_those_that_the_document_describes(access):
    """Recomputed here from the rows, with nothing of the product but its tables (docs/chain.md)."""
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        batch = Batch.objects.get(sequence=1)
        hashes = [_hash_of(entry) for entry in batch.entries.order_by("id")]
        link = hashlib.sha256(bytes(batch.previous_hash) + b"".join(hashes)).digest()
        assert link == bytes(batch.hash)


def _hash_of(entry: Entry) -> bytes:
    def text(value: object) -> str:
        return "" if value is None else str(value)

    head = [
        "E", entry.id, entry.journal.code, entry.entry_type.code, entry.fiscal_year.code, entry.period,
        entry.number, entry.date, entry.document_date, entry.source_key, entry.reference, entry.text, entry.file,
        entry.reverses_id,
    ]  # fmt: skip
    lines = entry.lines.select_related("account", "cost_center", "party", "vat_code")
    body = [
        [
            "L", line.position, line.account.code, line.debit, line.credit,
            line.cost_center and line.cost_center.code, line.party and line.party.tax_id,
            line.vat_code and line.vat_code.code, line.tax_base, line.currency, line.currency_amount,
            line.rubric, line.text,
        ]
        for line in lines.order_by("position")
    ]  # fmt: skip
    canonical = "".join("\t".join(text(value) for value in row) + "\n" for row in [head, *body])
    return hashlib.sha256(canonical.encode()).digest()
