"""What is healthy: in: the running installation, out: a list of checks with their findings in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection

from razao.archive.store import check_routes
from razao.config.database import is_embedded, is_migrated
from razao.kernel.problems import explain
from razao.kernel.tenancy import bypasses_row_security, guard_of, own_models


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    healthy: bool
    detail: str


def _home() -> Check:
    free = shutil.disk_usage(settings.RAZAO_HOME).free // 2**20
    return Check("home", free > 200, f"{settings.RAZAO_HOME}, {free} MiB free")


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        version = cursor.fetchone()[0].split(" on ")[0]
    kind = "embedded" if is_embedded() else "server"
    return Check("database", True, f"{version} ({kind})")


def _tables() -> Check:
    current = is_migrated()
    return Check(
        "tables",
        current,
        "of this version" if current else "older than this version: run `razao migrate`",
    )


def _role() -> Check:
    above = bypasses_row_security(connection)
    return Check(
        "application role",
        not above,
        "is above row-level security: use a role without BYPASSRLS"
        if above
        else "under row-level security",
    )


def _row_security() -> Check:
    guarded = {m._meta.db_table for m in own_models() if guard_of(m)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity"
        )
        forced = {row[0] for row in cursor.fetchall()}
    missing = sorted(guarded - forced)
    return Check(
        "row-level security", not missing, ", ".join(missing) or f"forced on {len(guarded)} tables"
    )


def _archive() -> Check:
    problems = check_routes()
    missing = ", ".join(f"{explain(p).title}: {p.where}" for p in problems)
    return Check("archive routes", not problems, missing or "all four can be written")


def _workers() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'"
        )
        (workers,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo'"
        )
        waiting, _oldest = cursor.fetchone()
    healthy = workers > 0 or waiting == 0
    return Check("workers", healthy, f"{workers} running, {waiting} jobs waiting")


#: In the order they are shown. Parts that know more (archive, custody, chain) are added by their commands.
CHECKS: tuple[Callable[[], Check], ...] = (
    _home,
    _database,
    _tables,
    _role,
    _row_security,
    _archive,
    _workers,
)


def checks() -> Iterator[Check]:
    """Run every check; one that cannot be made is itself a finding."""
    for check in CHECKS:
        try:
            yield check()
        except (Error, OSError) as error:
            yield Check(check.__name__.strip("_"), False, str(error).strip().splitlines()[0])
