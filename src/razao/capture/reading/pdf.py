"""A PDF in: its pages' words with places, pictures of its pages, and its XML attachments out (pdfium, qpdf)."""

from __future__ import annotations

import io
import itertools
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from razao.capture.reading.document import Word
from razao.capture.reading.images import check_scans
from razao.capture.reading.limits import (
    ATTACHMENT_BYTES,
    FILE_BYTES,
    PAGES,
    SECONDS_PER_DRAWING,
    WORDS_PER_PAGE,
    Unreadable,
    unreadable,
)

FPDF_ERR_PASSWORD = 4
OBJECTS = 4000
"""objects of a page that are looked at"""
FORMS = 5
"""forms one inside the other that are looked into for pictures"""
ATTACHMENTS = 50
"""attached files that are looked at"""
JPEG = {"DCTDecode", "DCT"}
"""the filter's name, and its short one in a page's content"""
QPDF_FAULTS = (
    pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, TypeError, KeyError, AttributeError,
)  # fmt: skip
"""what pikepdf raises for damaged files"""
GAP = 0.22
"""a space between two characters of more than this part of the character height parts two words"""


def open_pdf(data: bytes) -> pdfium.PdfDocument:
    """The document; damaged files are repaired where that is possible.

    Raises Unreadable: ``read.encrypted``, ``read.damaged``, ``read.too_many_pages``.
    """
    try:
        document = pdfium.PdfDocument(data)
        if len(document) == 0:
            document = _repaired(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == FPDF_ERR_PASSWORD:
            raise unreadable("read.encrypted") from error
        document = _repaired(data)
    if len(document) == 0:
        raise unreadable("read.damaged")
    if len(document) > PAGES:
        raise unreadable("read.too_many_pages", pages=len(document), limit=PAGES)
    return document


def _repaired(data: bytes) -> pdfium.PdfDocument:
    """The document as qpdf rebuilds it."""
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as broken:
            if len(broken.pages) > PAGES:
                raise unreadable("read.too_many_pages", pages=len(broken.pages), limit=PAGES)
            broken.save(out)
        return pdfium.PdfDocument(out.getvalue())
    except pikepdf.PasswordError as error:
        raise unreadable("read.encrypted") from error
    except Unreadable:
        raise
    except (*QPDF_FAULTS, pdfium.PdfiumError) as error:
        raise unreadable("read.damaged") from error


def page_size(page: pdfium.PdfPage) -> tuple[float, float]:
    """Width and height of the page as displayed, in points; never zero. Raises Unreadable (``read.damaged``) where they have no end."""
    width, height = page.get_size()
    if not (math.isfinite(width) and math.isfinite(height)):
        raise unreadable("read.damaged")
    return max(width, 1.0), max(height, 1.0)


def render(page: pdfium.PdfPage, pixels: int, *, grey: bool = False) -> np.ndarray[Any, Any]:
    """A picture of the page whose longer side has ``pixels`` pixels: rows × columns (× 3, blue first).

    Raises Unreadable: ``read.damaged`` when the page cannot be drawn, ``read.too_demanding_time`` when drawing is not
    done after ``SECONDS_PER_DRAWING``, or has a JPEG of too many scans.
    """
    _check_pictures(page)
    width, height = page_size(page)
    scale = pixels / max(width, height)
    size = math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)
    if min(size) < 1:
        raise unreadable("read.damaged")
    try:
        bitmap = pdfium.PdfBitmap.new_native(
            *size, pdfium_c.FPDFBitmap_Gray if grey else pdfium_c.FPDFBitmap_BGR
        )
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        done = _drawn(bitmap, page, size, GREY if grey else pdfium_c.FPDF_ANNOT)
    except (pdfium.PdfiumError, ValueError) as error:
        raise unreadable("read.damaged") from error
    if done == pdfium_c.FPDF_RENDER_TOBECONTINUED:
        raise unreadable("read.too_demanding_time")
    if done == pdfium_c.FPDF_RENDER_FAILED:
        raise unreadable("read.damaged")
    return np.ascontiguousarray(bitmap.to_numpy())


def _check_pictures(page: pdfium.PdfPage) -> None:
    """Raises Unreadable for what ``check_scans`` refuses: PDFium decodes a picture at one go, however long it takes."""
    seen = 0
    try:
        for item in itertools.islice(page.get_objects(max_depth=FORMS), OBJECTS):
            if item.type != pdfium_c.FPDF_PAGEOBJ_IMAGE or not JPEG & set(item.get_filters()):
                continue
            jpeg = bytes(item.get_data(decode_simple=True))
            check_scans(jpeg)
            seen += len(jpeg)
            if seen > FILE_BYTES:  # the same picture may be shown a thousand times
                return
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return  # damaged, as drawing will tell


GREY = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_GRAYSCALE | pdfium_c.FPDF_RENDER_NO_SMOOTHPATH


def _drawn(
    bitmap: pdfium.PdfBitmap, page: pdfium.PdfPage, size: tuple[int, int], flags: int
) -> int:
    """Draw the page step by step, so that it ends when its time is over; PDFium's word of how far it came."""
    end = time.monotonic() + SECONDS_PER_DRAWING
    pause = pdfium_c.IFSDK_PAUSE(version=1)
    over = type(pause.NeedToPauseNow)(lambda _: int(time.monotonic() > end))
    pause.NeedToPauseNow = over
    try:
        return int(pdfium_c.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, *size, 0, flags, pause))
    finally:
        pdfium_c.FPDF_RenderPage_Close(page)


