"""Posting: captured invoices in, entries out, or each one's reasons why not; one bad invoice never blocks the others.

The preview is the posting (M1): what is posted is the plan whose fingerprint the person saw. Entry, learned
habits, custody and the file's new folder commit together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from razao.archive import custody
from razao.archive.models import Folder, IntakeEvent
from razao.booking.loading import learn
from razao.capture import plans, proposing, queries
from razao.capture.copies import move_file
from razao.capture.models import CapturedInvoice
from razao.capture.parties import keep_counterparts, keep_withholding
from razao.capture.proposing import DIRECTIONS, Proposal
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.kernel.problems import NotFound, Problem, Refused, as_json, blocking
from razao.ledger import posting as door
from razao.ledger.approving import NeedsApproval
from razao.ledger.models import Batch, Entry

State = CapturedInvoice.State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one invoice: its entry, or what stands in the way."""

    invoice: UUID
    entry: UUID | None = None
    problems: tuple[Problem, ...] = ()


def post_invoices(
    access: Access, ids: Sequence[UUID], seen: Mapping[UUID, str] | None = None
) -> list[Outcome]:
    """Post the invoices as one batch, each with an entry of its own, in the order given.

    ``seen`` holds the fingerprints that the person looked at; without it the last ones kept are meant.
    Those that cannot be posted stay, with every reason. Raises Refused when the person may not post.
    """
    access.require(May.REVIEW)
    rows = {row.pk: row for row in queries.locked_rows(ids)}
    before = {pk: (seen or {}).get(pk, row.fingerprint) for pk, row in rows.items()}
    waiting = [row for pk in ids if (row := rows.get(pk)) and row.state in queries.WAITING]
    made = {p.row.pk: p for p in proposing.refresh(access.company, waiting)}
    outcomes = {pk: _judge(pk, rows.get(pk), made.get(pk), before.get(pk, "")) for pk in ids}
    ready = [made[pk] for pk in ids if not outcomes[pk].problems]
    for outcome in _post(access, ready):
        outcomes[outcome.invoice] = outcome
    return list(outcomes.values())


def told(outcome: Outcome) -> list[Problem]:
    """The reasons of one invoice that stayed, each saying which invoice it is about."""
    row = CapturedInvoice.objects.filter(pk=outcome.invoice).first()
    name = str(row) if row else str(outcome.invoice)
    return [replace(p, where=name) for p in outcome.problems]


def _judge(pk: UUID, row: CapturedInvoice | None, proposal: Proposal | None, seen: str) -> Outcome:
    """Why this invoice cannot be posted as it was seen; all reasons at once."""
    if row is None:
        return Outcome(pk, problems=(Problem("capture.not_here"),))
    if proposal is None:
        return Outcome(pk, problems=(Problem("capture.closed", values={"state": row.state}),))
    found = list(blocking(queries.problems_of(row)))
    if row.doubts:
        fields = ", ".join(row.doubts)
        found.append(
            Problem("capture.still_doubtful", where=row.doubts[0], values={"fields": fields})
        )
    if row.state == State.ASKED:
        found.append(Problem("capture.asked", values={"question": row.reason}))
    if not found and proposal.fingerprint != seen:
        found.append(Problem("capture.plan_changed"))
    return Outcome(pk, problems=tuple(found))


def _post(access: Access, ready: Sequence[Proposal]) -> list[Outcome]:
    """One batch of all; where the ledger refuses some (somebody was quicker), one of the others."""
    if not ready:
        return []
    try:
        with transaction.atomic():
            return _post_batch(access, ready)
    except NeedsApproval as refusal:
        # never posted in smaller parts: that would be the way around
        return [Outcome(p.row.pk, problems=tuple(refusal.problems)) for p in ready]
    except Refused as refusal:
        return _post_others(access, ready, refusal)


