"""Taking a company over on screen: in: the SAF-T file of its former software, out: what would come of it, and then its books and rules (M15)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.archive.filing import Subject, file_away
from razao.archive.models import Folder
from razao.billing.models import TakeOver
from razao.billing.onboarding import taking
from razao.billing.sourcing import ARCHIVED
from razao.companies.rights import Access, May
from razao.kernel.models import JobRun
from razao.kernel.problems import NotFound
from razao.kernel.tenancy import new_id
from razao.web.billing_fields import SECTIONS
from razao.web.desk import company_desk

STATES = {
    "reading": ("work", _("Being read")),
    "read": ("ready", _("Read")),
    "taking": ("work", _("Being taken over")),
    "taken": ("done", _("Taken over")),
    "failed": ("fail", _("Failed")),
}


@login_required
def index(request: HttpRequest, company: UUID) -> HttpResponse:
    """Files read so far, and the form for another."""
    access = company_desk(request, company, May.CONFIGURE)
    wrong = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if isinstance(upload, UploadedFile):
            return _asked(access, upload)
        wrong = gettext("Choose the file first.")
    rows = TakeOver.objects.filter(company=company).select_related("user")[:30]
    context = {
        "access": access,
        "takeovers": [(row, *STATES[row.state]) for row in rows],
        "wrong": wrong,
    }
    return render(request, "billing/takeovers.html", context, status=422 if wrong else 200)


def _asked(access: Access, upload: UploadedFile[bytes]) -> HttpResponse:
    name = upload.name or "saft.xml"
    filing = file_away(
        access.company.pk,
        cast(BinaryIO, upload),
        name=name,
        folder=Folder.PF_BORRADOR,
        subject=Subject("takeover", new_id()),
    )
    made = taking.ask(access, f"{ARCHIVED}{filing.file.pk}", name)
    return redirect("billing:takeover", company=access.company.pk, takeover=made.pk)


@login_required
def one(request: HttpRequest, company: UUID, takeover: UUID) -> HttpResponse:
    """What a file would bring, or brought: figures, what does not balance, rules with the share they explain, and the rest."""
    access = company_desk(request, company, May.CONFIGURE)
    kept = TakeOver.objects.filter(company=company, pk=takeover).select_related("user").first()
    if kept is None:
        raise NotFound(f"takeover {takeover}")
    badge, word = STATES[kept.state]
    run = JobRun.objects.filter(pk=kept.job_id).first() if kept.job_id else None
    context: dict[str, Any] = {
        "access": access,
        "kept": kept,
        "badge": badge,
        "word": word,
        "run": run,
        "running": run is not None and run.finished_at is None,
        "told": kept.told,
        "years": [date.fromisoformat(d) for d in _days(kept.told)],
        "share": Decimal(kept.told.get("share", "0")),
        "types": _types(kept.told),
        "rates": [{**r, "rate": r["rate"] / 100} for r in kept.told.get("codes", ())],
    }
    part = "takeover_body.html" if request.GET.get("part") else "takeover.html"
    return render(request, f"billing/{part}", context)


def _days(told: dict[str, Any]) -> list[str]:
    """First and last day of the file, where it says them."""
    header = told.get("header", {})
    return [header[name] for name in ("start", "end") if header.get(name)]


def _types(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The derived types with their variables in words."""
    words = {f.name: dict(f.choices) for f in SECTIONS["types"].part_fields}
    variables = [
        {
            **row,
            "amount": words["amount"].get(row["amount"], row["amount"]),
            "place": words["place"].get(row["place"], row["place"]),
        }
        for row in told.get("variables", ())
    ]
    return [
        {**row, "variables": [v for v in variables if v["billing_type"] == row["billing_type"]]}
        for row in told.get("types", ())
    ]


@login_required
@require_POST
def accept(request: HttpRequest, company: UUID, takeover: UUID) -> HttpResponse:
    """Take over what was seen: books, and the rules too where wanted."""
    access = company_desk(request, company, May.CONFIGURE)
    taking.accept(access, takeover, rules="rules" in request.POST)
    messages.info(request, gettext("The books are being taken over."))
    return redirect("billing:takeover", company=company, takeover=takeover)
