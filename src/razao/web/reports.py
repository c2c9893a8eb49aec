"""Reports on screen and as files: in: a company, a report and its parameters, out: the page as it will be, or the file."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from razao.companies.models import Company, FiscalYear
from razao.companies.rights import Access, May
from razao.countries.pack import load
from razao.kernel.problems import Refused
from razao.ledger.balances import LAST_PERIOD
from razao.ledger.models import CostCenter, Journal, VatCode
from razao.reports.catalogue.vat import uses
from razao.reports.index import (
    BY_CODE,
    MEDIA_TYPES,
    SAFT,
    SHEET_FORMS,
    Form,
    make,
    name_of,
    offered,
    report,
    sheet_of,
    write,
)
from razao.reports.parameters import Parameters, latest_year, read
from razao.reports.render import csv_file
from razao.reports.render.text import cell_text
from razao.reports.sheet import Kind, Row, Sheet, Weight
from razao.web.desk import company_desk

#: Rows shown on screen; the files have all.
SCREEN_ROWS = 1500
#: Lines above which a file is made in the background: a page answers in a second or two.
LARGE = 8_000
FORMS = {str(form) for form in SHEET_FORMS}
GROUPS = {
    "ledger": _("Ledger"),
    "tax": _("Tax"),
    "accounts": _("Annual accounts"),
    "parties": _("Customers and suppliers"),
}


class ParametersForm(forms.Form):
    """The parameters that a report asks for."""

    use_required_attribute = False

    year = forms.ChoiceField(label=_("Fiscal year"), required=False)
    first = forms.IntegerField(
        label=_("From period"), min_value=0, max_value=LAST_PERIOD, required=False
    )
    last = forms.IntegerField(
        label=_("To period"), min_value=0, max_value=LAST_PERIOD, required=False
    )
    account = forms.CharField(label=_("Account begins with"), max_length=30, required=False)
    level = forms.IntegerField(label=_("Digits"), min_value=0, max_value=30, required=False)
    cost_center = forms.ChoiceField(label=_("Cost centre"), required=False)
    journal = forms.ChoiceField(label=_("Journal"), required=False)
    party = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    vat_code = forms.ChoiceField(label=_("VAT code"), required=False)
    vat_use = forms.ChoiceField(label=_("Use"), required=False)
    vat_field = forms.CharField(label=_("Field of the return"), max_length=10, required=False)
    show_zero = forms.BooleanField(label=_("Rows of zero too"), required=False)

    def offer(self, company: Company, asks: tuple[str, ...]) -> ParametersForm:
        """Offer the company's years, cost centres and journals; leave out what the report does not read."""
        wanted = {"year", "first", "last", *asks} | (
            {"show_zero"} if "hide_zero" in asks else set()
        )
        for name in [name for name in self.fields if name not in wanted]:
            del self.fields[name]
        years = FiscalYear.objects.filter(company=company).order_by("-start")
        self._choices("year", [(y.code, y.code) for y in years])
        centers = CostCenter.objects.filter(company=company)
        self._choices("cost_center", [("", "–"), *((c.code, str(c)) for c in centers)])
        journals = Journal.objects.filter(company=company)
        codes = VatCode.objects.filter(company=company).order_by("code")
        self._choices("vat_code", [("", "–"), *((c.code, f"{c.code} {c.name}") for c in codes)])
        self._choices("vat_use", [("", "–"), *uses().items()])
        self._choices("journal", [("", "–"), *((j.code, str(j)) for j in journals)])
        return self

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


@login_required
def index(request: HttpRequest, company: UUID) -> HttpResponse:
    """The catalogue of reports."""
    access = company_desk(request, company, May.SEE_BOOKS)
    reports = offered(access.company.country)
    groups: list[tuple[Any, list[Any]]] = [
        (title, [one for one in reports if one.group == group]) for group, title in GROUPS.items()
    ]
    years = FiscalYear.objects.filter(company=access.company).order_by("-start")
    values = {"access": access, "groups": groups, "years": years}
    values["saft"] = load(access.company.country).saft
    values |= {"may_send": access.may(May.POST), "may_export": access.may(May.CONFIGURE)}
    return render(request, "reports/index.html", values)


def _parameters(access: Access, form: ParametersForm) -> Parameters:
    """What the form says; what it leaves open is the latest year, from its first period to its last month."""
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    return read(access.company, said, (get_language() or "pt").lower())


