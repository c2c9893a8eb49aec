"""The portal of a company (E1–E3): in: the office's word, out: portals active, people invited with rights by category.

An invitation's link holds a secret of which the digest alone is kept; it ends after a fortnight or with its
first use. ``synchronise`` brings many companies to what a list says.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from razao.companies.models import Membership, Role, User
from razao.companies.people import first_language
from razao.companies.rights import Access, May, OfficeAccess, company_by_code
from razao.companies.tokens import digest_of
from razao.delivery.catalogue import check_categories
from razao.delivery.models import (
    EVERY_CATEGORY,
    Invitation,
    PortalPreference,
    PortalRight,
    PortalSubscription,
)
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import act_as

DAYS = 14


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its link's secret, which is known here and then never again."""

    invitation: Invitation
    token: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One person of one company, as a synchronisation list says it."""

    company: str
    """the company's code"""
    email: str
    name: str = ""
    categories: tuple[str, ...] = (EVERY_CATEGORY,)


@dataclass(frozen=True, slots=True)
class Synchronised:
    """What a list brought about."""

    activated: int
    invited: tuple[Invited, ...]
    changed: int
    problems: tuple[Problem, ...]


def subscription_of(access: Access) -> PortalSubscription | None:
    """The company's portal, if it was ever activated."""
    return PortalSubscription.objects.filter(company=access.company).first()


def activate(
    access: Access, *, active: bool = True, second_factor: bool = False
) -> PortalSubscription:
    """Activate or end the company's portal. Raises Refused (``rights.not_allowed``)."""
    access.require(May.CONFIGURE)
    subscription, _ = PortalSubscription.objects.update_or_create(
        company=access.company,
        defaults={"active": active, "second_factor": second_factor},
        create_defaults={
            "active": active,
            "second_factor": second_factor,
            "activated_by_id": access.user_id,
        },
    )
    _record(access, "portal.activated" if active else "portal.ended", access.company.code)
    return subscription


def invite(
    access: Access, *, email: str, name: str = "", categories: Sequence[str] = (EVERY_CATEGORY,)
) -> Invited:
    """Invite ``email`` to the company's portal; an open invitation to the same address ends.

    Raises Refused: ``rights.not_allowed``, ``delivery.portal_inactive``, ``delivery.category_unknown``,
    ``invitation.already_there``.
    """
    access.require(May.CONFIGURE)
    address = email.strip().lower()
    _refuse(_problems_of_invitation(access, address, categories))
    open_ones = Invitation.objects.filter(company=access.company, email=address)
    open_ones.filter(accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        company=access.company,
        email=address,
        name=name,
        categories=sorted(set(categories)),
        digest=digest_of(secret),
        invited_by_id=access.user_id,
        expires_at=timezone.now() + timedelta(days=DAYS),
    )
    _record(access, "portal.invited", address)
    return Invited(invitation, f"{access.company.pk.hex}.{secret}")


def _problems_of_invitation(access: Access, email: str, categories: Sequence[str]) -> list[Problem]:
    problems = check_categories([code for code in categories if code != EVERY_CATEGORY])
    if not PortalSubscription.objects.filter(company=access.company, active=True).exists():
        problems.append(Problem("delivery.portal_inactive", where=access.company.name))
    if Membership.objects.filter(company=access.company, user__email=email).exists():
        problems.append(Problem("invitation.already_there", where=email))
    return problems


def revoke(access: Access, invitation: UUID) -> None:
    """End an open invitation. Raises NotFound."""
    access.require(May.CONFIGURE)
    found = Invitation.objects.filter(company=access.company, pk=invitation, accepted_at=None)
    if not found.update(revoked_at=timezone.now()):
        raise NotFound(f"invitation {invitation}")
    _record(access, "portal.invitation_revoked", invitation)


def invitation_of(token: str, *, lock: bool = False) -> Invitation:
    """The invitation behind a link; from here to the end of the transaction the session acts for its company.

    ``lock``: whoever takes it up at the same moment waits here, and finds it used.

    Raises NotFound for a secret that nobody has, Refused (``invitation.ended``) for one that was used, revoked
    or has expired.
    """
    company, _, secret = token.partition(".")
    try:
        company_id = UUID(hex=company)
    except ValueError:
        raise NotFound("invitation") from None
    act_as(companies=[company_id])
    rows = Invitation.objects.select_related("company").filter(company_id=company_id)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(digest=digest_of(secret)).first()
    if found is None:
        act_as()
        raise NotFound("invitation")
    if found.accepted_at or found.revoked_at or found.expires_at <= timezone.now():
        raise Refused(Problem("invitation.ended", where=found.email))
    return found


