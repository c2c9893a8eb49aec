"""The first page: in: who is signed in, out: the companies they reach, or what to do first."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from razao.companies.first_run import nobody_yet
from razao.companies.rights import May, memberships_of
from razao.web.company_list import company_list
from razao.web.desk import company_desk, office_desk, person_id
from razao.web.listing import rows_only


def home(request: HttpRequest) -> HttpResponse:
    """Leads to set-up, sign-in or portal; for the office's people it shows their companies."""
    if not request.user.is_authenticated:
        return redirect("setup" if nobody_yet() else "account_login")
    person = person_id(request)
    memberships = memberships_of(person)
    if not any(membership.office_id for membership in memberships):
        if memberships:
            return redirect("portal:documents")
        return render(request, "razao/home_nothing.html")
    access = office_desk(request)
    shown = company_list(request, access)
    page = "settings/companies_rows" if rows_only(request) else "home"
    return render(
        request,
        f"razao/{page}.html",
        {"listing": shown, "may_add": access.may(May.ADMINISTER)},
    )


@login_required
def company_page(request: HttpRequest, company: UUID) -> HttpResponse:
    """A company's own first page."""
    access = company_desk(request, company, May.SEE_BOOKS)
    return render(request, "razao/company.html", {"company": access.company})
