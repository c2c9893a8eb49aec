"""The database made ready: roles, database, tables and row-level security; in: settings, out: a database that can be used.

Run by every command that needs the database; costs three queries when there is nothing to do.
"""

from __future__ import annotations

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from razao.config import postgres
from razao.kernel.tenancy import apply_row_security, row_security_is_applied

ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'razao_owner') THEN
    CREATE ROLE razao_owner LOGIN CREATEDB BYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'razao_app') THEN
    CREATE ROLE razao_app LOGIN;
  END IF;
END $$;
"""


#: The lock under which a database comes into being or to another version.
ONE_AT_A_TIME = 0x52617AE3


def is_embedded() -> bool:
    """Whether the database is the one that Razão runs itself."""
    return not settings.RAZAO_DATABASE_URL


def start_server() -> None:
    """Start the embedded server when it is the one in use, with its roles and database."""
    if not is_embedded():
        return
    postgres.start(settings.RAZAO_HOME)
    create_database(settings.RAZAO_DATABASE_NAME)


def _administration() -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres.socket_folder(settings.RAZAO_HOME)),
        port=5432,
        user="postgres",
        dbname="postgres",
        autocommit=True,
    )


def create_database(name: str, template: str = "template1") -> None:
    """Create the database ``name`` with its roles in the embedded server, when it is not there."""
    with _administration() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        connection.execute(ROLES)
        exists = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if not exists:
            statement = "CREATE DATABASE {} OWNER razao_owner TEMPLATE {}"
            connection.execute(
                sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template))
            )


def drop_database(name: str) -> None:
    """Drop a database of the embedded server, ending its sessions."""
    with _administration() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def is_migrated() -> bool:
    """Whether the database has every migration of this version."""
    executor = MigrationExecutor(connections["owner"])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate(verbosity: int = 0) -> None:
    """Bring tables and row-level security to this version, as the owner."""
    call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
    apply_row_security("owner")
    connections["owner"].close()


def make_ready() -> None:
    """Server up, tables of this version: what every command but ``razao read`` starts with.

    Site and workers start at the same moment; one of them makes it ready, the others wait for it.
    """
    start_server()
    try:
        with connections["owner"].cursor() as cursor:  # until this connection is closed
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        if not is_migrated():
            migrate()
        elif not row_security_is_applied("owner"):
            apply_row_security("owner")
    finally:
        connections["owner"].close()  # also when a migration failed: the others need not wait
