"""Files on disk, addressed by content: a stream in, a durable file under a folder's route out; knows no table.

A file is written beside its place, synced, hashed from what was written, and only then given its name.
Every step can be cut off anywhere: what is left is a part file that nobody names, or a whole file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.conf import settings

from razao.archive.media import HEAD, media_type_of
from razao.archive.models import Folder
from razao.kernel.problems import Problem, Refused

CHUNK = 1 << 20
PART = ".part-"


@dataclass(frozen=True, slots=True)
class Staged:
    """A content that is durable under a name nobody knows yet."""

    part: Path
    sha256: str
    size: int
    media_type: str


def route(folder: Folder) -> Path:
    """The physical folder of ``folder``."""
    return Path(settings.RAZAO_ARCHIVE_ROUTES[folder.value])


def check_routes() -> list[Problem]:
    """What is wrong with the routes of the four folders (G5). Routes that nobody configured are made here."""
    problems = []
    for folder in Folder:
        path = route(folder)
        values = {"folder": folder.value, "route": str(path)}
        if path.is_relative_to(settings.RAZAO_HOME):
            with contextlib.suppress(OSError):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.is_dir():
            problems.append(Problem("archive.route_missing", where=str(path), values=values))
        elif not _writable(path):
            problems.append(Problem("archive.route_read_only", where=str(path), values=values))
    return problems


def _writable(path: Path) -> bool:
    probe = path / f"{PART}{uuid4().hex}"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True


def path_of(folder: Folder, company: UUID, sha256: str) -> Path:
    """Where the content lies, or would lie, in ``folder``."""
    return route(folder) / str(company) / sha256[:2] / sha256


def stage(source: BinaryIO, folder: Folder, company: UUID) -> Staged:
    """Write and sync ``source`` into the folder under a nameless part, hash checked against what is on disk.

    Raises Refused (``archive.cannot_write``) when the disk refuses, leaving nothing.
    """
    place = route(folder) / str(company)
    part = place / f"{PART}{uuid4().hex}"
    with _or_refused(place, part):
        _make(place)
        digest, size = _write(source, part)
        _check(part, digest)
        with part.open("rb") as file:
            kind = media_type_of(file.read(HEAD))
    return Staged(part, digest, size, kind)


def settle(staged: Staged, folder: Folder, company: UUID) -> Path:
    """Give a staged content its name; a content that is already there stays as it is. Idempotent.

    Raises Refused (``archive.cannot_write``).
    """
    path = path_of(folder, company, staged.sha256)
    with _or_refused(path.parent, staged.part):
        if path.exists() and hash_of(path) == staged.sha256:
            staged.part.unlink(missing_ok=True)
        else:
            _make(path.parent)
            staged.part.replace(path)
        # Also where it lay already: whoever wrote it may have been cut off before this.
        _sync_folder(path.parent)
    return path


def spread(company: UUID, sha256: str, source: Folder, target: Folder) -> Path:
    """Make the content durable in ``target`` too (a link where both are on one disk, else a copy). Idempotent.

    Raises FileNotFoundError when ``source`` does not hold it.
    """
    path = path_of(target, company, sha256)
    if path.exists():
        return path
    origin = path_of(source, company, sha256)
    _make(path.parent)
    try:
        os.link(origin, path)
    except OSError as error:
        if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP}:
            raise
        with origin.open("rb") as file:
            return settle(stage(file, target, company), target, company)
    _sync_folder(path.parent)
    return path


def remove(folder: Folder, company: UUID, sha256: str) -> None:
    """Take the content out of one folder; nothing happens when it is not there."""
    path_of(folder, company, sha256).unlink(missing_ok=True)


def contents(folder: Folder, company: UUID) -> Iterator[Path]:
    """Every whole file of a company in a folder."""
    place = route(folder) / str(company)
    if place.is_dir():
        yield from (p for p in place.glob("??/*") if not p.name.startswith(PART))


def parts(folder: Folder, company: UUID) -> Iterator[Path]:
    """Part files that a cut-off left behind, or that are being written now."""
    place = route(folder) / str(company)
    if place.is_dir():
        yield from place.rglob(f"{PART}*")


def hash_of(path: Path) -> str:
    """Hex SHA-256 of what the file holds on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _or_refused(place: Path, part: Path) -> Iterator[None]:
    """Turn what the disk refuses into a problem that a person can act on, and leave no part behind."""
    try:
        yield
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise Refused(
            Problem("archive.cannot_write", where=str(place), values={"cause": str(error)})
        ) from error


def _check(part: Path, digest: str) -> None:
    if hash_of(part) != digest:
        raise OSError(errno.EIO, "what was written reads back differently")


def _write(source: BinaryIO, part: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _make(folder: Path) -> None:
    """The folder and those above it up to the route, each durable in the one above."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
