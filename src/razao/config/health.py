"""What is healthy: in: the running installation, out: a list of checks with their findings in words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from razao.archive.disk import Disk
from razao.archive.models import ChainRoot, CustodyProof, Folder
from razao.archive.store import check_routes, place
from razao.capture.models import CapturedInvoice
from razao.capture.readings import SETTLED
from razao.config import guards
from razao.config.database import is_embedded, is_migrated
from razao.kernel.models import AuditEvent
from razao.kernel.problems import explain
from razao.kernel.tenancy import (
    act_as,
    all_company_ids,
    bypasses_row_security,
    guard_of,
    own_models,
    row_security_is_applied,
)


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    healthy: bool
    detail: str


#: MiB below which a disk is called full: what is received at once still fits, and people have time to act.
LEAST_FREE = 200
#: A backup that is older is one that somebody forgot.
BACKUP_EVERY = timedelta(days=8)


def _home() -> Check:
    free = _free(Path(settings.RAZAO_HOME))
    return Check("home", free > LEAST_FREE, f"{settings.RAZAO_HOME}, {free} MiB free")


def _free(place: Path) -> int:
    return shutil.disk_usage(place).free // 2**20


def _disk() -> Check:
    """Room where the archive is, which may be another disk than the home's; what a store has, it does not say."""
    routes = {folder.value: place(folder) for folder in Folder}
    free = {name: _free(at.root) for name, at in routes.items() if isinstance(at, Disk)}
    if not free:
        return Check("archive disk", True, ", ".join(sorted(at.where for at in routes.values())))
    tight = [f"{name}: {mib} MiB free" for name, mib in free.items() if mib <= LEAST_FREE]
    return Check("archive disk", not tight, ", ".join(tight) or f"{min(free.values())} MiB free")


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
    if not row_security_is_applied(DEFAULT_DB_ALIAS):
        missing.append("other conditions than this version's: run `razao migrate`")
    return Check(
        "row-level security", not missing, ", ".join(missing) or f"forced on {len(guarded)} tables"
    )


def _guards() -> Check:
    """The functions and triggers that refuse, whoever asks: as this version's, and switched on."""
    wrong, all_of_them = guards.differing(), guards.of_this_version()
    count = f"{len(all_of_them.triggers)} triggers, {len(all_of_them.functions)} functions"
    return Check("guards", not wrong, ", ".join(wrong) or f"{count} as of this version")


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


def _waiting() -> Check:
    """The oldest item that waits for somebody, over all companies; old work is no illness."""
    with _of_every_company():
        rows = CapturedInvoice.objects.exclude(state__in=SETTLED)
        oldest = rows.aggregate(day=Min("day"), count=Count("pk"))
    if not oldest["count"]:
        return Check("oldest waiting item", True, "nothing waits")
    return Check("oldest waiting item", True, f"of {oldest['day']}; {oldest['count']} wait")


def _proofs() -> Check:
    """What the nights found: the last root of each company's chain and its last proof of custody."""
    with _of_every_company():
        wrong = [
            f"{model._meta.verbose_name} of {row.company.code}"
            for model, at in ((ChainRoot, "day"), (CustodyProof, "at"))
            for row in model._default_manager.order_by("company_id", f"-{at}")
            .distinct("company_id")
            .select_related("company")
            if row.problems
        ]
        roots = ChainRoot.objects.aggregate(day=Max("day"))["day"]
    return Check("chain and custody", not wrong, ", ".join(wrong) or f"last night proven: {roots}")


@contextmanager
def _of_every_company() -> Iterator[None]:
    with transaction.atomic():
        act_as(companies=all_company_ids())
        yield


def _backup() -> Check:
    with transaction.atomic():
        act_as()
        last = AuditEvent.objects.filter(action="backup.made").order_by("-at").first()
    if last is None:
        return Check("last backup", True, "none yet: run `razao backup --to FOLDER` every night")
    fresh = timezone.now() - last.at < BACKUP_EVERY
    lost = last.details.get("lost", 0)
    told = f"{last.at:%Y-%m-%d %H:%M} UTC, {last.details.get('files', 0)} files, {last.subject}"
    return Check("last backup", fresh and not lost, f"{told}, {lost} lost" if lost else told)


#: In the order they are shown.
CHECKS: tuple[Callable[[], Check], ...] = (
    _home,
    _database,
    _tables,
    _role,
    _row_security,
    _guards,
    _archive,
    _disk,
    _workers,
    _waiting,
    _proofs,
    _backup,
)


def checks() -> Iterator[Check]:
    """Run every check; one that cannot be made is itself a finding."""
    for check in CHECKS:
        try:
            yield check()
        except (Error, OSError) as error:
            yield Check(check.__name__.strip("_"), False, str(error).strip().splitlines()[0])
