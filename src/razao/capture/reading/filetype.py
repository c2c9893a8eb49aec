"""The first bytes of a file in, its kind out; the name of the file plays no part (S2)."""

from __future__ import annotations

from enum import StrEnum

HEAD_BYTES = 4096


class FileKind(StrEnum):
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    XML = "xml"
    EMPTY = "empty"
    UNKNOWN = "unknown"


#: Kinds that are known by name but not read, so that the refusal can say what the file is.
FOREIGN = (
    (b"PK\x03\x04", "ZIP"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"\xd0\xcf\x11\xe0", "OLE"),
    (b"Rar!", "RAR"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"%!PS", "PostScript"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)


def kind_of(head: bytes) -> FileKind:
    """The kind of a file whose first ``HEAD_BYTES`` bytes are ``head``."""
    if not head.strip(b"\x00 \t\r\n"):
        return FileKind.EMPTY
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}:
        return FileKind.TIFF
    if b"%PDF-" in head[:1024]:
        return FileKind.PDF
    return FileKind.XML if _is_xml(head) else FileKind.UNKNOWN


def _is_xml(head: bytes) -> bool:
    for encoding, mark in (("utf-8-sig", b""), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff")):
        if head.startswith(mark):
            text = head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
            if text.startswith("<") and not text[:15].lower().startswith(
                ("<!doctype html", "<html")
            ):
                return True
    return False


def foreign_name(head: bytes) -> str:
    """What a file that is not read seems to be, in a word for the person; '' when nothing is known."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:11] in {b"hei", b"mif", b"hev"} else "MP4"
    return next((name for mark, name in FOREIGN if head.startswith(mark)), "")
