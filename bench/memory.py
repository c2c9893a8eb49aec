"""Memory over thousands of files: the reader's processes at each tenth of the way; flat means that the last half needs no more than the first."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import psutil

from razao.capture.reading.read import read_files
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import samples

#: Different papers; each comes again under other names.
PAPERS = 40


def main(argv: list[str]) -> None:
    """Print megabytes by the number of files read."""
    parser = argparse.ArgumentParser(prog="bench memory")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--kinds", default="digital_qr,digital,xml,pdf_xml")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        files = written(Path(folder), wanted.kinds.split(","))
        figures = measure(files, wanted.documents, wanted.processes)
    print(
        json.dumps(figures) if wanted.json else "\n".join(f"{k:20} {v}" for k, v in figures.items())
    )


def written(folder: Path, kinds: list[str]) -> list[Path]:
    """The papers as files."""
    drawn = samples(PAPERS, 11, Wanted(country="PT"), tuple(kinds))
    for sample in drawn:
        (folder / sample.name).write_bytes(sample.content)
    return sorted(folder.iterdir())


def measure(files: list[Path], count: int, processes: int) -> dict[str, object]:
    """Read so many files and look at the memory on the way."""
    step = max(1, count // 10)
    seen: list[float] = []
    start = time.perf_counter()
    for at, _ in enumerate(readings(files, count, processes), 1):
        if at % step == 0:
            seen.append(megabytes())
    half = max(seen[: len(seen) // 2])
    return {
        "files": count,
        "files_per_second": round(count / (time.perf_counter() - start), 1),
        "megabytes": [round(one) for one in seen],
        "last_to_first_half": round(max(seen[len(seen) // 2 :]) / half, 3),
    }


def readings(files: list[Path], count: int, processes: int) -> Iterator[object]:
    """The readings, some hundred files asked for at a time."""
    turn = islice(cycle(files), count)
    while bunch := list(islice(turn, 200)):
        yield from read_files(bunch, processes=processes)


def megabytes() -> float:
    """What this process and its workers hold."""
    me = psutil.Process(os.getpid())
    family = [me, *me.children(recursive=True)]
    total = 0
    for one in family:
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total / 1e6
