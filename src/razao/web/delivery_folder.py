"""The watched folder of a company, as the office sets it up (E4): in: names of files and their category, out: what is sent by itself, and what was refused."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.rights import May
from razao.delivery import outgoing
from razao.delivery.catalogue import CATEGORIES, MODULES
from razao.delivery.models import OutgoingPattern
from razao.kernel.problems import Refused
from razao.web.company_forms import tell
from razao.web.desk import company_desk


class PatternForm(forms.Form):
    """A name of files, and where they stand in the portal."""

    pattern = forms.CharField(
        label=_("Name of the files"),
        max_length=200,
        help_text=_(
            "* stands for anything; {category}, {period} and {title} are read from the name."
        ),
    )
    category = forms.ChoiceField(
        label=_("Category"),
        choices=lambda: [
            (title, [(c.code, c.title) for c in CATEGORIES.values() if c.module == module])
            for module, title in MODULES.items()
        ],
        help_text=_("For files whose name says none."),
    )


@login_required
def folder(request: HttpRequest, company: UUID) -> HttpResponse:
    """Patterns, what lies in the folder now, and a form for one more pattern."""
    access = company_desk(request, company, May.CONFIGURE)
    initial = {"pattern": f"{access.company.code}_{{category}}_{{period}}*", "category": "letters"}
    form = PatternForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                outgoing.add(access, **form.cleaned_data)
        except Refused as refusal:
            codes = ("delivery.pattern_unreadable", "delivery.pattern_too_wide")
            tell(form, refusal, dict.fromkeys(codes, "pattern"))
        else:
            messages.success(request, gettext("Files of this name go out by themselves now."))
            return redirect("delivery:folder", company=company)
    rows = OutgoingPattern.objects.filter(company=access.company).order_by("pattern")
    values = {
        "company": access.company,
        "form": form,
        "folder": outgoing.folder_of(access.company),
        "patterns": [(row, CATEGORIES.get(row.category)) for row in rows],
        "lying": outgoing.lying(access.company),
        "unmatched": outgoing.unmatched(access),
    }
    return render(request, "delivery/folder.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, company: UUID, pattern: UUID) -> HttpResponse:
    """Watch for files of this name no more."""
    outgoing.remove(company_desk(request, company, May.CONFIGURE), pattern)
    messages.success(request, gettext("Files of this name stay where they are."))
    return redirect("delivery:folder", company=company)
