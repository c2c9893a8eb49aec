"""Settings of the office: in: an administrator's forms, out: companies, people and the office changed, or every error beside its field."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.companies.changes import change_company, change_office
from razao.companies.opening import open_company
from razao.companies.rights import May
from razao.countries.pack import load
from razao.countries.tax_ids import check_tax_id
from razao.kernel.problems import Refused, Severity, explain
from razao.ledger.opening import open_books
from razao.web.company_forms import CompanyForm, tell
from razao.web.company_list import company_list
from razao.web.desk import company_desk, office_desk, person_id
from razao.web.listing import rows_only


@login_required
def companies(request: HttpRequest) -> HttpResponse:
    """Every company of the office; ``?q=`` narrows by part of name, code or tax number."""
    access = office_desk(request, May.SEE_BOOKS)
    shown = company_list(request, access)
    page = "companies_rows" if rows_only(request) else "companies"
    return render(
        request,
        f"razao/settings/{page}.html",
        {"listing": shown, "may_add": access.may(May.ADMINISTER)},
    )


@login_required
def new_company(request: HttpRequest) -> HttpResponse:
    """A new company, whose chart, journals and codes come from its country's pack."""
    access = office_desk(request, May.ADMINISTER)
    form = CompanyForm(request.POST or None, initial={"country": access.office.country})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            with transaction.atomic():
                company = open_company(
                    person_id(request),
                    access.office,
                    code=values["code"],
                    name=values["company_name"],
                    tax_id=values["tax_id"],
                    country=values["country"],
                    region=values["region"],
                )
                open_books(company, person_id(request))
        except Refused as refusal:
            tell(form, refusal, {"companies.code_taken": "code"})
        else:
            messages.success(request, gettext("{name} is open.").format(name=company.name))
            return redirect("company", company=company.pk)
    return render(
        request,
        "razao/settings/company_new.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


class ParticularsForm(forms.Form):
    """What may change of a company; its country and currency stay."""

    name = forms.CharField(label=_("Name of the company"), max_length=200)
    code = forms.SlugField(label=_("Code"), max_length=30)
    tax_id = forms.CharField(label=_("Tax number"), max_length=30)
    region = forms.ChoiceField(label=_("Tax region"))
    address = forms.CharField(
        label=_("Address"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country
        regions = self.fields["region"]
        if isinstance(regions, forms.ChoiceField):
            regions.choices = [(region, region) for region in load(country).regions]

    def clean_tax_id(self) -> str:
        check = check_tax_id(self.country, self.cleaned_data["tax_id"])
        problem = check.problem()
        if problem and problem.severity is Severity.ERROR:
            text = explain(problem, gettext)
            raise forms.ValidationError(f"{text.title}. {text.remedy}")
        return check.normalised


@login_required
def company(request: HttpRequest, company: UUID) -> HttpResponse:
    """The company's particulars."""
    access = company_desk(request, company, May.CONFIGURE)
    now = access.company
    form = ParticularsForm(
        request.POST or None,
        country=now.country,
        initial={
            "name": now.name,
            "code": now.code,
            "tax_id": now.tax_id,
            "region": now.region,
            "address": now.address,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_company(access, **form.cleaned_data)
        except Refused as refusal:
            tell(form, refusal, {"companies.code_taken": "code"})
        else:
            messages.success(request, gettext("Saved."))
            return redirect("settings:company", company=company)
    context = {"form": form, "unverified": load(now.country).unverified}
    status = 422 if form.errors else 200
    return render(request, "razao/settings/company.html", context, status=status)


#: Where the countries of Razão's packs keep their time, most used first.
ZONES = {
    "Europe/Lisbon": _("Lisbon"),
    "Atlantic/Azores": _("Azores"),
    "Atlantic/Madeira": _("Madeira"),
    "Europe/Madrid": _("Madrid"),
    "Atlantic/Canary": _("Canary Islands"),
    "Africa/Luanda": _("Luanda"),
    "Atlantic/Cape_Verde": _("Cape Verde"),
    "Africa/Maputo": _("Maputo"),
    "Africa/Sao_Tome": _("São Tomé"),
    "Africa/Bissau": _("Bissau"),
    "America/Sao_Paulo": _("São Paulo"),
}


class OfficeForm(forms.Form):
    """The office's own settings."""

    name = forms.CharField(label=_("Name of the office"), max_length=200)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    reception_minutes = forms.IntegerField(
        label=_("Minutes between two receptions"),
        min_value=1,
        max_value=1440,
        help_text=_("Documents that were read are fetched this often; “Refresh” does it at once."),
    )
    second_factor = forms.BooleanField(
        label=_("Everybody of the office must sign in with a second factor"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = self.initial["time_zone"]
        # An installation may stand in a zone of its own, which saving another field must not change.
        zones = ZONES if now in ZONES else {now: now, **ZONES}
        cast(forms.ChoiceField, self.fields["time_zone"]).choices = list(zones.items())


@login_required
def office(request: HttpRequest) -> HttpResponse:
    """Name, time zone and reception of the office."""
    access = office_desk(request, May.ADMINISTER)
    now = access.office
    form = OfficeForm(
        request.POST or None,
        initial={
            "name": now.name,
            "time_zone": now.time_zone,
            "reception_minutes": now.reception_minutes,
            "second_factor": now.second_factor,
        },
    )
    if request.method == "POST" and form.is_valid():
        change_office(access, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("settings:office")
    return render(
        request, "razao/settings/office.html", {"form": form}, status=422 if form.errors else 200
    )