def _post_others(access: Access, ready: Sequence[Proposal], refusal: Refused) -> list[Outcome]:
    named = {p.where for p in refusal.problems}
    bad = [p for p in ready if _key(p) in named]
    if len(ready) == 1 or not bad:
        bad = list(ready) if len(ready) == 1 else []
    outcomes = [_refused(p, refusal, alone=len(ready) == 1) for p in bad]
    rest = [p for p in ready if p not in bad]
    if not bad:  # the ledger does not say which: one by one
        return [o for p in rest for o in _post(access, [p])]
    return outcomes + _post(access, rest)


def _refused(proposal: Proposal, refusal: Refused, *, alone: bool) -> Outcome:
    mine = [p for p in refusal.problems if alone or p.where == _key(proposal)]
    row = proposal.row
    row.problems = [
        *row.problems,
        *as_json([Problem(p.code, p.severity, "", p.values) for p in mine]),
    ]
    row.state = State.DOUBTFUL
    row.save(update_fields=["problems", "state"])
    return Outcome(row.pk, problems=tuple(mine))


def _key(proposal: Proposal) -> str:
    key: str = proposal.plan.entries["source_key"][0]
    return key


def _post_batch(access: Access, ready: Sequence[Proposal]) -> list[Outcome]:
    plan = plans.together([p.plan for p in ready])
    batch = door.post(
        access,
        plan.drafts(),
        kind=Batch.Kind.CAPTURE,
        source=", ".join(p.row.scan.name for p in ready[:3]),
        fingerprint=plan.fingerprint,
    )
    entries = dict(
        Entry.objects.filter(company=access.company, batch_id=batch.id).values_list(
            "source_key", "id"
        )
    )
    outcomes = [_posted(access, p, batch.id, entries[_key(p)]) for p in ready]
    for flow, direction in DIRECTIONS.items():
        mine = [p.plan for p in ready if p.row.direction == flow]
        if mine:
            whole = plans.together(mine)
            kept = keep_counterparts(access.company, flow, whole.rows)
            keep_withholding(access.company, whole.rows)
            learn(access.company, replace(whole, rows=kept), direction)
    return outcomes


def _posted(access: Access, proposal: Proposal, batch: UUID, entry: UUID) -> Outcome:
    row = proposal.row
    row.state, row.entry_id, row.batch_id = State.POSTED, entry, batch
    row.posted_at, row.posted_by_id = timezone.now(), access.user_id
    row.claimed_by, row.claimed_at = None, None
    row.version = row.version + 1
    row.save()
    move_file(row, Folder.PF_ASIENTO)
    custody.note(
        IntakeEvent.Kind.POSTED,
        item=row.pk,
        day=row.day,
        file=row.scan.file,
        user=access.user_id,
    )
    return Outcome(row.pk, entry)


def unpost(access: Access, invoice_id: UUID, *, day: date, reason: str) -> list[UUID]:
    """Undo the posting of an invoice by reversing its batch; every invoice of the batch waits again (M2).

    Returns their ids. Raises NotFound, and Refused as ``ledger.posting.reverse`` does.
    """
    row = queries.invoice_of(access.company, invoice_id)
    if row.state != State.POSTED or row.batch_id is None:
        raise NotFound(f"posting of {invoice_id}")
    door.reverse(access, row.batch_id, day=day, reason=reason)
    return free_reversed(access.company, access.user_id, reason)


def free_reversed(company: Company, user: UUID | None, reason: str = "") -> list[UUID]:
    """Let every invoice wait again whose entry has been reversed, whoever reversed it. Returns their ids."""
    rows = queries.locked_rows(queries.reversed_ids(company))
    for row in rows:
        row.state, row.entry_id, row.batch_id = State.DOUBTFUL, None, None
        row.posted_at, row.posted_by = None, None
        row.version = row.version + 1
        row.save()
        move_file(row, Folder.PF_BORRADOR)
        custody.note(
            IntakeEvent.Kind.UNPOSTED,
            item=row.pk,
            day=row.day,
            file=row.scan.file,
            user=user,
            text=reason,
        )
    proposing.refresh(company, rows)
    return [row.pk for row in rows]
