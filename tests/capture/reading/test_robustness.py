"""Hostile and broken files: each ends in invoices or in a problem that says why, within limits, and harms nothing."""

from __future__ import annotations

import io
import mmap
import os
import signal
import struct
import time
import zlib
from decimal import Decimal

import pikepdf
import pytest
from PIL import Image

from razao.archive.sandbox import Budget, Died, Pool
from razao.capture.reading import limits, read
from razao.capture.reading.filetype import FileKind, kind_of
from razao.capture.reading.layout import sheet_of
from razao.capture.reading.read import read_bytes, read_files
from tests.capture.reading.typed_pages import typed
from tests.corpus import need

BROKEN = ("pdfjs", "qpdf", "pillow", "format_corpus", "pypdf_res")
MEGABYTE = 1024 * 1024


def codes(data: bytes) -> list[str]:
    return [p.code for p in read_bytes(data, "x").problems]


def pdf(pages: int = 1, **save: object) -> bytes:
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    document.save(out, **save)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data does not have."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_an_empty_file():
    assert codes(b"") == ["read.empty"]
    assert codes(b"\n\n  ") == ["read.empty"]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"PK\x03\x04" + b"\0" * 50, "ZIP"),
        (b"GIF89a" + b"\0" * 50, "GIF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"just some words", "?"),
        (b"<html><body>no invoice</body></html>", "?"),
    ],
)
def test_other_formats_are_refused_by_name(data, name):
    problem = read_bytes(data, "invoice.pdf").problems[0]
    assert (problem.code, problem.values["format"]) == ("read.unsupported_format", name)


def test_the_content_decides_and_not_the_name(tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    path = tmp_path / "invoice.pdf"
    path.write_bytes(out.getvalue())
    assert kind_of(path.read_bytes()) is FileKind.PNG
    assert [p.code for p in read.read_file(path).problems] == ["read.blank"]


def test_a_protected_pdf():
    secret = pikepdf.Encryption(user="open sesame", owner="owner")
    assert codes(pdf(encryption=secret)) == ["read.encrypted"]


def test_a_truncated_pdf():
    assert codes(pdf(3)[:200]) == ["read.damaged"]


def test_a_pdf_of_five_thousand_pages_is_refused_at_once():
    data = pdf(5000)
    start = time.monotonic()
    assert codes(data) == ["read.too_many_pages"]
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("size", [(100_000, 100_000), (2_000_000, 2), (1, 1)])
def test_an_image_of_an_absurd_size(size):
    assert codes(png_claiming(*size))[0] in {
        "read.image_too_large",
        "read.image_too_small",
        "read.damaged",
    }


def test_a_truncated_photograph():
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 80).convert("RGB").save(out, "JPEG")
    assert codes(out.getvalue()[:5000]) == ["read.damaged"]


def test_an_xml_bomb():
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    )
    assert codes(bomb) == ["read.xml_dtd"]


def test_a_stream_that_unpacks_to_hundreds_of_megabytes():
    document, out = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(595, 842))
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * MEGABYTE) for _ in range(300)) + packer.flush()
    page.Contents = pikepdf.Stream(document, packed, Filter=pikepdf.Name.FlateDecode)
    document.save(out)
    start = time.monotonic()
    assert codes(out.getvalue())[0] == "read.blank"
    assert time.monotonic() - start < 60


def test_a_large_file_is_read_and_advice_is_given():
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.Root.Extra = pikepdf.Stream(document, bytes(range(256)) * 2000)
    document.save(out, compress_streams=False)
    assert codes(out.getvalue()) == ["read.blank", "read.large_file"]


def hang(announce):
    """A task that never ends."""
    announce(1)
    time.sleep(600)


def swell(announce):
    """A task that takes all memory."""
    return [bytearray(200 * MEGABYTE) for _ in range(100)]


def crash(announce):
    """A task that kills its own process, as a fault in a decoder would."""
    os.kill(os.getpid(), signal.SIGSEGV)


def fine(announce):
    """A task that works."""
    return "fine"


@pytest.mark.parametrize(
    ("name", "reason"), [("hang", "time"), ("swell", "memory"), ("crash", "crash")]
)
def test_a_worker_may_die_and_the_next_file_is_read(name, reason):
    pool: Pool[str] = Pool(f"{__name__}:{name}", 1, 1024 * MEGABYTE, Budget(3.0, 0.1))
    for _ in range(2):
        with pytest.raises(Died) as death:
            pool.run()
        assert death.value.reason == reason
    pool.close()
    good: Pool[str] = Pool(f"{__name__}:fine", 1, 1024 * MEGABYTE, Budget(30.0, 0.1))
    assert [good.run(), good.run()] == ["fine", "fine"]
    good.close()


kept: list[object] = []
"""what the tasks below leave behind in their process, as the engine leaves a cache for each shape of picture"""


def leaves_address_space(announce):
    """A task that keeps 1 GB of address space and answers with its process."""
    kept.append(mmap.mmap(-1, 1000 * MEGABYTE))
    return os.getpid()


def bears_no_second(announce):
    """A task that works in a fresh process and dies in one that has worked."""
    kept.append(None)
    return os.getpid() if len(kept) == 1 else swell(announce)


@pytest.mark.parametrize("task", [leaves_address_space, bears_no_second])
def test_a_file_does_not_suffer_for_what_earlier_files_left_behind(task):
    """Found by fuzzing (``make fuzz TARGET=read``, seed 01d6db8f-8373): the worker had read 100 scans, the file was a line of text."""
    pool: Pool[int] = Pool(f"{__name__}:{task.__name__}", 1, 2048 * MEGABYTE, Budget(30.0, 0.1))
    assert len({pool.run() for _ in range(3)}) == 3
    pool.close()


