"""Digitised documents, the list: in: a company and what the address narrows, out: its invoices, uploads, sending, posting of many."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.archive import custody
from razao.capture import flow, intake, queries
from razao.capture.models import CapturedInvoice, Flow, Intake
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.kernel.models import JobRun
from razao.kernel.problems import NotFound, Problem, Refused, explain
from razao.web.desk import company_desk
from razao.web.listing import Chip, Column, Listing, listing, rows_only
from razao.web.listing_files import csv_file, xlsx_file

State = CapturedInvoice.State
#: Word and badge of each state, in the order of an invoice's life.
STATES: dict[str, tuple[Any, str]] = {
    State.RECEIVED: (_("Received"), "work"),
    State.DOUBTFUL: (_("Doubtful"), "doubt"),
    State.READY: (_("Ready"), "new"),
    State.ASKED: (_("Client asked"), "wait"),
    State.POSTED: (_("Posted"), "done"),
    State.REJECTED: (_("Rejected"), "off"),
    State.JOINED: (_("Part of another"), "off"),
}
#: A selection up to here is posted at once, a longer one in the background.
AT_ONCE = 40


@login_required
def documents(request: HttpRequest, company: UUID) -> HttpResponseBase:
    """The company's invoices of one direction; without a state in the address, those that wait."""
    access = company_desk(request, company, May.SEE_BOOKS)
    direction = _direction(request)
    numbers = queries.counts(access.company, direction)
    shown = _listing(request, numbers)
    found = _narrowed(shown, access.company, direction)
    if shown.value("as") in ("csv", "xlsx"):
        return _as_file(shown, found)
    shown.load(found.order_by(*shown.order_by), found.count())
    context = {"listing": shown, "direction": direction, "states": STATES, "access": access}
    if rows_only(request):
        return render(request, "capture/list_rows.html", context)
    shown.totals = found.aggregate(gross=Sum("gross_total"))
    context |= {
        "counts": numbers,
        "waiting": sum(numbers.get(s, 0) for s in (State.RECEIVED, *queries.WAITING)),
        "intakes": Intake.objects.filter(company=access.company).order_by("direction", "folder"),
        "custody": _custody(access.company),
        "may_review": access.may(May.REVIEW),
        "jobs": _jobs(access.company),
    }
    context["moving"] = context["jobs"] or numbers.get(State.RECEIVED, 0)
    page = "capture/list_body.html" if request.GET.get("part") == "body" else "capture/list.html"
    return render(request, page, context)


def _direction(request: HttpRequest) -> Flow:
    asked = request.GET.get("direction", "")
    return Flow(asked) if asked in Flow.values else Flow.RECEIVED


def _listing(request: HttpRequest, numbers: dict[str, int]) -> Listing:
    columns = (
        Column("party", gettext("Party"), order=("party_name",)),
        Column("number", gettext("Number"), order=("number",)),
        Column("date", gettext("Date"), "day", ("issue_date",)),
        Column("account", gettext("Account"), order=("account",)),
        Column("state", gettext("State"), "state", ("state",)),
        Column("received", gettext("Received"), "day", ("pk",)),
        Column("total", gettext("Total"), "num", ("gross_total",)),
    )
    chips = [
        Chip("state", state, str(word), numbers.get(state, 0))
        for state, (word, _b) in STATES.items()
        if state != State.JOINED
    ]
    shown = listing(request, columns, default="received", chips=chips)
    shown.query = shown.query.copy()
    shown.query.pop("part", None)  # links lead to the page, whichever part of it they stand in
    return shown


def _narrowed(shown: Listing, company: Company, direction: str) -> QuerySet[CapturedInvoice]:
    rows = CapturedInvoice.objects.filter(company=company, direction=direction)
    state = shown.value("state")
    if state in STATES:
        rows = rows.filter(state=state)
    elif state == "all":
        rows = rows.exclude(state=State.JOINED)
    else:
        rows = rows.filter(state__in=(State.RECEIVED, *queries.WAITING))
    for word in shown.value("q").split():
        rows = rows.filter(
            Q(party_name__icontains=word)
            | Q(number__icontains=word)
            | Q(party_tax_id__startswith=word)
            | Q(scan__name__icontains=word)
        )
    return rows.select_related("scan__run", "claimed_by").defer(
        "reading", "corrections", "overrides", "plan"
    )


def _as_file(shown: Listing, found: QuerySet[CapturedInvoice]) -> HttpResponseBase:
    heads = [str(c.label) for c in shown.columns]
    rows = (
        (
            *(r.party_name, r.number, r.issue_date, r.account, str(STATES[r.state][0])),
            *(r.day, r.gross_total),
        )
        for r in found.order_by(*shown.order_by)
    )
    make = xlsx_file if shown.value("as") == "xlsx" else csv_file
    return make("documents", heads, rows)


def _custody(company: Company) -> dict[str, Any]:
    """The line that says that nothing is lost: the day's figures and the last night's proof."""
    days = custody.tallies(company.pk)
    total = sum(days.values(), custody.Tally())
    return {
        "total": total,
        "oldest": custody.oldest_waiting(days),
        "proof": custody.last_proof(company.pk),
    }


