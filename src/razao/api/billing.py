"""Billing integration through the API: documents or a configured source in, the plan out; integrated as it was seen, and undone.

A request that is sent again does not act again: preparing carries an ``Idempotency-Key``, integrating a
fingerprint, undoing the preparation's own state.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Router, Schema
from pydantic import ValidationError

from razao.api.person import person_id
from razao.billing import flow, interchange
from razao.billing.keeping import frame_of, options_of
from razao.billing.models import BillingSource, Preparation
from razao.billing.sourcing import Choice, configured
from razao.companies.rights import Access, May, company_for
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused

router = Router(tags=["billing"])
PAGE_ROWS = 200


class PrepareIn(Schema):
    """A configured source by name, or the documents themselves; options as docs/billing.md lists them."""

    source: str = ""
    documents: list[dict[str, Any]] = []
    options: dict[str, Any] = {}


class PreparationOut(Schema):
    id: UUID
    state: str
    label: str
    fingerprint: str
    documents: int
    ready: int
    entries: int
    lines: int
    total: Decimal
    ties: bool
    problems: dict[str, int]
    batch: UUID | None
    reversal: UUID | None


class LineOut(Schema):
    account: str
    debit: Decimal
    credit: Decimal
    cost_center: str | None
    vat_code: str | None
    rule: str


class EntryOut(Schema):
    source_key: str
    journal: str
    entry_type: str
    date: date
    reference: str | None
    lines: list[LineOut]


class DocumentProblemOut(Schema):
    source_key: str | None
    code: str
    severity: str
    field: str
    values: dict[str, Any]


class IntegrateIn(Schema):
    fingerprint: str


class ConfigurationIn(Schema):
    """A configuration as reading one gives it."""

    configuration: dict[str, Any]


class UndoIn(Schema):
    day: date
    reason: str


def _access(request: HttpRequest, company: UUID, right: May) -> Access:
    return company_for(person_id(request), company, right)


def _out(row: Preparation) -> PreparationOut:
    same = (
        "state",
        "label",
        "fingerprint",
        "documents",
        "ready",
        "entries",
        "lines",
        "total",
        "ties",
    )
    return PreparationOut(
        id=row.pk,
        problems=row.counts,
        batch=row.batch_id,
        reversal=row.reversal_id,
        **{name: getattr(row, name) for name in same},
    )


@router.post("/{company}/billing/preparations", response=PreparationOut)
def prepare_documents(
    request: HttpRequest,
    company: UUID,
    wanted: PrepareIn,
    idempotency_key: Annotated[str, Header()] = "",
) -> PreparationOut:
    """Prepare: what integrating would post, and what stands against it. Sent again with the same key, the same answer."""
    access = _access(request, company, May.POST)
    kept = flow.prepared_with(access, idempotency_key) if idempotency_key else None
    if kept is None:
        try:
            options = options_of(wanted.options)
        except (TypeError, ValueError, ValidationError) as error:
            raise Refused(
                Problem("billing.options_wrong", values={"message": str(error)})
            ) from error
        kept = flow.prepare(access, _choice(access, wanted), options)
        kept.key = idempotency_key
        kept.save(update_fields=["key"])
    return _out(kept)


def _choice(access: Access, wanted: PrepareIn) -> Choice:
    if wanted.documents:
        return Choice("api", {"documents": wanted.documents}, "api")
    source = BillingSource.objects.filter(company=access.company, name=wanted.source, active=True)
    found = source.first()
    if found is None:
        raise Refused(Problem("billing.source_unknown", where=wanted.source))
    return configured(found)


@router.get("/{company}/billing/preparations", response=list[PreparationOut])
def list_preparations(request: HttpRequest, company: UUID) -> list[PreparationOut]:
    """The latest preparations."""
    access = _access(request, company, May.SEE_BOOKS)
    return [_out(row) for row in Preparation.objects.filter(company=access.company)[:PAGE_ROWS]]


def _found(access: Access, preparation: UUID, *, lock: bool = False) -> Preparation:
    """A preparation; with ``lock``, who is sent the same at the same moment waits for the first."""
    rows = Preparation.objects.select_for_update(of=("self",)) if lock else Preparation.objects
    found = rows.filter(company=access.company, pk=preparation).first()
    if found is None:
        raise NotFound(f"preparation {preparation}")
    return found


def _planned(access: Access, preparation: UUID) -> Preparation:
    """A preparation with its plan. Raises NotFound, and Refused (``billing.not_prepared``) where there is none yet."""
    found = _found(access, preparation)
    if found.state in {Preparation.State.PREPARING, Preparation.State.FAILED}:
        raise Refused(Problem("billing.not_prepared", values={"state": found.state}))
    return found


@router.get("/{company}/billing/preparations/{uuid:preparation}", response=PreparationOut)
def one_preparation(request: HttpRequest, company: UUID, preparation: UUID) -> PreparationOut:
    """One preparation as it stands."""
    return _out(_found(_access(request, company, May.SEE_BOOKS), preparation))


@router.get("/{company}/billing/preparations/{uuid:preparation}/entries", response=list[EntryOut])
def prepared_entries(
    request: HttpRequest, company: UUID, preparation: UUID, after: int = -1
) -> list[EntryOut]:
    """The very entries that integrating posts, 200 at a time; ``after`` is the number of the last one seen, from 0."""
    kept = _planned(_access(request, company, May.SEE_BOOKS), preparation)
    heads = frame_of(kept, "entries").slice(after + 1, PAGE_ROWS)
    lines = frame_of(kept, "lines").join(heads.select("entry"), on="entry", how="semi")
    by_entry = lines.partition_by("entry", as_dict=True)
    return [
        EntryOut(
            **{n: row[n] for n in ("source_key", "journal", "entry_type", "date", "reference")},
            lines=[_line(line) for line in by_entry[(row["entry"],)].iter_rows(named=True)],
        )
        for row in heads.iter_rows(named=True)
    ]


def _line(row: dict[str, Any]) -> LineOut:
    values: dict[str, Any] = {n: row[n] for n in ("account", "cost_center", "vat_code", "rule")}
    values |= {side: from_minor_units(row[side]) for side in ("debit", "credit")}
    return LineOut(**values)


@router.get(
    "/{company}/billing/preparations/{uuid:preparation}/problems", response=list[DocumentProblemOut]
)
def prepared_problems(
    request: HttpRequest, company: UUID, preparation: UUID, after: int = -1
) -> list[DocumentProblemOut]:
    """What stands against documents, 200 at a time; ``after`` counts from 0."""
    kept = _planned(_access(request, company, May.SEE_BOOKS), preparation)
    rows = frame_of(kept, "problems").slice(after + 1, PAGE_ROWS).iter_rows(named=True)
    return [DocumentProblemOut(**{**row, "values": json.loads(row["values"])}) for row in rows]


@router.post(
    "/{company}/billing/preparations/{uuid:preparation}/integrate", response=PreparationOut
)
def integrate(
    request: HttpRequest, company: UUID, preparation: UUID, wanted: IntegrateIn
) -> PreparationOut:
    """Post what was seen; 409 with the reason when anything changed. Sent again, the answer is the batch posted before."""
    access = _access(request, company, May.POST)
    kept = _found(access, preparation, lock=True)
    done = kept.state == Preparation.State.INTEGRATED and kept.fingerprint == wanted.fingerprint
    if not done:
        flow.integrate(access, preparation, wanted.fingerprint)
    return _out(_found(access, preparation))


@router.post("/{company}/billing/preparations/{uuid:preparation}/undo", response=PreparationOut)
def undo(request: HttpRequest, company: UUID, preparation: UUID, wanted: UndoIn) -> PreparationOut:
    """Undo the integration by a reversal batch. Sent again, nothing more happens."""
    access = _access(request, company, May.POST)
    if _found(access, preparation, lock=True).state != Preparation.State.UNDONE:
        flow.undo(access, preparation, day=wanted.day, reason=wanted.reason)
    return _out(_found(access, preparation))


@router.get("/{company}/billing/configuration", response=dict[str, Any])
def read_configuration(request: HttpRequest, company: UUID) -> dict[str, Any]:
    """The whole configuration; secrets are never told."""
    return interchange.exported(_access(request, company, May.SEE_BOOKS).company)


@router.put("/{company}/billing/configuration", response=dict[str, int])
def write_configuration(
    request: HttpRequest, company: UUID, told: ConfigurationIn
) -> dict[str, int]:
    """Take a configuration over: rows of the same name are replaced, others stay; rows by section."""
    return interchange.imported(_access(request, company, May.CONFIGURE), told.configuration)