def accept(token: str, *, person: User | None, name: str = "", password: str = "") -> User:
    """Take up an invitation, as ``person`` who is signed in, or as a new person with a password.

    The address of the invitation is the person's: raises Refused (``invitation.sign_in_first``) when it has an
    account and its owner is not the one signed in. Raises as ``invitation_of``.
    """
    invitation = invitation_of(token, lock=True)
    owner = User.objects.filter(email=invitation.email).first()
    if owner is not None and (person is None or owner.pk != person.pk):
        raise Refused(Problem("invitation.sign_in_first", where=invitation.email))
    user = owner or User.objects.create_user(
        invitation.email,
        password,
        name=name.strip() or invitation.name,
        language=first_language(invitation.company.country),
    )
    Membership.objects.get_or_create(
        user=user, company_id=invitation.company_id, defaults={"role": Role.CLIENT}
    )
    _set_rights(invitation.company_id, user, invitation.categories)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record("portal.joined", user=user.pk, company=invitation.company_id, subject=user.email)
    return user


def give_rights(access: Access, user: UUID, categories: Sequence[str]) -> None:
    """Set which categories a client user reads. Raises NotFound, and Refused (``delivery.category_unknown``)."""
    access.require(May.CONFIGURE)
    _refuse(check_categories([code for code in categories if code != EVERY_CATEGORY]))
    member = _client(access, user)
    _set_rights(access.company.pk, member.user, categories)
    _record(access, "portal.rights_changed", member.user.email)


def client_of(access: Access, user: UUID) -> User:
    """A client user of the company. Raises NotFound."""
    return _client(access, user).user


def remove_client(access: Access, user: UUID) -> None:
    """Take the company's portal away from a person; what they opened stays on record. Raises NotFound."""
    access.require(May.CONFIGURE)
    member = _client(access, user)
    PortalRight.objects.filter(company=access.company, user_id=user).delete()
    PortalPreference.objects.filter(company=access.company, user_id=user).delete()
    _record(access, "portal.left", member.user.email)
    member.delete()


def synchronise(access: OfficeAccess, rows: Iterable[ListRow]) -> Synchronised:
    """Activate portals, invite people and set rights as a list says; nobody is removed. The same list again changes nothing."""
    access.require(May.CONFIGURE)
    activated, changed = 0, 0
    invited: list[Invited] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            with transaction.atomic():
                company = company_by_code(
                    access.user_id, row.company, May.CONFIGURE, office=access.office.pk
                )
                if not PortalSubscription.objects.filter(
                    company=company.company, active=True
                ).exists():
                    activate(company)
                    activated += 1
                one = _synchronise_person(company, row)
        except NotFound:
            problems.append(Problem("invitation.company_missing", where=row.company))
        except Refused as refusal:
            problems += refusal.problems
        else:
            invited += [one] if isinstance(one, Invited) else []
            changed += one is True
    return Synchronised(activated, tuple(invited), changed, tuple(problems))


def _synchronise_person(access: Access, row: ListRow) -> Invited | bool:
    """An invitation for somebody new; True when the rights of a member changed, else False."""
    email = row.email.strip().lower()
    member = Membership.objects.filter(company=access.company, user__email=email).first()
    wanted = sorted(set(row.categories))
    if member is not None:
        rights = PortalRight.objects.filter(company=access.company, user_id=member.user_id)
        if sorted(rights.values_list("category", flat=True)) == wanted:
            return False
        give_rights(access, member.user_id, wanted)
        return True
    waiting = Invitation.objects.filter(
        Q(company=access.company, email=email, accepted_at=None, revoked_at=None),
        expires_at__gt=timezone.now(),
    ).first()
    if waiting is not None and waiting.categories == wanted:
        return False
    return invite(access, email=email, name=row.name, categories=wanted)


def _client(access: Access, user: UUID) -> Membership:
    found = (
        Membership.objects.select_related("user")
        .filter(company=access.company, user_id=user, role=Role.CLIENT)
        .first()
    )
    if found is None:
        raise NotFound(f"client {user}")
    return found


def _set_rights(company: UUID, user: User, categories: Iterable[str]) -> None:
    wanted = set(categories)
    rights = PortalRight.objects.filter(company_id=company, user=user)
    rights.exclude(category__in=wanted).delete()
    there = set(rights.values_list("category", flat=True))
    PortalRight.objects.bulk_create(
        PortalRight(company_id=company, user=user, category=category)
        for category in sorted(wanted - there)
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(*problems)


def _record(access: Access, action: str, subject: object) -> None:
    record(action, user=access.user_id, company=access.company.pk, subject=subject)
