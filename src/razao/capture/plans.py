"""A plan of many documents in, the plan of each out, and back; overrides as JSON in, as frames out; pure.

An invoice's own plan numbers its entry 0, whether it was proposed alone or among thousands, so that its
fingerprint is the same (M1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from razao.booking.plan import Plan
from razao.booking.rules import Overrides
from razao.kernel.money import fixed_point, minor_units
from razao.kernel.problems import Problem, Severity
from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA

#: Fields of a document, and of a row of its breakdown, that a person may say in place of the proposal.
DOCUMENT_FIELDS = ("account", "withholding_code", "cost_center", "date", "exchange_rate")
ROW_FIELDS = ("counterpart", "vat_code", "cost_center")
#: Booking names some places of the document in its own words.
FIELDS = {"gross": "gross_total", "net": "net_total", "party": "account"}


def parts(plan: Plan) -> list[Plan]:
    """The plan of each document of ``plan``, in their order (its entries number them from 0)."""
    entries, lines, sources = (
        _zeroed(frame, "entry") for frame in (plan.entries, plan.lines, plan.sources)
    )
    rows = _zeroed(plan.rows, "doc")
    problems = plan.problems.partition_by("source_key", as_dict=True, maintain_order=True)
    keys = dict(plan.sources.select("entry", "source_key").iter_rows())
    return [
        Plan(
            entries=entries.get((at,), plan.entries.clear()),
            lines=lines.get((at,), plan.lines.clear()),
            problems=problems.get((keys.get(at),), plan.problems.clear()),
            sources=sources.get((at,), plan.sources.clear()),
            rows=rows.get((at,), plan.rows.clear()),
        )
        for at in range(plan.entries.height)
    ]


def _zeroed(frame: pl.DataFrame, column: str) -> dict[tuple[Any, ...], pl.DataFrame]:
    """The rows of each document, numbered 0 as if it were alone."""
    kept = frame.with_columns(pl.col(column).alias("_at"), pl.lit(0, pl.Int64).alias(column))
    return kept.partition_by("_at", as_dict=True, maintain_order=True, include_key=False)


def together(plans: Sequence[Plan]) -> Plan:
    """The plans of single documents as one, each with its own entry in the order given."""

    def numbered(frame: pl.DataFrame, column: str, at: int) -> pl.DataFrame:
        return frame.with_columns(pl.lit(at, pl.Int64).alias(column))

    return Plan(
        entries=pl.concat([numbered(p.entries, "entry", n) for n, p in enumerate(plans)]),
        lines=pl.concat([numbered(p.lines, "entry", n) for n, p in enumerate(plans)]),
        problems=pl.concat([p.problems for p in plans]),
        sources=pl.concat([numbered(p.sources, "entry", n) for n, p in enumerate(plans)]),
        rows=pl.concat([numbered(p.rows, "doc", n) for n, p in enumerate(plans)]),
    )


def fingerprint(plan: Plan) -> str:
    """SHA-256 (hex) over a single document's entry, lines and key: what was seen is what is posted (M1).

    Made from rows rather than columns, as ``Plan.fingerprint`` is: for a handful of lines that is a
    fiftieth of the work, and thousands of invoices are proposed at a time.
    """
    rows = (
        plan.entries.select(list(ENTRY_SCHEMA)).rows(),
        plan.lines.select(list(LINE_SCHEMA)).rows(),
        plan.sources.select("source_key", "entry").rows(),
    )
    return hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest()


def kept(plan: Plan) -> dict[str, Any]:
    """What review shows of a single document's plan, as JSON: the entry's lines with their reasons, how rows are booked."""
    lines = plan.lines.select("account", "debit", "credit", "rule", "because")
    booked = plan.rows.select("position", "part", "counterpart", "vat_code", "withholding_code")
    day = plan.entries["date"][0] if plan.entries.height else None
    return {
        "date": day.isoformat() if day else None,
        "lines": lines.to_dicts(),
        "rows": booked.to_dicts(),
    }


def problems_in(plan: Plan) -> list[Problem]:
    """The problems of a single document's plan, each at its field of the review screen."""
    return [
        Problem(
            row["code"],
            Severity(row["severity"]),
            FIELDS.get(row["field"], row["field"]),
            json.loads(row["values"] or "{}"),
        )
        for row in plan.problems.iter_rows(named=True)
    ]


def overrides_of(chosen: Sequence[Mapping[str, Any]]) -> Overrides:
    """What people said of each document, in their order, as booking takes it."""
    documents = [_document(doc, c) for doc, c in enumerate(chosen)]
    rows = [
        _row(doc, int(n), r) for doc, c in enumerate(chosen) for n, r in c.get("rows", {}).items()
    ]
    splits = [_split(doc, s) for doc, c in enumerate(chosen) for s in c.get("splits", ())]
    return Overrides(
        documents=pl.DataFrame(
            [d for d in documents if len(d) > 1] or None, infer_schema_length=None
        )
        if any(len(d) > 1 for d in documents)
        else None,
        rows=pl.DataFrame(rows, infer_schema_length=None) if rows else None,
        splits=pl.DataFrame(splits, infer_schema_length=None) if splits else None,
    )


def _document(doc: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {n: chosen[n] for n in DOCUMENT_FIELDS if chosen.get(n)}
    if "date" in values:
        values["date"] = date.fromisoformat(values["date"])
    if "exchange_rate" in values:
        values["exchange_rate"] = fixed_point(Decimal(values["exchange_rate"]), 8)
    return {"doc": doc, **values}


def _row(doc: int, row: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """``row`` counts from 0 as fields do, ``position`` from 1 as the invoice frames do."""
    return {"doc": doc, "position": row + 1, **{n: chosen[n] for n in ROW_FIELDS if chosen.get(n)}}


def _split(doc: int, split: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "doc": doc,
        "position": int(split["row"]) + 1,
        "counterpart": split.get("counterpart") or None,
        "base": minor_units(Decimal(split["base"])),
        "cost_center": split.get("cost_center") or None,
    }
