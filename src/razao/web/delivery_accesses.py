"""Who saw and did what (E7, M9): in: a company, or a client's companies, out: every access on record, with person, time and address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from razao.companies.models import User
from razao.companies.rights import May
from razao.delivery.models import Opening, PortalDocument
from razao.delivery.recipients import readable
from razao.kernel.models import AuditEvent
from razao.web.desk import company_desk
from razao.web.listing import Chip, Column, listing, rows_only
from razao.web.portal_desk import heading, portal_page, readers_of

PAGE = 50

#: What the trail calls an act → what a person calls it. An act without a word here is shown as it is written.
ACTS: dict[str, Any] = {
    "portal.fetched": _("Fetched"),
    "portal.opened": _("Opened"),
    "portal.looked": _("Looked at, from the office"),
    "portal.activated": _("Portal activated"),
    "portal.ended": _("Portal ended"),
    "portal.invited": _("Invited"),
    "portal.invitation_revoked": _("Invitation ended"),
    "portal.joined": _("Joined"),
    "portal.rights_changed": _("Rights changed"),
    "portal.left": _("Reads the portal no more"),
    "delivery.queued": _("Queued"),
    "delivery.withdrawn": _("Withdrawn"),
    "delivery.scheduled": _("Scheduled each month"),
    "delivery.schedule_ended": _("Schedule ended"),
    "delivery.pattern_added": _("Folder watched for"),
    "delivery.pattern_removed": _("Folder watched no more for"),
    "year.exported": _("Year exported"),
}
#: Acts whose subject is a portal document, and those whose subject is a delivery.
OF_DOCUMENT = ("portal.fetched", "portal.opened", "portal.looked")
OF_DELIVERY = ("delivery.queued", "delivery.withdrawn")


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the trail."""

    at: datetime
    who: str
    act: Any
    about: str
    delivery: UUID | None
    address: str


@login_required
@require_GET
def accesses(request: HttpRequest, company: UUID) -> HttpResponse:
    """The trail of the company's portal and deliveries, newest first."""
    access = company_desk(request, company, May.SEE_BOOKS)
    columns = (
        Column("at", _("When"), "day", ("at",)),
        Column("who", _("Who"), "text", ("user__name",)),
        Column("act", _("What"), "text", ("action",)),
        Column("about", _("About")),
        Column("address", _("Network address")),
    )
    chips = [Chip("show", "read", str(_("Only what was read")))]
    shown = listing(request, columns, default="-at", chips=chips)
    found = AuditEvent.objects.filter(company=access.company, action__in=ACTS)
    if shown.value("show") == "read":
        found = found.filter(action__in=OF_DOCUMENT)
    words = shown.value("q").strip()
    if words:
        found = found.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    shown.load(found.select_related("user").order_by(*shown.order_by), found.count())
    shown.rows = acts_of(company, shown.rows)
    page = "accesses_rows" if rows_only(request) else "accesses"
    return render(request, f"delivery/{page}.html", {"listing": shown, "company": access.company})


def acts_of(company: UUID, events: list[AuditEvent]) -> list[Act]:
    """Events with the documents that they are about, one query whatever their number."""
    subjects = [e.subject for e in events if e.action in (*OF_DOCUMENT, *OF_DELIVERY)]
    titles: dict[str, tuple[str, UUID]] = {}
    documents = PortalDocument.objects.filter(company_id=company)
    for pk, delivery, title in documents.filter(
        Q(pk__in=subjects) | Q(delivery__in=subjects)
    ).values_list("pk", "delivery_id", "title"):
        titles[str(pk)] = titles[str(delivery)] = (title, delivery)
    return [_act(event, titles) for event in events]


def _act(event: AuditEvent, titles: dict[str, tuple[str, UUID]]) -> Act:
    title, delivery = titles.get(event.subject, (event.subject, None))
    return Act(
        event.at,
        _person(event.user),
        ACTS.get(event.action, event.action),
        title,
        delivery,
        event.address or "",
    )


def _person(user: User | None) -> str:
    return f"{user.name} <{user.email}>".strip() if user else ""


@portal_page
@require_GET
def seen(request: HttpRequest) -> HttpResponse:
    """Who of us saw what: the facts about every document that this person may read, newest first."""
    readers = readers_of(request)
    facts = (
        Opening.objects.filter(document__in=readable(readers))
        .select_related("user", "document")
        .order_by("-at", "-id")
    )
    page = Paginator(facts, PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/seen.html", {**heading(readers), "page": page})
