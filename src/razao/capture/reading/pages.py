"""A file's bytes in; its pages, each with words and codes, out: the text layer where there is one, else OCR."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from razao.capture.reading import images, pdf
from razao.capture.reading.document import Code, Page, Word
from razao.capture.reading.filetype import FileKind
from razao.capture.reading.limits import Unreadable
from razao.capture.reading.qr import codes_on
from razao.invoices.invoice import Source

TEXT_QR_PIXELS = 1700
"""a digital page is drawn this large to look for codes: a 30 mm code of version 11 has 3.5 pixels a module"""
FINE_QR_PIXELS = 3400
OCR_PIXELS = 2000
CODE_MARKS = ("ATCUD", "TICKETBAI", "TBAI-", "VERI*FACTU", "VERIFACTU", "PROCESSADO", "CERTIFICADO")
"""words that stand on documents with a fiscal code"""
ENOUGH_TEXT = 24
"""characters from which on a page's own text is believed to be the page"""


def page_count(data: bytes, kind: FileKind) -> int:
    """Number of pages of a PDF or image. Raises Unreadable."""
    if kind is FileKind.PDF:
        return len(pdf.open_pdf(data))
    return images.frame_count(images.open_image(data))


def pages_of(data: bytes, kind: FileKind, threads: int = -1) -> Iterator[Page]:
    """The pages of a PDF or image, read one by one. Raises Unreadable."""
    if kind is FileKind.PDF:
        document = pdf.open_pdf(data)
        for index in range(len(document)):
            yield _pdf_page(document, index, threads)
        return
    image = images.open_image(data)
    for index in range(images.frame_count(image)):
        yield _image_page(partial(_frame, data, image, index), index + 1, threads)


Drawn = Callable[[int], images.Picture]
"""the picture of a page with at most so many pixels on its longer side"""


def _frame(data: bytes, image: Image.Image, index: int, pixels: int) -> images.Picture:
    """A frame of an image; decoded anew for a larger picture, because a decoder keeps the size it was first asked for."""
    source = image if pixels == OCR_PIXELS else images.open_image(data)
    return images.frame(source, index, pixels)


def _pdf_page(document: pdfium.PdfDocument, index: int, threads: int) -> Page:
    number = index + 1
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return Page(number, 0.7)
    try:
        width, height = pdf.page_size(page)
        words = pdf.words_of(page, number)
        if not _is_text(words) or pdf.text_is_ocr(page) or pdf.lies_sideways(words, width / height):
            return _image_page(partial(pdf.render, page), number, threads)
        return Page(number, width / height, words, _codes_beside(page, words, number), Source.TEXT)
    finally:
        page.close()


def _codes_beside(page: pdfium.PdfPage, words: tuple[Word, ...], number: int) -> tuple[Code, ...]:
    """The codes on a page that has its own text; none where drawing it takes too long, since the text is there all the same."""
    try:
        codes = codes_on(pdf.render(page, TEXT_QR_PIXELS, grey=True), number)
        if not codes and _may_hold_code(words):
            codes = codes_on(pdf.render(page, FINE_QR_PIXELS, grey=True), number)
    except Unreadable as refusal:
        if refusal.problem.code != "read.too_demanding_time":
            raise
        return ()
    return codes


def _is_text(words: tuple[Word, ...]) -> bool:
    """True when the page's own text is there and legible."""
    text = "".join(w.text for w in words)
    if len(text) < ENOUGH_TEXT:
        return False
    strange = sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 32)
    return strange < len(text) * 0.2


def _may_hold_code(words: tuple[Word, ...]) -> bool:
    """True when the text says that a fiscal code should be on the page."""
    return any(any(mark in w.text.upper() for mark in CODE_MARKS) for w in words)


def _image_page(drawn: Drawn, number: int, threads: int) -> Page:
    """A page that is a picture: words by OCR at the engine's size, codes at that size, else at full size."""
    # The engine takes a second to load and is not needed for digital documents.
    from razao.capture.reading import ocr

    picture = drawn(OCR_PIXELS)
    height, width = picture.shape[:2]
    codes = codes_on(picture, number)
    if not codes and is_blank(picture):
        return Page(number, width / height, (), (), Source.OCR)
    seen = ocr.see(picture, number, threads)
    if not codes and _may_hold_code(seen.words):
        codes = codes_on(drawn(FINE_QR_PIXELS), number)
    aspect = height / width if seen.rotation in {90, 270} else width / height
    codes = _turned(codes, seen.rotation)
    return Page(number, aspect, seen.words, codes, Source.OCR, seen.rotation, seen.skew, seen.fan)


def is_blank(picture: images.Picture) -> bool:
    """True for a page without ink: fewer than one pixel in 20,000 differs clearly from the paper."""
    small = np.ascontiguousarray(picture[::3, ::3])
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small
    paper = float(np.median(grey))
    ink = np.count_nonzero(np.abs(grey.astype(np.int16) - paper) > 60)
    return bool(ink * 20_000 < grey.size)


def _turned(codes: tuple[Any, ...], degrees: int) -> tuple[Any, ...]:
    """The codes with their places on the page turned clockwise by ``degrees``."""
    return tuple(replace(c, box=turned_box(c.box, degrees)) for c in codes)


def turned_box(
    box: tuple[float, float, float, float], degrees: int
) -> tuple[float, float, float, float]:
    """A box on the page after a turn clockwise by a multiple of 90 degrees."""
    left, top, right, bottom = box
    if degrees % 360 == 90:
        return 1 - bottom, left, 1 - top, right
    if degrees % 360 == 180:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    if degrees % 360 == 270:
        return top, 1 - right, bottom, 1 - left
    return box


def render_page(
    data: bytes, kind: FileKind, page: int, width: int, rotation: int = 0, form: str = "WEBP"
) -> bytes:
    """A picture (``form`` WEBP or JPEG), ``width`` pixels wide, of one page (1-based), turned clockwise by ``rotation``.

    Raises Unreadable for what cannot be opened and IndexError for a page that is not there.
    """
    if not 1 <= page <= page_count(data, kind):
        raise IndexError(page)
    longest = min(6 * width, 8000)
    if kind is FileKind.PDF:
        sheet = pdf.open_pdf(data)[page - 1]
        across, down = pdf.page_size(sheet)
        shown = down if rotation in {90, 270} else across
        picture = pdf.render(sheet, min(longest, round(width * max(across, down) / shown)))
    else:
        picture = images.frame(images.open_image(data), page - 1, longest)
    picture = images.turned(picture, rotation)
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    if picture.shape[1] > width:
        picture = cv2.resize(picture, (width, min(height, 16000)), interpolation=cv2.INTER_AREA)
    return _encoded(picture, form)


def _encoded(picture: images.Picture, form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).save(out, form, quality=80)
    return out.getvalue()
