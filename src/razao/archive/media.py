"""What a file is, by its first bytes: bytes in, media type out. A name or an extension is never asked."""

from __future__ import annotations

import re

#: Bytes that are enough to tell the kind (PDF allows rubbish before its header, up to 1024 bytes).
HEAD = 4096

PDF, JPEG, PNG, TIFF = "application/pdf", "image/jpeg", "image/png", "image/tiff"
XML, EMAIL, UNKNOWN = "application/xml", "message/rfc822", "application/octet-stream"

#: Formats that are sent to digitisation (S2); XML is an e-invoice.
DIGITISED = frozenset({PDF, JPEG, PNG, TIFF, XML})

_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"PK\x03\x04", "application/zip"),
)
_MAIL_HEADERS = (b"received:", b"from:", b"return-path:", b"delivered-to:", b"message-id:")


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """``text`` as a table can hold it: NUL, and halves of characters (bytes of a name that were no text), become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def media_type_of(head: bytes) -> str:
    """The media type of a file that begins with ``head``; application/octet-stream when none is recognised."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if b"%PDF-" in head[:1024]:
        return PDF
    return _text_kind(head)


def _text_kind(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml") or (start.startswith(b"<") and b"xmlns" in start[:1024]):
        return XML
    lines = [line.lower() for line in start.splitlines()[:20]]
    found = sum(line.startswith(_MAIL_HEADERS) for line in lines)
    if found and any(line.startswith((b"subject:", b"mime-version:", b"date:")) for line in lines):
        return EMAIL
    return UNKNOWN
