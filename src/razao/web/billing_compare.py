"""What a change would do, on screen: in: the change and whose documents of which months, out: both outcomes side by side (M3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from razao.billing.models import BillingSource, Preparation, WhatIf
from razao.billing.sourcing import Choice, choice_kept, configured
from razao.companies.models import Company
from razao.companies.rights import May
from razao.kernel.models import JobRun
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused, Text, explain
from razao.web.desk import company_desk

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose documents, and of how many months until today."""

    choice: Choice
    months: int

    @property
    def since(self) -> date:
        return timezone.localdate() - timedelta(days=self.months * 61 // 2)


def offered(company: Company) -> list[tuple[str, str]]:
    """Sources whose documents can be compared: those configured, and the files last prepared."""
    sources = BillingSource.objects.filter(company=company, active=True).order_by("name")
    rows = Preparation.objects.filter(company=company, source=None).order_by("-created_at")[:50]
    files = {row.label: row for row in reversed(rows)}
    newest = sorted(files.values(), key=lambda row: row.created_at, reverse=True)
    return [
        *((f"source:{s.pk}", s.name) for s in sources),
        *((f"preparation:{p.pk}", p.label) for p in newest[:10] if p.kind != "api"),
    ]


def asked(company: Company, said: QueryDict) -> Asked:
    """What the page asks for. Raises Refused (``billing.source_unknown``)."""
    kind, _, key = said.get("documents", "").partition(":")
    months = said.get("months", "")
    within = min(max(int(months), 1), 120) if months.isdecimal() else MONTHS
    if said.get("documents", "") in dict(offered(company)):
        if kind == "source":
            return Asked(configured(BillingSource.objects.get(company=company, pk=key)), within)
        kept = Preparation.objects.select_related("source").get(company=company, pk=key)
        return Asked(choice_kept(kept), within)
    raise Refused(Problem("billing.source_unknown", where=key or "–"))


def shown(found: WhatIf) -> dict[str, Any]:
    """A comparison as the page shows it: how far it is, then both outcomes."""
    run = JobRun.objects.filter(pk=found.job_id).first() if found.job_id else None
    context: dict[str, Any] = {
        "what_if": found,
        "run": run,
        "running": run is not None and run.finished_at is None,
    }
    if found.told is None:
        return context
    told = found.told
    return context | {
        "found": told,
        "accounts": [_amounts(row) for row in told["accounts"]],
        "rows": [_amounts(row) for row in told["rows"]],
        "problems": _problems(told["before"]["problems"], told["after"]["problems"]),
    }


def _amounts(row: dict[str, Any]) -> dict[str, Any]:
    told = {n: None if row[n] is None else from_minor_units(row[n]) for n in ("before", "after")}
    return {**row, **told, "moved": (told["after"] or 0) - (told["before"] or 0)}


def _problems(before: dict[str, int], after: dict[str, int]) -> list[tuple[Text, int, int]]:
    """Problems by kind with how many there are before and after, where that differs."""
    return [
        (explain(Problem(c), gettext), before.get(c, 0), after.get(c, 0))
        for c in sorted({*before, *after})
        if before.get(c, 0) != after.get(c, 0)
    ]


@login_required
def comparison(request: HttpRequest, company: UUID, what_if: UUID) -> HttpResponse:
    """How far a comparison is, and what came of it."""
    access = company_desk(request, company, May.CONFIGURE)
    found = WhatIf.objects.filter(company=company, pk=what_if, user_id=access.user_id).first()
    if found is None:
        raise NotFound(f"comparison {what_if}")
    page = "comparison.html" if request.GET.get("part") else "comparison_page.html"
    return render(request, f"billing/{page}", {"access": access, "comparison": shown(found)})
