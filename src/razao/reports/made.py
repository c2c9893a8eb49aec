"""Files made in the background: in: who asks for what and the job that makes it, out: its row, then its place on disk.

They lie under ``RAZAO_CACHE``, as everything that can be made again, and are kept for ``KEPT``. Where the archive is in a store,
they are shared there, so that any machine hands out what another made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from razao.archive.bucket import Bucket
from razao.archive.store import made_bucket
from razao.companies.rights import Access
from razao.kernel.jobs import Job, Run
from razao.kernel.problems import NotFound, Problem, Refused
from razao.reports.models import MadeFile

KEPT = timedelta(days=30)


def begin(
    access: Access,
    job: Job,
    *,
    what: str,
    form: str,
    parameters: Mapping[str, Any],
    title: str,
    language: str = "pt",
) -> MadeFile:
    """Ask for a file, within the caller's transaction; ``job`` is given its row's id as ``made``."""
    made = MadeFile.objects.create(
        company=access.company,
        what=what,
        form=form,
        parameters=dict(parameters),
        title=title[:200],
        language=language,
        asked_by_id=access.user_id,
    )
    made.run = job.defer(
        user=access.user_id, company=access.company.pk, title=made.title, made=str(made.pk)
    )
    made.save(update_fields=["run"])
    return made


def made_file(company: UUID, made: UUID) -> MadeFile:
    """A made file's row. Raises NotFound."""
    found = MadeFile.objects.select_related("run", "company").filter(company_id=company, pk=made)
    row = found.first()
    if row is None:
        raise NotFound(f"made file {made}")
    return row


def place_of(made: MadeFile) -> Path:
    """Where its bytes lie on the machine that made it."""
    return Path(settings.RAZAO_CACHE) / "made" / str(made.company_id) / f"{made.pk}.{made.form}"


def _key(made: MadeFile, shared: Bucket) -> str:
    """Where its bytes lie for every machine."""
    return f"{shared.prefix}{made.company_id}/{made.pk}.{made.form}"


def finished(made: MadeFile) -> Path:
    """Where the bytes of a file that was made lie. Raises NotFound before that, Refused (``reports.file_gone``) after ``KEPT``."""
    if made.size is None:
        raise NotFound(f"made file {made.pk} is not made yet")
    place = place_of(made)
    if not place.exists():
        _fetch(made, place)
    return place


def _fetch(made: MadeFile, place: Path) -> None:
    """Bring a file that another machine made here. Raises Refused (``reports.file_gone``)."""
    gone = Refused(Problem("reports.file_gone", where=made.name))
    shared = made_bucket()
    if shared is None:
        raise gone
    part = place.with_name(f".part-{uuid4().hex}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as out:
            shared.fetch(_key(made, shared), out)
        part.replace(place)
    except FileNotFoundError:
        raise gone from None
    finally:
        part.unlink(missing_ok=True)


def write(run: Run, made: MadeFile, name: str, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a part file; give it its name when it is whole. Cut off anywhere, it can be done again."""
    place = place_of(made)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f".part-{run.id}")
    try:
        fill(part)
        size = part.stat().st_size
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    if shared := made_bucket():
        shared.put(_key(made, shared), place)
    with run.transaction():
        MadeFile.objects.filter(pk=made.pk).update(name=name[:200], size=size, made_at=Now())


def drop_old(company: UUID) -> int:
    """Forget the files of a company that were asked for before ``KEPT``; returns how many."""
    old = list(MadeFile.objects.filter(company_id=company, asked_at__lt=timezone.now() - KEPT))
    for made in old:
        place_of(made).unlink(missing_ok=True)
        if shared := made_bucket():
            shared.drop(_key(made, shared))
        made.delete()
    return len(old)
