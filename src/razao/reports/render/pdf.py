"""A sheet as PDF/A-2b: in: a sheet, out: a file with totals carried forward and numbered pages; memory does not grow with it.

Pages are cut here (``pages.py``), written to disk in chunks, and each chunk is set by Typst; long reports use
a process for each core and are joined at the end.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import typst
from django.utils import timezone

from razao.reports.render.pages import PrintedRow, page_rows
from razao.reports.sheet import Column, Kind, Sheet

TEMPLATE = Path(__file__).with_name("sheet.typ")
PAGES_A_CHUNK = 60
PROCESSES = 2
#: Width of the type area in points, and the mean width of a character of 8.2 pt text.
TYPE_AREA = {False: 510.0, True: 757.0}
CHARACTER = 4.05
#: Points by which the template indents a level, and how much less of bold letters fits.
INDENT = 6.24
BOLD = 0.92
#: How much wider a capital is than the mean.
CAPITAL = 1.35
NEVER = 1_000_000

WORDS = {
    "pt": ("Página ", " de "),
    "pt-br": ("Página ", " de "),
    "es": ("Página ", " de "),
    "en": ("Page ", " of "),
}
#: What would begin a new line begins a word: a row is one line.
ONE_LINE = dict.fromkeys(map(ord, "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
RIGHT = {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT}


def write(
    sheet: Sheet, path: Path, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Write ``sheet`` to ``path`` and return the number of pages; ``progress`` is told rows done, each counted twice: cut and set."""
    with tempfile.TemporaryDirectory(prefix="razao-pdf-") as name:
        folder = Path(name)
        rows = max(1, sheet.row_count or 0)
        pages = _write_chunks(sheet, folder, lambda done: progress(min(done, rows), 2 * rows))
        chunks = sorted(folder.glob("chunk-*"))
        parts: list[Path] = []
        for part in _set(chunks, pages):
            parts.append(part)
            progress(rows + rows * len(parts) // len(chunks), 2 * rows)
        _join(parts, path)
    return pages


def _write_chunks(
    sheet: Sheet, folder: Path, cut: Callable[[int], None] = lambda _rows: None
) -> int:
    """Cut the pages and put each chunk in a folder of its own, ready for Typst; returns the number of pages."""
    limits = _limits(sheet)
    waiting: list[list[list[Any]]] = []
    pages = done = 0
    for rows in page_rows(sheet):
        if not rows:
            sheet = replace(sheet, notes=(sheet.empty, *sheet.notes))
        if len(waiting) == PAGES_A_CHUNK:
            _write_chunk(sheet, folder, waiting, pages - len(waiting), last=False)
            waiting = []
        waiting.append([_as_json(row, limits) for row in rows])
        pages += 1
        done += len(rows)
        cut(done)
    _write_chunk(sheet, folder, waiting, pages - len(waiting), last=True)
    return pages


def _limits(sheet: Sheet) -> list[int]:
    """Characters that fit each column; a longer text ends in an ellipsis (the other forms have it whole), a figure is never cut."""
    total = sum(column.share for column in sheet.columns)
    area = TYPE_AREA[sheet.landscape]
    return [
        NEVER
        if column.kind in RIGHT
        else max(3, int((area * column.share / total - 4) / CHARACTER))
        for column in sheet.columns
    ]


def _as_json(row: PrintedRow, limits: list[int]) -> list[Any]:
    cells = []
    for place, text in enumerate(row.cells):
        limit = limits[place]
        if place <= 1:
            limit -= math.ceil(row.level * INDENT / CHARACTER)
        if row.weight != "plain":
            limit = int(limit * BOLD)
        if len(text) * CAPITAL > limit:
            limit -= int(sum(map(str.isupper, text[:limit])) * (CAPITAL - 1))
        cut = text if len(text) <= limit else text[: max(1, limit - 1)] + "…"
        cells.append(cut.translate(ONE_LINE))
    return [cells, row.weight, row.level]


def _write_chunk(
    sheet: Sheet, folder: Path, pages: list[list[list[Any]]], before: int, *, last: bool
) -> None:
    chunk = folder / f"chunk-{before:07d}"
    chunk.mkdir()
    shutil.copy(TEMPLATE, chunk / TEMPLATE.name)
    made = timezone.localtime(sheet.made_at or datetime.now(UTC))
    page_word, of_word = WORDS.get(sheet.language, WORDS["en"])
    content = {
        "title": sheet.title,
        "author": "Razão",
        "day": [made.year, made.month, made.day],
        "language": sheet.language.split("-", maxsplit=1)[0],
        "landscape": sheet.landscape,
        "footer": " · ".join([*list(sheet.facts.values())[:2], made.strftime("%d/%m/%Y %H:%M")]),
        "page_word": page_word,
        "of_word": of_word,
        "before": before,
        "facts": [list(pair) for pair in sheet.facts.items()],
        "shares": [column.share for column in sheet.columns],
        "aligns": [_align(column) for column in sheet.columns],
        "titles": [column.title for column in sheet.columns],
        "pages": pages,
        "first": before == 0,
        "last": last,
        "notes": list(sheet.notes),
    }
    (chunk / "data.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _align(column: Column) -> str:
    return "right" if column.kind in RIGHT else "left"


def _set(chunks: list[Path], pages: int) -> Iterator[Path]:
    """Set every chunk, in order; side by side in processes that end after a few, so that their memory does."""
    if len(chunks) == 1:
        yield set_chunk(chunks[0], pages)
        return
    # Not concurrent.futures: its executor can hang when its processes end after a few tasks (CPython issue 115634).
    with multiprocessing.get_context("spawn").Pool(PROCESSES, maxtasksperchild=4) as pool:
        yield from pool.imap(partial(set_chunk, pages=pages), chunks)


def set_chunk(chunk: Path, pages: int) -> Path:
    """Let Typst set one chunk; returns its PDF."""
    target = chunk / "chunk.pdf"
    typst.compile(
        str(chunk / TEMPLATE.name),
        output=str(target),
        pdf_standards=["a-2b"],
        pdf_tags=False,
        sys_inputs={"pages": str(pages)},
    )
    return target


def _join(parts: list[Path], path: Path) -> None:
    if len(parts) == 1:
        shutil.copy(parts[0], path)
        return
    with pikepdf.open(parts[0]) as whole:
        for part in parts[1:]:
            with pikepdf.open(part) as more:
                whole.pages.extend(more.pages)
        whole.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
