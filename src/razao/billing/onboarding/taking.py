"""Taking a company over, as a person does it: a file in, what would come of it out; once that was seen, the same for good (M15).

What is shown is what happens: books and rules are really made, in a transaction that is taken back, and made again when
a person says so. Both are jobs; killed anywhere, they leave everything or nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
from django.db import transaction
from django.utils.translation import gettext_noop as _

from razao.billing.models import TakeOver
from razao.billing.onboarding import flow
from razao.billing.onboarding.books import TakenOver
from razao.billing.sourcing import place_of
from razao.booking.counterparties import key_of
from razao.companies.rights import Access, May, company_for
from razao.invoices.formats.saft import Saft, read_saft
from razao.kernel.jobs import Run, job
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused, as_json

#: Problems and unexplained entries that are kept for the page; all are counted.
LISTED = 500
State = TakeOver.State


def ask(access: Access, path: Path | str, label: str) -> TakeOver:
    """Have a file (a path, or ``sourcing.ARCHIVED`` and an id) read: the row appears at once and fills when it is done."""
    access.require(May.CONFIGURE)
    made = TakeOver.objects.create(
        company=access.company, user_id=access.user_id, path=str(path), label=label
    )
    run = look.defer(
        user=access.user_id, company=access.company.pk, title=label, takeover=str(made.pk)
    )
    made.job_id = run.pk
    made.save(update_fields=["job_id"])
    return made


def accept(access: Access, takeover: UUID, *, rules: bool) -> TakeOver:
    """Have what was seen taken over; with ``rules``, the derived configuration too. Raises NotFound and Refused."""
    access.require(May.CONFIGURE)
    found = TakeOver.objects.select_for_update(of=("self",)).filter(
        company=access.company, pk=takeover
    )
    kept = found.first()
    if kept is None:
        raise NotFound(f"takeover {takeover}")
    if kept.state != State.READ:
        raise Refused(Problem("onboarding.not_read", values={"state": kept.state}))
    run = take.defer(
        user=access.user_id,
        company=access.company.pk,
        title=kept.label,
        takeover=str(kept.pk),
        rules=rules,
    )
    kept.state, kept.job_id = State.TAKING, run.pk
    kept.save(update_fields=["state", "job_id"])
    return kept


@job(queue="billing", title="Read the former software's file", attempts=2)
def look(run: Run, *, takeover: str) -> None:
    """Find out what taking over would do; nothing but the finding remains."""
    try:
        saft = _read(run, takeover)
        with run.transaction():
            told = _taken(_access(run), saft, rules=True)
            transaction.set_rollback(True)
    except Refused:
        _fail(run, takeover)
        raise
    with run.transaction():
        TakeOver.objects.filter(pk=takeover).update(state=State.READ, told=told)
    run.progress(2, 2, _("read"))


@job(queue="billing", title="Take the former software's books over", attempts=2)
def take(run: Run, *, takeover: str, rules: bool) -> None:
    """Take books, and rules where wanted, over for good."""
    try:
        saft = _read(run, takeover)
        with run.transaction():
            told = _taken(_access(run), saft, rules=rules)
            TakeOver.objects.filter(pk=takeover).update(state=State.TAKEN, told=told)
    except Refused:
        _fail(run, takeover)
        raise
    run.progress(2, 2, _("taken over"))


def _read(run: Run, takeover: str) -> Saft:
    with run.transaction():
        kept = TakeOver.objects.select_related("company").get(pk=takeover)
        path, own = place_of(kept.company_id, kept.path), kept.company.tax_id
    run.progress(0, 2, _("reading"))
    saft = read_saft(Path(path))
    if saft.header.tax_id and not _same(saft.header.tax_id, own):
        values = {"found": saft.header.tax_id, "company": own}
        raise Refused(Problem("onboarding.other_company", values=values))
    run.progress(1, 2, _("taking over"))
    return saft


def _same(one: str, other: str) -> bool:
    """Two tax numbers are one, however they are written."""
    return bool(pl.select(key_of(pl.lit(one)) == key_of(pl.lit(other))).item())


def _access(run: Run) -> Access:
    assert run.user_id is not None
    assert run.company_id is not None
    return company_for(run.user_id, run.company_id, May.CONFIGURE)


def _fail(run: Run, takeover: str) -> None:
    with run.transaction():
        TakeOver.objects.filter(pk=takeover).update(state=State.FAILED)


def _taken(access: Access, saft: Saft, *, rules: bool) -> dict[str, Any]:
    """Books and rules in the caller's transaction; what came of it."""
    done = flow.take_over_books(access, saft)
    proposal = flow.propose(access, saft)
    if rules:
        flow.accept(access, proposal)
    return report(saft, done, proposal) | {"rules_kept": rules}


def report(saft: Saft, done: TakenOver, proposal: flow.Proposal) -> dict[str, Any]:
    """What the page shows, as JSON values: figures, problems, derived rules, and what they do not explain."""
    header, billing, found = saft.header, proposal.billing, proposal.reproduced
    problems = [*done.problems, *saft.problems]
    missed = found.missed.head(LISTED).iter_rows(named=True)
    return {
        "header": {
            "name": header.name or "",
            "product": header.product or "",
            "start": str(header.start or ""),
            "end": str(header.end or ""),
        },
        "accounts": done.accounts,
        "parties": done.parties,
        "journals": done.journals,
        "entries": done.entries,
        "batches": [str(batch.id) for batch in done.batches],
        "problems": as_json(problems[:LISTED]),
        "problem_count": len(problems),
        "unbalanced": sum(p.code == "onboarding.unbalanced" for p in problems),
        "linked": found.entries,
        "same": found.same,
        "share": f"{found.share * 100:.2f}",
        "day_totals": proposal.day_totals,
        "codes": _rows(billing.posting_rates.select("posting_code", "rate", "exemption", "revenue", "returns", "tax")),
        "types": _rows(billing.types.select("billing_type", "journal", "entry_type")),
        "variables": _rows(billing.variables),
        "articles": billing.articles.height,
        "customers": billing.customers.height,
        "habits": proposal.habits.height,
        "missed": [{**row, **{n: _amount(row[n]) for n in ("booked", "proposed")}} for row in missed],
        "missed_count": found.missed["reference"].n_unique(),
    }  # fmt: skip


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return list(frame.iter_rows(named=True))


def _amount(units: int | None) -> str | None:
    return None if units is None else str(from_minor_units(units))
