"""The history of deliveries (E7–E9): in: a company or the whole office, filters, out: rows with state and time line; the receipt."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from razao.companies.rights import Access, May, OfficeAccess
from razao.delivery import outgoing, queries, receipts
from razao.delivery.catalogue import CATEGORIES
from razao.delivery.models import Delivery, PortalSubscription, State
from razao.delivery.steps import UNSENT, VISIBLE
from razao.kernel.problems import Problem
from razao.web.delivery_words import STATES, lines_of, time_line
from razao.web.desk import company_desk, office_desk
from razao.web.listing import Chip, Column, Listing, listing, rows_only
from razao.web.portal_files import guarded

#: "Not opened and due soon": this many days ahead.
SOON = 5


def deliveries_at(
    request: HttpRequest, company: UUID | None
) -> tuple[Access | OfficeAccess, QuerySet[Delivery]]:
    """The access (of the company, or of the whole office) and the deliveries it reaches."""
    if company is None:
        access = office_desk(request, May.SEE_BOOKS)
        return access, Delivery.objects.filter(company__office=access.office)
    one_company = company_desk(request, company, May.SEE_BOOKS)
    return one_company, Delivery.objects.filter(company=one_company.company)


def narrowed(shown: Listing, found: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """The deliveries that fit the address's filters."""
    if shown.value("state") in State.values:
        found = found.filter(state=shown.value("state"))
    if shown.value("category") in CATEGORIES:
        found = found.filter(category=shown.value("category"))
    if shown.value("show") == "due":
        found = queries.unopened_and_due(found, timezone.localdate() + timedelta(days=SOON))
    if shown.value("show") == "unsent":
        found = found.filter(state__in=UNSENT)
    words = shown.value("q").strip()
    if words:
        found = found.filter(
            Q(title__icontains=words)
            | Q(period__startswith=words)
            | Q(company__name__icontains=words)
        )
    return found


@login_required
def history(request: HttpRequest, company: UUID | None = None) -> HttpResponse:
    """Document integration: what was queued, with state, time, person and cause of failure."""
    access, found = deliveries_at(request, company)
    columns = (
        Column("asked", _("Asked for"), "day", ("asked_at",)),
        Column("company", _("Company"), "text", ("company__code",)),
        Column("title", _("Document"), "text", ("title",)),
        Column("period", _("Period"), "text", ("period",)),
        Column("due", _("Due"), "day", ("due_date",)),
        Column("state", _("State"), "state", ("state",)),
        Column("notified", _("Notified")),
        Column("fetched", _("Fetched")),
        Column("opened", _("Opened")),
        Column("person", _("By"), "text", ("asked_by__name",)),
    )
    shown = listing(request, columns, default="-asked", chips=_chips(found))
    fitting = narrowed(shown, found)
    rows = fitting.select_related("company", "asked_by").order_by(*shown.order_by)
    shown.load(rows, fitting.count())
    shown.rows = lines_of(shown.rows)
    values = {
        "listing": shown,
        "company": getattr(access, "company", None),
        "may_send": access.may(May.POST),
        "may_configure": access.may(May.CONFIGURE),
        "portal": company is None or _has_portal(company),
        "categories": CATEGORIES.values(),
        "unmatched": _unmatched(access),
    }
    page = "rows" if rows_only(request) else "history"
    return render(request, f"delivery/{page}.html", values)


def _unmatched(access: Access | OfficeAccess) -> list[Problem]:
    """Files of the watched folder that go to nobody, for those who can do something about them."""
    if not access.may(May.CONFIGURE):
        return []
    if isinstance(access, OfficeAccess):
        return outgoing.unmatched_of(access.office.pk)
    return outgoing.unmatched(access)


def _chips(found: QuerySet[Delivery]) -> list[Chip]:
    counts = dict(found.order_by().values_list("state").annotate(Count("pk")))
    chips = [
        Chip("state", state, str(word), counts[state])
        for state, (_shape, word) in STATES.items()
        if counts.get(state)
    ]
    due = queries.unopened_and_due(found, timezone.localdate() + timedelta(days=SOON)).count()
    if due:
        text = _("Not opened, due within {days} days").format(days=SOON)
        chips.append(Chip("show", "due", text, due))
    return chips


def _has_portal(company: UUID) -> bool:
    return PortalSubscription.objects.filter(company_id=company, active=True).exists()


@login_required
@require_GET
def one(request: HttpRequest, company: UUID, delivery: UUID) -> HttpResponse:
    """A delivery: what it is, its time line, why it failed, its place in the chain."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = queries.delivery_of(access.company.pk, delivery)
    shape, word = STATES[found.state]
    return render(
        request,
        "delivery/one.html",
        {
            "company": access.company,
            "delivery": found,
            "document": queries.document_of(found),
            "category": CATEGORIES.get(found.category),
            "shape": shape,
            "word": word,
            "moments": time_line(found),
            "links": queries.links_of(found),
            "may_send": access.may(May.POST),
            "visible": found.state in VISIBLE,
            "unsent": found.state in UNSENT,
        },
    )


@login_required
@require_GET
def receipt(request: HttpRequest, company: UUID, delivery: UUID) -> HttpResponse:
    """The proof of opening as PDF: hash of the document, person, time, position in the chain."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = queries.delivery_of(access.company.pk, delivery)
    response = HttpResponse(receipts.receipt(access, found), content_type="application/pdf")
    name = _("Receipt {title}.pdf").format(title=found.title)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return guarded(response)
