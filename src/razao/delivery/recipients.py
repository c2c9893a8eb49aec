"""Who may read: in: a company and a category, out: its client users with the right; in: a person, out: the categories they read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from razao.companies.models import Membership, Role, User
from razao.companies.planned import planned
from razao.companies.rights import Access, May, client_of, company_for
from razao.delivery.models import (
    EVERY_CATEGORY,
    PortalDocument,
    PortalRight,
    PortalSubscription,
)
from razao.kernel.problems import NotFound

READERS = "SELECT * FROM delivery_readers(%s)"


@dataclass(frozen=True, slots=True)
class Reader:
    """A person in front of a company's portal."""

    access: Access
    categories: frozenset[str]
    """codes, or EVERY_CATEGORY alone"""
    second_factor: bool

    @property
    def is_client(self) -> bool:
        return self.access.role is Role.CLIENT

    @property
    def every(self) -> bool:
        return EVERY_CATEGORY in self.categories


def recipients(company: UUID, category: str) -> list[User]:
    """Client users of the company who may read ``category``, by name."""
    entitled = PortalRight.objects.filter(
        company_id=company, category__in=[category, EVERY_CATEGORY]
    ).values("user_id")
    people = User.objects.filter(
        is_active=True,
        pk__in=Membership.objects.filter(
            company_id=company, role=Role.CLIENT, user_id__in=entitled
        ).values("user_id"),
    )
    return sorted(people, key=lambda person: str(person).casefold())


def is_active(company: UUID) -> bool:
    """Whether the company has a portal."""
    return PortalSubscription.objects.filter(company_id=company, active=True).exists()


def reader_for(user_id: UUID, company_id: UUID) -> Reader:
    """The person as reader of one company's portal; the session then acts for it alone.

    People of the office read every category. Raises NotFound for a foreign company and for one without a portal.
    """
    return _reader(company_for(user_id, company_id, May.SEE_PORTAL))


def readers_for(user_id: UUID) -> list[Reader]:
    """The person as client of each of their companies that has a portal; the session then acts for all of them.

    One round trip (``delivery_readers``): every page of the portal begins with it.
    """
    return [
        Reader(client_of(user_id, company), frozenset(categories), second_factor)
        for *company, second_factor, categories in planned(READERS, [user_id])
    ]


def _reader(access: Access) -> Reader:
    company = access.company.pk
    subscription = PortalSubscription.objects.filter(company_id=company, active=True).first()
    if subscription is None:
        raise NotFound(f"portal of {company}")
    if access.role is not Role.CLIENT:
        return Reader(access, frozenset({EVERY_CATEGORY}), False)
    rights = PortalRight.objects.filter(company_id=company, user_id=access.user_id)
    return Reader(
        access, frozenset(rights.values_list("category", flat=True)), subscription.second_factor
    )


def readable(readers: list[Reader]) -> QuerySet[PortalDocument]:
    """The documents that these readers (one person's) may see, withdrawn and superseded ones included."""
    may = Q(pk__in=[])
    for reader in readers:
        company = Q(company_id=reader.access.company.pk)
        may |= company if reader.every else company & Q(category__in=reader.categories)
    return PortalDocument.objects.filter(may)
