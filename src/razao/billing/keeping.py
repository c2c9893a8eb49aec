"""Prepared plans at rest: a plan in, Parquet in the preparation's parts out, and back, byte for byte the same plan."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from razao.billing.models import Preparation, PreparationPart
from razao.booking.billing_entries import Prepared
from razao.booking.billing_rules import Options
from razao.booking.plan import COVERED, PROBLEM_SCHEMA, Plan
from razao.kernel.tenancy import new_ids
from razao.ledger.source_keys import look_up

#: Size of one piece; a value of a row has its limit.
PIECE = 32 * 2**20
_INTEGRATED_FEW = """
SELECT k.key FROM string_to_table(%(keys)s, E'\\x1f') AS k(key)
CROSS JOIN LATERAL (SELECT entry_key FROM billing_billingdocument
  WHERE company_id = %(company)s AND source_key = k.key AND NOT undone LIMIT 1) d
CROSS JOIN LATERAL (SELECT FROM ledger_entryseal
  WHERE company_id = %(company)s AND source_key = d.entry_key AND reversed_by_id IS NULL LIMIT 1) s
"""
_INTEGRATED_MANY = """
SELECT d.source_key FROM string_to_table(%(keys)s, E'\\x1f') AS k(key)
JOIN billing_billingdocument d ON d.company_id = %(company)s AND d.source_key = k.key AND NOT d.undone
JOIN ledger_entryseal s ON s.company_id = %(company)s AND s.source_key = d.entry_key AND s.reversed_by_id IS NULL
"""
#: COPY is refused on tables under row-level security: rows pass through a table of the session.
_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS billing_stage (id uuid, source_key text, entry_key text, mark text) ON COMMIT DELETE ROWS;
TRUNCATE billing_stage;
"""
#: Documents whose entry was reversed by another way than ``undo`` are free again.
_FREE = """
UPDATE billing_billingdocument d SET undone = true FROM billing_stage s
WHERE d.company_id = %(company)s AND NOT d.undone AND d.source_key = s.source_key
"""
_NOTE = """
INSERT INTO billing_billingdocument
  (id, company_id, source_key, entry_key, batch_id, mark, source_id, written_back, undone)
SELECT s.id, %(company)s, s.source_key, s.entry_key, %(batch)s, s.mark, %(source)s, false, false
FROM billing_stage s
"""


def note_documents(company_id: UUID, batch: UUID, source: UUID | None, rows: pl.DataFrame) -> None:
    """Record which documents a batch integrated: ``rows`` has source_key, entry_key and mark."""
    # in the order of the index, which else is written all over: a million rows take a third of the time
    rows = rows.sort("source_key").with_columns(pl.Series("id", new_ids(rows.height)))
    columns = ["id", "source_key", "entry_key", "mark"]
    values = {"company": company_id, "batch": batch, "source": source}
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(
            f"COPY billing_stage ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
        ) as copy:
            for piece in rows.select(columns).iter_slices(50_000):
                copy.write(
                    piece.write_csv(include_header=False, null_value="", quote_style="necessary")
                )
        cursor.execute(_FREE, values)
        cursor.execute(_NOTE, values)


def keep(preparation: Preparation, prepared: Prepared, marks: pl.DataFrame) -> None:
    """Store the plan, its problems and tie-out, and the source's marks."""
    plan = prepared.plan
    frames = {
        "entries": plan.entries,
        "lines": plan.lines,
        "problems": plan.problems,
        "sources": plan.sources,
        "tie_out": prepared.tie_out,
        "marks": marks,
    }
    PreparationPart.objects.filter(preparation=preparation).delete()
    for name, frame in frames.items():
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd", compression_level=1)
        content = buffer.getvalue()
        PreparationPart.objects.bulk_create(
            [
                PreparationPart(
                    company_id=preparation.company_id,
                    preparation=preparation,
                    name=name,
                    number=at,
                    content=content[start : start + PIECE],
                )
                for at, start in enumerate(range(0, len(content), PIECE))
            ],
            batch_size=1,
        )


def frame_of(preparation: Preparation, name: str, columns: list[str] | None = None) -> pl.DataFrame:
    """One frame of the kept plan, or some columns of it: entries, lines, problems, sources, tie_out or marks."""
    parts = PreparationPart.objects.filter(preparation=preparation, name=name).order_by("number")
    content = io.BytesIO(b"".join(bytes(p.content) for p in parts))
    return pl.read_parquet(content, columns=columns)


def plan_of(preparation: Preparation) -> Plan:
    """The kept plan."""
    return Plan(*(frame_of(preparation, n) for n in ("entries", "lines", "problems", "sources")))


def postable_of(preparation: Preparation) -> Plan:
    """As much of the kept plan as is posted: neither reasons nor problems, which take most of the memory."""
    frames = {
        name: _lean(frame_of(preparation, name, columns)) for name, columns in COVERED.items()
    }
    return Plan(**frames, problems=pl.DataFrame(schema=PROBLEM_SCHEMA))


def _lean(frame: pl.DataFrame) -> pl.DataFrame:
    """The same; a column without any value takes no memory."""
    bare = [column for column in frame if column.null_count() == frame.height]
    return frame.with_columns(pl.lit(None, column.dtype).alias(column.name) for column in bare)


def integrated(company_id: Any, keys: list[str]) -> pl.DataFrame:
    """Those of ``keys`` whose documents are in a live entry of a billing batch: one column, source_key."""
    rows = look_up(_INTEGRATED_FEW, _INTEGRATED_MANY, company_id, keys)
    return pl.DataFrame(rows, {"source_key": pl.String}, orient="row")


def options_as_json(options: Options) -> dict[str, Any]:
    """Options as a preparation keeps them."""
    values = {
        name: getattr(options, name) for name in Options.__dataclass_fields__ if name != "extra"
    }
    return {
        name: value.isoformat()
        if isinstance(value, date)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in values.items()
    }


def options_of(values: Mapping[str, Any]) -> Options:
    """Options from what was kept or sent. Raises TypeError and ValueError for names that do not exist and values of another kind."""
    usual = {name: getattr(Options(), name) for name in Options.__dataclass_fields__}
    unknown = sorted(set(values) - set(usual))
    if unknown:
        raise TypeError(", ".join(unknown))
    given = {n: _option(n, v, usual[n]) for n, v in values.items() if v is not None}
    return Options(**{name: value for name, value in given.items() if value is not None})


def _option(name: str, value: Any, usual: Any) -> Any:
    if usual is None:
        return date.fromisoformat(str(value)) if value else None
    if isinstance(usual, tuple):
        fits = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        value = tuple(value) if fits else value
    elif isinstance(usual, Mapping):
        fits = isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
    else:
        fits = isinstance(value, type(usual))
    if not fits:
        raise TypeError(f"{name}: {str(value)[:80]}")
    return value
