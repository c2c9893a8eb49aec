"""Reading SAF-T files: ``python -m bench saft [--documents N] [--json]`` prints MB/s and the ratio to bare parsing.

The limit is lxml walking the same file element by element without looking at anything.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from pathlib import Path
from time import perf_counter

from lxml import etree

from bench._saft_files import write_saft
from razao.invoices.formats.saft import read_saft


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench saft")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = measure(options.documents)
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:,.2f}")


def measure(documents: int) -> dict[str, float]:
    """Seconds, MB/s and the ratio of reading to bare parsing for one made-up file with books and sales."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "saft.xml"
        write_saft(path, documents)
        megabytes = path.stat().st_size / 1e6
        start = perf_counter()
        elements = _walk(path)
        bare = perf_counter() - start
        start = perf_counter()
        read_saft(path)
        reading = perf_counter() - start
    return {
        "documents": documents,
        "megabytes": megabytes,
        "elements": elements,
        "bare_seconds": bare,
        "read_seconds": reading,
        "bare_mb_per_second": megabytes / bare,
        "read_mb_per_second": megabytes / reading,
        "read_to_bare": reading / bare,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _walk(path: Path) -> int:
    count = 0
    for _, element in etree.iterparse(str(path), events=("end",)):
        count += 1
        element.clear()
    return count
