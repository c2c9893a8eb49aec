"""What is fuzzed: bytes of no trust in, what a parser of the product made of them out. Runs in the product's own sandbox."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from pypdfium2 import PdfiumError

from razao.archive.media import HEAD, media_type_of
from razao.capture.mail import parse_mail
from razao.capture.reading import at_qr, es_qr, images, pdf, qr
from razao.capture.reading.limits import Unreadable
from razao.capture.reading.read import read_bytes
from razao.cli.read import as_record
from razao.invoices.formats.read import read_xml
from razao.invoices.formats.saft import read_saft
from razao.invoices.formats.tables import TableMapping, VatColumns, read_table
from razao.invoices.frame import to_invoices
from razao.kernel.problems import Problem, Refused, explain

#: Pages of a PDF and frames of a picture that the quick targets look at.
FEW = 3
MAPPING = TableMapping(
    columns=MappingProxyType(
        {
            "number": "Documento",
            "document_type": "Tipo",
            "issue_date": "Data",
            "seller_tax_id": "NIF",
            "gross_total": "Total",
        }
    ),
    constants=MappingProxyType({"currency": "EUR"}),
    vat=(VatColumns(2300, "Base 23", "IVA 23"), VatColumns(600, "Base 6", "IVA 6")),
)


def whole(data: bytes, announce: Callable[[int], None]) -> list[Problem]:
    """``razao read``: whatever the bytes are, with OCR."""
    reading = read_bytes(data, "fuzz", threads=1, announce=announce)
    as_record(reading)
    return list(reading.problems)


def pdf_parts(data: bytes) -> list[Problem]:
    """A PDF's text, pictures of its pages, attachments – without OCR, so that many can be tried."""
    document = pdf.open_pdf(data)
    for content in pdf.xml_attachments(document, data):
        read_xml(content)
    for number in range(1, min(len(document), FEW) + 1):
        pdf.words_on(document, number)
        try:
            page = document[number - 1]
        except PdfiumError:
            continue
        pdf.text_is_ocr(page)
        qr.codes_on(pdf.render(page, 1400), number)
    return []


def image_parts(data: bytes) -> list[Problem]:
    """A picture's frames and the codes on them – without OCR."""
    image = images.open_image(data)
    for index in range(min(images.frame_count(image), FEW)):
        picture = images.frame(image, index, 1400)
        qr.codes_on(picture, index + 1)
    return []


def xml(data: bytes) -> list[Problem]:
    """An electronic invoice."""
    return read_xml(data)[1]


def saft(data: bytes) -> list[Problem]:
    """A SAF-T file."""
    read = read_saft(data)
    to_invoices(read.sales.frames)
    return list(read.problems)


def table(data: bytes) -> list[Problem]:
    """A table of documents, CSV or XLSX."""
    frames, problems = read_table(data, MAPPING, seller_tax_id="501442600")
    to_invoices(frames)
    return problems


def payload(data: bytes) -> list[Problem]:
    """What a fiscal QR code says."""
    text = data.decode("utf-8", "replace")
    es_qr.parse(text)
    with contextlib.suppress(at_qr.NotAtQr):
        at_qr.parse(text)
    return []


def mail(data: bytes) -> list[Problem]:
    """An e-mail message and the kinds of its attachments."""
    message = parse_mail(data)
    for attachment in message.attachments:
        attachment.name.encode("utf-8", "surrogateescape")
    str((message.subject, message.sender, message.recipients))
    return []


TARGETS: dict[str, Callable[[bytes], list[Problem]]] = {
    "pdf": pdf_parts,
    "image": image_parts,
    **dict.fromkeys(("ubl", "cii", "facturae", "fatturapa", "nfe"), xml),
    "saft": saft,
    "qr": payload,
    **dict.fromkeys(("csv", "xlsx"), table),
    "eml": mail,
}


def run(target: str, data: bytes, announce: Callable[[int], None]) -> Any:
    """What a sandbox worker does with one input: the codes of its problems, or how it broke.

    Refusals are answers. Every problem must have texts that can be filled in.
    """
    try:
        media_type_of(data[:HEAD])
        problems = whole(data, announce) if target == "read" else TARGETS[target](data)
    except Refused as refusal:
        problems = list(refusal.problems)
    except Unreadable as refusal:
        problems = [refusal.problem]
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - the finding itself
        return "raised", type(error).__name__, _places(error), traceback.format_exc()[-4000:]
    try:
        for problem in problems:
            explain(problem)
    except Exception as error:  # noqa: BLE001 - the finding itself
        return "unexplained", type(error).__name__, _places(error), traceback.format_exc()[-4000:]
    return "fine", sorted({p.code for p in problems})


def _places(error: BaseException) -> str:
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "/razao/" in f.filename]
    return f"{ours[-1].filename.rsplit('/razao/', 1)[1]}:{ours[-1].lineno}" if ours else "?"
