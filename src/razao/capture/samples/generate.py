"""Sets of samples: a count, a seed and a folder in, files and ``manifest.jsonl`` with their truth out.

Kinds say how hard a file is to read. ``digital_qr`` and ``digital`` are PDFs with text, with and without the
tax authority's code; ``scan_…`` and ``photo_…`` the same on paper; ``till_…`` are receipts on paper; ``pile``
and ``pile_scan`` hold several documents; ``xml`` and ``pdf_xml`` are electronic invoices.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from razao.capture.samples import electronic
from razao.capture.samples.documents import Document, Wanted, draw_document
from razao.capture.samples.piles import pile_up
from razao.capture.samples.scanning import draw_paper, encode, page_images, photographed, scanned
from razao.capture.samples.truth import as_truth

#: Kinds in a general set, weighted by repetition.
KINDS = (
    *("digital_qr",) * 8,
    *("digital",) * 6,
    *("scan_qr",) * 4,
    *("scan",) * 4,
    *("photo_qr", "photo", "till", "till"),
    *("pile", "pile_scan", "xml", "pdf_xml"),
)


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
    books: str = "PT"
    """country of the company whose books the document is for"""

    def manifest_row(self) -> dict[str, Any]:
        """The file's line in the manifest."""
        return {
            "file": self.name,
            "kind": self.kind,
            "country": self.country,
            "books": self.books,
            "direction": self.direction,
            "layout": self.sheet,
            "held_back": self.held_back,
            "invoices": list(self.invoices),
        }


def sample_of(document: Document, name: str, content: bytes, kind: str) -> Sample:
    """A file that holds one document."""
    return Sample(
        name=name,
        content=content,
        kind=kind,
        country=document.country,
        direction=document.direction,
        sheet=document.sheet,
        invoices=(as_truth(document.invoice, document.unjudged),),
    )


def one_page(seed: str, wanted: Wanted) -> Document:
    """A document of a single page: photographs and JPG files hold no more."""
    document = draw_document(seed, wanted)
    attempt = 0
    while len(document.invoice.pages) > 1:
        attempt += 1
        document = draw_document(f"{seed}/{attempt}", replace(wanted, lines=3))
    return document


def digital(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """A PDF with text, as a program wrote it."""
    document = draw_document(seed, wanted)
    return sample_of(document, f"{name}.pdf", document.pdf, kind)


def scan(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """A document out of a scanner, as PDF, TIFF, JPG or PNG."""
    rng = Random(f"{seed}/paper")
    form = rng.choice(("pdf", "pdf", "pdf", "jpg", "jpg", "tif", "png"))
    single = form in {"jpg", "png"}
    document = one_page(seed, wanted) if single else draw_document(seed, wanted)
    paper = draw_paper(rng, hard=kind == "till")
    images = [scanned(rng, image, paper) for image in page_images(document.pdf, paper.dpi)]
    return sample_of(document, f"{name}.{form}", encode(images, form, paper), kind)


def till(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """A till receipt on thermal paper, scanned or photographed."""
    rng = Random(f"{seed}/till")
    wish = replace(wanted, sheet="till", country="PT", code=rng.random() < 0.6)
    return (photo if rng.random() < 0.4 else scan)(seed, name, kind, wish)


def photo(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """A document taken with a telephone."""
    rng = Random(f"{seed}/photo")
    document = one_page(seed, wanted)
    paper = replace(
        draw_paper(rng), dpi=rng.choice((150, 180, 200)), turn=0, quality=rng.randrange(60, 90)
    )
    image = photographed(rng, page_images(document.pdf, paper.dpi)[0])
    return sample_of(document, f"{name}.jpg", encode([image], "jpg", paper), kind)


def pile(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """Two to six documents in one PDF, some of them by the same seller."""
    rng = Random(f"{seed}/pile")
    wish = (
        wanted if wanted.country else replace(wanted, country="PT" if rng.random() < 0.8 else None)
    )
    documents: list[Document] = []
    for index in range(rng.randrange(2, 7)):
        repeats = documents and rng.random() < 0.25
        seller = documents[-1].deal.seller if repeats else None
        documents.append(draw_document(f"{seed}/{index}", replace(wish, seller=seller, code=None)))
    made = pile_up(rng, [document.pdf for document in documents], paper=kind == "pile_scan")
    truths = tuple(
        as_truth(replace(document.invoice, pages=pages), document.unjudged)
        for document, pages in zip(documents, made.pages, strict=True)
    )
    return replace(sample_of(documents[0], f"{name}.pdf", made.pdf, kind), invoices=truths)


def electronic_file(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """A UBL file, alone or attached to its PDF. It carries no withholding and no till-only facts."""
    document = draw_document(seed, wanted)
    attempt = 0
    while not fits_ubl(document):
        attempt += 1
        document = draw_document(f"{seed}/{attempt}", wanted)
    xml = electronic.ubl(document.deal)
    name, content = (
        (f"{name}.xml", xml)
        if kind == "xml"
        else (f"{name}.pdf", electronic.inside(document.pdf, xml))
    )
    kept = replace(document, unjudged=document.unjudged | {"atcud", "document_type"})
    if kind == "xml":  # a file without pages
        kept = replace(kept, unjudged=kept.unjudged | {"pages"})
    if document.invoice.document_type == "NC":
        kept = replace(kept, unjudged=(kept.unjudged | {"due_date"}) - {"document_type"})
    return sample_of(kept, name, content, kind)


def fits_ubl(document: Document) -> bool:
    """Whether the plain UBL of this package says all that the document says."""
    invoice = document.invoice
    return (
        document.deal.buyer is not None
        and invoice.buyer_name is not None
        and invoice.payable == invoice.gross_total
        and not document.deal.global_discount
        and all(row.kind is None for row in invoice.vat)
    )


MAKERS: dict[str, Callable[[str, str, str, Wanted], Sample]] = {
    "digital": digital,
    "scan": scan,
    "photo": photo,
    "till": till,
    "pile": pile,
    "pile_scan": pile,
    "xml": electronic_file,
    "pdf_xml": electronic_file,
}


def draw_sample(seed: str, name: str, kind: str, wanted: Wanted) -> Sample:
    """One file of a kind."""
    maker = MAKERS[kind.removesuffix("_qr")]
    if kind.endswith("_qr"):
        wanted = replace(wanted, code=True, country="PT")
    elif kind in {"digital", "scan", "photo"}:
        wanted = replace(wanted, code=False)
    return maker(seed, name, kind, wanted)


def samples(
    count: int, seed: int, wanted: Wanted | None = None, kinds: Sequence[str] = KINDS
) -> Iterator[Sample]:
    """``count`` files; the same arguments give the same files. A file's seed does not depend on the others."""
    wanted = wanted or Wanted()
    for index in range(count):
        own = f"{seed}/{index}"
        kind = Random(f"{own}/kind").choice(kinds)
        sample = draw_sample(own, f"{index:05d}", kind, wanted)
        yield replace(sample, held_back=wanted.held_back is True, books=wanted.books)


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
