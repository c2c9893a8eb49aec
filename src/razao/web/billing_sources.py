"""Sources of billing on screen: in: address, query, credentials and mapping as typed, out: a source that was tried before it is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.billing.models import BillingSource, Preparation
from razao.billing.source_keeping import Tried, Typed, keep, tried, typed_into
from razao.companies.rights import Access, May
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused
from razao.web.billing_editor import Cell
from razao.web.billing_fields import Field
from razao.web.desk import company_desk

KINDS = {
    "saft": (_("SAF-T (PT) file"), _("A billing file of any program, versions 1.01 to 1.04.")),
    "table": (_("Table, CSV or XLSX"), _("A list of documents whose columns you map here.")),
    "einvoice": (_("E-invoices"), _("A file or folder of UBL or CII invoices.")),
    "odbc": (_("Database by ODBC"), _("Tables of PHC CS, or a query of your own.")),
    "phc": (_("PHC web service"), _("Address, user, password and company.")),
}
PRESETS = (("phc", _("Tables of PHC CS")), ("", _("A query of one's own")))
_PATH = Field("path", _("File below the intake folder"), css="c-12")
_STATEMENT = _("With ? for the document's key. Blank: that of the preset.")
FIELDS: dict[str, tuple[Field, ...]] = {
    "saft": (_PATH,),
    "table": (
        Field(
            "path",
            _PATH.label,
            css="c-12",
            help=_("Blank when a file is chosen at each preparation."),
        ),
    ),
    "einvoice": (_PATH,),
    "odbc": (
        Field(
            "connection",
            _("Connection, without password"),
            css="c-12",
            help=_("For example: Driver={ODBC Driver 18 for SQL Server};Server=erp.example.pt;Database=PHC;UID=razao"),
        ),
        Field("preset", _("Documents come from"), "choice", PRESETS, css="c-12"),
        Field("query", _("Query"), "long", css="c-12", help=_("One row for each line of a document; map its columns afterwards.")),
        Field("key", _("Column of the document's key"), help=_("For marking documents as integrated.")),
        Field("mark", _("Statement that marks"), help=_STATEMENT),
        Field("unmark", _("Statement that unmarks"), help=_STATEMENT),
    ),
    "phc": (
        Field("url", _("Address"), css="c-12", help=_("For example: https://erp.example.pt/phc")),
        Field("user", _("User")),
        Field("company", _("Company at the service")),
        Field("application", _("Type of application")),
    ),
}  # fmt: skip
SECRET = {"odbc", "phc"}
MAPPED = {"table", "odbc"}


@login_required
def sources(request: HttpRequest, company: UUID) -> HttpResponse:
    """The company's sources, and the kinds of which a new one can be made."""
    access = company_desk(request, company, May.SEE_BOOKS)
    rows = BillingSource.objects.filter(company=company).order_by("name")
    latest = dict(
        Preparation.objects.filter(company=company, source__isnull=False)
        .order_by("created_at")
        .values_list("source", "created_at")
    )
    context = {
        "access": access,
        "sources": [(s, KINDS.get(s.kind, (s.kind, ""))[0], latest.get(s.pk)) for s in rows],
        "kinds": [(kind, *words) for kind, words in KINDS.items()],
        "may_change": access.may(May.CONFIGURE),
    }
    return render(request, "billing/sources.html", context)


@login_required
def new(request: HttpRequest, company: UUID, kind: str) -> HttpResponse:
    """A new source of a kind."""
    access = company_desk(request, company, May.CONFIGURE)
    if kind not in KINDS:
        raise NotFound(f"kind {kind}")
    begun = {"preset": "phc"} if kind == "odbc" else {}
    made = BillingSource(company=access.company, kind=kind, settings=begun)
    return _edited(request, access, made, new=True)


@login_required
def edit(request: HttpRequest, company: UUID, source: UUID) -> HttpResponse:
    """A source as it is kept; its password is never shown."""
    access = company_desk(request, company, May.SEE_BOOKS)
    return _edited(request, access, found(access, source), new=False)


