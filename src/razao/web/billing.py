"""Billing integration on screen: in: a source and the options of the accountant, out: a preparation to observe, integrate and undo."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.archive.filing import Subject, file_away
from razao.archive.models import Folder
from razao.billing import checking, flow, starting
from razao.billing.keeping import options_of
from razao.billing.models import BillingSource, PostingCode, Preparation
from razao.billing.sourcing import Choice, choice_kept, configured, of_archive
from razao.companies.rights import Access, May
from razao.kernel.models import JobRun
from razao.kernel.models import stop as stop_run
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import new_id
from razao.ledger.models import Batch
from razao.web.billing_form import PreparationForm
from razao.web.billing_shown import observed
from razao.web.books import UndoForm
from razao.web.desk import company_desk

STATES = {
    "preparing": ("work", _("Preparing")),
    "prepared": ("ready", _("Prepared")),
    "integrated": ("done", _("Integrated")),
    "undone": ("off", _("Undone")),
    "failed": ("fail", _("Failed")),
}


@login_required
def index(request: HttpRequest, company: UUID) -> HttpResponse:
    """The options at the left, the latest preparations at the right; a post prepares."""
    access = company_desk(request, company, May.SEE_BOOKS)
    form = PreparationForm(request.POST or None, request.FILES or None).offer(access)
    if request.method == "POST" and form.is_valid():
        access.require(May.POST)
        kept = flow.ask(access, _choice(access, form), form.options())
        return redirect("billing:preparation", company=company, preparation=kept.pk)
    rows = (
        Preparation.objects.filter(company=company)
        .select_related("user")
        .order_by("-created_at")[:30]
    )
    context = {
        "access": access,
        "form": form,
        "preparations": [(row, *STATES[row.state]) for row in rows],
        "may_post": access.may(May.POST),
        "started": PostingCode.objects.filter(company=company).exists(),
    }
    return render(request, "billing/index.html", context)


def _choice(access: Access, form: PreparationForm) -> Choice:
    """The source chosen: a configured one, or the uploaded file as the archive keeps it. Never a path that a person names.

    A file given along with a source of tables is read by that source's mapping.
    """
    upload: UploadedFile[bytes] | None = form.cleaned_data["file"]
    chosen = form.cleaned_data["source"]
    source = BillingSource.objects.get(company=access.company, pk=chosen) if chosen else None
    if upload is None:
        assert source is not None  # the form demands one of the two
        return configured(source)
    name = upload.name or "saft.xml"
    head = upload.read(4096)
    upload.seek(0)
    filing = file_away(
        access.company.pk,
        cast(BinaryIO, upload),
        name=name,
        folder=Folder.PF_BORRADOR,
        subject=Subject("billing", new_id()),
    )
    if source is not None and source.kind == "table":
        return of_archive("table", filing.file, name, source.settings)
    return of_archive("saft" if b"AuditFile" in head else "einvoice", filing.file, name, {})


@login_required
@require_POST
def start(request: HttpRequest, company: UUID) -> HttpResponse:
    """Begin with the country's posting codes and types."""
    access = company_desk(request, company, May.CONFIGURE)
    starting.start(access.company, today=timezone.localdate())
    messages.success(
        request, gettext("Posting codes and document types of the country are in place.")
    )
    return redirect("billing:index", company=company)


def _kept(company: UUID, preparation: UUID, *, lock: bool = False) -> Preparation:
    rows = Preparation.objects.filter(company=company, pk=preparation).select_related(
        "user", "source"
    )
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(f"preparation {preparation}")
    return found


@login_required
def preparation(request: HttpRequest, company: UUID, preparation: UUID) -> HttpResponse:
    """A preparation: progress while it runs, then tie-out, entries and problems (Observe)."""
    access = company_desk(request, company, May.SEE_BOOKS)
    kept = _kept(company, preparation)
    badge, word = STATES[kept.state]
    run = JobRun.objects.filter(pk=kept.job_id).first() if kept.job_id else None
    context: dict[str, Any] = {
        "access": access,
        "kept": kept,
        "badge": badge,
        "word": word,
        "run": run,
        "may_post": access.may(May.POST),
        "undo": UndoForm(initial={"day": timezone.localdate()}),
        "batch": Batch.objects.filter(company=company, id=kept.batch_id).first()
        if kept.batch_id
        else None,
        "running": run is not None and run.finished_at is None,
    }
    if kept.state not in {"preparing", "failed"}:
        context |= observed(access, kept, request)
    part = (
        "billing/preparation_body.html" if request.GET.get("part") else "billing/preparation.html"
    )
    return render(request, part, context)


@login_required
@require_POST
def integrate(request: HttpRequest, company: UUID, preparation: UUID) -> HttpResponse:
    """Post exactly what was seen, in the background (M1)."""
    access = company_desk(request, company, May.POST)
    kept = _kept(company, preparation, lock=True)
    fingerprint = request.POST.get("fingerprint", "")
    if kept.state != Preparation.State.PREPARED or fingerprint != kept.fingerprint:
        raise Refused(Problem("billing.another_plan"))
    run = flow.integrate_job.defer(
        user=access.user_id,
        company=access.company.pk,
        title=kept.label,
        preparation=str(kept.pk),
        fingerprint=fingerprint,
    )
    kept.job_id = run.pk
    kept.save(update_fields=["job_id"])
    return redirect("billing:preparation", company=company, preparation=preparation)


@login_required
@require_POST
def undo(request: HttpRequest, company: UUID, preparation: UUID) -> HttpResponse:
    """Undo an integration as a whole (M2)."""
    access = company_desk(request, company, May.POST)
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say the day and the reason of the reversal."))
        return redirect("billing:preparation", company=company, preparation=preparation)
    flow.undo(access, preparation, day=form.cleaned_data["day"], reason=form.cleaned_data["reason"])
    messages.success(request, gettext("Undone: the documents can be integrated again."))
    return redirect("billing:preparation", company=company, preparation=preparation)


@login_required
@require_POST
def again(request: HttpRequest, company: UUID, preparation: UUID) -> HttpResponse:
    """Prepare once more with the same source and options; ``customers`` and ``articles`` that are missing are taken over first (P21)."""
    access = company_desk(request, company, May.POST)
    kept = _kept(company, preparation)
    choice, options = choice_kept(kept), options_of(kept.options)
    if request.POST.get("customers"):
        numbers = request.POST.getlist("number")
        count = checking.take_over_customers(access, choice, options, numbers)
        messages.success(request, gettext("Customers taken over: %(count)s.") % {"count": count})
    if request.POST.get("articles"):
        count = checking.take_over_articles(access, choice, options)
        messages.success(request, gettext("Articles taken over: %(count)s.") % {"count": count})
    made = flow.ask(access, choice, options)
    return redirect("billing:preparation", company=company, preparation=made.pk)


@login_required
@require_POST
def stop(request: HttpRequest, company: UUID, preparation: UUID) -> HttpResponse:
    """Stop what runs for a preparation; nothing is left behind."""
    company_desk(request, company, May.POST)
    kept = _kept(company, preparation)
    if kept.job_id:
        stop_run(kept.job_id)
    return redirect("billing:preparation", company=company, preparation=preparation)
