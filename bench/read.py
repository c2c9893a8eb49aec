"""Reading timed: cost of a scanned page as a ratio to the bare OCR engine on the same picture; digital files a second.

The bare engine gets the decoded picture; the reader gets the file and does everything: decoding, fiscal
codes, words, fields. ``page_to_engine``: both in turn on each page in one process, so that other work on the machine
falls on both. ``both_cores_to_engine``: a folder of scans read by the product's two workers, against two processes that hold
nothing but the engine and the decoded pictures, in turn, seconds by the clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from razao.capture.reading import images, ocr, pdf
from razao.capture.reading.filetype import HEAD_BYTES, FileKind, kind_of
from razao.capture.reading.read import read_bytes, read_files
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import samples

SEED = 20
SCANS = 12
DIGITAL = 80
PROCESSES = 2
ROUNDS = 2


def picture_of(data: bytes) -> images.Picture:
    """The first page as the engine would be given it."""
    if kind_of(data[:HEAD_BYTES]) is FileKind.PDF:
        return pdf.render(pdf.open_pdf(data)[0], ocr.PIXELS)
    return images.frame(images.open_image(data), 0, ocr.PIXELS)


def page_to_engine(count: int) -> dict[str, float]:
    """Seconds a scanned page, with the bare engine and read whole, and their ratio."""
    drawn = samples(count, SEED, Wanted(country="PT"), ("scan", "scan_qr"))
    files = [s.content for s in drawn if s.invoices and len(s.invoices[0]["pages"]) == 1]
    engine = ocr.engine()
    read_bytes(files[0], "warm")
    engine(picture_of(files[0]))
    bare, whole = [], []
    for data in files:
        picture = picture_of(data)
        whole.append(timed(lambda data=data: read_bytes(data, "scan")))
        bare.append(timed(lambda picture=picture: engine(picture)))
    return {
        "page_seconds": statistics.median(whole),
        "engine_seconds": statistics.median(bare),
        "page_to_engine": sum(whole) / sum(bare),
    }


def both_cores_to_engine(count: int) -> dict[str, float]:
    """Pages a second with both cores busy, read whole and by the bare engine, and the ratio of their seconds."""
    drawn = samples(count, SEED + 1, Wanted(country="PT"), ("scan", "scan_qr"))
    with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(PROCESSES) as bare:
        paths, pictures = [], []
        for sample in (s for s in drawn if s.invoices and len(s.invoices[0]["pages"]) == 1):
            paths.append(Path(folder) / sample.name)
            paths[-1].write_bytes(sample.content)
            pictures.append(f"{paths[-1]}.npy")
            np.save(pictures[-1], picture_of(sample.content))
        works = (
            lambda: list(read_files(paths, processes=PROCESSES)),
            lambda: bare.map(bare_page, pictures, chunksize=1),
        )
        for work in works:  # engines loaded
            work()
        seconds = [[timed(work) for work in works] for _ in range(ROUNDS)]
    whole, engine = (sum(row[n] for row in seconds) for n in (0, 1))
    return {
        "both_cores_pages_per_second": ROUNDS * len(paths) / whole,
        "both_cores_to_engine": whole / engine,
    }


def bare_page(picture: str) -> int:
    """A page by the engine alone, on one core as in the product's workers; how many texts it saw."""
    found = ocr.engine(1)(np.load(picture))
    return len(found.txts or ())


def timed(work: object) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def digital_files_per_second(count: int) -> float:
    """Digital PDFs with fiscal codes read in a second by two worker processes, once these are warm."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for sample in samples(count, SEED, Wanted(country="PT"), ("digital_qr",)):
            paths.append(Path(folder) / sample.name)
            paths[-1].write_bytes(sample.content)
        list(read_files(paths[: 2 * PROCESSES], processes=PROCESSES))
        seconds = timed(lambda: list(read_files(paths, processes=PROCESSES)))
    return len(paths) / seconds


def run(argv: list[str]) -> dict[str, float]:
    """The figures; ``--documents`` is the number of digital files."""
    parser = argparse.ArgumentParser(prog="bench read")
    parser.add_argument("--documents", type=int, default=DIGITAL)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    figures = page_to_engine(SCANS)
    figures |= both_cores_to_engine(SCANS)
    figures["digital_files_per_second"] = digital_files_per_second(arguments.documents)
    rounded = {name: round(value, 3) for name, value in figures.items()}
    if arguments.json:
        print(json.dumps(rounded))
    else:
        for name, value in rounded.items():
            print(f"{name:28}{value:10.3f}")
    return rounded


def main(argv: list[str]) -> None:
    """Print the figures."""
    run(argv)
