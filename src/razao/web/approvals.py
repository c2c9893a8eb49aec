"""Approvals of large batches: in: a company, out: what waits for a second person, what was decided, and the rule."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.rights import Access, May
from razao.ledger import approving
from razao.ledger.models import Approval
from razao.web.books import KINDS
from razao.web.desk import company_desk

#: Badge and word of each state.
STATES = {
    "waiting": ("wait", _("Waiting for approval")),
    "approved": ("ready", pgettext_lazy("a batch", "Approved")),
    "refused": ("fail", pgettext_lazy("a batch", "Refused")),
    "used": ("done", pgettext_lazy("a batch", "Posted")),
}
SHOWN = 200


class RuleForm(forms.Form):
    """Above what a batch needs two people."""

    amount = forms.DecimalField(
        label=_("Amount of a batch"),
        min_value=0,
        max_digits=18,
        decimal_places=2,
        required=False,
        localize=True,
    )
    entries = forms.IntegerField(
        label=_("Entries of a batch"), min_value=1, max_value=2_000_000_000, required=False
    )


@login_required
def approvals(request: HttpRequest, company: UUID) -> HttpResponse:
    """What waits and what was decided, the newest first; the rule below."""
    access = company_desk(request, company, May.SEE_BOOKS)
    rows = Approval.objects.filter(company=company).select_related("asked_by", "decided_by")
    shown = [
        {
            "row": row,
            "badge": STATES[row.state],
            "kind": KINDS.get(row.kind, row.kind),
            "mine": row.asked_by_id == access.user_id,
            "decides": row.state == "waiting"
            and row.asked_by_id != access.user_id
            and access.may(May.POST),
        }
        for row in rows.order_by("-asked_at")[:SHOWN]
    ]
    return _page(request, access, {"shown": shown, "form": _rule_form(company)})


@login_required
@require_POST
def decide(request: HttpRequest, company: UUID, approval: UUID) -> HttpResponse:
    """Agree to a batch, or refuse it."""
    access = company_desk(request, company, May.POST)
    agreed = request.POST.get("agreed") == "1"
    approving.decide(access, approval, agreed=agreed, note=request.POST.get("note", "")[:500])
    said = gettext("Approved: it can be posted now.") if agreed else gettext("Refused.")
    messages.success(request, said)
    return redirect("ledger:approvals", company=company)


@login_required
@require_POST
def rule(request: HttpRequest, company: UUID) -> HttpResponse:
    """Set or end the company's rule."""
    access = company_desk(request, company, May.ADMINISTER)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _page(request, access, {"shown": [], "form": form}, status=422)
    approving.set_rule(access, **form.cleaned_data)
    messages.success(request, gettext("Saved."))
    return redirect("ledger:approvals", company=company)


def _rule_form(company: UUID) -> RuleForm:
    now = approving.rule_of(company)
    initial = {"amount": now.amount, "entries": now.entries} if now else {}
    return RuleForm(initial=initial)


def _page(
    request: HttpRequest, access: Access, more: dict[str, object], status: int = 200
) -> HttpResponse:
    context = {"access": access, "may_set": access.may(May.ADMINISTER), **more}
    return render(request, "ledger/approvals.html", context, status=status)
