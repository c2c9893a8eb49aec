"""The database made ready: guarded anew when what guards it changed, and only then."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from razao.archive.models import StoredFile
from razao.config import database, guards, postgres
from razao.kernel.tenancy import row_security_is_applied


@pytest.fixture
def owner(committed_db) -> Iterator[None]:
    yield
    connections["owner"].close()


def policies() -> dict[str, tuple[int, str]]:
    """Each table's policy: its number, which a new one has anew, and its condition."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT polrelid::regclass::text, oid, pg_get_expr(polqual, polrelid) FROM pg_policy"
        )
        return {table: (number, said) for table, number, said in cursor.fetchall()}


def test_nothing_is_done_to_a_database_that_is_guarded_as_this_version_says(owner):
    before = policies()
    assert row_security_is_applied("default")
    database.make_ready()
    assert policies() == before


def test_a_database_guarded_by_another_version_s_conditions_is_guarded_anew(owner):
    wanted = {table: said for table, (_, said) in policies().items()}
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER POLICY tenant ON archive_storedfile USING (true)")
        cursor.execute("COMMENT ON FUNCTION razao_companies() IS 'row security of another version'")
    database.make_ready()
    assert {table: said for table, (_, said) in policies().items()} == wanted
    assert row_security_is_applied("default")


def test_a_condition_that_changed_in_the_code_reaches_the_database_without_a_migration(
    owner, monkeypatch
):
    monkeypatch.setattr(StoredFile, "row_security", "company_id IS NULL", raising=False)
    assert not row_security_is_applied("default")
    database.make_ready()
    assert policies()["archive_storedfile"][1] == "(company_id IS NULL)"


def test_a_guard_that_somebody_switched_off_or_changed_is_named(owner):
    assert guards.differing() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_line DISABLE TRIGGER line_stays")
        cursor.execute("DROP TRIGGER file_is_chained ON archive_storedfile")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NEW; END $$"
        )
    assert guards.differing() == [
        "function ledger_stays",
        "trigger file_is_chained on archive_storedfile",
        "trigger line_stays on ledger_line",
    ]


@pytest.fixture
def new_name(committed_db) -> Iterator[str]:
    """The name of a database of the test's server that is not there yet."""
    name = f"razao_new_{uuid4().hex[:8]}"
    yield name
    database.drop_database(name)


def test_processes_that_start_together_find_one_database_made_once(new_name):
    with ThreadPoolExecutor(8) as together:
        assert list(together.map(database.create_database, [new_name] * 8)) == [None] * 8


@pytest.fixture
def environment(new_name) -> dict[str, str]:
    """What a process sees that works on that database, which is made empty."""
    database.create_database(new_name)
    host = postgres.socket_folder(settings.RAZAO_HOME)
    address = {
        f"RAZAO_{who}DATABASE_URL": f"postgresql://razao_{role}@/{new_name}?host={host}"
        for who, role in (("", "app"), ("OWNER_", "owner"))
    }
    return {**os.environ, **address, "DJANGO_SETTINGS_MODULE": "razao.config.settings"}


def test_processes_that_start_together_bring_it_to_this_version_once(environment):
    ready = (
        "import django; django.setup(); from razao.config import database; database.make_ready()"
    )
    started = [subprocess.Popen([sys.executable, "-c", ready], env=environment) for _ in range(2)]
    assert [process.wait() for process in started] == [0, 0]


FAILS_AND_LIVES_ON = """
import os

import django, psycopg

django.setup()
from razao.config import database

try:
    database.make_ready()
except django.db.ProgrammingError as error:
    print(error.__cause__.diag.message_primary)
with psycopg.connect(os.environ["RAZAO_OWNER_DATABASE_URL"]) as another:
    ask = "SELECT pg_try_advisory_lock(%s)"
    print(another.execute(ask, [database.ONE_AT_A_TIME]).fetchone()[0])
"""


def test_a_migration_that_fails_does_not_keep_the_others_waiting(environment):
    with psycopg.connect(environment["RAZAO_OWNER_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE django_content_type (in_the_way integer)")
    run = subprocess.run(
        [sys.executable, "-c", FAILS_AND_LIVES_ON],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.splitlines() == ['relation "django_content_type" already exists', "True"]


@pytest.mark.parametrize(
    "address", ["postgresql://razao_app@db.example:5432/razao", "postgresql:///razao?host=/run/pg"]
)
def test_whatever_way_the_database_is_reached_who_stands_still_loses_the_transaction(address):
    run = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "razao.config.settings", "RAZAO_DATABASE_URL": address},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    options = ast.literal_eval(run.stdout)["options"].split("-c ")
    assert "idle_in_transaction_session_timeout=1h" in [option.strip() for option in options]
