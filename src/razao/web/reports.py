"""Reports on screen and as files: in: a company, a report and its parameters, out: the page as it will be, or the file."""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from razao.companies.models import Company, FiscalYear
from razao.companies.rights import Access, May
from razao.countries.pack import load
from razao.kernel.problems import Refused
from razao.ledger.models import CostCenter, Entry, Journal
from razao.reports.index import (
    BY_CODE,
    MEDIA_TYPES,
    REPORTS,
    Form,
    file_name,
    report,
    sheet_of,
    write,
)
from razao.reports.parameters import LAST_PERIOD, Parameters, fiscal_year_of
from razao.reports.render import csv_file
from razao.reports.render.text import cell_text
from razao.reports.saft import writer as saft
from razao.reports.sheet import Kind, Row, Sheet, Weight
from razao.web.desk import company_desk

#: Rows shown on screen; the files have all.
SCREEN_ROWS = 1500
FORMS = {str(form) for form in Form}
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
    groups = [
        (title, [one for one in REPORTS if one.group == group]) for group, title in GROUPS.items()
    ]
    years = FiscalYear.objects.filter(company=access.company).order_by("-start")
    context = {"access": access, "groups": groups, "years": years}
    context["saft"] = load(access.company.country).saft
    return render(request, "reports/index.html", context)


def _parameters(access: Access, form: ParametersForm) -> Parameters:
    """What the form says; what it leaves open is the latest year, from its first period to its last month."""
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    first, last = said.get("first"), said.get("last")
    return Parameters(
        access.company,
        _year(access.company, said.get("year") or ""),
        first_period=1 if first is None else first,
        last_period=12 if last is None else last,
        account=said.get("account") or "",
        level=said.get("level") or 0,
        cost_center=said.get("cost_center") or "",
        journal=said.get("journal") or "",
        hide_zero=not said.get("show_zero"),
        language=(get_language() or "pt").lower(),
    )


def _year(company: Company, code: str) -> FiscalYear:
    """The year asked for; else the one last posted to, which is what an accountant means by "now"."""
    if code:
        return fiscal_year_of(company, code)
    latest = Entry.objects.filter(company=company).aggregate(day=Max("date"))["day"]
    return fiscal_year_of(company, day=latest)


@login_required
def preview(request: HttpRequest, company: UUID, code: str) -> HttpResponse:
    """The report as it will be, parameters at the side."""
    access = company_desk(request, company, May.SEE_BOOKS)
    if code not in BY_CODE:
        raise Http404
    one = report(code)
    form = ParametersForm(request.GET or None).offer(access.company, one.asks)
    form.fields["year"].initial = _year(access.company, "").code
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
        "screen_rows": SCREEN_ROWS,
        "heads": [(column.title, _is_figure(column.kind)) for column in sheet.columns],
    }
    return render(request, "reports/preview.html", context)


def _is_figure(kind: Kind) -> bool:
    return kind in {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT}


def _shown(row: Row, sheet: Sheet, access: Access, request: HttpRequest) -> dict[str, Any]:
    cells = [
        {
            "text": cell_text(cell, column.kind, sheet.language),
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
    if kind == "account":
        query = request.GET.copy()
        query["account"] = name
        for other in ("level", "show_zero", "journal"):
            query.pop(other, None)
        path = reverse("reports:preview", kwargs={"company": company, "code": "account_statement"})
        return f"{path}?{query.urlencode()}"
    return ""


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
    name = file_name(sheet, parameters, wanted)
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
    fiscal_year = fiscal_year_of(access.company, year)
    with tempfile.TemporaryDirectory(prefix="razao-saft-") as folder:
        path = Path(folder) / "saft.xml"
        saft.write(access.company, fiscal_year, path)
        answer = StreamingHttpResponse(iter([path.read_bytes()]), content_type="application/xml")
    answer["Content-Disposition"] = (
        f'attachment; filename="SAFT_{access.company.tax_id}_{fiscal_year.code}.xml"'
    )
    return answer
