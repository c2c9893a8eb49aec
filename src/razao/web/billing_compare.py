"""What a change would do, on screen: in: the change and whose documents of which months, out: both outcomes side by side (M3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from razao.billing.comparing import Comparison, compared
from razao.billing.models import BillingSource, Preparation
from razao.billing.sourcing import Choice, choice_kept, configured, load
from razao.booking.billing_rules import Options
from razao.companies.models import Company
from razao.companies.rights import Access
from razao.kernel.money import from_minor_units
from razao.kernel.problems import Problem, Refused, Text, explain

MONTHS = 12
#: Differences shown; all are counted.
SHOWN = 200


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


def comparison(access: Access, wanted: Asked, change: Callable[[], object]) -> dict[str, Any]:
    """Both outcomes as the page shows them."""
    options = Options(since=wanted.since, only_unposted=False)
    found = compared(access, load(access.company, wanted.choice, options), options, change)
    rows = found.changed.head(SHOWN).iter_rows(named=True)
    return {
        "found": found,
        "since": wanted.since,
        "accounts": [_amounts(row) for row in found.accounts.iter_rows(named=True)],
        "rows": [_amounts(row) for row in rows],
        "more": found.changed.height > SHOWN,
        "problems": _problems(found),
    }


def _amounts(row: dict[str, Any]) -> dict[str, Any]:
    told = {n: None if row[n] is None else from_minor_units(row[n]) for n in ("before", "after")}
    return {**row, **told, "moved": (told["after"] or 0) - (told["before"] or 0)}


def _problems(found: Comparison) -> list[tuple[Text, int, int]]:
    """Problems by kind with how many there are before and after, where that differs."""
    before, after = found.before.problems, found.after.problems
    codes = sorted({*before, *after})
    return [
        (explain(Problem(c), gettext), before.get(c, 0), after.get(c, 0))
        for c in codes
        if before.get(c, 0) != after.get(c, 0)
    ]
