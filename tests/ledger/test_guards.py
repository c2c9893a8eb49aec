"""Invariants 1–6 hold against somebody who writes by hand, as the application's role: the database itself refuses."""

from __future__ import annotations

import re
from datetime import date

import psycopg
import pytest
from django.db import transaction

from razao.companies.rights import Access, company_for
from razao.kernel.tenancy import new_id
from razao.ledger.models import Period
from razao.ledger.posting import post
from tests.factories import a_company, an_office
from tests.ledger.by_hand import Hand, connect
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.usefixtures("committed_module_db")


@pytest.fixture(scope="module")
def books(committed_module_db) -> tuple[Access, Access]:
    """Two companies of one office; the first has a posted entry (VD 1 of 2025, key "posted")."""
    with transaction.atomic():
        office = an_office()
        ours, theirs = a_company(code="c1", office=office), a_company(code="c2", office=office)
        access = company_for(ours.user_id, ours.company.pk)
        post(access, drafts(draft(source_key="posted")), kind="manual", source="", fingerprint="")
    return access, theirs


@pytest.fixture
def hand(books) -> Hand:
    access, _ = books
    hand = Hand(access.company.pk, access.user_id)
    yield hand
    hand.session.close()


def refuses(rule: str, kind: type[psycopg.Error] = psycopg.IntegrityError):
    """The database refuses by the rule of this name."""
    return pytest.raises(kind, match=re.escape(rule))


def test_what_is_right_may_be_written_by_hand_and_is_sealed_at_the_commit(hand):
    batch = hand.batch(hash=b"forged", sequence=99, entry_count=7)
    entry = hand.entry(batch)
    hand.lines(entry)
    hand.commit()
    query = "SELECT sequence, entry_count, line_count, total::text, octet_length(hash) FROM ledger_batch WHERE id = %s"
    last = hand.one("SELECT sequence FROM ledger_chain")
    assert hand.session.execute(query, [batch]).fetchone() == (last, 1, 2, "10.00", 32)
    assert (
        hand.one("SELECT octet_length(hash) FROM ledger_entryseal WHERE entry_id = %s", entry) == 32
    )


def test_an_unbalanced_entry(hand):
    entry = hand.entry(hand.batch())
    with refuses("entry_balances"):
        hand.lines(entry, [("111", "10.00", "0"), ("71113", "0", "9.99")])


def test_an_entry_that_does_not_balance_in_its_currency(hand):
    entry = hand.entry(hand.batch())
    cash, sales = hand.id_of("ledger_account", "111"), hand.id_of("ledger_account", "71113")
    insert = (
        "INSERT INTO ledger_line (company_id, entry_id, position, account_id, date, debit, credit, currency,"
        " currency_amount) VALUES (%s, %s, 1, %s, '2025-05-14', 9, 0, 'USD', 10),"
        " (%s, %s, 2, %s, '2025-05-14', 0, 9, 'USD', -9.99)"
    )
    with refuses("entry_balances_in_currency"):
        hand.run(insert, hand.company, entry, cash, hand.company, entry, sales)


def test_half_of_an_entry_now_and_half_later(hand):
    entry = hand.entry(hand.batch())
    with refuses("entry_balances"):
        hand.lines(entry, [("111", "10.00", "0")])


