"""The door of the client portal: in: the request, out: the person's readers, once signed in with what their companies ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from razao.companies.models import Company
from razao.companies.rights import office_for
from razao.delivery.models import PortalDocument
from razao.delivery.reading import document_of_delivery
from razao.delivery.recipients import Reader, reader_for, readers_for
from razao.kernel.problems import NotFound
from razao.web.desk import SecondFactorMissing, person_id
from razao.web.pace import within

View = Callable[..., HttpResponseBase]


def portal_page(view: View) -> View:
    """A page of the portal: signed in, with a second factor where it is asked for, within the rate limit."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not within(request.user.pk, settings.RAZAO_PORTAL_RATE_LIMITS["page"]):
            return render(request, "portal/slow_down.html", status=429)
        try:
            return view(request, *args, **kwargs)
        except SecondFactorMissing:
            messages.info(request, _("Your company asks for a second factor. Set it up once."))
            return redirect("mfa_activate_totp")

    return login_required(guarded)


def readers_of(request: HttpRequest) -> list[Reader]:
    """The person as client of each of their companies; somebody of the office as guest of the company in ``?company=``.

    Raises NotFound for somebody who is neither.
    """
    person = person_id(request)
    readers = readers_for(person)
    if readers:
        return _with_second_factor(request, readers)
    asked = request.GET.get("company", "")
    try:
        return [reader_for(person, UUID(asked))]
    except ValueError:
        raise NotFound("portal") from None


def document_for(request: HttpRequest, delivery: UUID) -> tuple[Reader, PortalDocument]:
    """A document that the person may read and the person as its reader. Raises NotFound."""
    person = person_id(request)
    readers = readers_for(person)
    if readers:
        document = document_of_delivery(_with_second_factor(request, readers), delivery)
        reader = next(r for r in readers if r.access.company.pk == document.company_id)
        return reader, document
    office_for(person)
    company = PortalDocument.objects.filter(delivery_id=delivery).values_list("company", flat=True)
    found = company.first()
    if found is None:
        raise NotFound(f"document of delivery {delivery}")
    reader = reader_for(person, found)
    return reader, document_of_delivery([reader], delivery)


def _with_second_factor(request: HttpRequest, readers: list[Reader]) -> list[Reader]:
    if any(reader.second_factor for reader in readers) and not is_mfa_enabled(request.user):
        raise SecondFactorMissing
    return readers


def heading(readers: list[Reader]) -> dict[str, Any]:
    """What the top of the portal shows: the company's name, or how many there are, and the office's."""
    companies: list[Company] = [reader.access.company for reader in readers]
    return {
        "companies": companies,
        "portal_company": companies[0] if len(companies) == 1 else None,
        "portal_office": companies[0].office,
        "guest": not readers[0].is_client,
    }


def address_of(request: HttpRequest) -> str | None:
    """The person's network address, as allauth's rate limits see it (proxies that are trusted aside)."""
    address = get_adapter().get_client_ip(request)
    return str(address) if address else None


def is_speculative(request: HttpRequest) -> bool:
    """Whether a browser or proxy asks ahead of any click; such a request gets nothing and counts for nothing."""
    said = " ".join(
        request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
    )
    return "prefetch" in said.lower() or "preview" in said.lower()
