"""The mapping of a table's columns on screen: in: headings with their first values, out: the mapping, and the documents it makes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.billing.models import BillingSource
from razao.billing.source_keeping import keep, previewed, sample_of
from razao.billing.sources import odbc
from razao.billing.sourcing import asked_of, check_place, configured
from razao.companies.rights import Access, May
from razao.countries.pack import load
from razao.kernel.problems import NotFound, Problem, Refused
from razao.web.billing_sources import MAPPED, amounts, found
from razao.web.desk import company_desk

#: What a column can be, in the order of a document.
FIELDS = {
    "number": _("Number"),
    "issue_date": _("Date"),
    "billing_type": _("Type in the program"),
    "document_type": _("SAF-T type"),
    "series": _("Series"),
    "buyer_id": _("Customer's number"),
    "buyer_tax_id": _("Customer's tax number"),
    "buyer_name": _("Customer's name"),
    "buyer_country": _("Customer's country"),
    "gross": _("Total with VAT"),
    "withholding": _("Tax withheld"),
    "currency": _("Currency"),
    "exchange_rate": _("Exchange rate"),
    "internal_date": _("Internal date"),
    "due_date": _("Due date"),
    "status": _("State"),
    "treasury_place": _("Treasury place"),
    "cost_center": _("Cost centre"),
    "reference": _("Reference"),
    "atcud": _("ATCUD"),
    "article": _("Article"),
    "description": _("Description"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "unit_price": _("Unit price"),
    "net": _("Net of the line"),
    "line_gross": _("Line with VAT"),
    "discount": _("Discount"),
    "vat_rate": _("VAT rate"),
    "vat_amount": _("VAT of the line"),
    "region": _("Tax region"),
    "exemption": _("Exemption"),
    "unit_cost": _("Unit cost"),
    "internal_reference": _("Internal reference"),
}
CONSTANTS = ("currency", "document_type", "region", "buyer_country")
MARKS = (("", _("find out")), (",", _("comma: 1.234,56")), (".", _("point: 1,234.56")))
SAFT_TYPES = ("FT", "FS", "FR", "ND", "NC", "VD")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table: its first values, and what it was said to be."""

    at: int
    name: str
    values: list[str]
    chosen: str


@login_required
def mapping(request: HttpRequest, company: UUID, source: UUID) -> HttpResponse:
    """Columns with their first values, what each of them is, and what documents that makes."""
    access = company_desk(request, company, May.CONFIGURE)
    kept = found(access, source)
    if kept.kind not in MAPPED:
        raise NotFound(f"mapping of {source}")
    context: dict[str, Any] = {"access": access, "source": kept}
    headings: list[str] = []
    rows: list[list[str]] = []
    told = kept.settings.get("mapping") or {}
    try:
        headings, rows = _sample(request, access, kept)
        if request.method == "POST" and "columns" in request.POST:
            told = _typed(request, headings)
            context["tried"] = amounts(previewed(access.company, headings, rows, told))
            if request.POST.get("do") == "save":
                kept.settings = {**kept.settings, "mapping": told}
                keep(access, kept)
                messages.success(request, gettext("Saved."))
                return redirect("billing:source", company=company, source=source)
        elif rows and told:
            context["tried"] = amounts(previewed(access.company, headings, rows, told))
    except Refused as refusal:
        context["refused"] = refusal.problems
    context |= _shown(access, headings, rows, told)
    return render(
        request, "billing/mapping.html", context, status=422 if context.get("refused") else 200
    )


def _sample(
    request: HttpRequest, access: Access, source: BillingSource
) -> tuple[list[str], list[list[str]]]:
    """Headings and first rows: of the file just given, of the source itself, or as they were shown last."""
    key = f"billing-sample-{source.pk}"
    upload = request.FILES.get("file")
    if isinstance(upload, UploadedFile):
        request.session[key] = sample_of(upload.read())
    elif key not in request.session or "again" in request.POST:
        path = Path(str(source.settings.get("path", "")))
        if source.kind == "odbc":
            request.session[key] = odbc.sample(asked_of(access.company, configured(source)))
        elif source.settings.get("path"):
            if not source.inside_allowed:
                check_place(str(path))
            if not path.is_file():
                raise Refused(Problem("source.file_missing", where=path.name))
            request.session[key] = sample_of(path.read_bytes())
    headings, rows = request.session.get(key, ([], []))
    return list(headings), [list(row) for row in rows]


def _typed(request: HttpRequest, headings: list[str]) -> dict[str, Any]:
    """The mapping as typed, in the form of ``sources.table.mapping_of``."""
    columns: dict[str, str] = {}
    rates: dict[str, dict[str, Any]] = {}
    for at, heading in enumerate(headings):
        chosen = request.POST.get(f"column-{at}", "")
        kind, _, rate = chosen.partition(":")
        if rate:
            rates.setdefault(rate, {"rate": int(rate)})[kind] = heading
        elif chosen in FIELDS:
            columns[chosen] = heading
    types = zip(request.POST.getlist("type"), request.POST.getlist("type-is"), strict=False)
    constants = {n: request.POST.get(f"constant-{n}", "").strip() for n in CONSTANTS}
    told: dict[str, Any] = {
        "columns": columns,
        "constants": {n: v for n, v in constants.items() if v and n not in columns},
        "types": {own.strip(): saft for own, saft in types if own.strip() and saft},
        "vat": [pair for pair in rates.values() if "base" in pair],
        "day_first": "day_first" in request.POST,
    }
    mark = request.POST.get("decimal", "")
    return {**told, "decimal": mark} if mark in {",", "."} else told


def _shown(
    access: Access, headings: list[str], rows: list[list[str]], told: dict[str, Any]
) -> dict[str, Any]:
    by_heading = {heading: name for name, heading in (told.get("columns") or {}).items()}
    for pair in told.get("vat") or ():
        by_heading |= {pair[k]: f"{k}:{pair['rate']}" for k in ("base", "amount") if pair.get(k)}
    columns = [
        Heading(at, name, [row[at] for row in rows[:4]], by_heading.get(name, ""))
        for at, name in enumerate(headings)
    ]
    own = next((c.at for c in columns if c.chosen == "billing_type"), None)
    seen = sorted({row[own] for row in rows if row[own]}) if own is not None else []
    types = told.get("types") or {}
    constants = told.get("constants") or {"currency": access.company.currency}
    return {
        "columns": columns,
        "fields": list(FIELDS.items()),
        "rates": _rates(access),
        "types": [(t, types.get(t, "")) for t in sorted({*seen, *types})] + [("", "")],
        "saft_types": SAFT_TYPES,
        "constants": [(n, FIELDS[n], constants.get(n, "")) for n in CONSTANTS],
        "marks": MARKS,
        "decimal": told.get("decimal") or "",
        "day_first": told.get("day_first", True),
    }


def _rates(access: Access) -> list[tuple[str, Decimal]]:
    """The rates of the company's region, as columns of base and tax may have them."""
    pack, today = load(access.company.country), timezone.localdate()
    region = access.company.region or pack.regions[0]
    found = {Decimal(0)}
    for kind in ("reduced", "intermediate", "normal"):
        rate = pack.rate_on(region, kind, today)
        if rate is not None and rate.rate is not None:
            found.add(rate.rate)
    return [(str(int(rate * 100)), rate) for rate in sorted(found)]
