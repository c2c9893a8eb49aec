"""Search over everything: in: typed words, out: companies, accounts, parties, entries and settings that fit, each with its page.

A finder is one function from words to hits; a part of the site adds its own to FINDERS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from razao.companies.models import Company, Party, Role
from razao.companies.rights import Access, May, companies_of
from razao.ledger.models import Account, Entry
from razao.web.company_finder import fitting
from razao.web.desk import company_desk, last_companies, person_id
from razao.web.figures import day
from razao.web.templatetags.razao_ui import address

#: Hits of one kind that are shown.
SHOWN = 8
#: Entries are searched among the newest ones: older ones are reached through their account or journal.
NEWEST = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: how it is called, what else tells it apart, and its page."""

    title: str
    detail: str
    href: str


Finder = Callable[[Access, str], Iterator[Hit]]


def accounts(access: Access, typed: str) -> Iterator[Hit]:
    """Accounts whose code begins so, or whose name has the words."""
    name = Q()
    for word in typed.split():
        name &= Q(name__icontains=word)
    found = Account.objects.filter(Q(code__startswith=typed) | name, company=access.company)
    for account in found.order_by("code")[:SHOWN]:
        href = address("ledger:account", company=access.company.pk, code=account.code)
        yield Hit(f"{account.code} {account.name}", "", href)


def parties(access: Access, typed: str) -> Iterator[Hit]:
    """Parties by tax number or name; the page is that of their account."""
    found = Party.objects.filter(
        Q(tax_id__startswith=typed) | Q(name__icontains=typed), company=access.company
    )
    for party in found.prefetch_related("accounts").order_by("name")[:SHOWN]:
        for account in party.accounts.all():
            href = address("ledger:account", company=access.company.pk, code=account.code)
            yield Hit(party.name, f"{party.tax_id} · {account.code}", href)


def entries(access: Access, typed: str) -> Iterator[Hit]:
    """Entries by their document's reference or their text, the newest first."""
    newest = Entry.objects.filter(company=access.company).order_by("-date").values("id")[:NEWEST]
    found = Entry.objects.filter(
        Q(reference__icontains=typed) | Q(text__icontains=typed),
        company=access.company,
        id__in=newest,
    )
    for entry in found.select_related("journal").order_by("-date")[:SHOWN]:
        href = address("ledger:entry", company=access.company.pk, entry=entry.id)
        title = entry.reference or entry.text or str(entry.number)
        yield Hit(title, f"{entry.journal.code}/{entry.number} · {day(entry.date)}", href)


FINDERS: tuple[tuple[Any, Finder], ...] = (
    (_("Accounts"), accounts),
    (_("Customers, suppliers and others"), parties),
    (_("Entries"), entries),
)


@login_required
def search(request: HttpRequest, company: UUID | None = None) -> HttpResponse:
    """Everything that fits ``?q=``: companies of the person, and what the company holds."""
    typed = request.GET.get("q", "").strip()[:100]
    groups: list[tuple[Any, list[Hit]]] = []
    if typed:
        groups.append((_("Companies"), _companies(request, typed)))
    if typed and company:
        access = company_desk(request, company, May.SEE_BOOKS)
        for title, finder in FINDERS:
            groups.append((title, [hit for hit in finder(access, typed) if hit.href]))
    elif company:
        company_desk(request, company, May.SEE_BOOKS)
    found = [(title, hits) for title, hits in groups if hits]
    return render(request, "razao/search.html", {"typed": typed, "groups": found})


def _companies(request: HttpRequest, typed: str) -> list[Hit]:
    mine: list[Company] = [c for c, role in companies_of(person_id(request)) if role != Role.CLIENT]
    return [
        Hit(c.name, f"{c.code} · {c.tax_id}", address("company", company=c.pk))
        for c in fitting(mine, typed, last_companies(request))[:SHOWN]
    ]
