"""Who acts for which companies, told to the database for one transaction; and the row-level security that rests on it.

``act_as`` sets three settings with SET LOCAL semantics; the policies made by ``apply_row_security`` read
them. A query outside ``act_as`` sees no company's rows: forgetting shows nothing rather than everything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import ClassVar
from uuid import UUID

import uuid_utils.compat
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Error, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

APPLICATION_ROLE = "razao_app"


def new_id() -> UUID:
    """A UUIDv7: ordered by time, so that an index grows at its end."""
    return uuid_utils.compat.uuid7()


def new_ids(count: int) -> list[str]:
    """As many of them as text, in ascending order: the database takes ten times as long to make one."""
    return [str(uuid_utils.uuid7()) for _ in range(count)]


class CompanyRecord(models.Model):
    """Abstract: a row that belongs to one company, and is invisible to everybody else's session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def act_as(
    *,
    user: UUID | None = None,
    office: UUID | None = None,
    companies: Iterable[UUID] = (),
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Set who acts, until the end of the running transaction. Raises TransactionManagementError outside one.

    Says nothing about rights: ``razao.companies.rights`` decides those and calls this.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "act_as holds for one transaction: open it first"
        )
    said = ACT_AS.format(*map(_ids, ((user,), (office,), companies)))
    if _begins(connection):
        # The first statement of its transaction opens it: one round trip in place of two.
        with connection.wrap_database_errors:
            _send(connection.connection.pgconn, f"BEGIN; {said}")
        return
    with connection.cursor() as cursor:
        cursor.execute(said)


ACT_AS = (
    "SELECT set_config('razao.user', '{}', true), set_config('razao.office', '{}', true),"
    " set_config('razao.companies', '{}', true)"
)


def _ids(ids: Iterable[UUID | None]) -> str:
    """Ids as the settings carry them, and nothing else than ids. Raises ValueError."""
    return ",".join(str(one if isinstance(one, UUID) else UUID(one)) for one in ids if one)


def _begins(connection: BaseDatabaseWrapper) -> bool:
    """Whether a transaction was asked for of which the server does not know yet."""
    connection.ensure_connection()
    bare = connection.connection
    return not bare.autocommit and bare.info.transaction_status == TransactionStatus.IDLE


def _send(server: PGconn, statements: str) -> None:
    result = server.exec_(statements.encode())
    if server.status == ConnStatus.BAD:
        raise OperationalError(server.get_error_message())
    if result.status == ExecStatus.FATAL_ERROR:
        raise told_by(result)


def told_by(result: PGresult) -> Error:
    """What a result says went wrong. One without a code is no answer of the server: it was lost on the way."""
    if result.error_field(DiagnosticField.SQLSTATE) is None:
        return OperationalError(result.get_error_message())
    return error_from_result(result)


def acting_companies(using: str = DEFAULT_DB_ALIAS) -> tuple[UUID, ...]:
    """The companies that the running transaction acts for."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_setting('razao.companies', true)")
        (text,) = cursor.fetchone()
    return tuple(UUID(part) for part in (text or "").split(",") if part)


def all_company_ids() -> list[UUID]:
    """Ids of every company, for timers, which act for each in turn; nothing else of a company is shown."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT razao_all_companies()")
        return [row[0] for row in cursor.fetchall()]


#: Policy of a table that has a column ``company_id``. The sub-select makes it one look-up a query, not one a row.
OF_COMPANY = "company_id = ANY ((SELECT razao_companies())::uuid[])"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION razao_companies() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT string_to_array(nullif(current_setting('razao.companies', true), ''), ',')::uuid[] $$;
CREATE OR REPLACE FUNCTION razao_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('razao.user', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION razao_office() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
  $$ SELECT nullif(current_setting('razao.office', true), '')::uuid $$;
"""

#: Runs with the owner's rights, which see every company; returns ids alone.
TIMER_FUNCTION = """
CREATE OR REPLACE FUNCTION razao_all_companies() RETURNS SETOF uuid LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public AS $$ SELECT id FROM companies_company WHERE active ORDER BY id $$;
"""


class RowSecurity:
    """Class attributes a model may carry to say how its rows are guarded.

    ``row_security``: SQL condition in place of OF_COMPANY ("" = no company's data, visible to all).
    ``append_only``: the application's role may insert and read, never update or delete.
    ``kept_by_database``: it may only read; the table's rows are written by triggers.
    ``never_deleted``: it may insert, read and update, never delete.
    """

    row_security: ClassVar[str]
    append_only: ClassVar[bool]
    kept_by_database: ClassVar[bool]
    never_deleted: ClassVar[bool]


def guard_of(model: type[models.Model]) -> str | None:
    """The SQL condition of a model's policy; None when it says nothing and has no company."""
    stated: str | None = getattr(model, "row_security", None)
    if stated is not None:
        return stated
    names = {field.column for field in model._meta.local_concrete_fields}
    return OF_COMPANY if "company_id" in names else None


def own_models() -> list[type[models.Model]]:
    """Models of Razão that have a table (those of libraries hold no company's data)."""
    return [m for m in apps.get_models() if m.__module__.startswith("razao.") and m._meta.managed]


def apply_row_security(using: str = "owner") -> None:
    """Guard every table of every model as the models say; run after each migration, idempotent.

    Raises LookupError for a model that neither has a company nor says why not.
    """
    wanted = _row_security()
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('razao row security', 0))")
        cursor.execute(wanted)
        # Beside what it describes: it goes along into a dump, and out with it.
        cursor.execute(f"COMMENT ON FUNCTION razao_companies() IS '{_digest(wanted)}'")


def row_security_is_applied(using: str = "owner") -> bool:
    """Whether the database was last guarded by exactly what the models of this version say; one query."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(to_regprocedure('razao_companies()')::oid, 'pg_proc')"
        )
        return bool(cursor.fetchone()[0] == _digest(_row_security()))


def _row_security() -> str:
    """All statements that guard the tables, in their order. Raises LookupError."""
    statements = [FUNCTIONS, TIMER_FUNCTION, _GRANTS]
    for model in own_models():
        guard = guard_of(model)
        if guard is None:
            raise LookupError(
                f"{model.__name__} has no company and no row_security: say who may see its rows"
            )
        statements += _guards(model._meta.db_table, guard, withheld=_withheld(model))
    return "\n".join(statements)


def _digest(statements: str) -> str:
    return f"row security {hashlib.sha256(statements.encode()).hexdigest()}"


_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION_ROLE};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APPLICATION_ROLE};
"""

#: What the application's role may not do to tables whose model says so.
_WITHHELD = {
    "append_only": "UPDATE, DELETE, TRUNCATE",
    "kept_by_database": "INSERT, UPDATE, DELETE, TRUNCATE",
    "never_deleted": "DELETE, TRUNCATE",
}


def _withheld(model: type[models.Model]) -> list[str]:
    return [rights for said, rights in _WITHHELD.items() if getattr(model, said, False)]


def _guards(table: str, guard: str, *, withheld: list[str]) -> Iterator[str]:
    yield f'DROP POLICY IF EXISTS tenant ON "{table}";'
    if guard:
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
        yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
        yield f'CREATE POLICY tenant ON "{table}" USING ({guard}) WITH CHECK ({guard});'
    for rights in withheld:
        yield f'REVOKE {rights} ON "{table}" FROM {APPLICATION_ROLE};'


def bypasses_row_security(connection: BaseDatabaseWrapper) -> bool:
    """Whether the role of ``connection`` is above row-level security (then `razao doctor` refuses to call it healthy)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])
