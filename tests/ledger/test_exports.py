"""The exported ledger is read by hledger and Beancount, and their trial balances equal ours to the cent."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Open, Transaction
from hypothesis import given
from hypothesis import strategies as st

from razao.ledger.balances import trial_balance
from razao.ledger.exports import beancount, hledger
from razao.ledger.models import Account
from razao.ledger.posting import post, reverse
from tests.factories import a_company
from tests.ledger.entries import DAY, draft, drafts

ODD = ["6;8", "6:9 a", 'á"é', "(111)", "*9", "a", "Z", "[1]", "6-8", "x  y"]


@pytest.fixture
def access(db):
    access = a_company()
    company = access.company
    for code in ODD:
        Account.objects.create(
            company=company, code=code, name=f'Conta "{code}" ; | \\', kind="other"
        )
    opening = draft(
        [("111", 50000, 0), ("511", 0, 50000)], journal="AB", entry_type="SB", date=date(2025, 1, 1)
    )
    odd = [
        draft(
            [(code, 101, 0, {"text": 'a ; "b" \\ | c'}), ("111", 0, 101)],
            reference="FT (1) ; x",
            text='Com "aspas" ; e | barra',
        )
        for code in ODD
    ]
    wanted = drafts(opening, *odd, *(draft() for _ in range(20)), draft(date=date(2026, 2, 1)))
    post(access, wanted, kind="manual", source="", fingerprint="")
    batch = post(access, drafts(draft(), draft()), kind="manual", source="", fingerprint="")
    reverse(access, batch.id, day=DAY, reason="Engano")
    return access


def ours(company, name) -> dict[str, Decimal]:
    rows = trial_balance(company, year="2025", first=0, headings=False).rows
    return {name(row): row.balance for row in rows if row.balance}


def test_hledger_reads_the_file_and_has_the_same_balances(access, tmp_path: Path):
    program = shutil.which("hledger")
    assert program, "install hledger (scripts/test-packages.sh does)"
    path = tmp_path / "books.journal"
    path.write_text("".join(hledger.journal(access.company, "2025")), "utf-8")
    ran = subprocess.run(
        [program, "-f", str(path), "balance", "--flat", "--no-total", "-O", "csv"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = csv.DictReader(io.StringIO(ran.stdout))
    theirs = {row["account"]: Decimal(row["balance"].split()[0]) for row in rows}
    assert theirs == ours(access.company, lambda row: hledger.account_name(row.code))
    strict = subprocess.run(
        [program, "-f", str(path), "check", "--strict"], capture_output=True, check=False
    )
    assert (strict.returncode, strict.stderr) == (0, b"")


def test_beancount_reads_the_file_and_has_the_same_balances(access):
    entries, errors, _ = loader.load_string("".join(beancount.journal(access.company, "2025")))
    assert errors == []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                sums[posting.account] += posting.units.number
    theirs = {account: amount for account, amount in sums.items() if amount}
    assert theirs == ours(access.company, lambda row: beancount.account_name(row.code, row.kind))
    assert {e.meta["name"] for e in entries if isinstance(e, Open)} >= {'Conta "á"é" ; | \\'}


def test_without_a_year_everything_is_exported(access):
    entries, errors, _ = loader.load_string("".join(beancount.journal(access.company)))
    assert errors == []
    days = [e.date for e in entries if isinstance(e, Transaction)]
    assert (min(days), max(days)) == (date(2025, 1, 1), date(2026, 2, 1))


codes = st.text(min_size=1, max_size=8).filter(lambda code: code.strip() and code.isprintable())


@given(st.sets(codes, min_size=2, max_size=8))
def test_two_codes_never_share_a_name(some):
    assert len({hledger.account_name(code) for code in some}) == len(some)
    assert len({beancount.account_name(code, "asset") for code in some}) == len(some)
