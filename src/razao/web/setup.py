"""First use: in: who opens the site first, out: the first person, office and company, and that person signed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import login, password_validation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from razao.companies.first_run import nobody_yet, set_up
from razao.companies.models import User
from razao.companies.opening import open_company
from razao.kernel.problems import Refused
from razao.ledger.opening import open_books
from razao.web.company_forms import CompanyForm, tell


class SetupForm(CompanyForm):
    """Everything the first page asks for."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("You sign in with it."), max_length=254
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        help_text=_("At least 12 characters; a few words are best."),
    )
    office_name = forms.CharField(label=_("Name of the office"), max_length=200)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        person = User(
            email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", "")
        )
        password_validation.validate_password(password, person)
        return password


def setup(request: HttpRequest) -> HttpResponse:
    """The page of the first use; afterwards it leads to the first page."""
    if not nobody_yet():
        return redirect("home")
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _done(request, form):
        return redirect("home")
    return render(request, "razao/setup.html", {"form": form}, status=422 if form.errors else 200)


def _done(request: HttpRequest, form: SetupForm) -> bool:
    """Create everything or nothing; a refusal stands beside its field."""
    values: dict[str, Any] = form.cleaned_data
    try:
        with transaction.atomic():
            office = set_up(
                email=values["email"],
                password=values["password"],
                name=values["name"],
                office_name=values["office_name"],
                country=values["country"],
                language=get_language() or "pt",
            )
            person = User.objects.get_by_natural_key(values["email"])
            company = open_company(
                person.pk,
                office,
                code=values["code"],
                name=values["company_name"],
                tax_id=values["tax_id"],
                country=values["country"],
                region=values["region"],
            )
            open_books(company, person.pk)
    except Refused as refusal:
        tell(form, refusal, {"companies.code_taken": "code"})
        return False
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return True
