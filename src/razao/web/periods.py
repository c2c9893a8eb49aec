"""Fiscal years and periods of a company: in: an accountant's word, out: years opened, periods closed and reopened with a reason."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.models import FiscalYear
from razao.companies.rights import May
from razao.kernel.problems import NotFound, Refused
from razao.ledger import periods as ledger_periods
from razao.ledger.models import Period
from razao.ledger.opening import open_year
from razao.web.company_forms import tell
from razao.web.desk import company_desk

#: Badge and word of each state.
STATES = {
    Period.State.OPEN: ("ready", pgettext_lazy("a period", "Open")),
    Period.State.CLOSED: ("done", pgettext_lazy("a period", "Closed")),
    Period.State.REOPENED: ("doubt", pgettext_lazy("a period", "Reopened")),
}


class ReasonForm(forms.Form):
    """Why a period is reopened."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=_("It is kept with your name and the time."),
    )


@login_required
def years(request: HttpRequest, company: UUID) -> HttpResponse:
    """Every year with its periods, the newest first."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = FiscalYear.objects.filter(company=access.company).prefetch_related("periods")
    today = timezone.localdate()
    shown = [
        {
            "year": year,
            "periods": [
                {
                    "period": period,
                    "badge": STATES[Period.State(period.state)],
                    "month": 1 <= period.number <= 12,
                    "late": period.state != Period.State.CLOSED and period.end < today,
                }
                for period in year.periods.order_by("number")
            ],
        }
        for year in found.order_by("-start")
    ]
    next_year = max((y["year"].start.year for y in shown), default=today.year - 1) + 1  # type: ignore[attr-defined]
    return render(
        request,
        "razao/settings/periods.html",
        {"years": shown, "next_year": str(next_year), "may_change": access.may(May.CONFIGURE)},
    )


@login_required
@require_POST
def open_one_year(request: HttpRequest, company: UUID) -> HttpResponse:
    """Open the fiscal year that begins in the year asked for."""
    access = company_desk(request, company, May.CONFIGURE)
    asked = request.POST.get("year", "")
    if not (asked.isdecimal() and 1990 <= int(asked) <= timezone.localdate().year + 2):
        raise NotFound(f"fiscal year {asked}")
    year = open_year(access.company, int(asked))
    messages.success(request, gettext("The year {year} is open.").format(year=year.code))
    return redirect("settings:periods", company=company)


@login_required
@require_POST
def close(request: HttpRequest, company: UUID, year: str, number: int) -> HttpResponse:
    """Close a period: nothing posts into it any more."""
    access = company_desk(request, company, May.CONFIGURE)
    ledger_periods.close(access, year, number)
    messages.success(request, gettext("Period {where} is closed.").format(where=f"{year}/{number}"))
    return redirect("settings:periods", company=company)


@login_required
@require_POST
def close_year(request: HttpRequest, company: UUID, year: str) -> HttpResponse:
    """Close every period of a year."""
    access = company_desk(request, company, May.CONFIGURE)
    ledger_periods.close_year(access, year)
    messages.success(request, gettext("The year {year} is closed.").format(year=year))
    return redirect("settings:periods", company=company)


@login_required
def reopen(request: HttpRequest, company: UUID, year: str, number: int) -> HttpResponse:
    """Ask for the reason, then open the period again."""
    access = company_desk(request, company, May.CONFIGURE)
    form = ReasonForm(request.POST or None)
    where = f"{year}/{number}"
    if request.method == "POST" and form.is_valid():
        try:
            ledger_periods.reopen(access, year, number, form.cleaned_data["reason"])
        except Refused as refusal:
            tell(form, refusal, {"periods.reason_missing": "reason"})
        else:
            messages.success(request, gettext("Period {where} is open again.").format(where=where))
            return redirect("settings:periods", company=company)
    return render(
        request,
        "razao/settings/reopen.html",
        {"form": form, "where": where},
        status=422 if form.errors else 200,
    )
