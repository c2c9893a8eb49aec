"""What the portal needs of a PDF: its words, its number of pages, a picture of each; also of files that mean harm, and of many at once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from razao.delivery import words
from razao.delivery.words import UnreadablePdf, page_count, page_picture, words_of
from tests.corpus import need


def drawn(folder: Path, name: str, said: str, size: tuple[float, float] = (595, 842)) -> Path:
    """A PDF of two pages, the first of which says something."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=size)
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(f"BT /F1 24 Tf 72 700 Td ({said}) Tj ET".encode())
    document.add_blank_page(page_size=(595, 842))
    path = folder / name
    document.save(path)
    return path


def size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def test_words_pages_and_a_picture_of_each(tmp_path: Path):
    path = drawn(tmp_path, "a.pdf", "Balancete de outubro")
    assert words_of(path).split() == ["Balancete", "de", "outubro"]
    assert page_count(path) == 2
    assert size_of(page_picture(path, 1)) == (1100, 1557)
    with pytest.raises(IndexError):
        page_picture(path, 3)


def test_what_only_begins_as_a_pdf_has_none_of_them(tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"\x00" * 200)
    assert (words_of(path), page_count(path)) == ("", 0)
    with pytest.raises(UnreadablePdf):
        page_picture(path, 1)


def test_a_page_like_a_ribbon_is_shown_small_enough(tmp_path: Path):
    width, height = size_of(page_picture(drawn(tmp_path, "a.pdf", "x", (3, 14_000)), 1))
    assert width * height <= 1.01 * words.MOST_PIXELS


def test_a_page_without_end_has_no_picture(tmp_path: Path):
    endless = drawn(tmp_path, "a.pdf", "x")
    endless.write_bytes(endless.read_bytes().replace(b"595", b"9" * 100 + b".0", 1))
    assert (words_of(endless).split(), page_count(endless)) == (["x"], 2)
    with pytest.raises(UnreadablePdf):
        page_picture(endless, 1)


def test_many_ask_at_once_and_each_gets_its_own_answer(tmp_path: Path):
    said = [f"Extrato {number:03}" for number in range(40)]
    paths = [drawn(tmp_path, f"{number}.pdf", text) for number, text in enumerate(said)]
    with ThreadPoolExecutor(8) as threads:
        pictures = threads.map(lambda path: size_of(page_picture(path, 1)), paths)
        assert [" ".join(words_of(path).split()) for path in paths] == said
        assert list(pictures) == [(1100, 1557)] * 40


def test_no_broken_file_of_the_collections_ends_the_process_that_serves(tmp_path: Path):
    for path in sorted(p for folder in ("pdfjs", "qpdf") for p in need(folder).rglob("*.pdf")):
        assert page_count(path) >= 0
        assert len(words_of(path)) <= words.LIMIT
        try:
            assert page_picture(path, 1).startswith(b"\x89PNG")
        except (UnreadablePdf, IndexError):
            continue
