"""This machine's copies of contents that lie in a store: a company and a hash in, a file on disk out; may be emptied at any time.

It holds at most ``RAZAO_ARCHIVE_CACHE_BYTES``, and beyond that only what somebody was given in the last minutes.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from razao.archive.disk import PART, drop_old

#: Seconds for which a path that was given is good.
GOOD_FOR = 900.0
#: Share of the bound that a process adds before it looks at the whole again.
LOOK_AFTER = 0.05


def _root() -> Path:
    return Path(settings.RAZAO_CACHE) / "contents"


def _path_of(company: UUID, sha256: str) -> Path:
    return _root() / str(company) / sha256[:2] / sha256


def new_part(company: UUID) -> Path:
    """A new name for a content on its way in."""
    place = _root() / str(company)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place / f"{PART}{uuid4().hex}"


def find(company: UUID, sha256: str) -> Path | None:
    """The copy, if there is one; it stays for ``GOOD_FOR`` seconds."""
    path = _path_of(company, sha256)
    try:
        os.utime(path)
    except FileNotFoundError:
        return None
    return path


def keep(part: Path, company: UUID, sha256: str) -> Path:
    """Give a checked and synced part its name; it stays for ``GOOD_FOR`` seconds."""
    path = _path_of(company, sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = part.stat().st_size
    part.replace(path)
    _added.note(size)
    return path


def drop_parts(company: UUID, age: float) -> None:
    """Remove what cut-offs left more than ``age`` seconds ago."""
    drop_old((_root() / str(company)).glob(f"{PART}*"), age)


class _Added:
    """What this process has added since it last looked at the whole."""

    def __init__(self) -> None:
        self.bytes = 0
        self.lock = threading.Lock()

    def note(self, size: int) -> None:
        with self.lock:
            self.bytes += size
            if self.bytes < settings.RAZAO_ARCHIVE_CACHE_BYTES * LOOK_AFTER:
                return
            self.bytes = 0
        shrink()


_added = _Added()


def shrink() -> int:
    """Remove what was not asked for the longest until the bound holds; how many bytes are left."""
    files = sorted(_files())
    left = sum(size for _, size, _ in files)
    young = time.time() - GOOD_FOR
    for used, size, path in files:
        if left <= settings.RAZAO_ARCHIVE_CACHE_BYTES or used > young:
            break
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        left -= size
    return left


def _files() -> Iterator[tuple[float, int, Path]]:
    """When it was last asked for, its bytes, and where it is."""
    for path in _root().glob("*/??/*"):
        with contextlib.suppress(FileNotFoundError):
            about = path.stat()
            yield about.st_mtime, about.st_size, path
