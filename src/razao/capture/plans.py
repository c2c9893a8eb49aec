"""A plan of many documents in, the plan of each out, and back; overrides as JSON in, as frames out; pure.

An invoice's own plan numbers its entry 0, whether it was proposed alone or among thousands, so that its
fingerprint is the same (M1).
"""

from __future__ import annotations

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

#: Fields of a document, and of a row of its breakdown, that a person may say in place of the proposal.
DOCUMENT_FIELDS = ("account", "withholding_code", "cost_center", "date", "exchange_rate")
ROW_FIELDS = ("counterpart", "vat_code", "cost_center")
#: Booking names some places of the document in its own words.
FIELDS = {"gross": "gross_total", "net": "net_total", "party": "account"}


def part(plan: Plan, at: int) -> Plan:
    """The plan of the document that is number ``at`` of ``plan``."""
    zero = pl.lit(0, pl.Int64).alias("entry")
    key = plan.sources.filter(pl.col("entry") == at)["source_key"]
    return Plan(
        entries=plan.entries.filter(pl.col("entry") == at).with_columns(zero),
        lines=plan.lines.filter(pl.col("entry") == at).with_columns(zero),
        problems=plan.problems.filter(pl.col("source_key").is_in(key.implode())),
        sources=plan.sources.filter(pl.col("entry") == at).with_columns(zero),
        rows=plan.rows.filter(pl.col("doc") == at).with_columns(pl.lit(0, pl.Int64).alias("doc")),
    )


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
