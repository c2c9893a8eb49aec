"""The demo's documents: a company in, a set of at least sixty files that show every kind of invoice out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import KINDS, Sample, draw_sample, samples
from razao.capture.samples.parties import Party

#: What must occur, whatever chance gives: kind and wish.
CERTAIN: tuple[tuple[str, Wanted], ...] = (
    ("digital_qr", Wanted(trade="consultant", document_type="FR")),
    ("digital_qr", Wanted(trade="landlord", document_type="FR")),
    ("digital_qr", Wanted(trade="construction", document_type="FT")),
    ("digital_qr", Wanted(trade="freelance_exempt", document_type="FR")),
    ("digital_qr", Wanted(trade="electricity", document_type="FT")),
    ("digital_qr", Wanted(trade="insurance", document_type="FT")),
    ("digital_qr", Wanted(trade="wholesale_food", document_type="FT", lines=45)),
    ("digital_qr", Wanted(trade="wholesale_food", document_type="NC")),
    ("digital", Wanted(trade="software", document_type="NC", country="PT")),
    ("digital", Wanted(trade="lawyer", document_type="FT", country="PT")),
    ("digital", Wanted(trade="supplies", document_type="FT", country="ES")),
    ("digital", Wanted(trade="professional", document_type="FT", country="ES")),
    ("digital", Wanted(trade="machines", document_type="FT", country="DE")),
    ("digital", Wanted(trade="machines", document_type="FT", country="FR")),
    ("digital", Wanted(trade="cloud", document_type="FT", country="IE")),
    ("digital", Wanted(trade="saas", document_type="FT", country="US")),
    ("scan_qr", Wanted(trade="fuel", document_type="FT")),
    ("scan_qr", Wanted(trade="telecom", document_type="FT")),
    ("scan", Wanted(trade="hardware", document_type="FT", country="PT")),
    ("scan", Wanted(trade="transport", document_type="FT", country="PT")),
    ("photo_qr", Wanted(trade="restaurant", document_type="FS")),
    ("photo", Wanted(trade="stationery", document_type="FR", country="PT")),
    ("till", Wanted(trade="supermarket", document_type="FS")),
    ("pile", Wanted(country="PT")),
    ("pile_scan", Wanted(country="PT")),
    ("xml", Wanted(country="PT")),
    ("pdf_xml", Wanted(country="PT")),
)


def demo_samples(
    company: Party,
    *,
    first: date,
    last: date,
    count: int = 64,
    issued: int = 12,
    seed: int = 1,
) -> Iterator[Sample]:
    """Files received and issued by ``company`` between two days; ``issued`` of the ``count`` are its own.

    The certain ones come first, then chance. ``Sample.direction`` says on which side the company stands.
    """
    received = Wanted(company=company, first=first, last=last, books=company.country)
    for index, (kind, wish) in enumerate(CERTAIN):
        wanted = replace(wish, company=company, first=first, last=last)
        sample = draw_sample(f"demo/{seed}/{index}", f"in-{index:03d}", kind, wanted)
        yield replace(sample, books=company.country)
    rest = max(0, count - issued - len(CERTAIN))
    for sample in samples(rest, seed, received, [k for k in KINDS if not k.startswith("pile")]):
        yield replace(sample, name=f"in-{len(CERTAIN):03d}-{sample.name}")
    sent = replace(received, direction="issued", country=company.country)
    for sample in samples(issued, seed + 1, sent, ("digital_qr",)):
        yield replace(sample, name=f"out-{sample.name}")
