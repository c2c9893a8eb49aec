"""What runs in the background: in: who looks, out: the jobs of the companies they act for, with progress and cause of failure."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from razao.companies.rights import Access, May, OfficeAccess, memberships_of
from razao.kernel.models import JobRun, stop
from razao.kernel.problems import NotFound
from razao.web.desk import company_desk, office_desk, person_id

#: Finished jobs stay in the list this long, failed ones a day.
FINISHED_FOR = timedelta(minutes=15)
FAILED_FOR = timedelta(days=1)
SHOWN = 30


def _act(
    request: HttpRequest, company: UUID | None, right: May = May.SEE_BOOKS
) -> Access | OfficeAccess | None:
    """Act for the company of the page, or for the person's whole office where they have one.

    What the office runs is nothing of a client's: the portal has no list of jobs.
    """
    if company is not None:
        return company_desk(request, company, right)
    if any(membership.office_id for membership in memberships_of(person_id(request))):
        return office_desk(request, right)
    return None


@login_required
def jobs(request: HttpRequest, company: UUID | None = None) -> HttpResponse:
    """The list of the popover; ``?part=count`` gives the button with its count alone."""
    access = _act(request, company)
    if request.GET.get("part") == "count":
        return render(request, "razao/parts/jobs_button.html")
    now = timezone.now()
    runs = JobRun.objects.filter(
        Q(finished_at__isnull=True)
        | Q(finished_at__gte=now - FINISHED_FOR)
        | Q(state=JobRun.State.FAILED, finished_at__gte=now - FAILED_FOR)
    ).order_by("-created_at")[:SHOWN]
    may_stop = access is not None and access.may(May.REVIEW)
    found = sorted(runs, key=lambda run: run.finished_at is not None)
    return render(request, "razao/parts/jobs_list.html", {"runs": found, "may_stop": may_stop})


@login_required
@require_POST
def stop_job(request: HttpRequest, run: UUID, company: UUID | None = None) -> HttpResponse:
    """Ask a running job to stop at its next safe place."""
    _act(request, company, May.REVIEW)
    if not JobRun.objects.filter(pk=run).exists():
        raise NotFound(f"job {run}")
    stop(run)
    return jobs(request, company)
