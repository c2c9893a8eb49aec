"""The first page: in: who is signed in, out: the companies they reach, or what to do first."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from razao.companies.first_run import nobody_yet
from razao.companies.models import Company, FiscalYear
from razao.companies.rights import May, memberships_of
from razao.delivery.recipients import readers_for
from razao.reports.dashboard import Month, months_of
from razao.web import overview
from razao.web.company_list import company_list
from razao.web.desk import company_desk, office_desk, person_id
from razao.web.listing import rows_only
from razao.web.plots import Bar


def home(request: HttpRequest) -> HttpResponse:
    """Leads to set-up, sign-in or portal; for the office's people it shows their companies."""
    if not request.user.is_authenticated:
        return redirect("setup" if nobody_yet() else "account_login")
    person = person_id(request)
    if not any(membership.office_id for membership in memberships_of(person)):
        if readers_for(person):
            return redirect("portal:documents")
        return render(request, "razao/home_nothing.html")
    access = office_desk(request)
    shown = company_list(request, access)
    today = timezone.localdate()
    rows = overview.stages(Company.objects.filter(office=access.office, active=True), today)
    by_company = {row.company.pk: row for row in rows}
    context = {
        "listing": shown,
        "may_add": access.may(May.ADMINISTER),
        "stages": overview.stage_names(),
        "rows": [(one, _cells(by_company.get(one.pk), today)) for one in shown.rows],
    }
    if not rows_only(request):
        context["sentences"] = overview.sentences(rows, today)
        context["months"] = overview.posted_by_month(by_company, today)
    page = "home_rows" if rows_only(request) else "home"
    return render(request, f"razao/{page}.html", context)


def _cells(row: overview.Stages | None, today: date) -> list[tuple[overview.Cell, int, str]]:
    if row is None:
        return []
    return [
        (row.cells[stage], row.cells[stage].age(today), name)
        for stage, name in overview.stage_names()
    ]


@login_required
def company_page(request: HttpRequest, company: UUID) -> HttpResponse:
    """A company's own first page: what waits, and its year in plots."""
    access = company_desk(request, company, May.SEE_BOOKS)
    today = timezone.localdate()
    rows = overview.stages([access.company], today)
    context: dict[str, Any] = {
        "company": access.company,
        "sentences": overview.sentences(rows, today),
        "cells": _cells(rows[0], today),
    }
    year = FiscalYear.objects.filter(company=company, start__lte=today).order_by("-start").first()
    if year is not None:
        months = months_of(access.company, year)
        context |= {"year": year, "plots": _plots(months, today.month)}
    return render(request, "razao/company.html", context)


def _plots(months: list[Month], now: int) -> list[tuple[str, list[Bar]]]:
    titles = {
        "revenue": gettext("Revenue"),
        "costs": gettext("Costs"),
        "margin": gettext("Margin"),
        "vat": gettext("VAT owed"),
        "cash": gettext("Cash and banks"),
    }
    return [
        (title, [Bar(f"{m.period:02d}", getattr(m, name), now=m.period == now) for m in months])
        for name, title in titles.items()
    ]
