"""One file in; its invoices, problems, cuts and words out. The spine of reading: exact sources first (M14).

``read_bytes`` works in this process; ``read_file`` lets a worker process do it, which may die without harm.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from razao.archive.sandbox import Budget, Died, Pool
from razao.capture.reading import limits, pages, pdf, split
from razao.capture.reading.document import Known, Page, Reading
from razao.capture.reading.fields import invoice_of
from razao.capture.reading.filetype import HEAD_BYTES, FileKind, foreign_name, kind_of
from razao.capture.reading.limits import Unreadable, unreadable
from razao.invoices.formats.read import READERS, read_xml, sniff
from razao.kernel.problems import Problem, Severity

WORDS_PAGES = 20
"""pages of an e-invoice's PDF whose words are kept for the review page"""
DEATHS = {
    "time": "read.too_demanding_time",
    "memory": "read.too_demanding_memory",
    "crash": "read.too_demanding_crash",
}
Announce = Callable[[int], None]
"""called once with the number of pages, before they are read"""


def read_file(
    path: str | Path, *, country: str = "PT", known: Known | None = None, processes: int = 1
) -> Reading:
    """The reading of a file, made by a worker process with limits. Raises OSError when the file cannot be opened."""
    return next(read_files([path], country=country, known=known, processes=processes))


def read_files(
    paths: Sequence[str | Path],
    *,
    country: str = "PT",
    known: Known | None = None,
    processes: int = 2,
) -> Iterator[Reading]:
    """The readings of files in their order, several at a time. Raises OSError at a file that cannot be opened."""
    pool = _pool(processes, os.getpid())

    def one(path: str | Path) -> Reading:
        try:
            return pool.run(str(path), country, known, 1 if processes > 1 else -1)
        except Died as death:
            return Reading(
                str(path), problems=(Problem(DEATHS[death.reason], Severity.ERROR, "file"),)
            )

    with ThreadPoolExecutor(processes) as threads:
        yield from threads.map(one, paths)


@lru_cache(maxsize=4)
def _pool(processes: int, pid: int) -> Pool[Reading]:
    """The workers of this process; a process that was forked from it makes its own."""
    budget = Budget(limits.SECONDS_PER_FILE, limits.SECONDS_PER_PAGE)
    pool: Pool[Reading] = Pool(f"{__name__}:task", processes, limits.WORKER_BYTES, budget)
    atexit.register(lambda: pool.close() if os.getpid() == pid else None)
    return pool


def task(path: str, country: str, known: Known | None, threads: int, announce: Announce) -> Reading:
    """What a worker does for one file."""
    size = Path(path).stat().st_size
    if size > limits.FILE_BYTES:
        problem = Problem(
            "read.file_too_large",
            Severity.ERROR,
            "file",
            {"megabytes": size // 10**6, "limit": limits.FILE_BYTES // 10**6},
        )
        return Reading(path, problems=(problem,))
    data = Path(path).read_bytes()
    return read_bytes(data, path, country=country, known=known, threads=threads, announce=announce)


def read_bytes(
    data: bytes, name: str = "", *, country: str = "PT", known: Known | None = None, threads: int = -1,
    announce: Announce | None = None,
) -> Reading:  # fmt: skip
    """The reading of a file's content. Never raises for what a file holds: problems say what is wrong."""
    try:
        reading = _read(data, name, country, known, threads, announce or (lambda _: None))
    except Unreadable as refusal:
        return Reading(name, problems=(refusal.problem,))
    if len(data) > limits.ADVISED_BYTES:
        advice = Problem(
            "read.large_file",
            Severity.ADVICE,
            "file",
            {"kilobytes": len(data) // 1000, "limit": 200},
        )
        return replace(reading, problems=(*reading.problems, advice))
    return reading


def _read(
    data: bytes, name: str, country: str, known: Known | None, threads: int, announce: Announce
) -> Reading:
    kind = kind_of(data[:HEAD_BYTES])
    if kind is FileKind.EMPTY:
        raise unreadable("read.empty")
    if kind is FileKind.UNKNOWN:
        raise unreadable("read.unsupported_format", format=foreign_name(data[:HEAD_BYTES]) or "?")
    if len(data) > limits.FILE_BYTES:
        raise unreadable(
            "read.file_too_large", megabytes=len(data) // 10**6, limit=limits.FILE_BYTES // 10**6
        )
    if kind is FileKind.XML:
        return _from_xml(name, data)
    if kind is FileKind.PDF:
        attached = _from_attachments(name, data)
        if attached is not None:
            return attached
    announce(pages.page_count(data, kind))
    return _from_pages(name, list(pages.pages_of(data, kind, threads)), country, known)


def _from_pages(name: str, read: list[Page], country: str, known: Known | None) -> Reading:
    parts, cuts = split.documents(read)
    found = [invoice_of(part, country, known) for part in parts]
    invoices = tuple(i for i in found if i is not None)
    problems: tuple[Problem, ...] = ()
    if not parts:
        problems = (Problem("read.blank", Severity.ERROR, "file"),)
    elif not invoices:
        problems = (Problem("read.no_invoice", Severity.ERROR, "file"),)
    return Reading(
        name,
        invoices,
        problems,
        cuts,
        MappingProxyType({p.number: p.words for p in read}),
        len(read),
        MappingProxyType({p.number: p.rotation for p in read if p.rotation}),
    )


def _from_xml(name: str, data: bytes) -> Reading:
    if len(data) > limits.ATTACHMENT_BYTES:
        raise unreadable(
            "read.file_too_large",
            megabytes=len(data) // 10**6,
            limit=limits.ATTACHMENT_BYTES // 10**6,
        )
    invoices, problems = read_xml(data)
    return Reading(name, tuple(invoices), tuple(problems), page_count=0)


def _from_attachments(name: str, data: bytes) -> Reading | None:
    """The invoice in an XML attachment of a PDF (Factur-X, ZUGFeRD, …); None when there is none that can be read."""
    document = pdf.open_pdf(data)
    for content in pdf.xml_attachments(document, data):
        if sniff(content) not in READERS:
            continue
        invoices, problems = read_xml(content)
        if not invoices:
            continue
        count = len(document)
        words = {n: pdf.words_on(document, n) for n in range(1, min(count, WORDS_PAGES) + 1)}
        whole = tuple(replace(i, pages=tuple(range(1, count + 1))) for i in invoices)
        return Reading(name, whole, tuple(problems), (), MappingProxyType(words), count)
    return None


def files_of(paths: Iterable[Path]) -> Iterable[Path]:
    """The files named, and those in the folders named, in order of their names; hidden ones are left out."""
    for path in paths:
        if path.is_dir():
            inside = (p for p in path.rglob("*") if p.is_file())
            yield from sorted(
                p
                for p in inside
                if not any(part.startswith(".") for part in p.relative_to(path).parts)
            )
        else:
            yield path
