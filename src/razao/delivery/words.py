"""The words of a PDF for search: a path in, text out ('' for what has none). A picture of each page for phones, too. Knows no table.

PDFium looks at one file at a time and may die of it: it does so in processes of its own, never in one that serves people or
works through the queue with several threads.
"""

from __future__ import annotations

import atexit
import io
import logging
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2

from razao.archive.sandbox import Budget, Died, Pool

log = logging.getLogger("razao.delivery")
LIMIT = 200_000
#: Pixels across a page as the portal shows it: two for each of a phone's 390 and more.
PAGE_PIXELS = 1100
#: Pixels of a page at most: a till's roll thirty times as long as it is wide; a longer one is shown smaller.
MOST_PIXELS = 30 * PAGE_PIXELS**2
#: Limits of one question: wall time, and the address space of the process that answers it.
SECONDS = 20.0
WORKER_BYTES = 2 * 1024**3
PROCESSES = 2


class UnreadablePdf(ValueError):
    """The file begins as a PDF does and cannot be opened."""


def words_of(path: Path) -> str:
    """At most 200,000 characters of the PDF's own text."""
    try:
        words: str = _pool(os.getpid()).run("words", str(path), 0)
    except Died as death:
        log.warning("a PDF was not searched for words: %s", death.reason)
        return ""
    return words


def page_count(path: Path) -> int:
    """Pages of the PDF; 0 when it cannot be opened."""
    try:
        count: int = _pool(os.getpid()).run("count", str(path), 0)
    except Died as death:
        log.warning("pages of a PDF were not counted: %s", death.reason)
        return 0
    return count


def page_picture(path: Path, number: int) -> bytes:
    """Page ``number`` (from 1) as PNG. Raises UnreadablePdf, and IndexError for a page it does not have."""
    try:
        picture: bytes | None = _pool(os.getpid()).run("picture", str(path), number)
    except Died as death:
        raise UnreadablePdf(death.reason) from death
    if picture is None:
        raise IndexError(number)
    if not picture:
        raise UnreadablePdf(str(path))
    return picture


@lru_cache(maxsize=2)
def _pool(pid: int) -> Pool[Any]:
    """This process's workers; a process that was forked from it makes its own."""
    budget = Budget(SECONDS, 0.0)
    pool: Pool[Any] = Pool(f"{__name__}:task", PROCESSES, WORKER_BYTES, budget)
    atexit.register(lambda: pool.close() if os.getpid() == pid else None)
    return pool


def task(
    what: str, path: str, number: int, announce: Callable[[int], None]
) -> str | int | bytes | None:
    """What a worker does: ``words``, ``count``, or ``picture`` (None for a page that is not there, b"" for no PDF)."""
    del announce
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            if what == "words":
                return _words(pdf)
            return len(pdf) if what == "count" else _picture(pdf, number)
    except pypdfium2.PdfiumError:
        return b"" if what == "picture" else "" if what == "words" else 0


def _words(pdf: pypdfium2.PdfDocument) -> str:
    text = ""
    for page in pdf:
        text += page.get_textpage().get_text_bounded() + "\n"
        if len(text) > LIMIT:
            break
    return text[:LIMIT].replace("\x00", " ")


def _picture(pdf: pypdfium2.PdfDocument, number: int) -> bytes | None:
    if not 1 <= number <= len(pdf):
        return None
    page = pdf[number - 1]
    width, height = page.get_size()
    scale = min(PAGE_PIXELS / width, (MOST_PIXELS / (width * height)) ** 0.5)
    picture = page.render(scale=scale).to_pil()
    out = io.BytesIO()
    picture.convert("P", palette=1, colors=64).save(out, "PNG", optimize=False)
    return out.getvalue()
