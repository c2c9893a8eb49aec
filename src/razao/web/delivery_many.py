"""A report to many companies, now or each month: in: companies of the office and a report, out: a delivery for each, problems by company."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from razao.companies.rights import May, company_for
from razao.delivery import flow, schedules
from razao.delivery.models import DeliverySchedule
from razao.delivery.rendering import describe
from razao.kernel.problems import Problem, Refused
from razao.reports.index import BY_CODE, REPORTS
from razao.web.desk import office_desk, person_id


class ManyForm(forms.Form):
    """Which report of which month, for whom."""

    report = forms.ChoiceField(
        label=_("Report"), choices=lambda: [(r.code, r.title) for r in REPORTS]
    )
    year = forms.CharField(label=_("Fiscal year"), max_length=10)
    first = forms.IntegerField(label=_("From period"), min_value=1, max_value=12)
    last = forms.IntegerField(label=_("To period"), min_value=1, max_value=12)
    companies = forms.MultipleChoiceField(label=_("Companies"), widget=forms.CheckboxSelectMultiple)
    day = forms.IntegerField(
        label=_("Each month on day"),
        min_value=1,
        max_value=28,
        required=False,
        help_text=_("Leave empty to send now, once."),
    )

    def offer(self, office: UUID) -> ManyForm:
        """Offer the companies that have a portal."""
        field = self.fields["companies"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (str(one.pk), f"{one.code} {one.name}") for one in schedules.with_portal(office)
            ]
        return self


@login_required
def many(request: HttpRequest) -> HttpResponse:
    """Send a report to several companies, or schedule it; the schedules there are."""
    access = office_desk(request, May.POST)
    today = timezone.localdate()
    month = today.month - 1 or 12
    initial = {"year": today.year - (today.month == 1), "first": month, "last": month}
    form = ManyForm(request.POST or None, initial=initial).offer(access.office.pk)
    if request.method == "POST" and form.is_valid():
        done, problems = _do(request, form.cleaned_data)
        if done:
            text = ngettext("For one company.", "For {n} companies.", done).format(n=done)
            messages.success(request, text)
        if problems:
            told = {"problems": problems, "back": request.path}
            return render(request, "delivery/outcome.html", told)
        return redirect("delivery:many" if form.cleaned_data["day"] else "delivery:history")
    rows = (
        DeliverySchedule.objects.filter(active=True)
        .select_related("company")
        .order_by("company__code")
    )
    shown = [(row, BY_CODE[row.report].title) for row in rows if row.report in BY_CODE]
    values: dict[str, Any] = {"form": form, "schedules": shown}
    return render(request, "delivery/many.html", values, status=422 if form.errors else 200)


def _do(request: HttpRequest, values: dict[str, Any]) -> tuple[int, list[Problem]]:
    done, problems = 0, []
    said = {name: values[name] for name in ("year", "first", "last")}
    for company in values["companies"]:
        try:
            with transaction.atomic():
                access = company_for(person_id(request), UUID(company), May.POST)
                if values["day"]:
                    schedules.set_schedule(access, values["report"], values["day"])
                else:
                    parcel = describe(access, values["report"], said, "pdf")
                    flow.request(access, parcel, key=f"many:{uuid4().hex}")
            done += 1
        except Refused as refusal:
            problems += [
                Problem(p.code, p.severity, f"{access.company.code} {p.where}", p.values)
                for p in refusal.problems
            ]
    return done, problems


@login_required
@require_POST
def end(request: HttpRequest, company: UUID, schedule: UUID) -> HttpResponse:
    """End a schedule."""
    schedules.end_schedule(company_for(person_id(request), company, May.POST), schedule)
    return redirect("delivery:many")