@pytest.mark.parametrize(("debit", "credit"), [("0", "0"), ("5", "5"), ("-5", "0"), ("0", "-5")])
def test_a_line_with_no_side_both_or_a_negative_one(hand, debit, credit):
    entry = hand.entry(hand.batch())
    with refuses("line_has_one_side"):
        hand.lines(entry, [("111", debit, credit), ("71113", credit, debit)])


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line", "ledger_batch"])
@pytest.mark.parametrize("role", ["razao_app", "razao_owner"])
def test_posted_rows_are_neither_changed_nor_deleted_not_even_by_the_owner(books, table, role):
    access, _ = books
    hand = Hand(access.company.pk, access.user_id, role)
    kind = psycopg.errors.InsufficientPrivilege if role == "razao_app" else psycopg.IntegrityError
    said = "permission denied" if role == "razao_app" else "posted_rows_stay"
    for statement in (
        f"UPDATE {table} SET company_id = company_id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        with refuses(said, kind):
            hand.run(statement)
        hand.session.rollback()
    hand.session.close()


@pytest.mark.parametrize(
    "table", ["ledger_entryseal", "ledger_balance", "ledger_counter", "ledger_chain"]
)
def test_what_the_database_keeps_is_not_written_by_the_application(hand, table):
    for statement in (
        f"INSERT INTO {table} SELECT * FROM {table}",
        f"UPDATE {table} SET company_id = company_id",
        f"DELETE FROM {table}",
    ):
        with refuses("permission denied", psycopg.errors.InsufficientPrivilege):
            hand.run(statement)
        hand.session.rollback()


def test_a_second_live_entry_of_the_same_document(hand):
    entry = hand.entry(hand.batch(), source_key="posted")
    with refuses("source_key_once_among_live_entries"):
        hand.lines(entry)


@pytest.mark.parametrize("step", [0, -1, -2, 2, 7])
def test_a_number_out_of_sequence_or_given_already(hand, step):
    batch = hand.batch()
    number = hand.last_number() + step
    with pytest.raises(
        psycopg.IntegrityError,
        match=r"entry_number_in_sequence|entry_number_once|entry_number_from_1",
    ):
        hand.entry(batch, number)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"date": date(2025, 6, 14), "period": 6}, "entry_in_open_period"),
        ({"date": date(2031, 5, 14)}, "entry_in_fiscal_year"),
        ({"date": date(2026, 5, 14)}, "entry_in_fiscal_year"),
        ({"period": 4}, "entry_in_fiscal_year"),
        ({"period": 17}, "entry_in_fiscal_year"),
    ],
)
def test_a_closed_period_or_a_day_outside_the_year(hand, books, more, rule):
    with transaction.atomic():
        access = company_for(books[0].user_id, books[0].company.pk)
        Period.objects.filter(company=access.company, number=6).update(state="closed")
    batch = hand.batch()
    with refuses(rule):
        hand.entry(batch, **more)


def test_a_line_on_an_account_of_another_company(hand, books):
    _, theirs = books
    entry = hand.entry(hand.batch())
    hand.act_for(hand.company, theirs.company.pk)
    query = "SELECT id FROM ledger_account WHERE company_id = %s AND code = %s"
    foreign = hand.one(query, theirs.company.pk, "111")
    own = hand.id_of("ledger_account", "71113")
    insert = (
        "INSERT INTO ledger_line (company_id, entry_id, position, account_id, date, debit, credit)"
        " VALUES (%s, %s, 1, %s, '2025-05-14', 1, 0), (%s, %s, 2, %s, '2025-05-14', 0, 1)"
    )
    with refuses("line_account_of_company"):
        hand.run(insert, hand.company, entry, foreign, hand.company, entry, own)


@pytest.mark.parametrize("column", ["cost_center_id", "party_id", "vat_code_id"])
def test_a_line_that_names_what_the_company_does_not_have(hand, column):
    entry = hand.entry(hand.batch())
    with refuses(f"line_{column.removesuffix('_id')}_of_company"):
        hand.lines(entry, **{column: new_id()})


@pytest.mark.parametrize("column", ["journal_id", "entry_type_id"])
def test_an_entry_in_a_journal_of_another_company(hand, books, column):
    _, theirs = books
    hand.act_for(hand.company, theirs.company.pk)
    table = f"ledger_{column.removesuffix('_id').replace('_', '')}"
    query = f"SELECT id FROM {table} WHERE company_id = %s LIMIT 1"
    foreign = hand.one(query, theirs.company.pk)
    batch = hand.batch()
    with refuses("entry_journal_and_type_of_company"):
        hand.entry(batch, 1 if column == "journal_id" else None, **{column: foreign})


def test_rows_of_another_company_are_neither_seen_nor_written(hand, books):
    _, theirs = books
    assert hand.one("SELECT count(*) FROM ledger_entry") > 0
    hand.act_for(theirs.company.pk)
    assert hand.one("SELECT count(*) FROM ledger_entry") == 0
    with refuses("row-level security", psycopg.errors.InsufficientPrivilege):
        hand.batch()


def test_an_entry_slipped_into_a_batch_of_another_company(hand, books):
    _, theirs = books
    batch = hand.batch()
    hand.act_for(hand.company, theirs.company.pk)
    with refuses("entry_of_open_batch"):
        hand.entry(batch, 1, company_id=theirs.company.pk)


def test_a_line_added_to_a_posted_entry(hand):
    posted = hand.one("SELECT id FROM ledger_entry WHERE source_key = 'posted'")
    with refuses("line_of_open_batch"):
        hand.lines(posted, start=4)
    hand.session.rollback()
    hand.act_for(hand.company)
    hand.entry(hand.batch())
    with refuses("line_of_open_batch"):
        hand.lines(posted, start=4)


def test_an_entry_added_to_a_sealed_batch(hand):
    sealed = hand.one("SELECT id FROM ledger_batch ORDER BY sequence LIMIT 1")
    with refuses("entry_of_open_batch"):
        hand.entry(sealed)


