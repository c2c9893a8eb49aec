"""Drafts into the ledger's tables: frames in, one INSERT … SELECT for each table and portion out.

COPY is refused on tables under row-level security, so rows pass through temporary tables of the session.
Codes are resolved and numbers given by SQL, a portion of the batch at a time: while the database takes one
in, the next is written as text on another thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from razao.kernel.tenancy import new_ids
from razao.ledger.drafts import Drafts
from razao.ledger.models import Batch

TABLES = """
CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage_entry (
  entry bigint, id uuid, journal uuid, entry_type uuid, fiscal_year uuid, period smallint,
  place integer, date date, document_date date, source_key text, reference text, text text, file text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage_line (
  entry bigint, position integer, account text, debit numeric(18,2), credit numeric(18,2), cost_center text,
  party text, vat_code text, tax_base numeric(18,2), currency text, currency_amount numeric(18,2),
  rubric text, text text
) ON COMMIT DELETE ROWS;
SET LOCAL work_mem = '128MB';
"""
EMPTY = "TRUNCATE ledger_stage_entry, ledger_stage_line"

ENTRY_COLUMNS = [
    "entry", "id", "journal", "entry_type", "fiscal_year", "period", "place", "date", "document_date",
    "source_key", "reference", "text", "file",
]  # fmt: skip
LINE_COLUMNS = [
    "entry", "position", "account", "debit", "credit", "cost_center", "party", "vat_code",
    "tax_base", "currency", "currency_amount", "rubric", "text",
]  # fmt: skip
AMOUNTS = ("debit", "credit", "tax_base", "currency_amount")

INSERT_ENTRIES = """
INSERT INTO ledger_entry (company_id, id, batch_id, journal_id, entry_type_id, fiscal_year_id, period, number,
  date, document_date, source_key, reference, text, file)
SELECT %(company)s, s.id, %(batch)s, s.journal, s.entry_type, s.fiscal_year, s.period,
  coalesce(c.last, 0) + s.place, s.date, s.document_date, s.source_key, s.reference, s.text, s.file
FROM {entries} s
LEFT JOIN ledger_counter c ON c.company_id = %(company)s AND c.journal_id = s.journal
  AND c.fiscal_year_id = s.fiscal_year
"""

#: Rows come in the order of the ledger's keys and hash joins leave them so; sorting them again would take longer than the joins.
#: An account that is not found leaves a null, which the table refuses; the other codes were looked up by the checks.
INSERT_LINES = """
INSERT INTO ledger_line (company_id, entry_id, position, account_id, date, debit, credit, cost_center_id,
  party_id, vat_code_id, tax_base, currency, currency_amount, rubric, text)
SELECT %(company)s, e.id, s.position, a.id, e.date, s.debit, s.credit, c.id, p.id, v.id, s.tax_base,
  s.currency, s.currency_amount, s.rubric, s.text
FROM {lines} s
JOIN {entries} e ON e.entry = s.entry
LEFT JOIN ledger_account a ON a.company_id = %(company)s AND a.code = s.account
LEFT JOIN ledger_costcenter c ON c.company_id = %(company)s AND c.code = s.cost_center
LEFT JOIN companies_party p ON p.company_id = %(company)s AND p.tax_id = s.party
LEFT JOIN ledger_vatcode v ON v.company_id = %(company)s AND v.code = s.vat_code
"""

#: The two forms that staged rows take. A few lines travel as JSON with each statement, which spares the
#: session its temporary tables; more than ``FEW`` are copied.
TABLES_STAGED = {"entries": "ledger_stage_entry", "lines": "ledger_stage_line"}
JSON_STAGED = {
    "entries": """(SELECT * FROM json_to_recordset(%(entries)s::json) AS r(entry bigint, id uuid, journal uuid,
      entry_type uuid, fiscal_year uuid, period smallint, place integer, date date, document_date date,
      source_key text, reference text, text text, file text))""",
    "lines": """(SELECT * FROM json_to_recordset(%(lines)s::json) AS r(entry bigint, position integer, account text,
      debit numeric(18,2), credit numeric(18,2), cost_center text, party text, vat_code text,
      tax_base numeric(18,2), currency text, currency_amount numeric(18,2), rubric text, text text))""",
}
FEW = 1000
#: Entries written at once. What the triggers sort and add up of so many stays in memory, and a job can be stopped between two.
PORTION = 100_000
#: Of rows that came a moment ago the planner knows nothing: it would sort them to merge them.
HASHED = "SET LOCAL enable_mergejoin = off"
AS_BEFORE = "SET LOCAL enable_mergejoin TO DEFAULT"

CONTROL = r"[\x00-\x1f\x7f]+"

#: Gives entries what staging wants beside what the drafts have: journal, entry type and fiscal year as ids, and the period.
Placed = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Portion:
    """Whole entries and their lines; ``lines`` in their order, amounts as text."""

    entries: pl.DataFrame
    lines: pl.DataFrame


def one_line(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Texts without control characters (the canonical text separates by tab and newline); "" becomes null.

    Columns that hold nothing of the kind, nearly always all of them, are neither copied nor written anew.
    """
    texts = frame.select(pl.col(columns).cast(pl.String))
    text = pl.col(columns)
    wrong = texts.select((text.str.contains(CONTROL) | (text == "")).any())
    touched = pl.col([name for name in columns if wrong[name].item()])
    cleaned = texts.with_columns(touched.str.replace_all(CONTROL, " ").replace("", None))
    return frame.with_columns(cleaned.get_columns())


def fill(batch: Batch, drafts: Drafts, placed: Placed, tell: Callable[[int], None]) -> None:
    """Write the drafts into the ledger as ``batch``, which must be open, and seal it; ``tell`` hears how many entries are in."""
    values = {"company": batch.company_id, "batch": batch.id}
    with connection.cursor() as cursor:
        if drafts.lines.height <= FEW:
            for few in _portions(drafts, placed):
                rows = {"entries": _json(few.entries), "lines": _json(few.lines)}
                _insert(cursor, JSON_STAGED, values | rows)
        else:
            cursor.execute(TABLES)
            done = 0
            for written in _ahead(_written(p) for p in _portions(drafts, placed)):
                cursor.execute(EMPTY)
                _copy(cursor, "ledger_stage_entry", ENTRY_COLUMNS, written[0])
                _copy(cursor, "ledger_stage_line", LINE_COLUMNS, written[1])
                cursor.execute(HASHED)
                _insert(cursor, TABLES_STAGED, values)
                cursor.execute(AS_BEFORE)
                done = min(done + PORTION, drafts.count)
                tell(done)
        cursor.execute("SELECT ledger_seal(%(company)s, %(batch)s)", values)


def _insert(cursor: CursorWrapper, sources: dict[str, str], values: dict[str, Any]) -> None:
    cursor.execute(INSERT_ENTRIES.format(**sources), values)
    cursor.execute(INSERT_LINES.format(**sources), values)


def _portions(drafts: Drafts, placed: Placed) -> Iterator[Portion]:
    """The drafts in their order, with ids, places in their sequences, and amounts as text."""
    entries, lines = drafts.entries.sort("entry"), drafts.lines.select(LINE_COLUMNS)
    if not lines["entry"].is_sorted():
        lines = lines.sort("entry")
    start = 0
    for part in entries.iter_slices(PORTION):
        end = lines["entry"].search_sorted(part["entry"][-1], side="right")
        yield Portion(
            placed(part)
            .with_columns(
                pl.Series("id", new_ids(part.height)),
                pl.int_range(1, pl.len() + 1, dtype=pl.Int32)
                .over("journal", "fiscal_year")
                .alias("place"),
            )
            .select(ENTRY_COLUMNS),
            lines[start:end]
            .sort("entry", "position")
            .with_columns(_decimal_text(name) for name in AMOUNTS),
        )
        start = int(end)


def _json(frame: pl.DataFrame) -> str:
    return json.dumps(frame.to_dicts(), default=str)


def _decimal_text(column: str) -> pl.Expr:
    """Minor units as text with two decimals, exactly."""
    units = pl.col(column)
    whole = (units.abs() // 100).cast(pl.String)
    cents = (units.abs() % 100).cast(pl.String).str.zfill(2)
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.when(units.is_null()).then(None).otherwise(sign + whole + "." + cents).alias(column)


def _written(portion: Portion) -> tuple[str, str]:
    """Entries and lines as COPY reads them."""
    entries, lines = portion.entries, portion.lines
    return entries.write_csv(include_header=False), lines.write_csv(include_header=False)


def _ahead(made: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same; each is made on another thread while the one before it is in use."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, made, None)
        while (one := coming.result()) is not None:
            coming = beside.submit(next, made, None)
            yield one


def _copy(cursor: CursorWrapper, table: str, columns: list[str], rows: str) -> None:
    named = ", ".join(f'"{name}"' for name in columns)
    with cursor.copy(f"COPY {table} ({named}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(rows)
