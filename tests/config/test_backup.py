"""The rehearsal: backed up while people work, destroyed, restored into an empty home, and every figure, file and hash is there."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import connections, transaction

from razao.archive.filing import Subject, file_away, move
from razao.archive.models import Folder
from razao.companies.rights import Access, company_for
from razao.config import backup, database, postgres, rescue
from razao.config.health import checks
from razao.kernel.tenancy import act_as, new_id, row_security_is_applied
from razao.ledger.integrity import verify
from razao.ledger.models import Entry
from razao.ledger.posting import post
from tests.factories import a_company
from tests.ledger.entries import draft, drafts

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(committed_db, settings, tmp_path) -> Path:
    """An archive and source folders of the test's own."""
    settings.RAZAO_ARCHIVE_ROUTES = {f.value: tmp_path / "archive" / f.value for f in Folder}
    settings.RAZAO_INTAKE = tmp_path / "intake"
    for folder in (*settings.RAZAO_ARCHIVE_ROUTES.values(), tmp_path / "intake" / "c1"):
        folder.mkdir(parents=True)
    return tmp_path


@pytest.fixture
def access(house) -> Access:
    with transaction.atomic():
        return a_company(years=(2025,))


@pytest.fixture
def empty_home() -> Iterator[Path]:
    # Not pytest's folder, which it closes to others: as root the server runs as a user of its own.
    home = Path(tempfile.mkdtemp(prefix="razao-restored-"))
    yield home
    postgres.stop(home, "immediate")
    shutil.rmtree(home)


def worked(access: Access, number: int) -> None:
    """A document is filed, posted and moved, in transactions of their own."""
    content = f"documento {number}".encode()
    with transaction.atomic():
        here = company_for(access.user_id, access.company.pk)
        subject = Subject("invoice", new_id())
        filed = file_away(
            access.company.pk,
            io.BytesIO(content),
            name="d.txt",
            folder=Folder.PF_BORRADOR,
            subject=subject,
        )
        key = f"doc:{number}"
        post(here, drafts(draft(source_key=key)), kind="manual", source=key, fingerprint="")
    with transaction.atomic():
        act_as(user=access.user_id, companies=[access.company.pk])
        move(filed, Folder.PF_ASIENTO)


class Office(threading.Thread):
    """Somebody who works without a pause."""

    def __init__(self, access: Access) -> None:
        super().__init__()
        self.access, self.done, self.number = access, threading.Event(), 0
        self.busy = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.number += 1
            worked(self.access, self.number)
            if self.number == 3:
                self.busy.set()
        connections.close_all()


def razao(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("RAZAO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "razao.config.command", *arguments],
        env={**environment, "RAZAO_HOME": str(home), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_backed_up_under_load_comes_back_whole(house, access, empty_home):
    (house / "intake" / "c1" / "por-receber.pdf").write_bytes(b"%PDF-1.4 por receber")
    office = Office(access)
    office.start()
    try:
        assert office.busy.wait(120)
        place, first = backup.back_up(house / "backups")
    finally:
        office.done.set()
        office.join()
    assert (first.lost, first.files >= 3, first.copied) == ((), True, first.files)
    ran = CliRunner().invoke(rescue.backup, ["--to", str(house / "backups"), "--json"])
    assert ran.exit_code == 0
    second = backup.Manifest(**{k: v for k, v in json.loads(ran.stdout).items() if k != "backup"})
    told = {check.name: check for check in checks()}
    assert f"{office.number} files" in told["last backup"].detail
    assert told["oldest waiting item"].detail == "nothing waits"
    assert [check.name for check in told.values() if not check.healthy] == []
    assert (second.files, second.copied) == (office.number, office.number - first.files)

    restored = razao(empty_home, "restore", "--from", str(place))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert restored.stdout.splitlines()[-1] == "1 companies verified, 0 problems"
    there = psycopg.connect(
        host=str(postgres.socket_folder(empty_home)), port=5432, user="razao_owner", dbname="razao"
    )
    with there as connection:
        entries = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()
        files = connection.execute("SELECT count(*) FROM archive_storedfile").fetchone()
    assert entries == files == (first.files,)
    waiting = empty_home / "intake" / "c1" / "por-receber.pdf"
    assert waiting.read_bytes() == b"%PDF-1.4 por receber"

    again = razao(empty_home, "restore", "--from", str(place))
    assert (again.returncode, "has a database" in again.stderr) == (1, True)


def test_a_damaged_backup_restores_nothing_and_says_what_is_damaged(house, access, empty_home):
    worked(access, 1)
    backup.back_up(house / "backups")
    (content,) = (p for p in (house / "backups" / "files").rglob("*") if p.is_file())
    content.write_bytes(b"outra coisa")
    refused = razao(empty_home, "restore", "--from", str(house / "backups"))
    named = f"file {access.company.pk}/{content.name} is missing or damaged"
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (1, named)
    assert not postgres.data_folder(empty_home).exists()


def test_a_file_that_the_archive_lost_is_named_by_the_backup(house, access):
    worked(access, 1)
    (content,) = (p for p in (house / "archive").rglob("*") if p.is_file())
    content.unlink()
    _, manifest = backup.back_up(house / "backups")
    assert manifest.lost == (f"{access.company.pk}/{content.name}",)


def test_a_database_of_an_earlier_version_is_brought_to_this_one_with_its_rows(house, access):
    worked(access, 1)
    for app, migration in (("billing", "0001"), ("capture", "0002"), ("booking", "0001")):
        call_command("migrate", app, migration, database="owner", verbosity=0)
    assert not database.is_migrated()
    connections["owner"].close()
    database.make_ready()
    assert (database.is_migrated(), row_security_is_applied("default")) == (True, True)
    worked(access, 2)
    with transaction.atomic():
        here = company_for(access.user_id, access.company.pk)
        assert (Entry.objects.count(), verify(here.company)) == (2, [])
    connections["owner"].close()
