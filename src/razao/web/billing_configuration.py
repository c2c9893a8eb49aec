"""The billing configuration on screen: in: a row as it is typed, out: it kept, or what it would change, with each wrong value named."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.billing import flow, interchange, starting
from razao.billing.comparing import ask
from razao.billing.keeping import options_of
from razao.billing.models import (
    AdvanceAccounts,
    Article,
    BillingDocumentType,
    BillingParameters,
    Customer,
    PostingCode,
    Preparation,
    TreasuryPlace,
)
from razao.billing.sourcing import choice_kept
from razao.companies.models import Role
from razao.companies.rights import Access, May, companies_of, company_for
from razao.kernel.problems import NotFound, Problem, Refused
from razao.ledger.accounts import open_plain_account
from razao.ledger.cost_centers import open_cost_center
from razao.web import billing_compare
from razao.web.billing_editor import Editor, kept, offered_accounts, posted
from razao.web.billing_fields import INITIAL, SECTIONS, Section
from razao.web.desk import company_desk, person_id
from razao.web.listing import Column, listing, rows_only

#: What a configuration copied from another company leaves there: its own people and secrets.
OWN = ("customers", "sources")


@login_required
def configuration(request: HttpRequest, company: UUID) -> HttpResponseBase:
    """The configuration at a glance, each part leading to where it is changed; as one file and from one."""
    others = _others(request, company)
    access = company_desk(request, company, May.SEE_BOOKS)
    if request.GET.get("as") == "file":
        answer = JsonResponse(
            interchange.exported(access.company),
            json_dumps_params={"ensure_ascii": False, "indent": 1},
        )
        answer["Content-Disposition"] = f'attachment; filename="billing_{access.company.code}.json"'
        return answer
    if request.method == "POST":
        return _import(request, company_desk(request, company, May.CONFIGURE))
    codes = PostingCode.objects.filter(company=company).prefetch_related("rates")
    types = BillingDocumentType.objects.filter(company=company).prefetch_related("variables")
    context = {
        "access": access,
        "codes": codes.order_by("code"),
        "types": types.order_by("code"),
        "words": {f.name: dict(f.choices) for f in SECTIONS["types"].part_fields if f.choices},
        "articles": Article.objects.filter(company=company).count(),
        "customers": Customer.objects.filter(company=company).count(),
        "places": TreasuryPlace.objects.filter(company=company).order_by("name"),
        "parameters": BillingParameters.objects.filter(company=company).first(),
        "advances": AdvanceAccounts.objects.filter(company=company).first(),
        "others": others,
        "may_change": access.may(May.CONFIGURE),
    }
    return render(request, "billing/configuration.html", context)


def _import(request: HttpRequest, access: Access) -> HttpResponse:
    upload = request.FILES.get("file")
    try:
        told = json.loads(upload.read()) if isinstance(upload, UploadedFile) else None
    except (ValueError, RecursionError):  # no JSON, or brackets by the thousand
        told = None
    if not isinstance(told, dict):
        raise Refused(
            Problem("billing.configuration_wrong", where="file", values={"message": "JSON"})
        )
    return _taken_over(request, access, told)


def _taken_over(request: HttpRequest, access: Access, told: dict[str, Any]) -> HttpResponse:
    counts = interchange.imported(access, told)
    named = {s: str(SECTIONS[s].many) if s in SECTIONS else gettext("Sources") for s in counts}
    said = ", ".join(f"{named[s]} {count}" for s, count in counts.items() if count)
    messages.success(request, gettext("Taken over: %(said)s") % {"said": said or "–"})
    return redirect("billing:configuration", company=access.company.pk)


def _others(request: HttpRequest, company: UUID) -> list[tuple[str, str]]:
    """Other companies whose configuration this person may read; asked before the transaction acts for one of them."""
    rows = companies_of(person_id(request))
    return [
        (str(c.pk), f"{c.code} {c.name}") for c, r in rows if r != Role.CLIENT and c.pk != company
    ]


@login_required
@require_POST
def copy(request: HttpRequest, company: UUID) -> HttpResponse:
    """Take the configuration of another company over, without its customers and sources."""
    other = request.POST.get("from", "")
    if other not in dict(_others(request, company)):
        raise NotFound(f"company {other}")
    theirs = company_for(person_id(request), UUID(other), May.SEE_BOOKS)
    told = {s: rows for s, rows in interchange.exported(theirs.company).items() if s not in OWN}
    return _taken_over(request, company_desk(request, company, May.CONFIGURE), told)


def _section(name: str) -> Section:
    if name not in SECTIONS:
        raise NotFound(f"section {name}")
    return SECTIONS[name]


@login_required
def section(request: HttpRequest, company: UUID, section: str) -> HttpResponse:
    """The rows of a part of the configuration; the form itself where there is one alone."""
    access = company_desk(request, company, May.SEE_BOOKS)
    part = _section(section)
    model, names = interchange.SECTIONS[section]
    if part.alone:
        return _edited(request, access, section, interchange.row_of(access.company, section) or {})
    fields = [f for f in part.fields if f.kind not in {"check", "number"}][:5]
    columns = [Column(f.name, f.label, order=(f.name,)) for f in fields]
    shown = listing(request, columns, default=names[0])
    found = model._default_manager.filter(company=company)
    for word in shown.value("q").split():
        found = found.filter(**{f"{names[0]}__icontains": word}) | found.filter(
            name__icontains=word
        )
    shown.load(found.order_by(*shown.order_by), found.count())
    rows = [(row, [(f.label, getattr(row, f.name)) for f in fields]) for row in shown.rows]
    context = {
        "access": access,
        "section": section,
        "part": part,
        "listing": shown,
        "rows": rows,
        "columns": columns,
        "may_change": access.may(May.CONFIGURE),
    }
    part_alone = "billing/section_rows.html" if rows_only(request) else "billing/section.html"
    return render(request, part_alone, context)


@login_required
def new(request: HttpRequest, company: UUID, section: str) -> HttpResponse:
    """A new row, begun with what the country and the page that leads here say."""
    access = company_desk(request, company, May.CONFIGURE)
    part = _section(section)
    given = {f.name: request.GET[f.name] for f in part.fields if f.name in request.GET}
    begun: dict[str, Any] = {f.name: INITIAL.get(f.name, "") for f in part.fields}
    if section == "posting_codes":
        begun |= starting.usual_code(access.company, "", today=timezone.localdate())
    if section == "types":
        begun |= starting.usual_type(access.company, given.get("code", ""))
    return _edited(request, access, section, begun | given, new=True)


@login_required
def edit(request: HttpRequest, company: UUID, section: str, row: UUID) -> HttpResponse:
    """A row as it stands, to be changed."""
    access = company_desk(request, company, May.SEE_BOOKS)
    _section(section)
    found = interchange.row_of(access.company, section, pk=row)
    if found is None:
        raise NotFound(f"{section} {row}")
    return _edited(request, access, section, found, row=row)


def _edited(
    request: HttpRequest,
    access: Access,
    section: str,
    found: dict[str, Any],
    *,
    new: bool = False,
    row: UUID | None = None,
) -> HttpResponse:
    """The form of a row: shown, compared with what was posted, or kept."""
    part = SECTIONS[section]
    context: dict[str, Any] = {}
    if request.method != "POST":
        editor = kept(part, found)
        _add_asked_row(request, part, editor)
    else:
        access.require(May.CONFIGURE)
        editor = posted(part, request.POST)
        editor.values |= {f.name: found.get(f.name) for f in part.fields if f.names and not new}
        try:
            if request.POST.get("do") == "compare":
                context["comparison"] = _compared(request, access, section, editor)
            elif request.POST.get("do") != "rows":
                return _keep(request, access, section, editor, new=new)
        except interchange.Wrong as wrong:
            editor.wrong = wrong.found
        except Refused as refusal:
            context["refused"] = refusal.problems
    context |= _shown(request, access, section, editor, new=new, row=row)
    return render(request, "billing/edit.html", context, status=422 if editor.wrong else 200)


def _add_asked_row(request: HttpRequest, part: Section, editor: Editor) -> None:
    """A row below that the page that leads here asks for, such as a rate that is missing."""
    asked = {
        f.name: request.GET[f"part-{f.name}"]
        for f in part.part_fields
        if f"part-{f.name}" in request.GET
    }
    if asked:
        like = next((p for p in editor.parts if p.get("exemption", "") == ""), {})
        accounts = {n: v for n, v in like.items() if n in {"revenue", "returns", "discount"}}
        editor.parts.append(accounts | asked)


def _compared(request: HttpRequest, access: Access, section: str, editor: Editor) -> dict[str, Any]:
    told = editor.told()
    wanted = billing_compare.asked(access.company, request.POST)
    return billing_compare.shown(ask(access, wanted.choice, wanted.since, section, told))


def _keep(
    request: HttpRequest, access: Access, section: str, editor: Editor, *, new: bool
) -> HttpResponse:
    told, (_, names) = editor.told(), interchange.SECTIONS[section]
    if new and names and interchange.row_of(access.company, section, **{n: told[n] for n in names}):
        raise interchange.Wrong({(-1, names[0]): gettext("This exists already.")})
    made = interchange.keep(access, section, told)
    messages.success(request, gettext("Saved."))
    if request.POST.get("for"):
        return again(access, request.POST["for"])
    company = access.company.pk
    if SECTIONS[section].alone:
        return redirect("billing:section", company=company, section=section)
    return redirect("billing:edit", company=company, section=section, row=made.pk)


def again(access: Access, preparation: str) -> HttpResponse:
    """Prepare anew what was prepared with something missing. Raises NotFound, and Refused without the right to post."""
    try:
        found = Preparation.objects.filter(company=access.company, pk=UUID(preparation)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(f"preparation {preparation}")
    made = flow.ask(access, choice_kept(found), options_of(found.options))
    return redirect("billing:preparation", company=access.company.pk, preparation=made.pk)


def _shown(
    request: HttpRequest,
    access: Access,
    section: str,
    editor: Editor,
    *,
    new: bool,
    row: UUID | None,
) -> dict[str, Any]:
    company = access.company
    rows = editor.rows(company)
    names = interchange.SECTIONS[section][1]
    return {
        "access": access,
        "section": section,
        "part": editor.section,
        "title": "" if new else " ".join(str(editor.values.get(n, "")) for n in names),
        "cells": editor.cells(company, fixed=not new),
        "rows": rows,
        "row": row,
        "new": new,
        "for": request.POST.get("for", request.GET.get("for", "")),
        "wrong": editor.wrong.get((-1, "")),
        "accounts": offered_accounts(company),
        "documents": billing_compare.offered(company),
        "chosen": request.POST.get("documents", ""),
        "months": request.POST.get("months", str(billing_compare.MONTHS)),
        "may_change": access.may(May.CONFIGURE),
    }


@login_required
@require_POST
def remove(request: HttpRequest, company: UUID, section: str, row: UUID) -> HttpResponse:
    """Take a row of the configuration away."""
    access = company_desk(request, company, May.CONFIGURE)
    if _section(section).alone:
        raise NotFound(section)
    interchange.remove(access, section, row)
    messages.success(request, gettext("Removed."))
    if section in {"articles", "customers"}:
        return redirect("billing:section", company=company, section=section)
    return redirect("billing:configuration", company=company)


@login_required
def account(request: HttpRequest, company: UUID) -> HttpResponse:
    """Open an account that the configuration names and the chart does not have; then prepare anew, or go back."""
    access = company_desk(request, company, May.CONFIGURE)
    said = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {
        "access": access,
        "code": said.get("code", "").strip(),
        "name": said.get("name", ""),
        "for": said.get("for", ""),
    }
    if request.method == "POST":
        try:
            made = open_plain_account(access, code=context["code"], name=context["name"])
        except Refused as refusal:
            context["refused"] = refusal.problems
        else:
            messages.success(request, gettext("Account %(code)s is open.") % {"code": made.code})
            if context["for"]:
                return again(access, context["for"])
            return redirect("ledger:account", company=company, code=made.code)
    return render(
        request, "billing/account.html", context, status=422 if "refused" in context else 200
    )


class CostCenterForm(forms.Form):
    """Code and name of a cost centre."""

    code = forms.CharField(label=_("Code"), max_length=30)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)


@login_required
def cost_center(request: HttpRequest, company: UUID) -> HttpResponse:
    """Open a cost centre that documents name and the company does not have; then prepare anew, or go back."""
    access = company_desk(request, company, May.CONFIGURE)
    said = request.POST if request.method == "POST" else request.GET
    form = CostCenterForm(said or None)
    if request.method == "POST" and form.is_valid():
        made = open_cost_center(access, **form.cleaned_data)
        messages.success(request, gettext("Cost centre %(code)s is open.") % {"code": made.code})
        if said.get("for"):
            return again(access, said["for"])
        return redirect("billing:configuration", company=company)
    context = {"access": access, "form": form, "for": said.get("for", "")}
    status = 422 if request.method == "POST" else 200
    return render(request, "billing/cost_center.html", context, status=status)
