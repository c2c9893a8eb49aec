"""Billing integration, from a source's documents to posted entries and back: load → prepare → observe → integrate → undo.

    source ─load▶ invoices ─prepare▶ Preparation (plan, problems, tie-out) ─observe▶ ─integrate▶ Batch ─undo▶ reversal

Every function needs an open transaction that acts for the company, except the jobs, which open their own.
The preview is the posting: integrating takes the fingerprint that was looked at and posts the kept plan; it prepares
again beside that, and takes everything back when anything changed (M1). Marking the source's documents happens once
the posting is committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

import polars as pl
from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from razao.billing import configuration
from razao.billing.alongside import alongside
from razao.billing.keeping import (
    frame_of,
    integrated,
    keep,
    note_documents,
    options_as_json,
    options_of,
    plan_of,
    postable_of,
)
from razao.billing.loaded import Loaded
from razao.billing.marking import write_back
from razao.billing.models import BillingDocument, Preparation
from razao.billing.selection import chosen
from razao.billing.sourcing import Choice, choice_kept, load
from razao.booking.billing_entries import prepare as book
from razao.booking.billing_entries import prepare_again
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.compare import differences
from razao.booking.loading import rules_for
from razao.booking.plan import Plan
from razao.booking.rules import Rules
from razao.booking.tie_out import ties
from razao.companies.models import Company
from razao.companies.rights import Access, May, company_for
from razao.invoices.frame import InvoiceFrames
from razao.kernel.audit import record
from razao.kernel.jobs import Run, job
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused, Severity
from razao.ledger import approving, posting
from razao.ledger.models import Batch

_PIECE_OF_DIFFERENCES = 200
State = Preparation.State
Asked = tuple[InvoiceFrames, Rules, BillingRules, Options]
"""the chosen documents, and the rules by which they are booked"""


class Changed(Refused):
    """Something that the plan depends on changed since it was looked at; nothing was posted."""

    def __init__(self, found: pl.DataFrame) -> None:
        self.differences = found.head(_PIECE_OF_DIFFERENCES).rows(named=True)
        super().__init__(
            Problem("billing.changed", values={"count": found["source_key"].n_unique()})
        )


# -- prepare ---------------------------------------------------------------------------------------


def prepare(access: Access, choice: Choice, options: Options) -> Preparation:
    """Load and prepare at once, and keep the plan. Raises Refused for a source or a filter that cannot be used."""
    access.require(May.POST)
    return prepare_loaded(access, choice, options, load(access.company, choice, options))


def prepared_with(access: Access, key: str) -> Preparation | None:
    """What was prepared when asked with this idempotency key. Who asks with it at the same moment waits here for the first."""
    with connection.cursor() as cursor:
        lock = f"preparation {access.company.pk} {key}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
    return Preparation.objects.filter(company=access.company, key=key).first()


def prepare_loaded(
    access: Access,
    choice: Choice,
    options: Options,
    loaded: Loaded,
    kept: Preparation | None = None,
) -> Preparation:
    """Prepare documents that are loaded already; ``kept`` is the row of a preparation that was asked for before."""
    asked = _asked(access.company, options, loaded)
    prepared = book(*asked)
    preparation = kept or Preparation(company=access.company, user_id=access.user_id)
    plan, problems = prepared.plan, _with_source(prepared.plan, loaded)
    prepared = replace(prepared, plan=replace(plan, problems=problems))
    preparation.source, preparation.kind = choice.source, choice.kind
    preparation.settings, preparation.label = choice.settings, choice.label
    preparation.options = options_as_json(options)
    preparation.state = State.PREPARED
    preparation.fingerprint = plan.fingerprint
    preparation.documents, preparation.ready = len(asked[0]), plan.sources.height
    preparation.entries, preparation.lines = plan.entries.height, plan.lines.height
    preparation.total = from_minor_units(int(plan.lines["debit"].sum()))
    preparation.counts = dict(problems.group_by("code").len().sort("code").iter_rows())
    preparation.ties = ties(prepared.tie_out)
    preparation.save()
    keep(preparation, prepared, loaded.marks)
    return preparation


def _asked(company: Company, options: Options, loaded: Loaded) -> Asked:
    """All that a plan is made from, as it stands now."""
    frames = chosen(loaded.frames, options.types, options.filter)
    keys = frames.documents["source_key"].drop_nulls().to_list()
    rules = rules_for(company, keys=keys)
    posted = pl.concat([rules.posted, integrated(company.pk, keys)]).unique()
    if options.only_unposted and posted.height:
        live = pl.col("source_key").is_in(posted["source_key"].implode()).fill_null(False)
        frames = frames.where(~live)
    rules = replace(rules, posted=posted)
    return frames, rules, configuration.rules_of(company), options


def _with_source(plan: Plan, loaded: Loaded) -> pl.DataFrame:
    """The plan's problems, those of the source first; a source's error never blocks the other documents."""
    rows = [
        (p.where, p.code, Severity.WARNING.value if p.blocks else p.severity.value, "", _json(p))
        for p in loaded.problems
    ]
    said = pl.DataFrame(rows, plan.problems.schema, orient="row")
    return pl.concat([said, plan.problems])


def _json(problem: Problem) -> str:
    return json.dumps({k: str(v) for k, v in problem.values.items()}, ensure_ascii=False)


def ask(access: Access, choice: Choice, options: Options) -> Preparation:
    """Have it prepared in the background: the preparation appears at once and fills when it is done."""
    access.require(May.POST)
    preparation = Preparation.objects.create(
        company=access.company,
        user_id=access.user_id,
        source=choice.source,
        kind=choice.kind,
        settings=choice.settings,
        label=choice.label,
        options=options_as_json(options),
    )
    run = prepare_job.defer(
        user=access.user_id,
        company=access.company.pk,
        title=choice.label,
        preparation=str(preparation.pk),
    )
    preparation.job_id = run.pk
    preparation.save(update_fields=["job_id"])
    return preparation


@job(queue="billing", title="Prepare billing documents", attempts=3)
def prepare_job(run: Run, *, preparation: str) -> None:
    """Load outside any transaction, then prepare and keep in one. What is prepared already stays as it is."""
    with run.transaction():
        kept = Preparation.objects.select_related("source", "company").get(pk=preparation)
        if kept.state != State.PREPARING:
            return
        choice, options, company = choice_kept(kept), options_of(kept.options), kept.company
    run.progress(0, 2, _("loading"))
    try:
        loaded = load(company, choice, options)
        run.progress(1, 2, _("preparing"))
        with run.transaction():
            access = _access(run)
            kept = _found(access, UUID(preparation), lock=True)
            # The job may come twice, and late: another one prepared it meanwhile, or it is integrated by now.
            if kept.state == State.PREPARING:
                prepare_loaded(access, choice, options, loaded, kept)
    except Refused:
        with run.transaction():
            waiting = Preparation.objects.filter(pk=preparation, state=State.PREPARING)
            waiting.update(state=State.FAILED)
        raise
    run.progress(2, 2, _("prepared"))


def _access(run: Run) -> Access:
    assert run.user_id is not None
    assert run.company_id is not None
    return company_for(run.user_id, run.company_id, May.POST)


# -- observe ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Observed:
    """A kept preparation as it is shown."""

    preparation: Preparation
    plan: Plan
    tie_out: pl.DataFrame


def observe(access: Access, preparation_id: UUID) -> Observed:
    """The kept plan: the very entries that integrating will post. Raises NotFound."""
    access.require(May.SEE_BOOKS)
    preparation = _found(access, preparation_id)
    if preparation.state in {State.PREPARING, State.FAILED}:
        raise Refused(Problem("billing.not_prepared", values={"state": preparation.state}))
    return Observed(preparation, plan_of(preparation), frame_of(preparation, "tie_out"))


def _found(access: Access, preparation_id: UUID, *, lock: bool = False) -> Preparation:
    rows = Preparation.objects.select_for_update(of=("self",)) if lock else Preparation.objects
    found = rows.filter(company=access.company, pk=preparation_id).first()
    if found is None:
        raise NotFound(f"preparation {preparation_id}")
    return found


# -- integrate -------------------------------------------------------------------------------------


def integrate(
    access: Access,
    preparation_id: UUID,
    fingerprint: str,
    *,
    loaded: Loaded | None = None,
    progress: posting.Progress | None = None,
) -> Batch:
    """Post what was prepared, all or nothing.

    ``loaded`` spares asking the source again where it was just asked. Raises ``Changed`` with the differences
    when the plan would come out differently now, and Refused for every other reason.
    """
    access.require(May.POST)
    preparation = _found(access, preparation_id, lock=True)
    if preparation.state != State.PREPARED:
        raise Refused(Problem("billing.not_prepared", values={"state": preparation.state}))
    if fingerprint != preparation.fingerprint:
        raise Refused(Problem("billing.another_plan"))
    choice, options = choice_kept(preparation), options_of(preparation.options)
    now = loaded or load(access.company, choice, options)
    asked = _asked(access.company, options, now)
    kept = postable_of(preparation)
    with transaction.atomic(), alongside(partial(_still, kept, fingerprint, asked)) as again:

        def confirm() -> None:
            tied = again.result()
            if tied is None:
                raise Changed(differences(plan_of(preparation), book(*asked).plan))
            if not ties(tied):
                raise Refused(Problem("billing.does_not_tie"))

        batch = _posted(access, preparation, kept, again.done, confirm, progress)
        confirm()
        _note(access, preparation, kept, now, batch.id)
    return batch


def _still(
    kept: Plan, fingerprint: str, asked: Asked, stop: Callable[[], bool]
) -> pl.DataFrame | None:
    """The tie-out, if the documents become the kept plan and it is the one that was seen. Touches no database."""
    return prepare_again(kept, *asked, stop=stop) if kept.fingerprint == fingerprint else None


def _posted(
    access: Access,
    preparation: Preparation,
    kept: Plan,
    is_known: Callable[[], bool],
    confirm: Callable[[], None],
    progress: posting.Progress | None,
) -> Batch:
    """The kept plan posted, given up as soon as it is known that ``confirm`` refuses it."""

    def tell(done: int, total: int, note: str = "") -> None:
        if is_known():
            confirm()
        if progress is not None:
            progress(done, total, note)

    if approving.rule_of(access.company.pk) is not None:
        confirm()  # nobody is asked to approve what would come out differently
    try:
        return posting.post(
            access,
            kept.drafts(),
            kind=Batch.Kind.BILLING,
            source=preparation.label,
            fingerprint=preparation.fingerprint,
            progress=tell,
        )
    except Changed:
        raise
    except Refused:
        confirm()  # that something changed says more than what the ledger has against the plan of then
        raise


def _note(
    access: Access, preparation: Preparation, plan: Plan, loaded: Loaded, batch: UUID
) -> None:
    """Record the documents and what became of the preparation; ask for the marking of the source."""
    keys = plan.entries.select("entry", entry_key="source_key")
    rows = plan.sources.join(keys, on="entry").join(
        loaded.marks.unique("source_key"), on="source_key", how="left"
    )
    note_documents(access.company.pk, batch, preparation.source_id, rows)
    preparation.state, preparation.batch_id = State.INTEGRATED, batch
    preparation.save(update_fields=["state", "batch_id"])
    record(
        "billing.integrated",
        user=access.user_id,
        company=access.company.pk,
        subject=preparation.pk,
        details={"batch": str(batch), "entries": plan.entries.height},
    )
    if preparation.source is not None and preparation.source.write_back:
        write_back.defer(user=access.user_id, company=access.company.pk, batch=str(batch))


@job(queue="billing", title="Integrate billing documents", attempts=2)
def integrate_job(run: Run, *, preparation: str, fingerprint: str) -> None:
    """Integrate in the background, with progress; stopping it leaves nothing behind. Done already, nothing happens."""
    with run.transaction():
        access = _access(run)
        kept = _found(access, UUID(preparation))
        if _is_posted(kept, fingerprint):
            return
        choice, options, company = choice_kept(kept), options_of(kept.options), access.company
    loaded = load(company, choice, options)
    try:
        with run.transaction():
            access = _access(run)
            if not _is_posted(_found(access, UUID(preparation), lock=True), fingerprint):
                integrate(
                    access, UUID(preparation), fingerprint, loaded=loaded, progress=run.progress
                )
    except Changed as changed:
        with run.transaction():
            _access(run)
            rows = [{k: str(v) for k, v in row.items()} for row in changed.differences]
            Preparation.objects.filter(pk=preparation).update(differences=rows)
        raise


def _is_posted(kept: Preparation, fingerprint: str) -> bool:
    """Whether this very plan is posted: the worker was lost before the job's end, or two asked for it."""
    return kept.batch_id is not None and kept.fingerprint == fingerprint


# -- undo ------------------------------------------------------------------------------------------


def undo(access: Access, preparation_id: UUID, *, day: date, reason: str) -> Batch:
    """Undo an integration by one reversal batch dated ``day``; its documents can be integrated again (M2).

    Raises NotFound; Refused (``billing.not_integrated``, and as the ledger's ``reverse``).
    """
    preparation = _found(access, preparation_id, lock=True)
    if preparation.state != State.INTEGRATED or preparation.batch_id is None:
        raise Refused(Problem("billing.not_integrated", values={"state": preparation.state}))
    batch = posting.reverse(access, preparation.batch_id, day=day, reason=reason)
    documents = BillingDocument.objects.filter(
        company=access.company, batch_id=preparation.batch_id
    )
    documents.update(undone=True)
    preparation.state, preparation.reversal_id = State.UNDONE, batch.id
    preparation.save(update_fields=["state", "reversal_id"])
    if preparation.source is not None and preparation.source.write_back:
        write_back.defer(
            user=access.user_id, company=access.company.pk, batch=str(preparation.batch_id)
        )
    return batch
