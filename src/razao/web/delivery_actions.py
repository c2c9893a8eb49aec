"""Commands on marked deliveries: in: rows of the history (one, several, all of a filter), out: integrated again, withdrawn, reminded."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from razao.companies.rights import Access, May, company_for
from razao.delivery import flow
from razao.delivery.flow import Outcome
from razao.kernel.problems import NotFound
from razao.web.delivery import deliveries_at, narrowed
from razao.web.desk import person_id
from razao.web.listing import Listing

#: One "all of this filter" takes at most so many.
MOST = 5000


@login_required
@require_POST
def act(request: HttpRequest, company: UUID | None = None) -> HttpResponse:
    """Do ``command`` (integrate, withdraw, remind) with the marked rows; those it cannot be done with are named."""
    chosen = _chosen(request, company)
    done, problems = 0, []
    for one, deliveries in chosen.items():
        access = company_for(person_id(request), one, May.POST)
        outcome = _do(request, access, deliveries)
        done += len(outcome.done)
        problems += list(outcome.problems)
    if done:
        messages.success(request, _said(request.POST.get("command", ""), done))
    if problems:
        return render(
            request, "delivery/outcome.html", {"problems": problems, "back": _back(request)}
        )
    return redirect(_back(request))


def _chosen(request: HttpRequest, company: UUID | None) -> dict[UUID, list[UUID]]:
    """Company → marked deliveries that this person reaches."""
    _access, found = deliveries_at(request, company)
    if request.POST.get("all"):
        query = request.GET.copy()
        shown = Listing(request.path, query, (), "")
        found = narrowed(shown, found)
    else:
        found = found.filter(pk__in=_ids(request.POST.getlist("row")))
    chosen: dict[UUID, list[UUID]] = defaultdict(list)
    for one, delivery in found.values_list("company_id", "pk")[:MOST]:
        chosen[one].append(delivery)
    return chosen


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise NotFound("delivery") from None


def _do(request: HttpRequest, access: Access, deliveries: list[UUID]) -> Outcome:
    command = request.POST.get("command", "")
    if command == "integrate":
        return flow.send_again(access, deliveries)
    if command == "withdraw":
        return flow.withdraw(access, deliveries, request.POST.get("reason", "").strip()[:500])
    if command == "remind":
        return flow.remind(access, deliveries, timezone.localdate().isoformat())
    raise NotFound(command)


def _said(command: str, done: int) -> str:
    if command == "withdraw":
        return ngettext(
            "One document was withdrawn.", "{n} documents were withdrawn.", done
        ).format(n=done)
    if command == "remind":
        return ngettext(
            "One reminder goes out to those who have not opened it.",
            "Reminders of {n} documents go out to those who have not opened them.",
            done,
        ).format(n=done)
    return ngettext(
        "One document is queued again.", "{n} documents are queued again.", done
    ).format(n=done)


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return request.path.removesuffix("act/")
