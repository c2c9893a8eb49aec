"""The exported chain is checked by a program that knows nothing of Razão, and that misses no change."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from razao.companies.models import Party
from razao.ledger.exports.chain import VERIFIER, chain
from razao.ledger.posting import post, reverse
from tests.factories import a_company
from tests.ledger.entries import DAY, draft, drafts

pytestmark = pytest.mark.django_db

FILE = b"a scanned invoice"
SHA = hashlib.sha256(FILE).hexdigest()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    access = a_company()
    Party.objects.create(company=access.company, tax_id="501442600", name="Cliente")
    more = {"party": "501442600", "vat_code": "LNOR", "tax_base": 10000, "text": "ção; €"}
    dollars = {"currency": "USD", "currency_amount": 11000}
    rows = [("111", 12300, 0, dollars), ("71113", 0, 10000), ("2433113", 0, 2300, more)]
    first = drafts(draft(rows, source_key="a", file=SHA), draft(source_key="b", reference=None))
    batch = post(access, first, kind="manual", source="", fingerprint="")
    reverse(access, batch.id, day=DAY, reason="Engano")
    post(access, first, kind="manual", source="", fingerprint="")
    path = tmp_path / "chain.tsv"
    path.write_text("".join(chain(access.company)), "utf-8")
    return path


def verify(path: Path, *more: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-I", str(VERIFIER), str(path), *more]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.splitlines()


def test_the_chain_is_sound_and_its_last_hash_is_named(exported):
    code, said = verify(exported)
    last = exported.read_text("utf-8").split("\nB\t3\t")[1].split("\n")[0].split("\t")[-1]
    assert (code, said) == (0, ["sound: 3 batches, 6 entries, 18 lines", f"last hash: {last}"])
    assert verify(exported, last)[0] == 0
    assert verify(exported, "00" * 32)[0] == 1


def test_archived_files_are_checked_where_they_are_at_hand(exported, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    assert verify(exported, "--files", str(folder))[0] == 1
    (folder / SHA).write_bytes(FILE)
    assert verify(exported, "--files", str(folder))[0] == 0
    (folder / SHA).write_bytes(FILE + b".")
    assert verify(exported, "--files", str(folder))[0] == 1


def test_no_change_of_a_byte_is_missed(exported):
    whole = exported.read_bytes()
    # every field is covered but the id and kind of a batch, which its entries do not name
    for place in range(0, len(whole), 101):
        start = whole.rfind(b"\n", 0, place) + 1
        column = whole[start:place].count(b"\t")
        if whole[start : start + 1] == b"B" and column in (2, 3):
            continue
        changed = bytes([whole[place] ^ 1])
        exported.write_bytes(whole[:place] + changed + whole[place + 1 :])
        assert verify(exported)[0] == 1, whole[start : place + 1]


@pytest.mark.parametrize("which", ["E", "L", "B"])
def test_no_line_can_be_taken_away(exported, which):
    lines = exported.read_bytes().splitlines(keepends=True)
    for n, line in enumerate(lines):
        if line.startswith(which.encode()):
            exported.write_bytes(b"".join(lines[:n] + lines[n + 1 :]))
            assert verify(exported)[0] == 1
