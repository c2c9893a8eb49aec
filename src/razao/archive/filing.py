"""Filing: a content and what it is for in, a row and a durable file out; moving it through the four folders.

Bytes first, then rows; the old place is emptied only after the rows are committed. So a file is never in
fewer than one durable place, and whatever a cut-off leaves over is mended by ``sweep``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from razao.archive import store
from razao.archive.media import storable
from razao.archive.models import FileText, Filing, Folder, StoredFile
from razao.archive.retention import kept_until
from razao.kernel.problems import NotFound, Problem
from razao.kernel.tenancy import act_as

#: A part file of this age belongs to nobody who is still writing.
PART_LEFT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Subject:
    """What a file is kept for: a scan, an invoice, a report, a delivery …"""

    kind: str
    id: UUID


def keep(company: UUID, source: BinaryIO, *, name: str, folder: Folder) -> StoredFile:
    """Keep a content: on disk durably now, in the tables with the caller's transaction. Idempotent.

    Nobody else changes where the content lies until the transaction ends. It needs a subject before that
    (``file_for``), or is given up again (``release``). Raises Refused (``archive.cannot_write``).
    """
    staged = store.stage(source, folder, company)
    _lock(company, staged.sha256)
    store.settle(staged, folder, company)
    file, _ = StoredFile.objects.get_or_create(
        company_id=company,
        sha256=staged.sha256,
        defaults={"size": staged.size, "media_type": staged.media_type, "name": storable(name)},
    )
    return file


def release(file: StoredFile, folder: Folder) -> None:
    """After the commit, empty a place where nobody files the content."""

    # Not a ``partial``: what is told of one that fails is its name, and a partial has none.
    def empty() -> None:
        _empty(file.company_id, file.sha256, folder)

    transaction.on_commit(empty, robust=True)


def file_away(
    company: UUID, source: BinaryIO, *, name: str, folder: Folder, subject: Subject
) -> Filing:
    """Keep a content for ``subject``. Raises Refused (``archive.cannot_write``)."""
    return file_for(keep(company, source, name=name, folder=folder), folder, subject)


def file_for(file: StoredFile, folder: Folder, subject: Subject) -> Filing:
    """Keep a file that the archive already holds for one more subject. Raises FileNotFoundError when its bytes are lost."""
    _lock(file.company_id, file.sha256)
    _into(file, folder)
    filing, _ = Filing.objects.get_or_create(
        company_id=file.company_id,
        file=file,
        subject_kind=subject.kind,
        subject_id=subject.id,
        defaults={
            "folder": folder,
            "retained_until": kept_until(file.company_id, timezone.localdate()),
        },
    )
    return filing


def move(filing: Filing, folder: Folder) -> None:
    """Move a filing to ``folder``: durable there, row with the caller's transaction, old place emptied after commit."""
    if filing.folder == folder:
        return
    file, old = filing.file, Folder(filing.folder)
    _lock(file.company_id, file.sha256)
    _into(file, folder)
    filing.folder = folder
    filing.save(update_fields=["folder"])
    release(file, old)


def withdraw(filing: Filing) -> None:
    """The file is no longer kept for this subject but for others, as long as it would have been.

    Raises ValueError when it is the last filing.
    """
    file, old = filing.file, Folder(filing.folder)
    _lock(file.company_id, file.sha256)
    others = file.filings.exclude(pk=filing.pk)
    if not others.exists():
        raise ValueError("the last filing of a file is moved, never withdrawn")
    if filing.retained_until is not None:
        others.filter(retained_until__lt=filing.retained_until).update(
            retained_until=filing.retained_until
        )
    filing.delete()
    release(file, old)


def filing_of(company: UUID, subject: Subject) -> Filing:
    """The filing of a subject's own file. Raises NotFound."""
    found = (
        Filing.objects.select_related("file")
        .filter(company_id=company, subject_kind=subject.kind, subject_id=subject.id)
        .first()
    )
    if found is None:
        raise NotFound(f"file of {subject.kind} {subject.id}")
    return found


def path_to(file: StoredFile) -> Path:
    """A file on this machine with the bytes, good for minutes: ask again rather than keep it.

    Raises NotFound when no folder holds them.
    """
    wanted = dict.fromkeys([*map(Folder, file.folders), *Folder])
    try:
        return store.local(file.company_id, file.sha256, wanted)
    except FileNotFoundError:
        raise NotFound(f"file {file.sha256}") from None


def keep_words(file: StoredFile, text: str) -> None:
    """Remember what a file says, for search. What PostgreSQL does not hold becomes a blank."""
    FileText.objects.update_or_create(
        company_id=file.company_id,
        file=file,
        defaults={"text": storable(text[:500_000]).replace("\ufffd", " ")},
    )


def sweep(company: UUID, in_transaction: Callable[[], None]) -> list[Problem]:
    """Mend what cut-offs left: empty places nobody files in, refill places that lack a filed file; say what is lost.

    ``in_transaction`` sets, in a transaction that this function opens, for whom it acts.
    """
    problems: list[Problem] = []
    with transaction.atomic():
        in_transaction()
        filed = set(Filing.objects.filter(company_id=company).values_list("folder", "file__sha256"))
    for folder in Folder:
        store.drop_parts(folder, company, PART_LEFT_SECONDS)
        here = {sha for sha, _ in store.contents(folder, company)}
        wanted = {sha for place, sha in filed if place == folder}
        for sha in sorted(here - wanted):
            with transaction.atomic():
                in_transaction()
                _lock(company, sha)
                _drop(company, sha, folder)
        problems += [
            problem for sha in sorted(wanted - here) if (problem := _refill(company, sha, folder))
        ]
    return problems


def _refill(company: UUID, sha256: str, folder: Folder) -> Problem | None:
    for other in Folder:
        if store.hash_in(other, company, sha256) == sha256:
            store.spread(company, sha256, other, folder)
            return None
    return Problem("archive.file_missing", where=sha256, values={"folder": folder.value})


def _empty(company: UUID, sha256: str, folder: Folder) -> None:
    """After a commit: take the content out of the place it left, in a transaction of its own."""
    with transaction.atomic():
        act_as(companies=[company])
        _lock(company, sha256)
        _drop(company, sha256, folder)


def _drop(company: UUID, sha256: str, folder: Folder) -> None:
    """Remove one place of a content, only when nobody files it there and every filed place has it."""
    rows = Filing.objects.filter(company_id=company, file__sha256=sha256)
    folders = {Folder(f) for f in rows.values_list("folder", flat=True)}
    if folder in folders:
        return
    if all(store.holds(f, company, sha256) for f in folders):
        store.remove(folder, company, sha256)


def _into(file: StoredFile, folder: Folder) -> None:
    """Make a known file durable in ``folder``. Raises FileNotFoundError when no folder has it."""
    if store.holds(folder, file.company_id, file.sha256):
        return
    for other in Folder:
        if store.holds(other, file.company_id, file.sha256):
            store.spread(file.company_id, file.sha256, other, folder)
            return
    raise FileNotFoundError(file.sha256)


def _lock(company: UUID, sha256: str) -> None:
    """One transaction at a time changes where a content lies; held to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{company}:{sha256}"]
        )
