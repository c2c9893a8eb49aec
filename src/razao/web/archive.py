"""The archive: in: a company and what is looked for, out: files found, a file itself, the state of the four folders."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from razao.archive import custody, search, store
from razao.archive.filing import path_to
from razao.archive.media import JPEG, PDF, PNG
from razao.archive.models import CustodyProof, Filing, Folder, StoredFile
from razao.capture import copies
from razao.capture.models import CapturedInvoice, Scan, ScanPage
from razao.capture.typed import typed_amount, typed_date
from razao.companies.models import Company
from razao.companies.rights import May
from razao.kernel.problems import NotFound, Refused
from razao.web.desk import company_desk
from razao.web.listing import Chip, Column, listing, rows_only

#: Kinds that a browser shows by itself and that carry nothing that runs.
SHOWN = frozenset({PDF, JPEG, PNG})


@login_required
def index(request: HttpRequest, company: UUID) -> HttpResponse:
    """Files by words of their text, fields of their invoice, folder and days."""
    access = company_desk(request, company, May.SEE_BOOKS)
    sizes = _folders(access.company)
    chips = [Chip("folder", f.value, f.value, sizes[f.value][0]) for f in Folder]
    columns = (
        Column("name", gettext("File")),
        Column("what", gettext("Document")),
        Column("folder", gettext("Folder")),
        Column("day", gettext("Received"), "day"),
        Column("size", gettext("Size"), "num"),
    )
    shown = listing(request, columns, default="day", chips=chips)
    words = shown.value("q")
    found = search.files(
        access.company.pk,
        search.Wanted(
            words,
            shown.value("folder"),
            _day(shown.value("from")),
            _day(shown.value("to")),
            _by_field(access.company, words) if words else (),
        ),
    )
    shown.load(found, found.count())
    _with_invoices(shown.rows, access.company)
    context = {"access": access, "listing": shown, "words": words, "folders": sizes}
    page = "archive_rows" if rows_only(request) else "archive"
    return render(request, f"archive/{page}.html", context)


def _day(text: str) -> Any:
    try:
        return typed_date("day", text) if text else None
    except Refused:
        return None


def _folders(company: Company) -> dict[str, tuple[int, int]]:
    """Number and bytes of the files in each folder."""
    rows = (
        Filing.objects.filter(company=company)
        .values("folder")
        .annotate(n=Count("file", distinct=True), size=Sum("file__size"))
    )
    found = {r["folder"]: (r["n"], r["size"]) for r in rows}
    return {f.value: found.get(f.value, (0, 0)) for f in Folder}


def _by_field(company: Company, words: str) -> tuple[UUID, ...]:
    """Files whose invoice has the words in a field: party, number, tax number, ATCUD, account, total, day."""
    fits = Q(party_name__icontains=words) | Q(number__icontains=words) | Q(atcud__iexact=words)
    fits |= Q(party_tax_id=words.replace(" ", "")) | Q(account=words)
    amount, day = _amount(words), _day(words)
    if amount is not None:
        fits |= Q(gross_total=amount)
    if day is not None:
        fits |= Q(issue_date=day)
    rows = CapturedInvoice.objects.filter(fits, company=company)
    return tuple(rows.values_list("scan__file_id", flat=True)[:2000])


def _amount(words: str) -> Decimal | None:
    try:
        return typed_amount("total", words)
    except Refused:
        return None


def _with_invoices(files: list[Any], company: Company) -> None:
    """Put the invoices of each file, and its marked words, beside it."""
    rows = CapturedInvoice.objects.filter(company=company, scan__file__in=files).select_related(
        "scan__run"
    )
    of_file: dict[UUID, list[CapturedInvoice]] = {}
    for row in rows.defer("reading", "corrections", "overrides", "plan"):
        of_file.setdefault(row.scan.file_id, []).append(row)
    pictured = ScanPage.objects.filter(company=company, scan__file__in=files, scanned=True)
    scan_of = dict(pictured.order_by().values_list("scan__file_id", "scan_id").distinct())
    for file in files:
        file.pictured = scan_of.get(file.pk)
        file.documents = of_file.get(file.pk, [])
        file.marked = marked(getattr(file, "found", None) or "")


def marked(text: str) -> SafeString:
    """A text with the words that were found marked; everything else is escaped."""
    clean = re.sub(r"\s+", " ", escape(text))
    html = clean.replace(search.START, "<mark>").replace(search.STOP, "</mark>")
    return mark_safe(html)  # noqa: S308  (escaped above; the marks are ours)


@login_required
def file(request: HttpRequest, company: UUID, file: UUID) -> HttpResponseBase:
    """A file as it was received: unchanged, with its name."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = StoredFile.objects.filter(company=access.company, pk=file).first()
    return _sent(found)


@login_required
def file_by_hash(request: HttpRequest, company: UUID, sha256: str) -> HttpResponseBase:
    """The file with this hash: how an entry names its document."""
    access = company_desk(request, company, May.SEE_BOOKS)
    return _sent(StoredFile.objects.filter(company=access.company, sha256=sha256).first())


@login_required
def copy(request: HttpRequest, company: UUID, scan: UUID) -> HttpResponseBase:
    """The searchable PDF/A copy of a scan, made when nobody has asked for it before."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = Scan.objects.select_related("file", "copy").filter(company=access.company, pk=scan)
    wanted = found.select_for_update(of=("self",)).first()
    if wanted is None:
        raise NotFound(f"scan {scan}")
    return _sent(copies.copy_of(wanted))


def _sent(found: StoredFile | None) -> HttpResponseBase:
    if found is None:
        raise NotFound("file")
    shown = found.media_type in SHOWN
    kind = found.media_type if shown else "application/octet-stream"
    response = FileResponse(path_to(found).open("rb"), content_type=kind)
    name = quote(found.name or found.sha256)
    response["Content-Disposition"] = (
        f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
    )
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    if found.media_type == PDF:  # a sandboxed frame cannot show one
        response["Content-Security-Policy"] = (
            "default-src 'none'; object-src 'self'; plugin-types application/pdf"
        )
    return response


@login_required
def routes(request: HttpRequest, company: UUID) -> HttpResponse:
    """The four folders with their routes, what is wrong with them, and the nights' proofs of custody."""
    access = company_desk(request, company, May.SEE_BOOKS)
    sizes = _folders(access.company)
    days = custody.tallies(access.company.pk)
    context = {
        "access": access,
        "folders": [(f.value, store.route(f), *sizes[f.value]) for f in Folder],
        "problems": store.check_routes(),
        "proofs": CustodyProof.objects.filter(company=access.company).order_by("-at")[:30],
        "days": sorted(days.items(), reverse=True)[:60],
        "total": sum(days.values(), custody.Tally()),
    }
    return render(request, "archive/routes.html", context)
