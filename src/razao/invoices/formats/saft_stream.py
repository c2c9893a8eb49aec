"""SAF-T files as a stream: bytes or a path in, one record element after the other out, in little memory.

Files of real programs lie about their encoding, carry control characters and bare ampersands, or end too
early. What can be mended is read and reported; nothing is expanded, and nothing is fetched.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from razao.invoices.formats.xml import has_dtd
from razao.kernel.problems import Problem, Refused, Severity

#: Elements that are handed out when they end; all else is inside them.
RECORDS = (
    *("Header", "TaxonomyReference", "Account", "Customer", "Supplier", "Product", "TaxTableEntry"),
    *("Journal", "Transaction", "Invoice", "WorkDocument", "Payment", "StockMovement"),
    *("NumberOfEntries", "TotalDebit", "TotalCredit"),
)
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, read as Windows-1252 one by one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace").replace("\ufffd", ""), error.end


codecs.register_error("razao.windows", _as_windows)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its local name, its parent's, and the element (to be read before the next is asked for)."""

    name: str
    parent: str
    element: etree._Element
    skip: int
    """length of the namespace in front of every tag"""


@dataclass(slots=True)
class Stream:
    """A SAF-T file to be read once from its start."""

    source: bytes | Path
    problems: list[Problem] = field(default_factory=list)

    def records(self, restart: Callable[[], None]) -> Iterator[Record]:
        """The records in the order of the file.

        When the file turns out to be damaged on the way, ``restart`` is called and reading begins again
        from the start with the damage mended. Raises Refused with ``saft.not_xml`` when nothing can be read.
        """
        with self._open() as file:
            if has_dtd(file.read(65536)):
                raise Refused(Problem("saft.dtd"))
        encoding = self._encoding()
        try:
            with self._open() as file:
                yield from _records(file, encoding, mend=False)
        except etree.XMLSyntaxError as error:
            restart()
            yield from self._mended(encoding, error)

    def _mended(self, encoding: str | None, error: etree.XMLSyntaxError) -> Iterator[Record]:
        values = {"line": error.lineno or 0, "reason": str(error.msg)}
        self.problems.append(Problem("saft.damaged", Severity.WARNING, values=values))
        found = False
        try:
            with self._open() as file:
                text = _Mended(file, encoding or self._declared() or "utf-8")
                for record in _records(text, "utf-8", mend=True):
                    found = True
                    yield record
        except etree.XMLSyntaxError:
            pass  # the end is lost; the control totals tell what is missing
        if not found:
            raise Refused(Problem("saft.not_xml", values=values)) from error

    def _open(self) -> BinaryIO:
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        return self.source.open("rb")

    def _declared(self) -> str | None:
        with self._open() as file:
            found = _ENCODING.match(file.read(400).removeprefix(_BOM))
        return found[1].replace(b"\0", b"?").decode("ascii", "replace") if found else None

    def _encoding(self) -> str | None:
        """The encoding to read with; None when the file may be believed. A wrong one is reported."""
        declared = self._declared()
        with self._open() as file:
            head = file.read(4)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return None
        is_utf8, plain = self._is_utf8()
        if plain:
            return "utf-8" if declared and not _known(declared) else None
        says_utf8 = declared is None or _is_utf8_name(declared)
        if is_utf8 == says_utf8 and (declared is None or _known(declared)):
            return None
        actual = "UTF-8" if is_utf8 else "Windows-1252"
        values = {"declared": declared or "UTF-8", "actual": actual}
        self.problems.append(Problem("saft.encoding", Severity.WARNING, values=values))
        return "utf-8" if is_utf8 else "windows-1252"

    def _is_utf8(self) -> tuple[bool, bool]:
        """Whether the bytes are valid UTF-8, and whether they are plain ASCII."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        plain = True
        with self._open() as file:
            try:
                while chunk := file.read(_CHUNK):
                    plain = plain and chunk.isascii()
                    if not plain:
                        decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return False, False
        return True, plain


def _known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):  # a name beyond ASCII
        return False
    return True


def _is_utf8_name(name: str) -> bool:
    return _known(name) and codecs.lookup(name).name in ("utf-8", "ascii")


class _Mended:
    """A file of text that is nearly XML, as UTF-8 without control characters and bare ampersands."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        mixed = encoding.lower() in ("utf-8", "windows-1252", "cp1252")
        name = "utf-8" if mixed or not _known(encoding) else encoding
        errors = "razao.windows" if name == "utf-8" else "replace"
        self._decoder = codecs.getincrementaldecoder(name)(errors)
        self._held = ""
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        while not self._ended:
            chunk = self._file.read(_CHUNK if size < 0 else max(size, 64))
            self._ended = not chunk
            text = self._held + self._decoder.decode(chunk, final=self._ended)
            # an entity may be cut in two by the end of the chunk
            cut = len(text) if self._ended else text.rfind("&", max(0, len(text) - 10))
            cut = len(text) if cut < 0 else cut
            text, self._held = text[:cut], text[cut:]
            mended = _BARE_AMPERSAND.sub("&amp;", _CONTROL.sub("", text))
            if mended:
                return mended.encode("utf-8")
        return b""


def _records(file: BinaryIO | _Mended, encoding: str | None, *, mend: bool) -> Iterator[Record]:
    events = etree.iterparse(
        file,
        events=("end",),
        tag=[f"{{*}}{name}" for name in RECORDS],
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=True,  # files are larger than the limits; a DTD, which makes bombs, is refused
        recover=mend,
        encoding=encoding,
    )
    for _, element in events:
        parent = element.getparent()
        if parent is None:
            continue
        tag = element.tag
        skip = tag.rfind("}") + 1
        name, above = tag[skip:], parent.tag[skip:]
        if name == "Payment" and above != "Payments":
            continue  # how an invoice was paid; read with the invoice
        yield Record(name, above, element, skip)
        element.clear()
        before = element.getprevious()
        if before is not None and before.tag == tag:
            parent.remove(before)
