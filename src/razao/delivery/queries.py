"""What the faces ask about deliveries: in: an access' company, out: deliveries, their document and their links of the chain."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from razao.archive.models import ChainLink
from razao.delivery.models import Delivery, Opening, PortalDocument, State
from razao.kernel.problems import NotFound


def delivery_of(company: UUID, delivery: UUID) -> Delivery:
    """A delivery of the company. Raises NotFound."""
    found = (
        Delivery.objects.select_related("company", "asked_by", "upload")
        .filter(company_id=company, pk=delivery)
        .first()
    )
    if found is None:
        raise NotFound(f"delivery {delivery}")
    return found


def document_of(delivery: Delivery) -> PortalDocument | None:
    """What the client sees of it, once it was sent."""
    return (
        PortalDocument.objects.select_related("file", "superseded_by")
        .filter(delivery=delivery)
        .first()
    )


def openings_of(delivery: Delivery) -> list[Opening]:
    """The facts about it, oldest first."""
    rows = Opening.objects.filter(document__delivery=delivery).select_related("user")
    return list(rows.order_by("at", "id"))


def links_of(delivery: Delivery) -> list[ChainLink]:
    """Its links of the hash chain: file, steps, openings."""
    subjects = [*delivery.steps.values_list("pk", flat=True)]
    subjects += [opening.pk for opening in openings_of(delivery)]
    document = document_of(delivery)
    if document is not None:
        subjects.append(document.file_id)
    links = ChainLink.objects.filter(company_id=delivery.company_id, subject__in=subjects)
    return list(links.order_by("position"))


def unopened_and_due(found: QuerySet[Delivery], until: date) -> QuerySet[Delivery]:
    """Those that no client has opened and that are due by ``until``, overdue ones included."""
    return found.filter(state=State.DELIVERED, due_date__lte=until)