def words_of(page: pdfium.PdfPage, number: int) -> tuple[Word, ...]:
    """The page's own text as words with places, in the order in which the file holds them."""
    try:
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return ()
    width, height = page_size(page)
    to_device = _device_transform(page, width, height)
    letters = _letters(text, to_device)
    return tuple(_words(letters, number, width, height))


def words_on(document: pdfium.PdfDocument, number: int) -> tuple[Word, ...]:
    """As ``words_of``, of page ``number`` (from 1); none where the page cannot be loaded."""
    try:
        page = document[number - 1]
    except pdfium.PdfiumError:
        return ()
    return words_of(page, number)


def text_is_ocr(page: pdfium.PdfPage) -> bool:
    """True when the page is a picture and its text a layer that a scanner's program put behind it.

    Such text is invisible (rendering mode 3), or a picture of the whole page is drawn over it.
    """
    width, height = page_size(page)
    hidden = shown = 0
    covered = False
    for item in itertools.islice(page.get_objects(max_depth=1), OBJECTS):
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            mode = pdfium_c.FPDFTextObj_GetTextRenderMode(item)
            hidden += mode == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
            shown += mode != pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        elif item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = item.get_bounds()
            whole = (right - left) * (top - bottom) > 0.85 * width * height
            covered = covered or (whole and hidden + shown > 3)
    return covered or hidden > 4 * shown


def lies_sideways(words: tuple[Word, ...], aspect: float) -> bool:
    """True when most of the longer words run up or down the page."""
    longer = [w.box for w in words if len(w.text) > 3]
    tall = sum((b[3] - b[1]) > 1.5 * (b[2] - b[0]) * aspect for b in longer)
    return tall * 2 > len(longer) > 3


Letter = tuple[str, float, float, float, float]
"""a character and its box in points from the top left of the page as displayed"""


def _device_transform(page: pdfium.PdfPage, width: float, height: float) -> Any:
    """A function from a box in PDF space to a box from the top left of the displayed page."""
    rotation = page.get_rotation()
    left, bottom, right, top = page.get_cropbox()

    def upright(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        l, b, r, t = box  # noqa: E741
        if rotation == 90:
            return b - bottom, l - left, t - bottom, r - left
        if rotation == 180:
            return right - r, b - bottom, right - l, t - bottom
        if rotation == 270:
            return top - t, right - r, top - b, right - l
        return l - left, top - t, r - left, top - b

    return upright


def _letters(text: pdfium.PdfTextPage, upright: Any) -> list[Letter]:
    count = min(text.count_chars(), WORDS_PER_PAGE * 6)
    rect = pdfium_c.FS_RECTF()
    out: list[Letter] = []
    get_char, get_box = pdfium_c.FPDFText_GetUnicode, pdfium_c.FPDFText_GetLooseCharBox
    for index in range(count):
        code = get_char(text, index)
        if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000:
            continue
        char = chr(code)
        if char.isspace():
            out.append((" ", 0.0, 0.0, 0.0, 0.0))
            continue
        get_box(text, index, rect)
        out.append((char, *upright((rect.left, rect.bottom, rect.right, rect.top))))
    return out


def _words(letters: list[Letter], page: int, width: float, height: float) -> list[Word]:
    words: list[Word] = []
    run: list[Letter] = []
    for letter in letters:
        if letter[0] == " " or (run and _parts(run[-1], letter)):
            _close(run, words, page, width, height)
            run = []
        if letter[0] != " ":
            run.append(letter)
    _close(run, words, page, width, height)
    return words[:WORDS_PER_PAGE]


def _parts(before: Letter, after: Letter) -> bool:
    """True when a gap, a step back or another line lies between the two characters."""
    size = max(before[4] - before[2], after[4] - after[2], before[3] - before[1], 1.0)
    if after[1] - before[3] > GAP * size * 1.6 or after[3] < before[1] - size * 0.2:
        return True
    middle = (after[2] + after[4]) / 2
    return not before[2] - size * 0.6 <= middle <= before[4] + size * 0.6


def _close(run: list[Letter], words: list[Word], page: int, width: float, height: float) -> None:
    if not run:
        return
    left, top = min(x[1] for x in run), min(x[2] for x in run)
    right, bottom = max(x[3] for x in run), max(x[4] for x in run)
    if right < 0 or bottom < 0 or left > width or top > height:
        return
    box = (
        min(max(left / width, 0.0), 1.0),
        min(max(top / height, 0.0), 1.0),
        min(max(right / width, 0.0), 1.0),
        min(max(bottom / height, 0.0), 1.0),
    )
    words.append(Word("".join(x[0] for x in run), page, box))


XML_STARTS = (b"<", b"\xff\xfe", b"\xfe\xff")


def xml_attachments(document: pdfium.PdfDocument, data: bytes) -> tuple[bytes, ...]:
    """The content of the attached files that are XML, each at most ``ATTACHMENT_BYTES`` long."""
    found = [*_named_attachments(document)]
    if not found and b"/EmbeddedFile" in data:
        found = [*_linked_attachments(data)]
    return tuple(
        content
        for content in found
        if len(content) <= ATTACHMENT_BYTES
        and content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(XML_STARTS)
    )


def _named_attachments(document: pdfium.PdfDocument) -> Iterator[bytes]:
    """Attachments in the document's table of names."""
    for index in range(min(document.count_attachments(), ATTACHMENTS)):
        try:
            yield bytes(document.get_attachment(index).get_data())
        except pdfium.PdfiumError:
            continue


def _linked_attachments(data: bytes) -> Iterator[bytes]:
    """Attachments that a damaged or unusual file keeps elsewhere, as qpdf finds them."""
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            for spec in document.attachments.values():
                yield spec.get_file().read_bytes()[: ATTACHMENT_BYTES + 1]
    except QPDF_FAULTS:
        return
