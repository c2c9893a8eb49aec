"""The client portal: in: a client user's wishes and clicks, out: documents, unread first; only a click on "open" is an opening."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from razao.delivery import reading
from razao.delivery.catalogue import CATEGORIES, MODULES
from razao.delivery.models import PortalDocument
from razao.delivery.reading import Wish
from razao.delivery.recipients import Reader
from razao.web import portal_rows
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
        used, periods = reading.offered(readers)
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
            choices=[("", _("Every period")), *((p, p) for p in periods[:60])]
        )
        return self

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def wish_of(request: HttpRequest, readers: list[Reader]) -> Wish:
    """What the address asks for; anything that does not fit is left aside."""
    said = request.GET
    show = said.get("show", "")
    company = next(
        (r.access.company.pk for r in readers if str(r.access.company.pk) == said.get("company")),
        None,
    )
    category = said.get("category", "")
    return Wish(
        words=said.get("q", "").replace("\0", "")[:200],
        category=category if category in CATEGORIES else "",
        period=said.get("period", "").replace("\0", "")[:20],
        due_from=timezone.localdate() if show == "due" else None,
        company=company,
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
    wish, person = wish_of(request, readers), person_id(request)
    total, found = reading.first_page(readers, person, wish, PAGE)
    pages = max(1, -(-total // PAGE))
    asked = request.GET.get("page", "")
    number = min(max(1, int(asked) if asked.isdecimal() and len(asked) < 7 else 1), pages)
    if number > 1:
        found = reading.page(readers, person, wish, start=(number - 1) * PAGE, rows=PAGE)
    query = request.GET.copy()
    query.pop("page", None)
    searching = wish != Wish(company=wish.company)
    plain = not request.GET
    names = {r.access.company.pk: r.access.company.name for r in readers}
    values = {
        **heading(readers),
        "wish": wish,
        "searching": searching,
        "plain": plain,
        "rows": portal_rows.rows(found, timezone.localdate(), names) if found else "",
        "found": found,
        "total": total,
        "pages": pages,
        "number": number,
        "newer": str(number - 1),
        "older": str(number + 1),
        "query": query.urlencode(),
    }
    if not plain:
        values["form"] = SearchForm(request.GET).offer(readers)
    return render(request, "portal/documents.html", values)


@portal_page
@require_GET
def filter_fields(request: HttpRequest) -> HttpResponse:
    """The fields of the filter, when somebody opens it."""
    readers = readers_of(request)
    values = {**heading(readers), "form": SearchForm(request.GET).offer(readers)}
    return render(request, "portal/filter.html", values)


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
    found = reading.found(readers, person_id(request), wish_of(request, readers))
    rows = list(
        found.filter(withdrawn_at=None).select_related("file", "company", "delivery")[:ZIP_LIMIT]
    )
    by_company = {reader.access.company.pk: reader for reader in readers}
    for row in rows:
        reading.fetch_document(by_company[row.company_id], row, address_of(request))
    return zip_of(rows)
