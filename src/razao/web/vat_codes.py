"""VAT codes of a company: in: a company, a code and the accounts typed for it, out: the list, and the code changed."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.capture import flow
from razao.companies.rights import May
from razao.kernel.problems import Refused, explain
from razao.ledger.code_accounts import ACCOUNTS, change_vat_code
from razao.ledger.models import VatCode
from razao.web.desk import company_desk

DIRECTIONS = (("purchase", _("Purchases")), ("sale", _("Sales")))


class CodeForm(forms.Form):
    """The accounts of a code; their codes are typed as in the chart."""

    base_account = forms.CharField(label=_("Account of the base"), max_length=30, required=False)
    tax_account = forms.CharField(label=_("Tax account"), max_length=30, required=False)
    reverse_account = forms.CharField(
        label=_("Tax owed in the seller's place"), max_length=30, required=False
    )
    regularisation_account = forms.CharField(
        label=_("Tax of credit notes"), max_length=30, required=False
    )
    captive_account = forms.CharField(
        label=_("Tax that the buyer keeps"), max_length=30, required=False
    )
    deductible = forms.DecimalField(
        label=_("Deductible, per cent"), min_value=0, max_value=100, decimal_places=2, localize=True
    )


@login_required
def codes(request: HttpRequest, company: UUID) -> HttpResponse:
    """Every code by direction, with its rate today and its accounts."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = VatCode.objects.filter(company=access.company).select_related(*ACCOUNTS)
    rows = list(found.prefetch_related("rates").order_by("code"))
    today = timezone.localdate()
    told = [(row, row.rate_on(today)) for row in rows]
    groups = [
        (name, [pair for pair in told if pair[0].direction == key]) for key, name in DIRECTIONS
    ]
    return render(request, "razao/settings/vat.html", {"groups": groups})


@login_required
def code(request: HttpRequest, company: UUID, code: str) -> HttpResponse:
    """One code: its accounts, which may be changed by some; waiting invoices are then proposed anew."""
    right = May.CONFIGURE if request.method == "POST" else May.SEE_BOOKS
    access = company_desk(request, company, right)
    rows = VatCode.objects.filter(company=access.company, code=code).select_related(*ACCOUNTS)
    found = rows.first()
    if found is None:
        raise Http404
    accounts = {name: getattr(found, name) for name in ACCOUNTS}
    initial = {name: account.code if account else "" for name, account in accounts.items()}
    form = CodeForm(
        request.POST or None,
        initial={**initial, "deductible": found.deductible_percent.quantize(Decimal("0.01"))},
    )
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name].strip() for name in ACCOUNTS}
        try:
            change_vat_code(access, code, said, form.cleaned_data["deductible"])
        except Refused as refusal:
            for problem in refusal.problems:
                text = explain(problem, gettext)
                form.add_error(problem.where or None, f"{text.title}. {text.remedy}")
        else:
            flow.propose_again.defer(user=access.user_id, company=access.company.pk)
            messages.success(request, gettext("Saved; the waiting invoices are proposed anew."))
            return redirect("settings:vat", company=company)
    context = {
        "form": form,
        "code": found,
        "rates": found.rates.all(),
        "may_change": access.may(May.CONFIGURE),
    }
    status = 422 if form.errors else 200
    return render(request, "razao/settings/vat_code.html", context, status=status)
