"""The one door to the ledger: drafts in, a sealed batch out, or every reason why not and nothing written.

``post`` writes a batch, ``reverse`` undoes one by a batch of its own. Both need an open transaction that
acts for the company; what they write commits or vanishes with it. The database's triggers check again
what is checked here, for whoever comes past the door (migrations/guards.sql, docs/chain.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_noop as _

from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused, blocking
from razao.ledger import approving, staging
from razao.ledger.books import Calendar, Known, Spot, known
from razao.ledger.checks import check
from razao.ledger.drafts import Drafts
from razao.ledger.models import Batch, Journal
from razao.ledger.source_keys import live_labels

Spots = dict[tuple[str, date], Spot | None]
ENTRY_TEXTS = ["source_key", "journal", "entry_type", "reference", "text", "file"]
LINE_TEXTS = ["account", "cost_center", "party", "vat_code", "currency", "rubric", "text"]


class Progress(Protocol):
    """Told how far a posting is; may raise to stop it, which leaves nothing behind (``jobs.Run.progress``)."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def post(
    access: Access,
    drafts: Drafts,
    *,
    kind: str,
    source: str,
    fingerprint: str,
    progress: Progress | None = None,
) -> Batch:
    """Post ``drafts`` as one batch, all or nothing, numbered in the order of their ``entry``.

    ``kind`` is a ``Batch.Kind``; ``source`` says for people what it was posted from; ``fingerprint`` is the
    plan's ("" where there was none). Raises Refused with every problem of every document (``where`` is its
    source key), and for a person whose role may not post; ``approving.NeedsApproval`` for a batch that is
    large by the company's rule and that nobody else has approved.
    """
    access.require(May.REVIEW if kind == Batch.Kind.CAPTURE else May.POST)
    tell = progress or _silent
    drafts = Drafts(
        staging.one_line(drafts.entries, ENTRY_TEXTS), staging.one_line(drafts.lines, LINE_TEXTS)
    )
    tell(0, drafts.count, _("checking"))
    codes, spots = _look_up(access, drafts)
    _refuse(check(drafts, codes, spots))
    _refuse(_duplicates(access, drafts))
    fingerprint = approving.need(access, drafts, kind=kind, source=source, fingerprint=fingerprint)
    with _all_or_nothing():
        tell(0, drafts.count, _("posting"))
        batch = _open_batch(access, kind=kind, source=source, plan_fingerprint=fingerprint)
        staging.fill(
            batch,
            drafts,
            partial(_placed, codes=codes, spots=spots),
            lambda done: tell(done, drafts.count, _("posting")),
        )
    tell(drafts.count, drafts.count, _("posted"))
    batch.refresh_from_db()
    return batch


def preview(access: Access, drafts: Drafts) -> list[Problem]:
    """The problems for which ``post`` would refuse ``drafts`` now, documents posted already included."""
    drafts = Drafts(
        staging.one_line(drafts.entries, ENTRY_TEXTS), staging.one_line(drafts.lines, LINE_TEXTS)
    )
    return check(drafts, *_look_up(access, drafts)) + _duplicates(access, drafts)


def reverse(access: Access, batch_id: UUID, *, day: date, reason: str) -> Batch:
    """Undo a batch by a batch of mirrored entries dated ``day``; its documents may then be posted again.

    Raises NotFound for a batch that the company does not have, Refused (``post.already_reversed``,
    ``post.reversal_of_reversal``, ``post.reason_missing``, and as ``post`` for the day).
    """
    access.require(May.POST)
    original = Batch.objects.filter(company=access.company, id=batch_id).first()
    if original is None:
        raise NotFound(f"batch {batch_id}")
    _refuse(_irreversible(original, reason))
    spots = _reversal_spots(access, original, day)
    with _all_or_nothing():
        batch = _open_batch(
            access,
            kind=Batch.Kind.REVERSAL,
            source=original.source,
            reverses_id=original.id,
            reason=reason,
        )
        _mirror(batch, original, day, spots)
    record(
        "batch.reversed",
        user=access.user_id,
        company=access.company.pk,
        subject=original.id,
        details={"reason": reason, "by": str(batch.id)},
    )
    batch.refresh_from_db()
    return batch


def _silent(done: int, total: int, note: str = "") -> None:
    """Progress for nobody."""


def _duplicates(access: Access, drafts: Drafts) -> list[Problem]:
    posted = live_labels(access.company.pk, drafts.entries["source_key"].to_list())
    return [Problem("post.duplicate", where=key, values={"entry": e}) for key, e in posted.items()]


def _refuse(problems: list[Problem]) -> None:
    if blocking(problems):
        raise Refused(*problems)


def _look_up(access: Access, drafts: Drafts) -> tuple[Known, Spots]:
    def distinct(column: str) -> list[str]:
        return drafts.lines[column].drop_nulls().unique().to_list()

    columns = ("account", "cost_center", "vat_code", "party")
    codes = known(access.company, *(distinct(c) for c in columns))
    calendar = Calendar(access.company)
    kinds = {code: kind for code, (_, kind) in codes.journals.items()}
    days = drafts.entries.select("journal", "date").unique().drop_nulls().iter_rows()
    return codes, {(j, d): calendar.spot(d, kinds[j]) for j, d in days if j in kinds}


