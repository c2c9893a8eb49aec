"""A chart of accounts from a file: in: an upload, out: accounts added or renamed, or every row that is wrong."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.companies.rights import May
from razao.kernel.problems import Problem, Refused
from razao.ledger.chart_import import import_chart
from razao.web.desk import company_desk


class ChartForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX with the columns code and name; kind and postable where known."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )


@login_required
def import_file(request: HttpRequest, company: UUID) -> HttpResponse:
    """Take a chart in. Nothing is deleted; accounts that exist take the file's name."""
    access = company_desk(request, company, May.CONFIGURE)
    form = ChartForm(request.POST or None, request.FILES or None)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            done = import_chart(access, form.cleaned_data["file"].read())
        except Refused as refusal:
            problems = refusal.problems
        else:
            said = gettext("%(added)s accounts added, %(changed)s changed.")
            messages.success(request, said % {"added": done.added, "changed": done.changed})
            return redirect("ledger:accounts", company=company)
    status = 422 if problems or form.errors else 200
    context = {"form": form, "problems": problems, "access": access}
    return render(request, "ledger/chart_import.html", context, status=status)
