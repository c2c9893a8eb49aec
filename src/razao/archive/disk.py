"""One route of the archive as a folder on disk: a stream in, a durable file under its hash out; knows no table.

A file is written beside its place, synced, hashed from what was written, and only then given its name.
Every step can be cut off anywhere: what is left is a part file that nobody names, or a whole file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from razao.archive.media import HEAD, media_type_of
from razao.archive.place import Staged

CHUNK = 1 << 20
PART = ".part-"


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder in which contents lie as ``<company>/<xx>/<sha256>``."""

    root: Path

    @property
    def where(self) -> str:
        return str(self.root)

    def lacks(self) -> str | None:
        """The code of what is wrong with the folder, if anything."""
        if not self.root.is_dir():
            return "archive.route_missing"
        probe = self.root / f"{PART}{uuid4().hex}"
        try:
            probe.touch(exist_ok=False)
            probe.unlink()
        except OSError:
            return "archive.route_read_only"
        return None

    def path_of(self, company: UUID, sha256: str) -> Path:
        return self.root / str(company) / sha256[:2] / sha256

    def stage(self, source: BinaryIO, company: UUID) -> Staged:
        part = self.root / str(company) / f"{PART}{uuid4().hex}"
        with _dropped_when_refused(part):
            _make(part.parent)
            return staged(source, part)

    def settle(self, content: Staged, company: UUID) -> None:
        path = self.path_of(company, content.sha256)
        with _dropped_when_refused(content.part):
            if path.exists() and hash_of(path) == content.sha256:
                content.part.unlink(missing_ok=True)
            else:
                _make(path.parent)
                content.part.replace(path)
            # Also where it lay already: whoever wrote it may have been cut off before this.
            _sync_folder(path.parent)

    def size(self, company: UUID, sha256: str) -> int | None:
        try:
            return self.path_of(company, sha256).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, company: UUID, sha256: str) -> BinaryIO:
        return self.path_of(company, sha256).open("rb")

    def local(self, company: UUID, sha256: str) -> Path:
        path = self.path_of(company, sha256)
        if not path.exists():
            raise FileNotFoundError(sha256)
        return path

    def take_over(self, other: object, company: UUID, sha256: str) -> bool:
        """Link the content of another folder on the same disk; False where that cannot be."""
        if not isinstance(other, Disk):
            return False
        path = self.path_of(company, sha256)
        _make(path.parent)
        try:
            os.link(other.path_of(company, sha256), path)
        except OSError as error:
            if error.errno in {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP}:
                return False
            raise
        _sync_folder(path.parent)
        return True

    def remove(self, company: UUID, sha256: str) -> None:
        self.path_of(company, sha256).unlink(missing_ok=True)

    def contents(self, company: UUID) -> Iterator[tuple[str, int]]:
        place = self.root / str(company)
        for path in place.glob("??/*") if place.is_dir() else ():
            if not path.name.startswith(PART):
                with contextlib.suppress(FileNotFoundError):
                    yield path.name, path.stat().st_size

    def parts(self, company: UUID) -> Iterator[Path]:
        """Part files that a cut-off left behind, or that are being written now."""
        place = self.root / str(company)
        if place.is_dir():
            yield from place.rglob(f"{PART}*")

    def drop_parts(self, company: UUID, age: float) -> None:
        drop_old(self.parts(company), age)

    def is_empty(self) -> bool:
        return not self.root.is_dir() or not any(self.root.iterdir())


def hash_of(path: Path) -> str:
    """Hex SHA-256 of what the file holds on disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def staged(source: BinaryIO, part: Path) -> Staged:
    """Write and sync ``source`` as the new file ``part``, hash checked against what is on disk. Raises OSError."""
    digest, size = _write(source, part)
    if hash_of(part) != digest:
        raise OSError(errno.EIO, "what was written reads back differently")
    with part.open("rb") as file:
        kind = media_type_of(file.read(HEAD))
    return Staged(part, digest, size, kind)


def drop_old(parts: Iterator[Path], age: float) -> None:
    """Remove files that nobody has written to for ``age`` seconds."""
    for part in parts:
        with contextlib.suppress(FileNotFoundError):
            if part.stat().st_mtime < time.time() - age:
                part.unlink()


@contextlib.contextmanager
def _dropped_when_refused(part: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


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
