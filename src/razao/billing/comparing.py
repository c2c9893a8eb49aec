"""What a change of configuration would do, before it is saved: documents and a change in, both outcomes side by side out (M3).

The change is really made, in a savepoint that is taken back: what is compared is what would be kept, to the last rule.
Every function needs an open transaction that acts for the company.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl
from django.db import transaction

from razao.billing import configuration
from razao.billing.loaded import Loaded
from razao.billing.selection import chosen
from razao.booking.billing_entries import prepare
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.compare import by_account, differences
from razao.booking.loading import rules_for
from razao.booking.plan import Plan
from razao.booking.rules import Rules
from razao.companies.rights import Access, May


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


def supposing(access: Access, change: Callable[[], object]) -> tuple[BillingRules, Rules]:
    """The rules as they would be after ``change``; nothing of it remains. What ``change`` raises passes."""
    with transaction.atomic():
        change()
        found = configuration.rules_of(access.company), _rules(access)
        transaction.set_rollback(True)
    return found


def compared(
    access: Access, loaded: Loaded, options: Options, change: Callable[[], object]
) -> Comparison:
    """These documents before and after ``change``, whether they are integrated or not and whatever period is closed."""
    access.require(May.SEE_BOOKS)
    frames = chosen(loaded.frames, options.types, options.filter)
    now = configuration.rules_of(access.company), _rules(access)
    then = supposing(access, change)
    plans = [prepare(frames, rules, billing, options).plan for billing, rules in (now, then)]
    changed = differences(*plans)
    before, after = (_outcome(plan) for plan in plans)
    return Comparison(len(frames), before, after, changed, by_account(changed))


def _rules(access: Access) -> Rules:
    """The company's rules with every period open: what would have come out then is asked, not whether it may be posted now."""
    rules = rules_for(access.company)
    return replace(rules, periods=rules.periods.with_columns(open=pl.lit(True)))


def _outcome(plan: Plan) -> Outcome:
    counts = plan.problems.group_by("code").len().sort("code").iter_rows()
    return Outcome(plan.sources.height, plan.entries.height, dict(counts))
