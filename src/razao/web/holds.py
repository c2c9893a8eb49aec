"""Legal holds of a company: in: an administrator's word, out: holds placed and lifted, all of them on record."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.archive import holds as archive_holds
from razao.archive.models import LegalHold
from razao.companies.rights import May
from razao.web.desk import company_desk


class HoldForm(forms.Form):
    """What is held, and why."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
    sha256 = forms.RegexField(
        r"^[0-9a-f]{64}$",
        label=_("One file (its SHA-256)"),
        required=False,
        help_text=_("Empty holds every file of the company."),
    )


@login_required
def holds(request: HttpRequest, company: UUID) -> HttpResponse:
    """Every hold, those in force first, and the form for another."""
    access = company_desk(request, company, May.CONFIGURE)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        archive_holds.place(access, values["reason"], sha256=values["sha256"])
        messages.success(request, gettext("Held: nothing of it can be deleted."))
        return redirect("archive:holds", company=company)
    rows = LegalHold.objects.filter(company=company).select_related(
        "file", "placed_by", "lifted_by"
    )
    shown = sorted(rows.order_by("-placed_at"), key=lambda row: row.lifted_at is not None)
    context = {"access": access, "rows": shown, "form": form, "may": access.may(May.ADMINISTER)}
    status = 422 if form.errors else 200
    return render(request, "archive/holds.html", context, status=status)


@login_required
@require_POST
def lift(request: HttpRequest, company: UUID, hold: UUID) -> HttpResponse:
    """Lift a hold, with a reason."""
    access = company_desk(request, company, May.ADMINISTER)
    archive_holds.lift(access, hold, request.POST.get("reason", ""))
    messages.success(request, gettext("The hold is lifted."))
    return redirect("archive:holds", company=company)
