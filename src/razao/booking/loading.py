"""Reads a company's tables into ``Rules`` and keeps what was learnt; the one module of booking that knows Django.

Everything here runs inside a transaction that already acts for the company.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl
from django.db.models import Q
from django.utils import timezone

from razao.booking import habits
from razao.booking.defaults import profile_of
from razao.booking.models import Habit, PostingProfile
from razao.booking.plan import Plan
from razao.booking.rules import (
    ACCOUNTS,
    HABITS,
    PARTIES,
    PERIODS,
    ROUNDING_LIMIT,
    VAT_CODES,
    WITHHOLDING,
    Profile,
    Rules,
)
from razao.companies.models import Company, Party
from razao.countries.facts import Direction
from razao.countries.pack import load
from razao.kernel.money import fixed_point, step_of
from razao.ledger.models import (
    Account,
    CostCenter,
    EntryType,
    Journal,
    Period,
    VatCodeRate,
    WithholdingAccount,
)
from razao.ledger.source_keys import live

_VALUES = [f.name for f in fields(Profile) if f.name != "direction"]


def posting_profile(company: Company, direction: Direction) -> PostingProfile:
    """The company's profile of ``direction``, created with its country's values at first use (S14)."""
    found = PostingProfile.objects.filter(company=company, direction=direction.value).first()
    if found is not None:
        return found
    pack = load(company.country)
    value, given = profile_of(pack, direction), pack.posting_profile[direction]
    made, _ = PostingProfile.objects.get_or_create(
        company=company,
        direction=direction.value,
        defaults={
            **{n: _plain(getattr(value, n)) for n in _VALUES},
            "party_prefix": given.party_prefix,
            "foreign_prefixes": dict(given.foreign_prefixes),
        },
    )
    return made


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class About:
    """What a few documents can touch of a large directory of parties: their tax numbers, and accounts named for them."""

    tax_ids: frozenset[str]
    accounts: frozenset[str] = frozenset()

    def of(self, field: str) -> Q:
        """Rows whose ``field`` is one of the tax numbers, however its country stands before it."""
        found = Q(pk__isnull=True)
        for tax_id in self.tax_ids:
            found |= Q(**{f"{field}__endswith": tax_id[-9:]})
        return found


def rules_for(
    company: Company,
    *,
    today: date | None = None,
    keys: Iterable[str | None] = (),
    about: About | None = None,
) -> Rules:
    """The company's rules as they stand now.

    ``keys``: documents of which to know whether they are posted already. ``about``: all that the documents at
    hand can touch; accounts and habits of any other party are then left out.
    """
    pack = load(company.country)
    profiles = {d: posting_profile(company, d) for d in Direction}
    habits_now = _habits(company, about)
    return Rules(
        tax_id=company.tax_id,
        country=company.country,
        currency=company.currency,
        today=today or timezone.localdate(),
        profiles=MappingProxyType({d: _value(p) for d, p in profiles.items()}),
        accounts=accounts(company, about and _named(about, profiles.values(), habits_now)),
        vat_codes=vat_codes(company, profiles.values()),
        withholding=_withholding(company),
        parties=_parties(company, about),
        periods=periods(company),
        journals=_codes(Journal, company),
        entry_types=_codes(EntryType, company),
        cost_centers=_codes(CostCenter, company),
        posted=posted(company, keys),
        habits=habits_now,
        regions=pack.regions,
        region=company.region,
        inventory_prefixes=pack.inventory_prefixes,
        asset_prefixes=pack.asset_prefixes,
        rounding_limit=ROUNDING_LIMIT * step_of(company.currency),
    )


def _value(profile: PostingProfile) -> Profile:
    values = {name: getattr(profile, name) for name in _VALUES}
    return Profile(direction=Direction(profile.direction), **values)


def _frame(rows: Iterable[Sequence[Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), dict(schema), orient="row")


def _named(about: About, profiles: Iterable[PostingProfile], known: pl.DataFrame) -> About:
    """``about`` with the accounts that profiles and habits name."""
    codes = {str(getattr(p, name)) for p in profiles for name in _VALUES}
    return replace(about, accounts=about.accounts | codes | {*known["counterpart"]})


def accounts(company: Company, about: About | None = None) -> pl.DataFrame:
    """The account directory (ACCOUNTS); an account that is no longer active takes no postings."""
    found = Account.objects.filter(company=company)
    if about is not None:
        found = found.filter(
            Q(party__isnull=True) | Q(code__in=about.accounts) | about.of("party__tax_id")
        )
    rows = found.values_list(
        *("code", "name", "postable", "active", "classifier", "party__tax_id"),
        *("counterpart__code", "needs_cost_center"),
    )
    return _frame(((c, n, p and a, f, t, k, m) for c, n, p, a, f, t, k, m in rows), ACCOUNTS)


def vat_codes(company: Company, profiles: Iterable[PostingProfile]) -> pl.DataFrame:
    """VAT codes in use with their dated rates (VAT_CODES)."""
    in_use = {p.direction: set(p.vat_codes) for p in profiles}
    rows = VatCodeRate.objects.filter(company=company, vat_code__active=True).values_list(
        *("vat_code__code", "vat_code__direction", "vat_code__modality", "vat_code__kind"),
        *("vat_code__tax", "vat_code__region", "rate", "valid_from", "valid_to"),
        *("vat_code__deductible_percent", "vat_code__base_account__code"),
        *("vat_code__tax_account__code", "vat_code__reverse_account__code"),
        *("vat_code__regularisation_account__code", "vat_code__captive_percent"),
        "vat_code__captive_account__code",
    )
    kept = (row for row in rows if not in_use.get(row[1]) or row[0] in in_use[row[1]])
    return _frame(
        (
            (
                *(*row[:6], _hundredths(row[6]), *row[7:9], _hundredths(row[9]), *row[10:14]),
                *(_hundredths(row[14]), row[15]),
            )
            for row in kept
        ),
        VAT_CODES,
    )


def _hundredths(per_cent: Decimal | None) -> int | None:
    return None if per_cent is None else fixed_point(per_cent, 2)


def _withholding(company: Company) -> pl.DataFrame:
    rows = WithholdingAccount.objects.filter(
        company=company, direction=Direction.PURCHASE.value, code__active=True
    ).values_list(
        *("code__code", "account__code", "code__rates__rate"),
        *("code__rates__valid_from", "code__rates__valid_to"),
    )
    return _frame(((c, a, _hundredths(r), f, t) for c, a, r, f, t in rows), WITHHOLDING)


def _parties(company: Company, about: About | None) -> pl.DataFrame:
    rows = Party.objects.filter(company=company)
    if about is not None:
        rows = rows.filter(about.of("tax_id"))
    return _frame(rows.values_list("tax_id", "name", "withholding_code"), PARTIES)


def periods(company: Company) -> pl.DataFrame:
    """Months of every fiscal year and whether they are open (PERIODS)."""
    rows = Period.objects.filter(company=company, number__gte=1, number__lte=12)
    closed = Period.State.CLOSED
    return _frame(
        ((s, e, state != closed) for s, e, state in rows.values_list("start", "end", "state")),
        PERIODS,
    )


def _codes(model: Any, company: Company) -> frozenset[str]:
    return frozenset(
        model.objects.filter(company=company, active=True).values_list("code", flat=True)
    )


def posted(company: Company, keys: Iterable[str | None]) -> pl.DataFrame:
    """Those of ``keys`` that have a live entry: one column, source_key."""
    return pl.DataFrame({"source_key": list(live(company.pk, keys))}, {"source_key": pl.String})


def _habits(company: Company, about: About | None) -> pl.DataFrame:
    columns = list(HABITS)
    found = Habit.objects.filter(company=company)
    if about is not None:
        found = found.filter(about.of("party"))
    rows = found.values_list(*columns)
    return _frame(((*row[:-1], json.dumps(row[-1])) for row in rows), HABITS)


def learn(
    company: Company, plan: Plan, direction: Direction, *, at: datetime | None = None
) -> None:
    """Keep how the documents of a plan that was just posted were booked; call it in the posting's transaction."""
    new = habits.of_rows(plan.rows, direction=direction, at=at or timezone.now())
    if new.height == 0:
        return
    known = Habit.objects.filter(
        company=company, direction=direction.value, party__in=new["party"].unique().to_list()
    )
    columns = list(HABITS)
    old = _frame(((*r[:-1], json.dumps(r[-1])) for r in known.values_list(*columns)), HABITS)
    rows = habits.merged(old, new).rows(named=True)
    Habit.objects.bulk_create(
        [
            Habit(company=company, **(row | {"documents": json.loads(row["documents"])}))
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["company", *habits.KEY, *habits.TREATMENT],
        update_fields=["count", "last", "documents"],
    )
