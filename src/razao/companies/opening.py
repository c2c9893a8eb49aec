"""Opening an office and a company: in: what a person says of them, out: rows with the first rights.

The company's books (chart, journals, codes) are opened by the ledger, which builds on this.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings

from razao.companies.models import Company, FiscalYear, Membership, Office, Role, User
from razao.companies.rights import May, OfficeAccess, office_for, system_user
from razao.countries.pack import available, load
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused
from razao.kernel.tenancy import act_as, new_id


def open_office(name: str, country: str, administrator: User) -> Office:
    """Create an office whose first administrator is ``administrator``; the system's own user works in it too."""
    office_id = new_id()
    act_as(user=administrator.pk, office=office_id)
    zone = settings.TIME_ZONE  # of the installation, until the office chooses
    office = Office.objects.create(pk=office_id, name=name, country=country, time_zone=zone)
    Membership.objects.create(user=administrator, office=office, role=Role.ADMINISTRATOR)
    Membership.objects.create(user=system_user(), office=office, role=Role.ADMINISTRATOR)
    record("office.opened", user=administrator.pk, subject=office.pk)
    return office


def open_company(
    user_id: UUID,
    office: Office,
    *,
    code: str,
    name: str,
    tax_id: str,
    country: str = "PT",
    region: str = "",
) -> Company:
    """Create a company in ``office``. Raises Refused for a code in use or a country without a pack.

    Afterwards the session acts for all companies of the office, the new one among them.
    """
    access: OfficeAccess = office_for(user_id, office.pk, May.ADMINISTER)
    if country not in available():
        raise Refused(Problem("companies.country_unknown", where=country))
    if Company.objects.filter(office=access.office, code=code).exists():
        raise Refused(Problem("companies.code_taken", where=code))
    company = Company.objects.create(
        office=access.office,
        code=code,
        name=name,
        tax_id=tax_id,
        country=country,
        region=region or country,
        currency=load(country).currency,
    )
    office_for(user_id, office.pk)
    record("company.opened", user=user_id, company=company.pk, subject=code)
    return company


def open_fiscal_year(company: Company, year: int) -> FiscalYear:
    """The fiscal year that begins in ``year``, created when it is not there."""
    month = company.fiscal_year_start_month
    start = date(year, month, 1)
    end = date.fromordinal(date(year + 1, month, 1).toordinal() - 1)
    fiscal_year, _ = FiscalYear.objects.get_or_create(
        company=company, code=str(year), defaults={"start": start, "end": end}
    )
    return fiscal_year
