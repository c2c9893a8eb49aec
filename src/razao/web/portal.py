"""The client portal: in: a client user's wishes and clicks, out: documents, unread first; only a click on "open" is an opening."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from razao.delivery import reading
from razao.delivery.catalogue import CATEGORIES, MODULES
from razao.delivery.models import PortalDocument
from razao.delivery.reading import Wish
from razao.delivery.recipients import Reader, readable
from razao.web.desk import person_id
from razao.web.portal_desk import (
    address_of,
    document_for,
    heading,
    portal_page,
    readers_of,
)
from razao.web.portal_files import SHOWN_AS_PICTURES, attachment, pages_of, zip_of

PAGE = 30
#: What a row of the list shows; not the words for search, which are long.
SHOWN_FIELDS = (
    "company",
    "delivery",
    "title",
    "period",
    "due_date",
    "published_at",
    "superseded_by",
    "withdrawn_at",
)
#: Documents in one "download all".
ZIP_LIMIT = 500


class SearchForm(forms.Form):
    """What to look for; anything that does not fit is left aside."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    category = forms.ChoiceField(label=_("Category"), required=False)
    period = forms.CharField(label=_("Period"), required=False, max_length=20)
    company = forms.ChoiceField(label=_("Company"), required=False)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("Everything")),
            ("unread", _("Unread")),
            ("due", _("With a due date to come")),
            ("past", _("Replaced and withdrawn too")),
        ],
    )

    def offer(self, readers: list[Reader]) -> SearchForm:
        """Offer the categories, periods and companies that there are."""
        there = readable(readers)
        used = set(there.order_by().values_list("category", flat=True).distinct())
        periods = there.exclude(period="").order_by("-period").values_list("period", flat=True)
        grouped = [
            (
                MODULES[module],
                [(c.code, c.title) for c in CATEGORIES.values() if _is(c, module, used)],
            )
            for module in MODULES
        ]
        self._choices("category", [("", _("Every category")), *(g for g in grouped if g[1])])
        self._choices("company", [("", _("Every company")), *_companies(readers)])
        self.fields["period"].widget = forms.Select(
            choices=[("", _("Every period")), *((p, p) for p in periods.distinct()[:60])]
        )
        return self

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def wish(self) -> Wish:
        """The cleaned values as a wish."""
        self.is_valid()
        values = self.cleaned_data
        show = values.get("show", "")
        company = values.get("company", "")
        return Wish(
            words=values.get("q", ""),
            category=values.get("category", ""),
            period=values.get("period", ""),
            due_from=timezone.localdate() if show == "due" else None,
            company=UUID(company) if company else None,
            unread=show == "unread",
            past=show == "past",
        )


def _is(category: Any, module: str, used: set[str]) -> bool:
    return category.module == module and category.code in used


def _companies(readers: list[Reader]) -> list[tuple[str, str]]:
    return [(str(r.access.company.pk), r.access.company.name) for r in readers]


@portal_page
@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """Documents → General documents → Sent: those that fit the search, unread first."""
    readers = readers_of(request)
    form = SearchForm(request.GET).offer(readers)
    wish = form.wish()
    person = person_id(request)
    found = reading.documents(readers, person, wish).select_related("file")
    found = found.only(*SHOWN_FIELDS, "file__size").annotate(company_name=F("company__name"))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "portal/documents.html",
        {
            **heading(readers),
            "form": form,
            "searching": any((wish.words, wish.category, wish.period, form.cleaned_data["show"])),
            "page": page,
            "query": query.urlencode(),
            "rows": [(document, _due_word(document, today)) for document in page],
            "categories": CATEGORIES,
        },
    )


def _due_word(document: PortalDocument, today: date) -> str:
    """How near a due date is: '' none, ``late``, ``soon`` (a week), ``later``."""
    if document.due_date is None or document.withdrawn_at or document.superseded_by_id:
        return ""
    days = (document.due_date - today).days
    return "late" if days < 0 else "soon" if days <= 7 else "later"


@portal_page
@require_GET
def document(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A document's page. Its content is shown to those who have opened it; a link that is merely followed opens nothing."""
    reader, found = document_for(request, delivery)
    opened = not reader.is_client or reading.was_opened_by(found, reader.access.user_id)
    replaced = PortalDocument.objects.filter(superseded_by=found.pk).first()
    return render(
        request,
        "portal/document.html",
        {
            **heading([reader]),
            "document": found,
            "category": CATEGORIES.get(found.category),
            "opened": opened,
            "pages": pages_of(found) if opened and not found.withdrawn_at else range(0),
            "pictures": found.file.media_type in SHOWN_AS_PICTURES,
            "facts": reading.seen_by(found),
            "replaces": replaced,
        },
    )


@portal_page
@require_POST
def open_document(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """The click that counts: the signed-in person opens the document."""
    reader, found = document_for(request, delivery)
    reading.open_document(reader, found, address_of(request))
    return redirect("portal:document", delivery=delivery)


@portal_page
@require_POST
def download(request: HttpRequest, delivery: UUID) -> HttpResponseBase:
    """The button "download": an opening, and the file."""
    reader, found = document_for(request, delivery)
    address = address_of(request)
    reading.open_document(reader, found, address)
    reading.fetch_document(reader, found, address)
    return attachment(found)


@portal_page
@require_POST
def download_all(request: HttpRequest) -> HttpResponseBase:
    """What the search found as one zip, streamed. Each document counts as fetched, none as opened."""
    readers = readers_of(request)
    form = SearchForm(request.GET).offer(readers)
    found = reading.documents(readers, person_id(request), form.wish())
    rows = list(
        found.filter(withdrawn_at=None).select_related("file", "company", "delivery")[:ZIP_LIMIT]
    )
    by_company = {reader.access.company.pk: reader for reader in readers}
    for row in rows:
        reading.fetch_document(by_company[row.company_id], row, address_of(request))
    return zip_of(rows)
