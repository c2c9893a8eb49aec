"""Companies through the API: which ones a program reaches, and what each is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from razao.api.person import person_id
from razao.companies.models import Company
from razao.companies.rights import companies_of, company_for

router = Router(tags=["companies"])


class CompanyOut(Schema):
    id: UUID
    code: str
    name: str
    tax_id: str
    country: str
    currency: str
    role: str


def _out(company: Company, role: str) -> CompanyOut:
    return CompanyOut(
        id=company.pk,
        code=company.code,
        name=company.name,
        tax_id=company.tax_id,
        country=company.country,
        currency=company.currency,
        role=role,
    )


@router.get("", response=list[CompanyOut])
def list_companies(request: HttpRequest) -> list[CompanyOut]:
    """Companies that the person behind the key reaches, by code."""
    return [_out(company, str(role)) for company, role in companies_of(person_id(request))]


@router.get("/{company_id}", response=CompanyOut)
def one_company(request: HttpRequest, company_id: UUID) -> CompanyOut:
    """One company."""
    access = company_for(person_id(request), company_id)
    return _out(access.company, str(access.role))
