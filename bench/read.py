"""Reading timed: cost of a scanned page as a ratio to the bare OCR engine on the same picture; digital files a second.

The bare engine gets the decoded picture; the reader gets the file and does everything: decoding, fiscal
codes, words, fields. Both run in turn on each page in one process, so that other work on the machine falls on both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from razao.capture.reading import images, ocr, pdf
from razao.capture.reading.filetype import HEAD_BYTES, FileKind, kind_of
from razao.capture.reading.read import read_bytes, read_files
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import samples

SEED = 20
SCANS = 12
DIGITAL = 80
PROCESSES = 2


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
