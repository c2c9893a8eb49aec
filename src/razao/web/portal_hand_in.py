"""Sending something to the office: in: files of a client user, out: items in the office's intake, in custody from that moment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from razao.capture import flow as capture
from razao.capture.intake import Sender
from razao.capture.models import Flow, Origin, Scan
from razao.delivery.recipients import Reader
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused, explain
from razao.web.portal_desk import address_of, heading, portal_page, readers_of

SHOWN = 30


@portal_page
def hand_in(request: HttpRequest) -> HttpResponseBase:
    """The page with the files handed in lately; each file that is posted is received by itself."""
    readers = [reader for reader in readers_of(request) if reader.is_client]
    if not readers:
        raise NotFound("hand-in of a guest")
    if request.method == "POST":
        return _received(request, readers)
    person = readers[0].access.user_id
    sent = Scan.objects.filter(sent_by_id=person).select_related("company").order_by("-received_at")
    values = {**heading(readers), "sent": sent[:SHOWN], "directions": _directions()}
    return render(request, "portal/hand_in.html", values)


def _directions() -> list[tuple[str, Any]]:
    return [
        (Flow.RECEIVED, _("Invoices from our suppliers, receipts and anything else")),
        (Flow.ISSUED, _("Invoices that we issued")),
    ]


def _received(request: HttpRequest, readers: list[Reader]) -> HttpResponse:
    reader = _chosen(readers, request.POST.get("company", ""))
    direction = request.POST.get("direction", "")
    flow = Flow(direction) if direction in Flow.values else Flow.RECEIVED
    sender = Sender(reader.access.company, flow, Origin.UPLOAD, reader.access.user_id)
    problems: list[Problem] = []
    for file in request.FILES.getlist("files"):
        problems += _receive(request, sender, file)
    if "application/json" not in request.headers.get("Accept", ""):
        return redirect("portal:hand-in")
    texts = [explain(problem, _) for problem in problems]
    return JsonResponse(
        {
            "state": _("Refused") if problems else _("Received"),
            "problems": [{"title": text.title, "remedy": text.remedy} for text in texts],
        },
        status=422 if problems else 200,
    )


def _chosen(readers: list[Reader], company: str) -> Reader:
    """The company that the person names; the only one when there is one. Raises NotFound."""
    if len(readers) == 1 and not company:
        return readers[0]
    for reader in readers:
        if str(reader.access.company.pk) == company:
            return reader
    raise NotFound(f"company {company}")


def _receive(request: HttpRequest, sender: Sender, file: Any) -> list[Problem]:
    """Receive one uploaded file; what is wrong with it is said beside it."""
    name = file.name or "ficheiro"
    limit = settings.RAZAO_FILE_MAX_BYTES
    if file.size == 0:
        return [Problem("delivery.empty_file", where=name)]
    if (file.size or 0) > limit:
        return [Problem("delivery.too_large", where=name, values={"limit": limit // 2**20})]
    try:
        with transaction.atomic():
            receipt = capture.receive(sender, file, name)
    except Refused as refusal:
        return list(refusal.problems)
    company: UUID = sender.company.pk
    record(
        "portal.handed_in",
        user=sender.user_id,
        company=company,
        subject=name,
        address=address_of(request),
    )
    return [problem for problem in receipt.problems if problem.blocks]
