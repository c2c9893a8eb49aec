"""Files of captured invoices: in: an invoice and a page, out: its picture, its pile, two invoices side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from razao.archive.filing import path_to
from razao.capture import flow, queries, sheets
from razao.capture.models import CapturedInvoice, Scan, ScanPage
from razao.capture.proposing import invoice_as_it_stands
from razao.companies.rights import Access, May
from razao.kernel.problems import NotFound
from razao.web import figures
from razao.web.desk import company_desk

#: What is compared of two invoices.
COMPARED = (
    *("document_type", "number", "atcud", "issue_date", "seller_tax_id", "seller_name"),
    *("buyer_tax_id", "net_total", "vat_total", "gross_total"),
)


@login_required
def picture(request: HttpRequest, company: UUID, invoice: UUID, page: int) -> HttpResponse:
    """A page of the invoice's file as WebP, upright. Only pages of the invoice's own file are there."""
    access = company_desk(request, company, May.SEE_BOOKS)
    row = queries.invoice_of(access.company, invoice)
    return _picture(request, row.scan, page)


@login_required
def scan_picture(request: HttpRequest, company: UUID, scan: UUID, page: int) -> HttpResponse:
    """A page of a pile."""
    access = company_desk(request, company, May.SEE_BOOKS)
    return _picture(request, _scan(access, scan), page)


def _picture(request: HttpRequest, scan: Scan, page: int) -> HttpResponse:
    shown = ScanPage.objects.filter(company=scan.company_id, scan=scan, number=page).first()
    if shown is None:
        raise NotFound(f"page {page}")
    text = request.GET.get("w", "")
    width = int(text) if text.isdecimal() and len(text) < 6 else 1400
    content = sheets.picture(path_to(scan.file), scan.file.sha256, page, width, shown.rotation)
    response = HttpResponse(content, content_type="image/webp")
    # The content of an address never changes; it stays with the person who may see it.
    response["Cache-Control"] = "private, max-age=604800, immutable"
    return response


def _scan(access: Access, scan: UUID) -> Scan:
    found = Scan.objects.select_related("file").filter(company=access.company, pk=scan).first()
    if found is None:
        raise NotFound(f"scan {scan}")
    return found


@login_required
def pile(request: HttpRequest, company: UUID, scan: UUID) -> HttpResponse:
    """The pages of a file in a strip, with a bar at each place where invoices could be cut or joined (M6)."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = _scan(access, scan)
    joined = CapturedInvoice.State.JOINED
    rows = list(found.invoices.exclude(state=joined).order_by("position", "pk"))
    of_page = {page: (n, row) for n, row in enumerate(rows) for page in row.pages}
    evidence = {cut["before"]: cut for cut in found.cuts}
    pages = []
    for number in range(1, found.page_count + 1):
        mine, before = of_page.get(number), of_page.get(number - 1)
        cut = number > 1 and mine is not None and before is not None and mine[1] != before[1]
        said = evidence.get(number)
        pages.append(
            {
                "number": number,
                "row": mine[1] if mine else None,
                "colour": mine[0] % 2 if mine else 2,
                "first": number == 1,
                "cut": cut,
                "doubt": bool(said and not said["certain"]),
                "reasons": ", ".join(said["reasons"]) if said else "",
            }
        )
    context: dict[str, Any] = {"access": access, "scan": found, "pages": pages, "rows": rows}
    context["may_review"] = access.may(May.REVIEW)
    context["reading"] = any(r.state == CapturedInvoice.State.RECEIVED for r in rows)
    template = "pile_strip" if "HX-Request" in request.headers else "pile"
    return render(request, f"capture/{template}.html", context)


@login_required
@require_POST
def cut_pile(request: HttpRequest, company: UUID, scan: UUID, page: int) -> HttpResponse:
    """Cut before a page, or join there when it is cut already."""
    access = company_desk(request, company, May.REVIEW)
    rows = _scan(access, scan).invoices.all()
    begins = any(row.pages and min(row.pages) == page for row in rows)
    (flow.join if begins else flow.cut)(access, scan, page)
    return redirect("capture:pile", company=company, scan=scan)


@login_required
def compare(request: HttpRequest, company: UUID, invoice: UUID, other: UUID) -> HttpResponse:
    """Two invoices side by side: what is the same and what differs."""
    access = company_desk(request, company, May.SEE_BOOKS)
    pair = [queries.invoice_of(access.company, one) for one in (invoice, other)]
    values = [invoice_as_it_stands(row) for row in pair]
    facts = [(name, *(_said(getattr(value, name)) for value in values)) for name in COMPARED]
    context = {
        "access": access,
        "pair": [(row, (list(row.pages) or [0])[0]) for row in pair],
        "facts": [(_label(n), a, b, a != b) for n, a, b in facts],
        "row": pair[0],
        "other": pair[1],
        "may_review": access.may(May.REVIEW),
    }
    return render(request, "capture/compare.html", context)


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if hasattr(value, "quantize"):
        return figures.money(value)
    return figures.day(value) if hasattr(value, "isoformat") else str(value)


def _label(name: str) -> str:
    words = {
        "document_type": gettext("Type"),
        "number": gettext("Number"),
        "atcud": "ATCUD",
        "issue_date": gettext("Date"),
        "seller_tax_id": gettext("Seller's tax number"),
        "seller_name": gettext("Seller"),
        "buyer_tax_id": gettext("Buyer's tax number"),
        "net_total": gettext("Net"),
        "vat_total": gettext("VAT"),
        "gross_total": gettext("Total with VAT"),
    }
    return words[name]
