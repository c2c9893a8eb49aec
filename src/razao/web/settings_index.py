"""The first page of the settings: in: a company or an office, out: every section that exists and what it is for."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from razao.companies.rights import May
from razao.web.desk import company_desk, office_desk


class Section(NamedTuple):
    """A page of the settings. Parts add theirs here; one whose address does not exist is not shown."""

    label: Any
    text: Any
    name: str
    right: May
    icon: str


OF_COMPANY = (
    Section(_("Company"), _("Name, tax number, region, address."), "settings:company", May.CONFIGURE, "company"),
    Section(_("Years and periods"), _("Open a year; close and reopen periods."), "settings:periods", May.SEE_BOOKS, "calendar"),
    Section(_("Chart of accounts"), _("Accounts, their kind, party and counterpart."), "ledger:accounts", May.SEE_BOOKS, "ledger"),
    Section(_("Journals and entry types"), _("Where entries are numbered."), "ledger:journals", May.SEE_BOOKS, "ledger"),
    Section(_("VAT codes"), _("Modality, rate and accounts of each code."), "settings:vat", May.SEE_BOOKS, "report"),
    Section(_("Posting of digitised documents"), _("Journals, classifier, VAT and withholding of purchases and sales."), "capture:profile", May.SEE_BOOKS, "scan"),
    Section(_("Billing sources"), _("Where sales documents come from."), "billing:sources", May.SEE_BOOKS, "billing"),
    Section(_("Posting codes"), _("Accounts of revenue, discounts and VAT for each rate."), "billing:configuration", May.SEE_BOOKS, "billing"),
    Section(_("Take over a company"), _("Books and rules from the file of its former software."), "billing:takeovers", May.CONFIGURE, "upload"),
    Section(_("Client portal"), _("Activation, client users and their rights."), "delivery:portal-settings", May.CONFIGURE, "send"),
    Section(_("Folders of the archive"), _("Routes of the four folders and their state."), "archive:routes", May.CONFIGURE, "archive"),
    Section(_("Legal holds"), _("What may not be deleted, whatever its term."), "archive:holds", May.CONFIGURE, "lock"),
)  # fmt: skip
OF_OFFICE = (
    Section(_("Companies"), _("All companies of the office; create one."), "settings:companies", May.SEE_BOOKS, "company"),
    Section(_("People"), _("Who works here, with which role; invite somebody."), "settings:people", May.ADMINISTER, "people"),
    Section(_("Office"), _("Name, time zone, how often documents are fetched."), "settings:office", May.ADMINISTER, "settings"),
    Section(_("Mailboxes"), _("Where clients and suppliers send documents, and whose each address is."), "settings:mailboxes", May.REVIEW, "send"),
    Section(_("Keys for programs"), _("Access of other programs to the API."), "settings:keys", May.SEE_BOOKS, "key"),
)  # fmt: skip


@login_required
def index(request: HttpRequest, company: UUID | None = None) -> HttpResponse:
    """The sections that the person may open, those of the company first."""
    access = company_desk(request, company) if company else office_desk(request)
    access.require(May.SEE_BOOKS)
    groups = []
    if company:
        found = _found(OF_COMPANY, {"company": company}, access.may)
        groups.append((getattr(access, "company").name, found))  # noqa: B009
    groups.append((_("The whole office"), _found(OF_OFFICE, {}, access.may)))
    return render(request, "razao/settings/index.html", {"groups": groups})


def _found(sections: tuple[Section, ...], kwargs: dict[str, Any], may: Any) -> list[dict[str, Any]]:
    found = []
    for section in sections:
        try:
            href = reverse(section.name, kwargs=kwargs)
        except NoReverseMatch:
            continue
        if may(section.right):
            found.append({"section": section, "href": href})
    return found
