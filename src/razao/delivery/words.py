"""The words of a PDF for search: a path in, text out ('' for what has none). A picture of each page for phones, too. Knows no table."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2

LIMIT = 200_000
#: Pixels across a page as the portal shows it: two for each of a phone's 390 and more.
PAGE_PIXELS = 1100


class UnreadablePdf(ValueError):
    """The file begins as a PDF does and cannot be opened."""


def words_of(path: Path) -> str:
    """At most 200,000 characters of the PDF's own text."""
    text = ""
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            for page in pdf:
                text += page.get_textpage().get_text_bounded() + "\n"
                if len(text) > LIMIT:
                    break
    except pypdfium2.PdfiumError:
        return ""
    return text[:LIMIT].replace("\x00", " ")


def page_count(path: Path) -> int:
    """Pages of the PDF; 0 when it cannot be opened."""
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            return len(pdf)
    except pypdfium2.PdfiumError:
        return 0


def page_picture(path: Path, number: int) -> bytes:
    """Page ``number`` (from 1) as PNG. Raises UnreadablePdf, and IndexError for a page it does not have."""
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            if not 1 <= number <= len(pdf):
                raise IndexError(number)
            page = pdf[number - 1]
            picture = page.render(scale=PAGE_PIXELS / page.get_width()).to_pil()
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf(str(path)) from error
    out = io.BytesIO()
    picture.convert("P", palette=1, colors=64).save(out, "PNG", optimize=False)
    return out.getvalue()
