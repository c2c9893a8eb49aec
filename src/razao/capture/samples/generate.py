"""Sets of samples: a count, a seed and a folder in, files and ``manifest.jsonl`` with their truth out.

Kinds say how hard a file is to read: ``digital_qr`` and ``digital`` are PDFs with text, with and without
the tax authority's code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from razao.capture.samples.documents import Document, Wanted, draw_document
from razao.capture.samples.truth import as_truth

#: Kinds in a general set, weighted by repetition.
KINDS = ("digital_qr",) * 6 + ("digital",) * 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of a set, with what it says."""

    name: str
    content: bytes
    kind: str
    country: str
    direction: str
    sheet: str
    invoices: tuple[dict[str, Any], ...]
    held_back: bool = False

    def manifest_row(self) -> dict[str, Any]:
        """The file's line in the manifest."""
        return {
            "file": self.name,
            "kind": self.kind,
            "country": self.country,
            "direction": self.direction,
            "layout": self.sheet,
            "held_back": self.held_back,
            "invoices": list(self.invoices),
        }


def digital(document: Document, name: str, kind: str) -> Sample:
    """A PDF with text, as a program wrote it."""
    return Sample(
        name=f"{name}.pdf",
        content=document.pdf,
        kind=kind,
        country=document.country,
        direction=document.direction,
        sheet=document.sheet,
        invoices=(as_truth(document.invoice, document.unjudged),),
    )


def draw_sample(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """One file of a kind."""
    portuguese = kind.endswith("_qr")
    country = "PT" if portuguese else wanted.country
    document = draw_document(seed, replace(wanted, code=portuguese, country=country))
    return digital(document, name, kind)


def samples(
    count: int, seed: int, wanted: Wanted | None = None, kinds: Sequence[str] = KINDS
) -> Iterator[Sample]:
    """``count`` files; the same arguments give the same files. A file's seed does not depend on the others."""
    wanted = wanted or Wanted()
    for index in range(count):
        own = f"{seed}/{index}"
        kind = Random(f"{own}/kind").choice(kinds)
        sample = draw_sample(own, f"{index:05d}", kind, wanted)
        yield replace(sample, held_back=wanted.held_back is True)


def write(to: Path, found: Iterator[Sample]) -> int:
    """Files and manifest into a folder; how many files were written."""
    to.mkdir(parents=True, exist_ok=True)
    written = 0
    with (to / "manifest.jsonl").open("w", encoding="utf-8") as manifest:
        for sample in found:
            (to / sample.name).write_bytes(sample.content)
            manifest.write(json.dumps(sample.manifest_row(), ensure_ascii=False) + "\n")
            written += 1
    return written
