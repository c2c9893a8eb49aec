"""Facts and headings that reports share; in: parameters, out: translated words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from razao.companies.models import Party
from razao.reports.parameters import Parameters
from razao.reports.render.text import cell_text
from razao.reports.sheet import Kind


def facts_of(parameters: Parameters, **more: str) -> Mapping[str, str]:
    """What stands under a report's title: company, tax number, period, currency and what narrows it."""
    company = parameters.company
    first = cell_text(parameters.start, Kind.DATE, parameters.language)
    last = cell_text(parameters.end, Kind.DATE, parameters.language)
    facts = {
        _("Company"): company.name,
        _("Tax number"): company.tax_id,
        _("Period"): f"{first} – {last}",
        _("Currency"): company.currency,
    }
    if parameters.account:
        facts[_("Account")] = parameters.account
    party = parameters.party and Party.objects.filter(company=company, pk=parameters.party).first()
    if party:
        facts[_("Party")] = f"{party.tax_id} {party.name}".strip()
    if parameters.cost_center:
        facts[_("Cost centre")] = parameters.cost_center
    if parameters.journal:
        facts[_("Journal")] = parameters.journal
    return facts | more
