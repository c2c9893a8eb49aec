"""Rights: in: a person and what they ask for, out: the company with the role they have, or NotFound; the one place that decides.

Every way in (page, API, command, job) passes here. Having decided, it tells the database
(``kernel.tenancy.act_as``), whose row-level security then holds even for a view that forgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from razao.companies.models import Company, Membership, Office, Role, User
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import act_as


class May(Enum):
    """Things a role may do."""

    SEE_BOOKS = "see_books"
    REVIEW = "review"
    """correct captured invoices, open parties' accounts, post them"""
    POST = "post"
    """post and reverse anything, integrate billing, send reports"""
    CONFIGURE = "configure"
    """accounts, codes, profiles, sources, periods of a company"""
    ADMINISTER = "administer"
    """people, companies, office settings"""
    SEE_PORTAL = "see_portal"


_CLERK = frozenset({May.SEE_BOOKS, May.REVIEW, May.SEE_PORTAL})
_ACCOUNTANT = _CLERK | {May.POST, May.CONFIGURE}
RIGHTS: dict[Role, frozenset[May]] = {
    Role.READ_ONLY: frozenset({May.SEE_BOOKS, May.SEE_PORTAL}),
    Role.CLERK: _CLERK,
    Role.ACCOUNTANT: _ACCOUNTANT,
    Role.ADMINISTRATOR: _ACCOUNTANT | {May.ADMINISTER},
    Role.CLIENT: frozenset({May.SEE_PORTAL}),
}


#: Columns of a company that ``companies_client_companies`` gives, before its office's name and time zone.
CLIENT_COLUMNS = ["id", "office_id", "code", "name", "tax_id", "country", "region", "currency"]
OFFICE_COLUMNS = ["id", "name", "time_zone"]


@dataclass(frozen=True, slots=True)
class Access:
    """A person at work on a company, with the role they have there."""

    user_id: UUID
    company: Company
    role: Role

    def may(self, right: May) -> bool:
        return right in RIGHTS[self.role]

    def require(self, right: May) -> None:
        """Raise Refused (``rights.not_allowed``) unless the role has ``right``."""
        if not self.may(right):
            raise Refused(
                Problem("rights.not_allowed", where=right.value, values={"role": str(self.role)})
            )


@dataclass(frozen=True, slots=True)
class OfficeAccess:
    """A person at work on a whole office."""

    user_id: UUID
    office: Office
    role: Role

    def may(self, right: May) -> bool:
        return right in RIGHTS[self.role]

    def require(self, right: May) -> None:
        """Raise Refused (``rights.not_allowed``) unless the role has ``right``."""
        if not self.may(right):
            raise Refused(
                Problem("rights.not_allowed", where=right.value, values={"role": str(self.role)})
            )


def memberships_of(user_id: UUID) -> list[Membership]:
    """The person's memberships, offices first. Acts for no company afterwards."""
    act_as(user=user_id)
    rows = Membership.objects.filter(user_id=user_id, user__is_active=True)
    return sorted(rows, key=lambda m: (m.office_id is None, str(m.pk)))


def company_for(
    user_id: UUID, company_id: UUID, right: May | None = None, *, using: str = "default"
) -> Access:
    """The company for this person; from here to the end of the transaction the session acts for it alone.

    Raises NotFound when it does not exist or is not theirs (the two are never told apart), and Refused
    when the role lacks ``right``.
    """
    for membership in memberships_of(user_id):
        if membership.company_id == company_id:
            act_as(user=user_id, companies=[company_id], using=using)
            company = Company.objects.get(pk=company_id)
        elif membership.office_id is not None:
            act_as(user=user_id, office=membership.office_id, using=using)
            rows = Company.objects.select_related("office")
            found = rows.filter(pk=company_id, office_id=membership.office_id).first()
            if found is None:
                continue
            company = found
            act_as(user=user_id, office=membership.office_id, companies=[company_id], using=using)
            _at_home_in(company.office)
        else:
            continue
        access = Access(user_id, company, Role(membership.role))
        if right is not None:
            access.require(right)
        return access
    raise NotFound(f"company {company_id}")


def company_by_code(
    user_id: UUID, code: str, right: May | None = None, *, office: UUID | None = None
) -> Access:
    """As ``company_for``, by the company's code in one of the person's offices, or in ``office`` alone (commands, folders).

    Raises Refused (``companies.code_in_several``) where two offices have a company of this code: nobody's is guessed.
    """
    found: list[UUID] = []
    for membership in memberships_of(user_id):
        if membership.office_id is None or office not in (None, membership.office_id):
            continue
        act_as(user=user_id, office=membership.office_id)
        rows = Company.objects.filter(office_id=membership.office_id, code=code)
        found += rows.values_list("pk", flat=True)
    if not found:
        raise NotFound(f"company {code}")
    if len(found) > 1:
        raise Refused(Problem("companies.code_in_several", where=code))
    return company_for(user_id, found[0], right)


def office_for(
    user_id: UUID, office_id: UUID | None = None, right: May | None = None
) -> OfficeAccess:
    """The office for this person (their first when none is named); the session then acts for all its companies.

    Raises NotFound and Refused as ``company_for`` does.
    """
    for membership in memberships_of(user_id):
        if membership.office_id is None or office_id not in (None, membership.office_id):
            continue
        act_as(user=user_id, office=membership.office_id)
        companies = list(
            Company.objects.filter(office_id=membership.office_id).values_list("pk", flat=True)
        )
        act_as(user=user_id, office=membership.office_id, companies=companies)
        office = Office.objects.get(pk=membership.office_id)
        _at_home_in(office)
        access = OfficeAccess(user_id, office, Role(membership.role))
        if right is not None:
            access.require(right)
        return access
    raise NotFound(f"office {office_id}")


def companies_of(user_id: UUID) -> list[tuple[Company, Role]]:
    """Every company the person reaches with their role there, by code; for the switcher and the portal.

    Leaves the session acting for no company.
    """
    reached: dict[UUID, tuple[Company, Role]] = {}
    for membership in memberships_of(user_id):
        if membership.office_id is not None:
            act_as(user=user_id, office=membership.office_id)
            rows = Company.objects.filter(office_id=membership.office_id, active=True)
        else:
            act_as(user=user_id, companies=[membership.company_id] if membership.company_id else [])
            rows = Company.objects.filter(memberships=membership, active=True)
        for company in rows:
            reached.setdefault(company.pk, (company, Role(membership.role)))
    act_as(user=user_id)
    return sorted(reached.values(), key=lambda pair: pair[0].code)


def client_of(user_id: UUID, company: Sequence[Any]) -> Access:
    """The person as client of a company that ``companies_client_companies`` found for them: its columns, the office's name and
    time zone last.

    That function decides and tells the database who acts (SQL, so that the portal asks once); this only gives it form. The
    company carries its office's name and time zone, and no more of the office.
    """
    found = Company.from_db(connection.alias, CLIENT_COLUMNS, company[:-2])
    found.office = Office.from_db(connection.alias, OFFICE_COLUMNS, [company[1], *company[-2:]])
    _at_home_in(found.office)
    return Access(user_id, found, Role.CLIENT)


def _at_home_in(office: Office) -> None:
    """From here instants are shown, and "today" is, in the office's time zone: for this thread, until somebody else acts."""
    timezone.activate(ZoneInfo(office.time_zone))


def system_user() -> User:
    """The person that timers and the command line act as when nobody is signed in: has no password and cannot sign in."""
    user, _ = User.objects.get_or_create(
        email="sistema@razao.invalid", defaults={"name": "Razão", "password": "!"}
    )
    return user
