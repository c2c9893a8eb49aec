"""A file's bytes in; its pages, each with words and codes, out: the text layer where there is one, else OCR."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image

from razao.capture.reading import images, pdf
from razao.capture.reading.document import Page, Word
from razao.capture.reading.filetype import FileKind
from razao.capture.reading.qr import codes_on
from razao.invoices.invoice import Source

TEXT_QR_PIXELS = 1700
"""a digital page is drawn this large to look for codes: a 30 mm code of version 11 has 3.5 pixels a module"""
FINE_QR_PIXELS = 3400
OCR_PIXELS = 2000
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
        yield _image_page(images.frame(image, index, FINE_QR_PIXELS), index + 1, threads)


def _pdf_page(document: pdfium.PdfDocument, index: int, threads: int) -> Page:
    number = index + 1
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return Page(number, 0.7)
    try:
        width, height = pdf.page_size(page)
        words = pdf.words_of(page, number)
        if not _is_text(words):
            picture = pdf.render(page, OCR_PIXELS)
            found = _image_page(picture, number, threads)
            if found.codes or not _may_hold_code(found.words):
                return found
            fine = codes_on(pdf.render(page, FINE_QR_PIXELS, grey=True), number)
            return replace(found, codes=_turned(fine, found.rotation))
        codes = codes_on(pdf.render(page, TEXT_QR_PIXELS, grey=True), number)
        if not codes and _may_hold_code(words):
            codes = codes_on(pdf.render(page, FINE_QR_PIXELS, grey=True), number)
        return Page(number, width / height, words, codes, Source.TEXT)
    finally:
        page.close()


def _is_text(words: tuple[Word, ...]) -> bool:
    """True when the page's own text is there and legible."""
    text = "".join(w.text for w in words)
    if len(text) < ENOUGH_TEXT:
        return False
    strange = sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or ord(c) < 32)
    return strange < len(text) * 0.2


def _may_hold_code(words: tuple[Word, ...]) -> bool:
    """True when the text says that a fiscal code should be on the page."""
    return any("ATCUD" in w.text.upper() or "TICKETBAI" in w.text.upper() for w in words)


def _image_page(picture: images.Picture, number: int, threads: int) -> Page:
    """A page that is a picture: codes at full size, words by OCR at the engine's size."""
    # The engine takes a second to load and is not needed for digital documents.
    from razao.capture.reading import ocr

    codes = codes_on(images.shrunk(picture, OCR_PIXELS), number)
    if not codes and max(picture.shape[:2]) > OCR_PIXELS:
        codes = codes_on(picture, number)
    small = images.shrunk(picture, OCR_PIXELS)
    height, width = small.shape[:2]
    if is_blank(small):
        return Page(number, width / height, (), codes, Source.OCR)
    seen = ocr.see(small, number, threads)
    aspect = height / width if seen.rotation in {90, 270} else width / height
    codes = _turned(codes, seen.rotation)
    return Page(number, aspect, seen.words, codes, Source.OCR, seen.rotation, seen.skew)


def is_blank(picture: images.Picture) -> bool:
    """True for a page without ink: fewer than one pixel in 20,000 differs clearly from the paper."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
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


def render_page(data: bytes, kind: FileKind, page: int, width: int, rotation: int = 0) -> bytes:
    """A WebP picture, ``width`` pixels wide, of one page (1-based), turned clockwise by ``rotation`` degrees.

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
    return _webp(picture)


def _webp(picture: images.Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).save(out, "WEBP", quality=80)
    return out.getvalue()
