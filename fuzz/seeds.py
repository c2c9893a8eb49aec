"""What fuzzing begins from: a kind of file in, real files of that kind out, from the corpus beside the checkout and made ones."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pikepdf
from openpyxl import Workbook
from PIL import Image

from razao.invoices.formats.xml import sniff

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
MOST_BYTES = 200_000
MOST_FILES = 150
HEADINGS = ["Documento", "Tipo", "Data", "NIF", "Base 23", "IVA 23", "Base 6", "IVA 6", "Total"]
ROWS = [
    ["FT 2025/1", "FT", "14-05-2025", "501442600", "100,00", "23,00", "", "", "123,00"],
    ["FT 2025/2", "FS", "2025-05-15", "PT501442600", "1.000,50", "230,12", "10", "0,60", "1241,22"],
    ["NC 2025/1", "NC", "15/05/2025", "", "-20,00", "-4,60", "", "", "-24,60"],
]


def seeds_of(kind: str) -> list[bytes]:
    """Files to begin from, in an order that never changes. Made ones where the corpus is absent."""
    makers = {
        "csv": _csv,
        "xlsx": _xlsx,
        "eml": _eml,
        "qr": _payloads,
        "pdf": _pdfs,
        "image": _images,
        "whole": _whole,
    }
    found = list(makers[kind]() if kind in makers else _invoices(kind))
    return found[:MOST_FILES] or [b""]


def _files(*suffixes: str) -> Iterator[bytes]:
    if not CORPUS.is_dir():
        return
    for path in sorted(CORPUS.rglob("*")):
        if path.suffix.lower() in suffixes and 0 < path.stat().st_size <= MOST_BYTES:
            yield path.read_bytes()


def _invoices(syntax: str) -> Iterator[bytes]:
    yield from (data for data in _files(".xml") if sniff(data) == syntax)


def _pdfs() -> Iterator[bytes]:
    """As they are, and with their streams laid open, so that a change reaches what they say."""
    for number, data in enumerate(_files(".pdf")):
        yield data
        if number % 2 == 0:
            laid_open = io.BytesIO()
            try:
                with pikepdf.open(io.BytesIO(data)) as document:
                    document.save(laid_open, qdf=True)
            except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError):
                continue
            if laid_open.tell() <= 4 * MOST_BYTES:
                yield laid_open.getvalue()


def _images() -> Iterator[bytes]:
    yield from _files(".png", ".jpg", ".jpeg", ".tif", ".tiff")
    for mode in ("1", "L", "RGB", "P"):
        for form in ("PNG", "TIFF"):
            out = io.BytesIO()
            Image.new(mode, (60, 40)).save(out, form)
            yield out.getvalue()


def _whole() -> Iterator[bytes]:
    for files in (_pdfs(), _images(), _files(".xml")):
        yield from (data for _, data in zip(range(40), files, strict=False))


def _payloads() -> Iterator[bytes]:
    path = CORPUS / "pt_qr_payloads" / "manifest.jsonl"
    if path.is_file():
        yield from (
            json.loads(line)["payload"].encode() for line in path.read_text("utf-8").splitlines()
        )
    yield b"A:501442600*B:999999990*C:PT*D:FT*E:N*F:20250514*G:FT A/1*H:0*I1:PT*I7:1.00*I8:0.23*N:0.23*O:1.23*Q:abcd*R:1"
    yield b"https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR?nif=B12345674&numserie=A-1&fecha=14-05-2025&importe=121.00"


def _csv() -> Iterator[bytes]:
    for separator, encoding in (
        (";", "utf-8"),
        (",", "utf-8-sig"),
        ("\t", "utf-16"),
        ("|", "cp1252"),
    ):
        rows = [HEADINGS, *ROWS]
        yield "\r\n".join(separator.join(f'"{c}"' for c in r) for r in rows).encode(encoding)


def _xlsx() -> Iterator[bytes]:
    for typed in (False, True):
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [HEADINGS, *ROWS]:
            sheet.append([123.45 if typed and c == "123,00" else c for c in row])
        out = io.BytesIO()
        book.save(out)
        yield out.getvalue()


def _eml() -> Iterator[bytes]:
    message = EmailMessage()
    message["From"] = "Fornecedor <contas@example.pt>"
    message["To"] = "faturas@example.pt, =?utf-8?q?Jo=C3=A3o?= <joao@example.pt>"
    message["Subject"] = "Fatura nº 1 – maio"
    message.set_content("Segue a fatura.")
    yield bytes(message)
    message.add_attachment(
        b"%PDF-1.4\n%%EOF", maintype="application", subtype="pdf", filename="fatura maio.pdf"
    )
    message.add_attachment(next(_csv()), maintype="text", subtype="csv", filename="mapa.csv")
    yield bytes(message)
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = "a@example.pt", "b@example.pt", "FW: fatura"
    outer.set_content("Em anexo.")
    outer.add_attachment(message)
    yield bytes(outer)
