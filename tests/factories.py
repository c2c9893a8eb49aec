"""Things that tests need: an office, a company with open books, people with rights; each call makes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from razao.companies.models import Company, Membership, Office, Role, User
from razao.companies.opening import open_company, open_office
from razao.companies.rights import Access, company_for
from razao.kernel.tenancy import act_as
from razao.ledger.opening import open_books

PASSWORD = "uma frase comprida"
YEARS = (2024, 2025, 2026)
_number = count(1)


def a_user(name: str = "Ana") -> User:
    """A person without any right."""
    return User.objects.create_user(
        f"{name.lower()}{next(_number)}@example.pt", PASSWORD, name=name
    )


def an_office(name: str = "Gabinete", country: str = "PT") -> tuple[Office, User]:
    """An office and its administrator. The session then acts for that office."""
    administrator = a_user("Admin")
    return open_office(name, country, administrator), administrator


def a_person(office: Office, role: Role = Role.ACCOUNTANT, *, by: User) -> User:
    """A person with an office role, given by ``by``."""
    person = a_user(role.label)
    act_as(user=by.pk, office=office.pk)
    Membership.objects.create(user=person, office=office, role=role)
    return person


def a_client(company: Company, *, by: User) -> User:
    """A client user of ``company``."""
    person = a_user("Cliente")
    act_as(user=by.pk, office=company.office_id, companies=[company.pk])
    Membership.objects.create(user=person, company=company, role=Role.CLIENT)
    return person


def a_company(
    country: str = "PT",
    code: str = "c1",
    *,
    office: tuple[Office, User] | None = None,
    years: Sequence[int] = YEARS,
    tax_id: str = "501964843",
    region: str = "",
) -> Access:
    """A company with open books; answers with its administrator's access, and the session acts for it alone."""
    house, administrator = office or an_office(country=country)
    company = open_company(
        administrator.pk,
        house,
        code=code,
        name=f"Empresa {code}, Lda.",
        tax_id=tax_id,
        country=country,
        region=region,
    )
    access = company_for(administrator.pk, company.pk)
    open_books(access.company, administrator.pk, years)
    return access