def test_an_entry_without_lines_and_a_batch_without_entries_do_not_commit(hand):
    hand.entry(hand.batch())
    with refuses("entry_has_lines"):
        hand.commit()
    hand.act_for(hand.company)
    hand.batch()
    with refuses("batch_not_empty"):
        hand.commit()


def test_a_second_batch_before_the_first_is_sealed(hand):
    hand.batch()
    with refuses("batch_one_at_a_time"):
        hand.batch()


def test_a_line_of_another_day_and_positions_with_a_gap(hand):
    entry = hand.entry(hand.batch(), date=date(2025, 5, 15))
    with refuses("line_date_of_entry"):
        hand.lines(entry)
    hand.session.rollback()
    hand.act_for(hand.company)
    entry = hand.entry(hand.batch())
    cash, sales = hand.id_of("ledger_account", "111"), hand.id_of("ledger_account", "71113")
    insert = (
        "INSERT INTO ledger_line (company_id, entry_id, position, account_id, date, debit, credit)"
        " VALUES (%s, %s, 1, %s, '2025-05-14', 1, 0), (%s, %s, 3, %s, '2025-05-14', 0, 1)"
    )
    with refuses("line_positions_from_1"):
        hand.run(insert, hand.company, entry, cash, hand.company, entry, sales)


def test_a_tab_that_would_make_two_texts_hash_alike(hand):
    batch = hand.batch()
    with refuses("entry_texts_on_one_line"):
        hand.entry(batch, text="a\tb")


def test_a_reversal_that_mirrors_nothing_frees_nothing(hand):
    posted = hand.one("SELECT id FROM ledger_entry WHERE source_key = 'posted'")
    original = hand.one("SELECT id FROM ledger_batch ORDER BY sequence LIMIT 1")
    batch = hand.batch(kind="reversal", reverses_id=original)
    hand.lines(hand.entry(batch, reverses_id=posted))
    with refuses("reversal_mirrors"):
        hand.commit()
    hand.act_for(hand.company)
    batch = hand.batch(kind="reversal", reverses_id=original)
    hand.lines(hand.entry(batch))
    with refuses("reversal_mirrors"):
        hand.commit()


def test_an_account_that_entries_name_keeps_its_code(hand):
    with refuses("named_by_entries"):
        hand.run("UPDATE ledger_account SET code = '111X' WHERE code = '111'")
    hand.session.rollback()
    hand.act_for(hand.company)
    hand.run("UPDATE ledger_account SET code = '112X' WHERE code = '112'")
    hand.run("DELETE FROM ledger_account WHERE code = '111'")
    with refuses("violates foreign key constraint"):
        hand.commit()


def test_a_table_of_the_same_name_in_the_session_deceives_no_check(hand):
    hand.run("CREATE TEMPORARY TABLE ledger_chain (company_id uuid, open_batch_id uuid)")
    sealed = hand.one("SELECT id FROM ledger_batch ORDER BY sequence LIMIT 1")
    hand.run("INSERT INTO pg_temp.ledger_chain VALUES (%s, %s)", hand.company, sealed)
    with refuses("entry_of_open_batch"):
        hand.entry(sealed)


@pytest.mark.parametrize(
    "function", ["ledger_lines_arrive", "ledger_entries_arrive", "ledger_batch_opens"]
)
def test_a_table_of_ones_own_does_not_feed_the_triggers(hand, function):
    hand.run("CREATE TEMPORARY TABLE mine (LIKE ledger_line)")
    with refuses("permission denied for function", psycopg.errors.InsufficientPrivilege):
        hand.run(
            "CREATE TRIGGER forge AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )


def test_a_period_keeps_its_days_and_is_not_deleted(hand):
    with refuses("named_by_entries"):
        hand.run('UPDATE ledger_period SET "end" = "end" + 40 WHERE number = 5')
    hand.session.rollback()
    hand.act_for(hand.company)
    with refuses("permission denied", psycopg.errors.InsufficientPrivilege):
        hand.run("DELETE FROM ledger_period")


def test_a_posting_that_dies_midway_leaves_nothing(books):
    access, _ = books
    hand = Hand(access.company.pk, access.user_id)
    before = hand.one("SELECT count(*) FROM ledger_entry")
    last = hand.one("SELECT sequence FROM ledger_chain")
    hand.lines(hand.entry(hand.batch()))
    pid = hand.session.info.backend_pid
    with connect("postgres", autocommit=True) as surgeon:
        surgeon.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(psycopg.OperationalError):
        hand.commit()
    after = Hand(access.company.pk, access.user_id)
    assert after.one("SELECT count(*) FROM ledger_entry") == before
    assert after.one("SELECT sequence FROM ledger_chain") == last
    assert after.one("SELECT open_batch_id FROM ledger_chain") is None
    after.session.close()
