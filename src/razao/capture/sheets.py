"""A file and page numbers in; a page's picture, or a file of some of its pages, out; made by a process that may die.

Pictures are kept in a cache that can be thrown away at any time.
"""

from __future__ import annotations

import atexit
import io
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import pikepdf
from django.conf import settings
from PIL import Image

from razao.archive.sandbox import Budget, Died, Pool
from razao.capture.reading import limits
from razao.capture.reading.filetype import HEAD_BYTES, FileKind, kind_of
from razao.capture.reading.pages import render_page
from razao.kernel.problems import NotFound

#: Widths in pixels that pictures are made in; any other asked for becomes the next one.
WIDTHS = (160, 900, 1400, 2200)
SECONDS = 20.0
FORMS = {"picture": "WEBP", "jpeg": "JPEG"}


def picture(path: Path, sha256: str, page: int, width: int, rotation: int = 0) -> bytes:
    """The page (1-based) as WebP, upright after a turn of ``rotation`` degrees. Raises NotFound where there is none."""
    width = next((w for w in WIDTHS if w >= width), WIDTHS[-1])
    kept = Path(settings.RAZAO_CACHE) / "pages" / sha256[:2] / f"{sha256}-{page}-{width}-{rotation}"
    try:
        return kept.read_bytes()
    except OSError:
        pass
    try:
        made = _pool(os.getpid()).run("picture", str(path), [page], width, rotation)
    except Died as death:
        raise NotFound(f"page {page} of {sha256}: {death.reason}") from death
    if not made:
        raise NotFound(f"page {page} of {sha256}")
    _keep(kept, made)
    return made


def jpeg(path: Path, page: int, width: int, rotation: int = 0) -> bytes:
    """The page (1-based) as JPEG, upright, ``width`` pixels wide. Raises NotFound where there is none."""
    try:
        made = _pool(os.getpid()).run("jpeg", str(path), [page], width, rotation)
    except Died as death:
        raise NotFound(f"page {page}: {death.reason}") from death
    if not made:
        raise NotFound(f"page {page}")
    return made


def part(path: Path, pages: Sequence[int]) -> bytes:
    """A file of the same kind with these pages (1-based) alone. Raises NotFound where they cannot be taken out."""
    try:
        made = _pool(os.getpid()).run("part", str(path), list(pages), 0, 0)
    except Died as death:
        raise NotFound(f"pages {pages}: {death.reason}") from death
    if not made:
        raise NotFound(f"pages {pages}")
    return made


def _keep(path: Path, content: bytes) -> None:
    part_path = path.with_name(f".{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part_path.write_bytes(content)
        part_path.replace(path)
    except OSError:
        part_path.unlink(missing_ok=True)  # a cache that is full costs time, nothing else


@lru_cache(maxsize=2)
def _pool(pid: int) -> Pool[bytes]:
    """This process's worker; a process that was forked from it makes its own."""
    pool: Pool[bytes] = Pool(f"{__name__}:task", 1, limits.WORKER_BYTES, Budget(SECONDS, 0.0))
    atexit.register(lambda: pool.close() if os.getpid() == pid else None)
    return pool


def task(
    what: str,
    path: str,
    pages: list[int],
    width: int,
    rotation: int,
    announce: Callable[[int], None],
) -> bytes:
    """What the worker does; b"" for what the file does not have."""
    del announce
    data = Path(path).read_bytes()
    kind = kind_of(data[:HEAD_BYTES])
    if kind not in (FileKind.PDF, FileKind.JPEG, FileKind.PNG, FileKind.TIFF):
        return b""
    try:
        if what in FORMS:
            return render_page(data, kind, pages[0], width, rotation, FORMS[what])
        return _pages_of_pdf(data, pages) if kind is FileKind.PDF else _frames_of(data, pages)
    except (IndexError, limits.Unreadable, pikepdf.PdfError):
        return b""


def _pages_of_pdf(data: bytes, pages: list[int]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as whole, pikepdf.new() as some:
        for number in pages:
            some.pages.append(whole.pages[number - 1])
        some.save(out)
    return out.getvalue()


def _frames_of(data: bytes, pages: list[int]) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for number in pages:
            image.seek(number - 1)
            frames.append(image.copy())
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    return out.getvalue()
