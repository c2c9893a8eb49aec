"""What a person does in the portal: in: a reader and a document, out: its file, and the facts that they fetched or opened it.

Three facts are kept apart (M9): notified, fetched, opened. Only ``open_document`` writes ``opened``, and the
faces call it for a signed-in person's own click alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from razao.companies.models import User
from razao.delivery import steps
from razao.delivery.models import Opening, PortalDocument, State
from razao.delivery.recipients import Reader, readable
from razao.kernel.audit import record
from razao.kernel.problems import NotFound


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person looks for in the portal; empty values ask for nothing."""

    words: str = ""
    category: str = ""
    period: str = ""
    due_from: date | None = None
    company: UUID | None = None
    unread: bool = False
    past: bool = False
    """show what was replaced or withdrawn, too"""


def documents(readers: list[Reader], person: UUID, wish: Wish) -> QuerySet[PortalDocument]:
    """Documents that fit, those this person has not opened first, then the newest; each carries ``was_opened``."""
    opened = Opening.objects.filter(
        document=OuterRef("pk"), user_id=person, fact=Opening.Fact.OPENED
    )
    found = readable(readers).annotate(was_opened=Exists(opened))
    if not wish.past:
        found = found.filter(superseded_by=None, withdrawn_at=None)
    if wish.company:
        found = found.filter(company_id=wish.company)
    if wish.category:
        found = found.filter(category=wish.category)
    if wish.period:
        found = found.filter(Q(period=wish.period) | Q(period__startswith=f"{wish.period}-"))
    if wish.due_from:
        found = found.filter(due_date__gte=wish.due_from)
    if wish.unread:
        found = found.filter(was_opened=False)
    if wish.words.strip():
        found = found.filter(
            search=SearchQuery(wish.words, config="portuguese", search_type="websearch")
        )
    order = ["due_date"] if wish.due_from else []
    return found.order_by(*order, F("was_opened").asc(), "-published_at", "-pk")


def one_document(readers: list[Reader], document: UUID) -> PortalDocument:
    """A document that the person may read. Raises NotFound."""
    found = (
        readable(readers).select_related("file", "delivery", "company").filter(pk=document).first()
    )
    if found is None:
        raise NotFound(f"document {document}")
    return found


def document_of_delivery(readers: list[Reader], delivery: UUID) -> PortalDocument:
    """As ``one_document``, by the delivery's id, which is what e-mails carry. Raises NotFound."""
    found = (
        readable(readers)
        .select_related("file", "delivery", "company")
        .filter(delivery_id=delivery)
        .first()
    )
    if found is None:
        raise NotFound(f"document of delivery {delivery}")
    return found


def was_opened_by(document: PortalDocument, person: UUID) -> bool:
    """Whether this person has opened the document."""
    return Opening.objects.filter(
        document=document, user_id=person, fact=Opening.Fact.OPENED
    ).exists()


def open_document(reader: Reader, document: PortalDocument, address: str | None) -> None:
    """Write that the signed-in person opened the document by their own act. People of the office open nothing: they look.

    Raises NotFound for a document that was withdrawn.
    """
    if document.withdrawn_at is not None:
        raise NotFound(f"document {document.pk}")
    if not reader.is_client:
        _look(reader, document, "portal.looked", address)
        return
    delivery = steps.locked(document.company_id, document.delivery_id)
    if not was_opened_by(document, reader.access.user_id):
        _note(reader, document, Opening.Fact.OPENED, address)
    if delivery.state == State.DELIVERED:
        steps.move(delivery, State.OPENED, user=reader.access.user_id)


def fetch_document(reader: Reader, document: PortalDocument, address: str | None) -> None:
    """Write that the content went out to the signed-in person. Raises NotFound for a document that was withdrawn."""
    if document.withdrawn_at is not None:
        raise NotFound(f"document {document.pk}")
    if reader.is_client:
        _note(reader, document, Opening.Fact.FETCHED, address)
    else:
        _look(reader, document, "portal.looked", address)


def seen_by(document: PortalDocument) -> list[Opening]:
    """Every fact about a document, oldest first: who of us saw what."""
    return list(Opening.objects.filter(document=document).order_by("at", "id"))


def _note(
    reader: Reader, document: PortalDocument, fact: Opening.Fact, address: str | None
) -> None:
    person = User.objects.get(pk=reader.access.user_id)
    Opening.objects.create(
        company_id=document.company_id,
        document=document,
        user=person,
        fact=fact,
        who=f"{person.name} <{person.email}>".strip(),
        address=address,
    )
    _look(reader, document, f"portal.{fact.value}", address)


def _look(reader: Reader, document: PortalDocument, action: str, address: str | None) -> None:
    record(
        action,
        user=reader.access.user_id,
        company=document.company_id,
        subject=document.pk,
        address=address,
    )
