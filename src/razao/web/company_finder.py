"""The company switcher: in: part of a name, code or tax number, out: the companies that fit, those last worked on first."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from razao.companies.models import Company, Role
from razao.companies.rights import companies_of
from razao.web.desk import last_companies, person_id

SHOWN = 50


def folded(text: str) -> str:
    """``text`` without case and accents, as people type it.

    >>> folded("São Tomé")
    'sao tome'
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def fitting(companies: list[Company], typed: str, last: list[str]) -> list[Company]:
    """Companies in which every typed word begins a word of the name, or stands in code or tax number.

    Best first: those last worked on, then where the code begins with what was typed, then by code.
    """
    words = folded(typed).split()

    def fits(company: Company) -> bool:
        name = f" {folded(company.name)}"
        keys = f"{company.code.casefold()} {company.tax_id}"
        return all(f" {word}" in name or word in keys for word in words)

    def place(company: Company) -> tuple[int, bool, str]:
        key = str(company.pk)
        rank = last.index(key) if key in last else len(last)
        return (rank, not company.code.casefold().startswith(folded(typed)), company.code)

    return sorted(filter(fits, companies), key=place)[:SHOWN]


@login_required
def switcher(request: HttpRequest) -> HttpResponse:
    """The options of the switcher's list; each leads to the page one is on, for that company."""
    companies = [
        company for company, role in companies_of(person_id(request)) if role != Role.CLIENT
    ]
    found = fitting(companies, request.GET.get("q", ""), last_companies(request))
    page = request.GET.get("from", "")
    options = [(company, _same_page(page, company.pk)) for company in found]
    return render(
        request, "razao/parts/switcher_options.html", {"options": options, "of": len(companies)}
    )


def _same_page(path: str, company: UUID) -> str:
    """The page at ``path`` for another company, where it is about the company alone; else the company's own page."""
    try:
        match = resolve(path)
        if set(match.kwargs) == {"company"}:
            return reverse(match.view_name, kwargs={"company": company})
    except (Resolver404, NoReverseMatch):
        pass
    return reverse("company", kwargs={"company": company})
