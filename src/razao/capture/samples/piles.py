"""Piles: several documents in, one PDF with all their pages and the true cuts out."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from random import Random

import pikepdf
from PIL import Image

from razao.capture.samples.scanning import draw_paper, encode, page_images, scanned


@dataclass(frozen=True, slots=True)
class Pile:
    """A PDF of several documents; ``pages`` are each document's page numbers, from 1."""

    pdf: bytes
    pages: tuple[tuple[int, ...], ...]


def blank_page() -> bytes:
    """One empty A4 page, as the back of a sheet comes out of a duplex scanner."""
    target = io.BytesIO()
    Image.new("L", (1240, 1754), 253).save(target, "PDF", resolution=150, quality=60)
    return target.getvalue()


def on_paper(rng: Random, pdf: bytes) -> bytes:
    """A document's pages scanned, each with its own skew and, at times, upside down or on its side."""
    paper = replace(draw_paper(rng), bilevel=False)
    images = [
        scanned(
            rng,
            image,
            replace(paper, skew=rng.uniform(-2, 2), turn=rng.choice((0,) * 9 + (90, 180, 270))),
        )
        for image in page_images(pdf, paper.dpi)
    ]
    return encode(images, "pdf", paper)


def pile_up(rng: Random, documents: list[bytes], *, paper: bool) -> Pile:
    """The documents one after the other, scanned where ``paper``, with blank backs between some."""
    target = pikepdf.new()
    cuts: list[tuple[int, ...]] = []
    for content in documents:
        own = on_paper(rng, content) if paper else content
        with pikepdf.open(io.BytesIO(own)) as part:
            first = len(target.pages) + 1
            target.pages.extend(part.pages)
            cuts.append(tuple(range(first, len(target.pages) + 1)))
        if rng.random() < 0.25:
            with pikepdf.open(io.BytesIO(blank_page())) as back:
                target.pages.extend(back.pages)
    written = io.BytesIO()
    target.save(written, deterministic_id=True)
    return Pile(written.getvalue(), tuple(cuts))
