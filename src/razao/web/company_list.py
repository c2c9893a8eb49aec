"""The list of an office's companies: in: the request's address, out: ordered, narrowed by ``?q=``, a page of rows at a time."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from razao.companies.models import Company
from razao.companies.rights import OfficeAccess
from razao.web.company_finder import folded
from razao.web.listing import Column, Listing, listing


def company_list(request: HttpRequest, access: OfficeAccess) -> Listing:
    """The active companies of the office, as the address asks for them."""
    columns = (
        Column("code", gettext("Code"), order=("code",)),
        Column("name", gettext("Company"), order=("name",)),
        Column("tax_id", gettext("Tax number"), order=("tax_id",)),
        Column("country", gettext("Country"), order=("country", "region")),
    )
    shown = listing(request, columns, default="code")
    found = Company.objects.filter(office=access.office, active=True).order_by(*shown.order_by)
    words = folded(shown.value("q")).split()
    if not words:
        return shown.load(found, found.count())
    fitting = _having(found, words)
    return shown.load(fitting, len(fitting))


def _having(found: QuerySet[Company], words: list[str]) -> list[Company]:
    """Those that have every word in name, code or tax number; accents do not matter, so the database cannot be asked."""
    return [
        company
        for company in found
        if all(
            word in f"{folded(company.name)} {company.code.casefold()} {company.tax_id}"
            for word in words
        )
    ]
