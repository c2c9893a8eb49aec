"""The door of every page of a company or an office: in: the request and an id, out: the person's access, remembered for the frame."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from razao.companies.rights import Access, May, OfficeAccess, company_for, office_for
from razao.web import figures

#: Session key: the ids of the companies last worked on, newest first.
LAST = "last_companies"
REMEMBERED = 10


def company_desk(request: HttpRequest, company: UUID, right: May | None = None) -> Access:
    """Access to ``company`` for the signed-in person; from here the transaction acts for it alone.

    The frame (rail, top bar) shows this company. Raises NotFound and Refused as ``company_for`` does.
    """
    access = company_for(person_id(request), company, right)
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
    request.office_access = access  # type: ignore[attr-defined]
    return access


def last_companies(request: HttpRequest) -> list[str]:
    """Ids of the companies last worked on, newest first; rights are asked anew when one is opened."""
    return [str(one) for one in request.session.get(LAST, [])]


def person_id(request: HttpRequest) -> UUID:
    """Id of the signed-in person."""
    identity = request.user.pk
    if not isinstance(identity, UUID):
        raise TypeError("the page needs login_required: nobody is signed in")
    return identity