@login_required
def preview(request: HttpRequest, company: UUID, code: str) -> HttpResponse:
    """The report as it will be, parameters at the side."""
    access = company_desk(request, company, May.SEE_BOOKS)
    if code not in BY_CODE:
        raise Http404
    one = report(code)
    form = ParametersForm(request.GET or None).offer(access.company, one.asks)
    form.fields["year"].initial = latest_year(access.company).code
    context: dict[str, Any] = {
        "access": access,
        "report": one,
        "form": form,
        "query": request.GET.urlencode(),
    }
    try:
        parameters = _parameters(access, form)
        sheet = sheet_of(code, parameters)
        rows = list(islice(sheet.rows(), SCREEN_ROWS + 1))
    except Refused as refusal:
        return render(request, "reports/preview.html", context | {"problems": refusal.problems})
    context |= {
        "sheet": sheet,
        "parameters": parameters,
        "rows": [_shown(row, sheet, access, request) for row in rows[:SCREEN_ROWS]],
        "cut": len(rows) > SCREEN_ROWS,
        "large": (sheet.row_count or 0) > LARGE,
        "screen_rows": SCREEN_ROWS,
        "heads": [(column.title, _is_figure(column.kind)) for column in sheet.columns],
    }
    return render(request, "reports/preview.html", context)


def _is_figure(kind: Kind) -> bool:
    return kind in {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT}


def _shown(row: Row, sheet: Sheet, access: Access, request: HttpRequest) -> dict[str, Any]:
    cells = [
        {
            "text": cell_text(cell, column.kind, sheet.language, sheet.places),
            "figure": _is_figure(column.kind),
            "zero": cell == 0 and row.weight is not Weight.TOTAL,
        }
        for cell, column in zip(row.cells, sheet.columns, strict=True)
    ]
    return {
        "cells": cells,
        "weight": row.weight,
        "level": row.level,
        "href": _behind(row, access, request),
    }


def _behind(row: Row, access: Access, request: HttpRequest) -> str:
    """The address of what lies behind a row: its entry, or its account's statement for the same time."""
    kind, _colon, name = row.link.partition(":")
    company = access.company.pk
    if kind == "entry":
        return reverse("ledger:entry", kwargs={"company": company, "entry": name})
    if kind in {"account", "accounts"}:
        kind, name = "account_statement", urlencode({"account": name})
    if kind not in BY_CODE:
        return ""
    asked = {n: v for n, v in request.GET.items() if n not in {"level", "show_zero", "journal"}}
    said = asked | dict(parse_qsl(name))
    path = reverse("reports:preview", kwargs={"company": company, "code": kind})
    return f"{path}?{urlencode(said)}"


@login_required
def download(request: HttpRequest, company: UUID, code: str, form: str) -> HttpResponseBase:
    """The report as a file."""
    access = company_desk(request, company, May.SEE_BOOKS)
    if code not in BY_CODE or form not in FORMS:
        raise Http404
    asked = ParametersForm(request.GET or None).offer(access.company, report(code).asks)
    parameters = _parameters(access, asked)
    sheet = sheet_of(code, parameters)
    wanted = Form(form)
    name = name_of(code, parameters, wanted)
    if wanted is Form.CSV:
        answer: HttpResponseBase = HttpResponse(
            "".join(csv_file.lines(sheet)), content_type=MEDIA_TYPES[wanted]
        )
    else:
        with tempfile.TemporaryDirectory(prefix="razao-report-") as folder:
            path = Path(folder) / name
            write(sheet, wanted, path)
            answer = HttpResponse(path.read_bytes(), content_type=MEDIA_TYPES[wanted])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
def saft_file(request: HttpRequest, company: UUID, year: str) -> HttpResponseBase:
    """The accounting file (SAF-T) of a fiscal year, where the company's country has one."""
    access = company_desk(request, company, May.SEE_BOOKS)
    if load(access.company.country).saft is None:
        raise Http404
    parameters = read(access.company, {"year": year})
    with tempfile.TemporaryDirectory(prefix="razao-saft-") as folder:
        path = Path(folder) / "saft.xml"
        make(SAFT, parameters, Form.XML, path)
        answer = HttpResponse(path.read_bytes(), content_type=MEDIA_TYPES[Form.XML])
    name = name_of(SAFT, parameters, Form.XML)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