def found(access: Access, source: UUID) -> BillingSource:
    """A source of the company. Raises NotFound."""
    kept = BillingSource.objects.filter(company=access.company, pk=source).first()
    if kept is None:
        raise NotFound(f"source {source}")
    return kept


def _edited(
    request: HttpRequest, access: Access, source: BillingSource, *, new: bool
) -> HttpResponse:
    context: dict[str, Any] = {}
    values = _shown(source)
    if request.method == "POST":
        access.require(May.CONFIGURE)
        values = {n: v for n, v in request.POST.items() if n != "secret"}
        try:
            typed_into(access, source, _typed(request, source))
            if request.POST.get("do") == "test":
                context["tried"] = amounts(tried(access, source, timezone.localdate()))
            else:
                return _kept(request, access, source)
        except Refused as refusal:
            context["refused"] = refusal.problems
    fields = (Field("name", _("Name"), css="c-12"), *FIELDS[source.kind])
    context |= {
        "access": access,
        "source": source,
        "new": new,
        "kind": KINDS[source.kind],
        "cells": [Cell(f, f.name, values.get(f.name, ""), choices=f.choices) for f in fields],
        "values": values,
        "has_secret": source.kind in SECRET,
        "secret_kept": bool(source.secret),
        "mapped": source.kind in MAPPED,
        "may_change": access.may(May.CONFIGURE),
        "may_allow": access.may(May.ADMINISTER),
    }
    return render(
        request, "billing/source.html", context, status=422 if context.get("refused") else 200
    )


def _shown(source: BillingSource) -> dict[str, Any]:
    """What the form shows of a kept source."""
    told = {n: v for n, v in source.settings.items() if isinstance(v, str)}
    queries = source.settings.get("queries") or {}
    path = told.get("path", "")
    root = f"{settings.RAZAO_INTAKE}/"
    flags = {n: "on" for n in ("write_back", "inside_allowed", "active") if getattr(source, n)}
    return {**told, **queries, **flags, "name": source.name, "path": path.removeprefix(root)}


def _typed(request: HttpRequest, source: BillingSource) -> Typed:
    """What was typed; what the form does not show of the settings (the mapping) stays."""
    said = {f.name: request.POST.get(f.name, "").strip() for f in FIELDS[source.kind]}
    queries = {n: said.pop(n) for n in ("mark", "unmark") if said.get(n)}
    kept = {n: v for n, v in source.settings.items() if n in {"mapping", "sheet"}}
    told: dict[str, Any] = kept | {
        n: v for n, v in said.items() if v and n not in {"mark", "unmark"}
    }
    if queries:
        told["queries"] = {**(source.settings.get("queries") or {}), **queries}
    if told.get("path"):
        told["path"] = str(settings.RAZAO_INTAKE / told["path"])
    return Typed(
        name=request.POST.get("name", ""),
        settings=told,
        secret=request.POST.get("secret", ""),
        write_back="write_back" in request.POST,
        inside_allowed="inside_allowed" in request.POST,
        active="active" in request.POST,
    )


def _kept(request: HttpRequest, access: Access, source: BillingSource) -> HttpResponse:
    kept = keep(access, source)
    messages.success(request, gettext("Saved."))
    to_map = kept.kind == "table" or (kept.kind == "odbc" and not kept.settings.get("preset"))
    if to_map and not kept.settings.get("mapping"):
        return redirect("billing:mapping", company=access.company.pk, source=kept.pk)
    return redirect("billing:source", company=access.company.pk, source=kept.pk)


def amounts(answer: Tried) -> dict[str, Any]:
    """What a source answered, with amounts as they are read."""
    sums = ("net", "vat", "gross")
    rows = [
        {**row, **{n: None if row[n] is None else from_minor_units(row[n]) for n in sums}}
        for row in answer.rows
    ]
    problems: list[Problem] = list(answer.problems)[:20]
    return {
        "documents": answer.documents,
        "rows": rows,
        "problems": problems,
        "headings": answer.headings,
        "sample": answer.sample,
    }
