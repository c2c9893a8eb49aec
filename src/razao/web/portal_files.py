"""Files of the portal, under a path of their own: in: a document, out: its bytes with headers that let a browser do nothing with them.

``GET`` records ``fetched``, at most; ``HEAD`` and requests ahead of a click record nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from razao.archive.filing import path_to
from razao.archive.media import JPEG, PDF, PNG
from razao.delivery import reading
from razao.delivery.models import PortalDocument
from razao.delivery.words import UnreadablePdf, page_count, page_picture
from razao.kernel.problems import NotFound
from razao.web.portal_desk import address_of, document_for, is_speculative, portal_page

SHOWN_AS_PICTURES = frozenset({PDF, PNG, JPEG})
PAGES_SHOWN = 200
#: A file is never a page of this site: no scripts, no frames, no kinship with the site's origin.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
CHUNK = 1 << 16
Response = TypeVar("Response", bound=HttpResponseBase)
EXTENSIONS = {
    PDF: "pdf",
    PNG: "png",
    JPEG: "jpg",
    "image/tiff": "tif",
    "application/xml": "xml",
    "application/zip": "zip",
}


@portal_page
@require_safe
def file(request: HttpRequest, delivery: UUID) -> HttpResponseBase:
    """The document's file, as an attachment always."""
    reader, document = document_for(request, delivery)
    if request.method == "HEAD" or is_speculative(request):
        return guarded(HttpResponse(status=204))
    reading.fetch_document(reader, document, address_of(request))
    return attachment(document)


@portal_page
@require_safe
def picture(request: HttpRequest, delivery: UUID, number: int) -> HttpResponse:
    """A page of the document as a picture, for those who have opened it."""
    reader, document = document_for(request, delivery)
    if request.method == "HEAD" or is_speculative(request):
        return guarded(HttpResponse(status=204))
    if document.withdrawn_at is not None:
        raise NotFound(f"document {document.pk}")
    if reader.is_client and not reading.was_opened_by(document, reader.access.user_id):
        raise NotFound(f"document {document.pk} is not opened")
    content, kind = _picture(document, number)
    if number == 1:
        reading.fetch_document(reader, document, address_of(request))
    return guarded(HttpResponse(content, content_type=kind))


def _picture(document: PortalDocument, number: int) -> tuple[bytes, str]:
    path = path_to(document.file)
    if document.file.media_type in {PNG, JPEG} and number == 1:
        return path.read_bytes(), document.file.media_type
    if document.file.media_type != PDF or number > PAGES_SHOWN:
        raise NotFound(f"page {number}")
    try:
        return page_picture(path, number), PNG
    except (UnreadablePdf, IndexError) as error:
        raise NotFound(f"page {number}") from error


def pages_of(document: PortalDocument) -> range:
    """Numbers of the pages that can be shown."""
    if document.file.media_type in {PNG, JPEG}:
        return range(1, 2)
    if document.file.media_type != PDF:
        return range(0)
    return range(1, min(page_count(path_to(document.file)), PAGES_SHOWN) + 1)


def guarded(response: Response) -> Response:
    """The headers of everything that a person did not make here."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


def attachment(document: PortalDocument) -> FileResponse:
    """The file to be saved, under its title."""
    response = FileResponse(
        path_to(document.file).open("rb"), content_type=document.file.media_type
    )
    response["Content-Disposition"] = content_disposition_header(True, file_name(document))
    response["Content-Length"] = str(document.file.size)
    return guarded(response)


def file_name(document: PortalDocument) -> str:
    """The document's title and period as a file's name that every system takes."""
    title = document.title
    if document.period and document.period not in title:
        title = f"{title} {document.period}"
    kept = re.sub(r"[^\w\s.,()–-]", "-", title).strip(" .")[:120] or "documento"
    own = Path(document.file.name).suffix.lstrip(".").lower()
    ending = EXTENSIONS.get(document.file.media_type) or (own if own.isalnum() else "") or "bin"
    if document.delivery.report:
        ending = document.delivery.form
    return f"{kept}.{ending}"


class _Pipe(io.RawIOBase):
    """What a zip is written to: bytes stay until they are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # zipfile hands over bytes
        self.waiting += piece
        return len(piece)

    def take(self) -> bytes:
        piece = bytes(self.waiting)
        self.waiting.clear()
        return piece


def zip_of(documents: list[PortalDocument]) -> StreamingHttpResponse:
    """The files as one zip that is made while it goes out; a folder for each company where there are several."""
    several = len({document.company_id for document in documents}) > 1
    parts: list[tuple[Path, str]] = []
    taken: set[str] = set()
    for document in documents:
        name = file_name(document)
        if several:
            folder = re.sub(r"[^\w .,-]", "-", document.company.name)
            name = f"{folder}/{name}"
        stem, dot, ending = name.rpartition(".")
        number = 2
        while name in taken:
            name, number = f"{stem} ({number}){dot}{ending}", number + 1
        taken.add(name)
        parts.append((path_to(document.file), name))
    response = StreamingHttpResponse(_zipped(parts), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, "documentos.zip")
    return guarded(response)


def _zipped(parts: list[tuple[Path, str]]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as out:
        for path, name in parts:
            with path.open("rb") as source, out.open(name, "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield pipe.take()
    yield pipe.take()