@pytest.mark.slow
@pytest.mark.ocr
def test_every_broken_file_of_the_corpus_is_read_or_refused():
    files = [
        p
        for corpus in BROKEN
        for p in sorted(need(corpus).rglob("*"))
        if p.is_file() and p.name != "manifest.jsonl"
    ]
    died = ("read.too_demanding_time", "read.too_demanding_memory", "read.too_demanding_crash")
    for reading in read_files(files, processes=2):
        assert reading.invoices or reading.problems, reading.file
        assert not [p.code for p in reading.problems if p.code in died], reading.file
        assert not any(i.confident for i in reading.invoices), reading.file


def test_an_invoice_beside_a_page_that_cannot_be_loaded_is_read():
    """Found by fuzzing (``make fuzz TARGET=pdf``, seed n1-9): the XML is whole, the second page is none."""
    deal = (
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
        b' xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        b"<b:ID>FT 2025/1</b:ID></Invoice>"
    )
    document, out = pikepdf.new(), io.BytesIO()
    for _ in range(2):
        document.add_blank_page(page_size=(595, 842))
    document.attachments["invoice.xml"] = pikepdf.AttachedFileSpec(document, deal)
    document.save(out, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    data = out.getvalue()
    last = (
        data.rindex(b"/Type /Page\n") if b"/Type /Page\n" in data else data.rindex(b"/Type /Page ")
    )
    reading = read_bytes(data[:last] + b"/Type /Pxxx" + data[last + 11 :], "x")
    assert ([i.number for i in reading.invoices], reading.page_count) == (["FT 2025/1"], 2)


def test_thousands_of_numbers_on_one_line_do_not_cost_their_square():
    """A line ends where no printed line goes on, so that what looks at it word by word stays in proportion."""
    words = 4 * limits.WORDS_PER_LINE
    page = typed("NIF: " + " ".join(["PT501964843"] * (words - 1)))
    lines = sheet_of(page).lines
    assert [len(line.words) for line in lines] == [limits.WORDS_PER_LINE] * 4
    assert [w for line in lines for w in line.words] == list(page.words)


INVOICE = "Casa do Mar, Lda\nNIF: 507957547\nFatura FT A/14\nData: 14-03-2026\nTotal: 12,30 EUR"


def drawn(text: str, background: str, picture: bytes = b"") -> bytes:
    """A page with these lines of text over a background of PDF operators, which may show the JPEG ``picture`` as /I."""
    document, out = pikepdf.new(), io.BytesIO()
    page = document.add_blank_page(page_size=(595, 842))
    image = document.make_stream(
        picture, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=64, Height=64,
        BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(
        Font=pikepdf.Dictionary(
            F=pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
        ),
        ExtGState=pikepdf.Dictionary(G=pikepdf.Dictionary(ca=0.01)),
        XObject=pikepdf.Dictionary(I=image),
    )
    lines = "".join(
        f"1 0 0 1 50 {780 - 20 * n} Tm ({line}) Tj\n" for n, line in enumerate(text.splitlines())
    )
    content = f"q {background} Q\nBT /F 10 Tf\n{lines}ET"
    page.Contents = document.make_stream(content.encode("latin-1"))
    document.save(out)
    return out.getvalue()


def read_from_its_text(data: bytes) -> bool:
    """Whether the invoice is read as it stands there."""
    [invoice] = read_bytes(data, "x").invoices
    return (invoice.number, invoice.gross_total) == ("FT A/14", Decimal("12.30"))


def test_a_page_that_takes_too_long_to_draw_is_read_from_its_text(monkeypatch):
    """Found by fuzzing (``make fuzz TARGET=pdf``, seed 4f03d799-116992): the text was there at once, the picture after 139 s."""
    monkeypatch.setattr("razao.capture.reading.pdf.SECONDS_PER_DRAWING", 0.5)
    # translucent shapes of the page's whole size, which take half a minute
    laborious = "/G gs\n" + "0 0 m 595 0 l 300 842 l 0 0 l f\n" * 10_000
    assert read_from_its_text(drawn(INVOICE, laborious))
    assert codes(drawn("", laborious)) == ["read.too_demanding_time"]


def jpeg(scans: int) -> bytes:
    """A progressive JPEG that is gone over that many times."""
    out = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(out, "JPEG", progressive=True)
    data = out.getvalue()
    starts = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    at = starts[1]  # the first of them that refines nothing and may be said again
    end = data.index(b"\xff\xc4", at)
    return data[:end] + data[at:end] * (scans - len(starts)) + data[end:]


def test_a_jpeg_that_is_gone_over_thousands_of_times_is_not_decoded():
    """Found by fuzzing (seed a3f0c743-4806): 1.7 MB of empty scans of one small picture took 40 s of a core.

    A scan is refused; a page with its own text is read from it, wherever on the page the picture stands.
    """
    show = "200 0 0 200 300 500 cm /I Do"
    assert codes(jpeg(2000)) == ["read.too_demanding_time"]
    assert codes(drawn("", show, jpeg(2000))) == ["read.too_demanding_time"]
    assert read_from_its_text(drawn(INVOICE, show, jpeg(2000)))
    assert codes(jpeg(limits.JPEG_SCANS)) == codes(jpeg(10)) != ["read.too_demanding_time"]


def test_a_page_without_end_is_a_damaged_one():
    """Found by fuzzing (seed a3f0c743-15091): a width of a hundred digits is more than a number holds."""
    assert codes(pdf().replace(b"595", b"9" * 100 + b".0")) == ["read.damaged"]
