"""What a change of configuration would do, before it is saved: documents and a change in, both outcomes side by side out (M3).

The change is really made, in a savepoint that is taken back: what is compared is what would be kept, to the last rule.
A month of a million documents takes a while, so a job compares; ``ask`` needs an open transaction that acts for the company.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from razao.billing import configuration, interchange
from razao.billing.loaded import Loaded
from razao.billing.models import WhatIf
from razao.billing.selection import chosen
from razao.billing.sourcing import Choice, choice_kept, load
from razao.booking.billing_entries import prepare
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.compare import by_account, differences
from razao.booking.loading import rules_for
from razao.booking.plan import Plan
from razao.booking.rules import Rules
from razao.companies.rights import Access, May, company_for
from razao.kernel.jobs import Run, job

#: Differences and accounts that are kept for the page; all are counted and added up.
SHOWN = 200
#: How long a comparison is kept: nothing depends on it.
KEPT = timedelta(days=1)
T = TypeVar("T")
Both = tuple[tuple[BillingRules, Rules], tuple[BillingRules, Rules]]
"""the rules as they stand and as they would be"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the documents become under one configuration."""

    ready: int
    """documents that can be integrated"""
    entries: int
    problems: dict[str, int]
    """by code"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same documents under the configuration as it stands and as it would be."""

    documents: int
    before: Outcome
    after: Outcome
    changed: pl.DataFrame
    """``booking.compare.DIFFERENCES``"""
    accounts: pl.DataFrame
    """``booking.compare.by_account``"""

    @property
    def entries_changed(self) -> int:
        """Entries that would be added, go or come out differently."""
        return self.changed["source_key"].n_unique()


def ask(
    access: Access, choice: Choice, since: date, section: str, typed: Mapping[str, Any]
) -> WhatIf:
    """Have documents since a day compared under the configuration as it stands and with a row as typed.

    Raises ``interchange.Wrong`` for a row that could not be kept.
    """
    access.require(May.CONFIGURE)
    _supposing(lambda: interchange.keep(access, section, typed), lambda: None)
    mine = WhatIf.objects.filter(company=access.company, user_id=access.user_id)
    mine.filter(created_at__lt=timezone.now() - KEPT).delete()
    made = WhatIf.objects.create(
        company=access.company,
        user_id=access.user_id,
        source=choice.source,
        kind=choice.kind,
        settings=choice.settings,
        label=choice.label,
        since=since,
        section=section,
        typed=dict(typed),
    )
    run = compare.defer(
        user=access.user_id, company=access.company.pk, title=choice.label, what_if=str(made.pk)
    )
    made.job_id = run.pk
    made.save(update_fields=["job_id"])
    return made


@job(queue="billing", title="What would change", attempts=2)
def compare(run: Run, *, what_if: str) -> None:
    """Load and compare outside any transaction, with progress; what is compared already stays as it is."""
    with run.transaction():
        asked = WhatIf.objects.select_related("source", "company").filter(
            pk=what_if, told__isnull=True
        )
        wanted = asked.first()
        if wanted is None:
            return
        choice, company = choice_kept(wanted), wanted.company
    options = Options(since=wanted.since, only_unposted=False)
    run.progress(0, 4, _("loading"))
    loaded = load(company, choice, options)
    run.progress(1, 4, _("comparing"))
    with run.transaction():
        rules = _both(_access(run), wanted)
    found = compared(loaded, options, rules, run.progress)
    with run.transaction():
        WhatIf.objects.filter(pk=what_if).update(told=report(found))
    run.progress(4, 4, _("compared"))


def _access(run: Run) -> Access:
    assert run.user_id is not None
    assert run.company_id is not None
    return company_for(run.user_id, run.company_id, May.CONFIGURE)


def _both(access: Access, wanted: WhatIf) -> Both:
    def now() -> tuple[BillingRules, Rules]:
        return configuration.rules_of(access.company), _rules(access)

    return now(), _supposing(lambda: interchange.keep(access, wanted.section, wanted.typed), now)


def _supposing(change: Callable[[], object], look: Callable[[], T]) -> T:
    """What is seen after ``change``; nothing of it remains. What ``change`` raises passes."""
    with transaction.atomic():
        change()
        found = look()
        transaction.set_rollback(True)
    return found


def compared(
    loaded: Loaded, options: Options, rules: Both, tell: Callable[[int, int, str], None]
) -> Comparison:
    """These documents under both, whether they are integrated or not and whatever period is closed."""
    frames = chosen(loaded.frames, options.types, options.filter)
    plans = []
    for done, (billing, books) in enumerate(rules, 2):
        plans.append(prepare(frames, books, billing, options).plan)
        tell(done, 4, _("comparing"))
    changed = differences(*plans)
    before, after = (_outcome(plan) for plan in plans)
    return Comparison(len(frames), before, after, changed, by_account(changed))


def report(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON: outcomes, the accounts that most moves on, and the first differences; amounts in hundredths."""
    moved = (pl.col("after") - pl.col("before")).abs()
    accounts = found.accounts.sort(moved, descending=True, maintain_order=True).head(SHOWN)
    return {
        "documents": found.documents,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "entries_changed": found.entries_changed,
        "accounts": accounts.sort("account").rows(named=True),
        "rows": found.changed.head(SHOWN).rows(named=True),
        "more": found.changed.height > SHOWN or found.accounts.height > SHOWN,
    }


def _rules(access: Access) -> Rules:
    """The company's rules with every period open: what would have come out then is asked, not whether it may be posted now."""
    rules = rules_for(access.company)
    return replace(rules, periods=rules.periods.with_columns(open=pl.lit(True)))


def _outcome(plan: Plan) -> Outcome:
    counts = plan.problems.group_by("code").len().sort("code").iter_rows()
    return Outcome(plan.sources.height, plan.entries.height, dict(counts))