def _placed(entries: pl.DataFrame, codes: Known, spots: Spots) -> pl.DataFrame:
    """Entries with the ids and the period that staging wants, in their order."""
    places = pl.DataFrame(
        [
            (journal, day, str(spot.fiscal_year_id), spot.period)
            for (journal, day), spot in spots.items()
            if spot is not None
        ],
        schema={
            "journal": pl.String,
            "date": pl.Date,
            "fiscal_year": pl.String,
            "period": pl.Int16,
        },
        orient="row",
    )
    journals = {code: str(pk) for code, (pk, _) in codes.journals.items()}
    types = {code: str(pk) for code, pk in codes.entry_types.items()}
    return entries.join(
        places, on=["journal", "date"], how="left", maintain_order="left"
    ).with_columns(
        pl.col("journal").replace_strict(journals, return_dtype=pl.String),
        pl.col("entry_type").replace_strict(types, return_dtype=pl.String),
    )


def _open_batch(access: Access, **values: object) -> Batch:
    return Batch.objects.create(company=access.company, user_id=access.user_id, **values)


#: What the database refused although the checks had passed (somebody was quicker), as problems.
REFUSALS = {
    "source_key_once_among_live_entries": "post.duplicate",
    "entry_in_open_period": "post.period_closed",
    "entry_in_fiscal_year": "post.outside_fiscal_year",
    "line_account_of_company": "post.account_missing",
    "line_account_postable": "post.account_not_postable",
    "line_needs_cost_center": "post.needs_cost_center",
    "batch_reversed_once": "post.already_reversed",
    "batch_needs_a_second_person": "post.needs_approval",
}


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """A savepoint; what the database refuses becomes Refused, and anything unforeseen stays an error."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        code = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if code is None:
            raise
        detail = getattr(diagnosis, "message_detail", "") or ""
        raise Refused(Problem(code, values={"detail": detail})) from error


def _irreversible(original: Batch, reason: str) -> list[Problem]:
    problems = []
    where = str(original.sequence)
    if not reason.strip():
        problems.append(Problem("post.reason_missing", where=where))
    if original.kind == Batch.Kind.REVERSAL:
        problems.append(Problem("post.reversal_of_reversal", where=where))
    if Batch.objects.filter(company_id=original.company_id, reverses_id=original.id).exists():
        problems.append(Problem("post.already_reversed", where=where))
    return problems


def _reversal_spots(access: Access, original: Batch, day: date) -> dict[UUID, Spot]:
    calendar = Calendar(access.company)
    used = original.entries.values("journal").distinct()
    found = {j.pk: calendar.spot(day, j.kind) for j in Journal.objects.filter(pk__in=used)}
    spots = {journal: spot for journal, spot in found.items() if spot is not None}
    closed = next((spot for spot in spots.values() if spot.closed), None)
    if len(spots) < len(found):
        raise Refused(Problem("post.outside_fiscal_year", values={"date": str(day)}))
    if closed:
        values = {"period": closed.period, "year": closed.year, "date": str(day)}
        raise Refused(Problem("post.period_closed", values=values))
    return spots


MIRROR_ENTRIES = """
INSERT INTO ledger_entry (company_id, id, batch_id, journal_id, entry_type_id, fiscal_year_id, period, number,
  date, document_date, source_key, reference, text, file, reverses_id)
SELECT %(company)s, uuidv7(), %(batch)s, e.journal_id, e.entry_type_id, s.fiscal_year, s.period,
  coalesce(c.last, 0) + row_number() OVER (PARTITION BY e.journal_id ORDER BY e.id), %(day)s, e.document_date,
  'reversal:' || e.id, e.reference, e.text, e.file, e.id
FROM ledger_entry e
JOIN unnest(%(journals)s::uuid[], %(years)s::uuid[], %(periods)s::smallint[])
  AS s(journal, fiscal_year, period) ON s.journal = e.journal_id
LEFT JOIN ledger_counter c ON c.company_id = %(company)s AND c.journal_id = e.journal_id
  AND c.fiscal_year_id = s.fiscal_year
WHERE e.company_id = %(company)s AND e.batch_id = %(original)s
ORDER BY e.id
"""

MIRROR_LINES = """
INSERT INTO ledger_line (company_id, entry_id, position, account_id, date, debit, credit, cost_center_id,
  party_id, vat_code_id, tax_base, currency, currency_amount, rubric, text)
SELECT %(company)s, e.id, l.position, l.account_id, %(day)s, l.credit, l.debit, l.cost_center_id,
  l.party_id, l.vat_code_id, l.tax_base, l.currency, -l.currency_amount, l.rubric, l.text
FROM ledger_entry e JOIN ledger_line l ON l.company_id = %(company)s AND l.entry_id = e.reverses_id
WHERE e.company_id = %(company)s AND e.batch_id = %(batch)s
ORDER BY e.id, l.position
"""


def _mirror(batch: Batch, original: Batch, day: date, spots: dict[UUID, Spot]) -> None:
    values: dict[str, Any] = {
        "company": batch.company_id,
        "batch": batch.id,
        "original": original.id,
        "day": day,
        "journals": list(spots),
        "years": [spot.fiscal_year_id for spot in spots.values()],
        "periods": [spot.period for spot in spots.values()],
    }
    with connection.cursor() as cursor:
        for statement in (
            MIRROR_ENTRIES,
            MIRROR_LINES,
            "SELECT ledger_seal(%(company)s, %(batch)s)",
        ):
            cursor.execute(statement, values)
