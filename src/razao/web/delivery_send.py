"""Sending: in: a file with what is said of it, or a report's address, out: a review that nobody can edit, then the queue (E4–E6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.companies.rights import Access, May
from razao.delivery import flow, queries
from razao.delivery.catalogue import CATEGORIES, MODULES
from razao.delivery.models import Delivery, State
from razao.delivery.parcel import PERIOD, Parcel
from razao.delivery.recipients import recipients
from razao.delivery.rendering import describe, known
from razao.kernel.problems import NotFound, Problem, Refused, blocking
from razao.reports.index import SAFT
from razao.web.company_forms import tell
from razao.web.desk import company_desk


class DeliveryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """An earlier delivery, by title and period."""

    def label_from_instance(self, obj: Delivery) -> str:
        return f"{obj.title} {obj.period}".strip()


class UploadForm(forms.Form):
    """A file for the client and what is said of it."""

    file = forms.FileField(label=_("File"))
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    category = forms.ChoiceField(label=_("Category"))
    period = forms.CharField(
        label=_("Period"),
        max_length=20,
        required=False,
        help_text=_("2026, 2026-10 or 2026-T3"),
    )
    due_date = forms.DateField(
        label=_("Due date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    amount = forms.DecimalField(
        label=_("Amount to pay"), required=False, max_digits=18, decimal_places=2, min_value=0
    )
    note = forms.CharField(label=_("A word to the client"), max_length=500, required=False)
    corrects = DeliveryField(
        Delivery.objects.none(),
        label=_("Corrects"),
        required=False,
        help_text=_("The earlier document is then marked as replaced."),
        empty_label=_("Nothing: it is a new document"),
    )

    def offer(self, access: Access) -> UploadForm:
        """Offer categories by module, and the company's documents that can be corrected."""
        category, corrects = self.fields["category"], self.fields["corrects"]
        if isinstance(category, forms.ChoiceField):
            category.choices = [
                (title, [(c.code, c.title) for c in CATEGORIES.values() if c.module == module])
                for module, title in MODULES.items()
            ]
        if isinstance(corrects, forms.ModelChoiceField):
            corrects.queryset = Delivery.objects.filter(
                company=access.company, state__in=[State.DELIVERED, State.OPENED], report=""
            ).order_by("-asked_at")[:100]
        return self

    def clean_period(self) -> str:
        period: str = self.cleaned_data["period"].strip()
        if period and not PERIOD.fullmatch(period):
            raise forms.ValidationError(
                gettext("Write a year, a month or a quarter: 2026, 2026-10, 2026-T3.")
            )
        return period

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.RAZAO_FILE_MAX_BYTES:
            limit = settings.RAZAO_FILE_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(gettext("A file may have {limit} MB.").format(limit=limit))
        return file


@login_required
def upload(request: HttpRequest, company: UUID) -> HttpResponse:
    """Choose a file and say what it is; it goes on to the review, and nowhere else before that."""
    access = company_desk(request, company, May.POST)
    form = UploadForm(request.POST or None, request.FILES or None).offer(access)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        corrected: Delivery | None = values["corrects"]
        title = values["title"].strip() or values["file"].name.rpartition(".")[0]
        parcel = Parcel(
            category=values["category"],
            title=title,
            period=values["period"],
            due_date=values["due_date"],
            amount=values["amount"],
            note=values["note"],
            corrects=corrected.pk if corrected else None,
        )
        try:
            with transaction.atomic():
                delivery = flow.draft(
                    access, values["file"], values["file"].name, parcel, key=uuid4().hex
                )
        except Refused as refusal:
            tell(form, refusal, {"delivery.period_unreadable": "period"})
        else:
            return redirect("delivery:review-file", company=company, delivery=delivery.pk)
    status = 422 if form.errors else 200
    values = {"form": form, "company": access.company}
    return render(request, "delivery/send.html", values, status=status)


@login_required
def review_file(request: HttpRequest, company: UUID, delivery: UUID) -> HttpResponse:
    """The review window of a file: all that will be sent, read only; confirm, or do not send."""
    access = company_desk(request, company, May.POST)
    found = queries.delivery_of(access.company.pk, delivery)
    if request.method == "POST" and request.POST.get("command") == "discard":
        flow.withdraw(access, [delivery], gettext("Not sent"))
        messages.success(request, gettext("Not sent."))
        return redirect("delivery:history", company=company)
    if request.method == "POST":
        return _sent(request, access, flow.confirm(access, delivery))
    if found.state != State.DRAFT:
        return redirect("delivery:one", company=company, delivery=delivery)
    parcel = Parcel(found.category, found.title, found.period, upload=found.upload_id)
    values = {
        "what": found,
        "file": found.upload,
        "problems": flow.check(access, parcel),
        "corrects": found.supersedes,
    }
    return _review(request, access, values, found.category)


@login_required
def review_report(request: HttpRequest, company: UUID, code: str) -> HttpResponse:
    """The review window of a report, under the report's own parameters; the system fills in everything."""
    access = company_desk(request, company, May.POST)
    query = request.GET.dict()
    form = query.pop("form", "xml" if code == SAFT else "pdf")
    if not known(code, form):
        raise NotFound(f"report {code} as {form}")
    parcel = describe(access, code, query, form)
    if request.method == "POST":
        delivery = flow.request(
            access, parcel, key=request.POST.get("key", "")[:200] or uuid4().hex
        )
        return _sent(request, access, delivery)
    problems: list[Problem] = flow.check(access, parcel)
    values = {"what": parcel, "problems": problems, "key": uuid4().hex}
    return _review(request, access, values, parcel.category)


def _review(
    request: HttpRequest, access: Access, values: dict[str, Any], category: str
) -> HttpResponse:
    return render(
        request,
        "delivery/review.html",
        {
            "company": access.company,
            "category": CATEGORIES.get(category),
            "module": MODULES.get(CATEGORIES[category].module) if category in CATEGORIES else "",
            "people": recipients(access.company.pk, category),
            "may_confirm": not blocking(values["problems"]),
            **values,
        },
    )


def _sent(request: HttpRequest, access: Access, delivery: Delivery) -> HttpResponse:
    """The message after confirming, with the way to the history."""
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            gettext("Queued: the client will see it in a moment."),
            reverse("delivery:history", kwargs={"company": access.company.pk}),
            gettext("History"),
        ),
    )
    return redirect("delivery:one", company=access.company.pk, delivery=delivery.pk)