def _jobs(company: Company) -> list[JobRun]:
    """What runs for this list now; files being read show in their rows."""
    names = ("capture.receive_folder", "capture.post_selection", "capture.propose_again")
    running = JobRun.objects.filter(company=company, name__in=names)
    return list(running.filter(finished_at__isnull=True).order_by("-created_at")[:5])


@login_required
@require_POST
def upload(request: HttpRequest, company: UUID) -> HttpResponse:
    """Receive files: one by one from the page's own script (JSON), or several from a plain form."""
    access = company_desk(request, company, May.REVIEW)
    direction = Flow(request.POST.get("direction", Flow.RECEIVED))
    problems: list[Problem] = []
    for file in request.FILES.getlist("files"):
        assert isinstance(file, UploadedFile)
        try:
            content = cast("BinaryIO", file.file)
            receipt = flow.upload(access, direction, content, file.name or "–")
            problems += receipt.problems
        except Refused as refusal:
            problems += refusal.problems
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        texts = [explain(p, gettext) for p in problems]
        told = [{"title": t.title, "remedy": t.remedy} for t in texts]
        refused = any(p.blocks for p in problems)
        said = gettext("Refused") if refused else gettext("Received")
        return JsonResponse({"state": said, "problems": told}, status=409 if refused else 200)
    for problem in problems:
        messages.warning(request, explain(problem, gettext).title)
    return _back(access, direction)


@login_required
def send(request: HttpRequest, company: UUID) -> HttpResponse:
    """Send files (S6): the form with direction and source folder, and its button."""
    access = company_desk(request, company, May.REVIEW)
    folders = intake.open_folders(access.company)
    if request.method != "POST":
        waiting = {f.pk for f in queries.intakes_with_files(access.company)}
        context = {"access": access, "folders": [(f, f.pk in waiting) for f in folders]}
        return render(request, "capture/send.html", context)
    chosen = next((f for f in folders if str(f.pk) == request.POST.get("intake")), None)
    if chosen is None:
        raise NotFound("intake")
    flow.send_files(access, chosen)
    messages.info(request, gettext("The files are being received."))
    return _back(access, chosen.direction)


@login_required
@require_POST
def add_folder(request: HttpRequest, company: UUID) -> HttpResponse:
    """One more source folder, below the installation's own folder for them."""
    access = company_desk(request, company, May.CONFIGURE)
    path = intake.checked_folder(request.POST.get("folder", ""))
    direction = Flow(request.POST.get("direction", Flow.RECEIVED))
    Intake.objects.get_or_create(company=access.company, direction=direction, folder=str(path))
    return redirect(reverse("capture:send", kwargs={"company": company}))


@login_required
@require_POST
def refresh(request: HttpRequest, company: UUID) -> HttpResponse:
    """Look in the source folders now and propose anew what waits (S8)."""
    access = company_desk(request, company, May.REVIEW)
    flow.refresh_all(access)
    messages.info(request, gettext("Looking for new files; proposals are made anew."))
    return _back(access, _direction(request))


@login_required
@require_POST
def act_on_many(request: HttpRequest, company: UUID, act: str) -> HttpResponse:
    """Post or reject the marked invoices (or all of the filter); what stayed is listed with its reasons."""
    access = company_desk(request, company, May.REVIEW)
    direction = _direction(request)
    ids = _marked(request, access.company, direction)
    if act == "reject":
        for each in ids:
            flow.reject(
                access, each, request.POST.get("reason", "") or gettext("Rejected in the list")
            )
        done = ngettext("{n} document rejected.", "{n} documents rejected.", len(ids))
        messages.success(request, done.format(n=len(ids)))
        return _back(access, direction)
    if len(ids) > AT_ONCE:
        flow.post_many(access, ids)
        messages.info(request, gettext("The invoices are being posted."))
        return _back(access, direction)
    outcomes = flow.post(access, ids)
    posted = [o for o in outcomes if o.entry]
    stayed = [
        (queries.invoice_of(access.company, o.invoice), o.problems) for o in outcomes if not o.entry
    ]
    if posted:
        done = ngettext("{n} invoice posted.", "{n} invoices posted.", len(posted))
        messages.success(request, done.format(n=len(posted)))
    if not stayed:
        return _back(access, direction)
    context = {"access": access, "stayed": stayed, "posted": len(posted), "direction": direction}
    return render(request, "capture/stayed.html", context)


def _marked(request: HttpRequest, company: Company, direction: Flow) -> list[UUID]:
    if request.POST.get("all"):
        found = _narrowed(_listing(request, {}), company, direction)
        return list(found.order_by("pk").values_list("pk", flat=True))
    try:
        return [UUID(text) for text in request.POST.getlist("row")]
    except ValueError as error:
        raise NotFound("row") from error


def _back(access: Access, direction: str) -> HttpResponse:
    address = reverse("capture:list", kwargs={"company": access.company.pk})
    return redirect(f"{address}?direction={direction}")
