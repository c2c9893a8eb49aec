"""The door of every page of a company or an office: in: the request and an id, out: the person's access, remembered for the frame."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from razao.companies.models import Office, Role
from razao.companies.rights import Access, May, OfficeAccess, company_for, office_for
from razao.web import figures

#: Session key: the ids of the companies last worked on, newest first.
LAST = "last_companies"
REMEMBERED = 10


class SecondFactorMissing(Exception):
    """The office or company of this person asks for a second factor, and the person has none yet."""


def company_desk(request: HttpRequest, company: UUID, right: May | None = None) -> Access:
    """Access to ``company`` for the signed-in person; from here the transaction acts for it alone.

    The frame (rail, top bar) shows this company. Raises NotFound and Refused as ``company_for`` does, and
    SecondFactorMissing, which becomes the page where one is set up.
    """
    access = company_for(person_id(request), company, right)
    if access.role is not Role.CLIENT:
        _need_second_factor(request, access.company.office)
    request.access = access  # type: ignore[attr-defined]
    figures.write_in(access.company.currency)
    last = request.session.get(LAST, [])
    if last[:1] != [str(company)]:
        others = [one for one in last if one != str(company)]
        request.session[LAST] = [str(company), *others][:REMEMBERED]
    return access


def office_desk(request: HttpRequest, right: May | None = None) -> OfficeAccess:
    """Access to the person's office; from here the transaction acts for all its companies."""
    access = office_for(person_id(request), None, right)
    _need_second_factor(request, access.office)
    request.office_access = access  # type: ignore[attr-defined]
    return access


def _need_second_factor(request: HttpRequest, office: Office) -> None:
    if office.second_factor and not is_mfa_enabled(request.user):
        raise SecondFactorMissing


def last_companies(request: HttpRequest) -> list[str]:
    """Ids of the companies last worked on, newest first; rights are asked anew when one is opened."""
    return [str(one) for one in request.session.get(LAST, [])]


def person_id(request: HttpRequest) -> UUID:
    """Id of the signed-in person."""
    identity = request.user.pk
    if not isinstance(identity, UUID):
        raise TypeError("the page needs login_required: nobody is signed in")
    return identity
