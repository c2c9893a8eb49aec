"""Contents of the archive's folders, addressed by hash: a stream in, a durable content under a folder's route out; knows no table.

A route is a folder on disk (``disk``) or a bucket of an S3-compatible store (``bucket``); nobody above asks which.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from razao.archive.bucket import Bucket, is_bucket, of_process
from razao.archive.disk import Disk, hash_of
from razao.archive.models import Folder
from razao.archive.place import Place, Staged
from razao.kernel.problems import Problem, Refused

__all__ = ["Staged", "hash_of"]


def place(folder: Folder) -> Place:
    """The place that ``folder`` is routed to."""
    found = settings.RAZAO_ARCHIVE_ROUTES[folder.value]
    return of_process(str(found), os.getpid()) if is_bucket(found) else Disk(Path(found))


def route(folder: Folder) -> str:
    """The route of ``folder`` as a person reads it."""
    return place(folder).where


def check_routes() -> list[Problem]:
    """What is wrong with the routes of the four folders (G5). Routes that nobody configured are made here."""
    problems: list[Problem] = []
    for folder in Folder:
        try:
            here = place(folder)
        except Refused as refusal:
            problems += refusal.problems
            continue
        if isinstance(here, Disk) and here.root.is_relative_to(settings.RAZAO_HOME):
            with contextlib.suppress(OSError):
                here.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        code = here.lacks()
        if code:
            values = {"folder": folder.value, "route": here.where}
            problems.append(Problem(code, where=here.where, values=values))
    return problems


def stage(source: BinaryIO, folder: Folder, company: UUID) -> Staged:
    """Read ``source`` to its end and hash it, under a nameless part.

    Raises Refused (``archive.cannot_write``) when the place refuses, leaving nothing.
    """
    here = place(folder)
    with _or_refused(here):
        return here.stage(source, company)


def settle(staged: Staged, folder: Folder, company: UUID) -> None:
    """Make a staged content durable under its hash; one that is already there stays as it is. Idempotent.

    Raises Refused (``archive.cannot_write``).
    """
    here = place(folder)
    with _or_refused(here):
        here.settle(staged, company)


def spread(company: UUID, sha256: str, source: Folder, target: Folder) -> None:
    """Make the content durable in ``target`` too (a link or the store's own copy where that can be). Idempotent.

    Raises FileNotFoundError when ``source`` does not hold it.
    """
    origin, here = place(source), place(target)
    if here.size(company, sha256) is not None or here.take_over(origin, company, sha256):
        return
    with origin.open(company, sha256) as content:
        settle(stage(content, target, company), target, company)


def holds(folder: Folder, company: UUID, sha256: str) -> bool:
    """Whether the content lies in ``folder``."""
    return place(folder).size(company, sha256) is not None


def size_of(folder: Folder, company: UUID, sha256: str) -> int | None:
    """Bytes of the content in ``folder``; None where it does not lie there."""
    return place(folder).size(company, sha256)


def read(folder: Folder, company: UUID, sha256: str) -> BinaryIO:
    """The content as it lies in ``folder``, to be read once. Raises FileNotFoundError."""
    return place(folder).open(company, sha256)


def hash_in(folder: Folder, company: UUID, sha256: str) -> str | None:
    """Hex SHA-256 of what ``folder`` holds under a hash, read to its end; None where it holds nothing."""
    digest = hashlib.sha256()
    try:
        with read(folder, company, sha256) as content:
            while chunk := content.read(1 << 20):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def local(company: UUID, sha256: str, folders: Iterable[Folder]) -> Path:
    """A file on this machine's disk with the content, good for minutes: where it lies, or a copy in the cache.

    ``folders`` are looked into in their order. Raises FileNotFoundError when none holds it.
    """
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            return place(folder).local(company, sha256)
    raise FileNotFoundError(sha256)


def remove(folder: Folder, company: UUID, sha256: str) -> None:
    """Take the content out of one folder; nothing happens when it is not there."""
    place(folder).remove(company, sha256)


def contents(folder: Folder, company: UUID) -> Iterator[tuple[str, int]]:
    """Hash and bytes of every whole content of a company in a folder."""
    return place(folder).contents(company)


def drop_parts(folder: Folder, company: UUID, age: float) -> None:
    """Remove what cut-offs left in a folder more than ``age`` seconds ago."""
    place(folder).drop_parts(company, age)


@contextlib.contextmanager
def _or_refused(here: Place) -> Iterator[None]:
    """Turn what a place refuses into a problem that a person can act on."""
    try:
        yield
    except OSError as error:
        values = {"cause": str(error)}
        raise Refused(Problem("archive.cannot_write", where=here.where, values=values)) from error


def made_bucket() -> Bucket | None:
    """The bucket in which machines share what they made; None where all work on one disk."""
    found = settings.RAZAO_MADE
    return of_process(found, os.getpid()) if found else None
