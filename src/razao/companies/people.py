"""People of an office: in: an administrator's word, out: memberships; nobody is left without an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from razao.companies.models import ApiToken, Company, Membership, Role, User
from razao.companies.rights import May, OfficeAccess, system_user
from razao.countries.pack import available, load
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import act_as


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited; ``new`` when the person has yet to choose a password."""

    user: User
    membership: Membership
    new: bool


def people_of(access: OfficeAccess) -> list[Membership]:
    """Memberships of the office and of its companies' client users, by name; the system's own user is left out."""
    rows = (
        Membership.objects.select_related("user", "company")
        .filter(user__is_active=True)
        .exclude(user=system_user())
    )
    return sorted(rows, key=lambda m: (m.office_id is None, str(m.user).casefold()))


def invite(
    access: OfficeAccess, *, email: str, name: str, role: Role, company: UUID | None = None
) -> Invited:
    """Give ``email`` a role in the office, or as client user of ``company``.

    Raises Refused: ``rights.not_allowed``, ``people.company_missing`` for a client without a company,
    ``people.already_there`` when the person has a role there, ``people.unproven`` when the address has an account of
    other offices alone that nobody has shown to be the address's owner's: whoever made it could be sitting there.
    """
    access.require(May.ADMINISTER)
    is_client = role is Role.CLIENT
    if is_client and company is None:
        raise Refused(Problem("people.company_missing", where=email))
    place = _company(access, company) if is_client and company else None
    user = User.objects.filter(email=email.strip().lower()).first()
    new = user is None
    country = place.country if place else access.office.country
    language = first_language(country)
    if user and not user.proven_at and not Membership.objects.filter(user=user).exists():
        raise Refused(Problem("people.unproven", where=user.email))
    user = user or User.objects.create_user(email, None, name=name, language=language)
    where = {"company": place} if place else {"office": access.office}
    if Membership.objects.filter(user=user, **where).exists():
        raise Refused(Problem("people.already_there", where=user.email))
    membership = Membership.objects.create(user=user, role=role, **where)
    _record(access, "people.invited", membership)
    return Invited(user, membership, new)


def prove(user: User) -> bool:
    """Write down that ``user`` reads what is sent to the address. The first time, True: keys made before it are taken away.

    The session acts for the person afterwards, for no company.
    """
    act_as(user=user.pk)
    if user.proven_at:
        return False
    user.proven_at = timezone.now()
    user.save(update_fields=["proven_at"])
    ApiToken.objects.filter(user=user).delete()
    record("person.proven", user=user.pk, subject=user.email)
    return True


def first_language(country: str) -> str:
    """The language of somebody of ``country`` who has not chosen one yet."""
    return load(country).interface_language if country in available() else "pt"


def change_role(access: OfficeAccess, membership_id: UUID, role: Role) -> Membership:
    """Another role in the office. Raises Refused (``people.last_administrator``, ``people.role_of_client``) and NotFound."""
    access.require(May.ADMINISTER)
    membership = _membership(access, membership_id)
    if membership.office_id is None or role is Role.CLIENT:
        raise Refused(Problem("people.role_of_client", where=str(membership.user)))
    if role is not Role.ADMINISTRATOR:
        _keep_an_administrator(access, membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)
    membership.role = role
    _record(access, "people.role_changed", membership)
    return membership


def remove(access: OfficeAccess, membership_id: UUID) -> User:
    """Take the role away; the person and what they did stay on record. Raises as ``change_role`` does."""
    access.require(May.ADMINISTER)
    membership = _membership(access, membership_id)
    _keep_an_administrator(access, membership)
    _record(access, "people.removed", membership)
    membership.delete()
    return membership.user


def _company(access: OfficeAccess, company: UUID) -> Company:
    found = Company.objects.filter(pk=company, office=access.office).first()
    if found is None:
        raise NotFound(f"company {company}")
    return found


def _membership(access: OfficeAccess, membership_id: UUID) -> Membership:
    found = (
        Membership.objects.select_related("user", "company")
        .filter(pk=membership_id)
        .exclude(user=system_user())
        .first()
    )
    if found is None:
        raise NotFound(f"membership {membership_id}")
    return found


def _keep_an_administrator(access: OfficeAccess, leaving: Membership) -> None:
    if leaving.role != Role.ADMINISTRATOR:
        return
    others = (
        Membership.objects.filter(
            office=access.office, role=Role.ADMINISTRATOR, user__is_active=True
        )
        .exclude(pk=leaving.pk)
        .exclude(user=system_user())
    )
    if not others.exists():
        raise Refused(Problem("people.last_administrator", where=str(leaving.user)))


def _record(access: OfficeAccess, action: str, membership: Membership) -> None:
    record(
        action,
        user=access.user_id,
        company=membership.company_id,
        subject=membership.user.email,
        details={"role": str(membership.role), "office": str(access.office.pk)},
    )
