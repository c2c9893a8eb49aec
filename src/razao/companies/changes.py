"""Changes of an office and its companies: in: an administrator's word, out: changed rows, each on the trail of acts."""

from __future__ import annotations

from uuid import UUID

from razao.companies.models import Company, Office, User
from razao.companies.rights import Access, May, OfficeAccess
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused


def change_office(
    access: OfficeAccess, *, name: str, time_zone: str, reception_minutes: int, second_factor: bool
) -> None:
    """New name, time zone, minutes between two receptions, and whether its people need a second factor.

    Raises Refused (``rights.not_allowed``).
    """
    access.require(May.ADMINISTER)
    Office.objects.filter(pk=access.office.pk).update(
        name=name,
        time_zone=time_zone,
        reception_minutes=reception_minutes,
        second_factor=second_factor,
    )
    details = {"second_factor": second_factor}
    record("office.changed", user=access.user_id, subject=access.office.pk, details=details)


def change_company(
    access: Access, *, code: str, name: str, tax_id: str, region: str, address: str
) -> None:
    """New particulars of a company; country and currency stay, as the books stand in them.

    Raises Refused: ``rights.not_allowed``, ``companies.code_taken``.
    """
    access.require(May.CONFIGURE)
    company = access.company
    same = Company.objects.filter(office_id=company.office_id, code=code).exclude(pk=company.pk)
    if same.exists():
        raise Refused(Problem("companies.code_taken", where=code))
    Company.objects.filter(pk=company.pk).update(
        code=code, name=name, tax_id=tax_id, region=region or company.country, address=address
    )
    record("company.changed", user=access.user_id, company=company.pk, subject=code)


def change_own(person: UUID, *, name: str, language: str, theme: str) -> None:
    """A person's own name, language and theme."""
    User.objects.filter(pk=person).update(name=name, language=language, theme=theme)
