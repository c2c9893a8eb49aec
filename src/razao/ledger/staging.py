"""Drafts into the ledger's tables: frames in, one INSERT … SELECT for each table out.

COPY is refused on tables under row-level security, so rows pass through temporary tables of the session.
Codes are resolved, ids made and numbers given by SQL, a statement for the whole batch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from razao.kernel.tenancy import new_id
from razao.ledger.models import Batch

TABLES = """
CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage_entry (
  entry bigint, id uuid DEFAULT uuidv7(), journal uuid, entry_type uuid, fiscal_year uuid, period smallint,
  place integer, date date, document_date date, source_key text, reference text, text text, file text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage_line (
  entry bigint, position integer, account text, debit numeric(18,2), credit numeric(18,2), cost_center text,
  party text, vat_code text, tax_base numeric(18,2), currency text, currency_amount numeric(18,2),
  rubric text, text text
) ON COMMIT DELETE ROWS;
TRUNCATE ledger_stage_entry, ledger_stage_line;
"""

ENTRY_COLUMNS = [
    "entry", "journal", "entry_type", "fiscal_year", "period", "place", "date", "document_date",
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
ORDER BY s.entry
"""

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
ORDER BY e.id, s.position
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


@dataclass(frozen=True, slots=True)
class Staged:
    """Where the rows of a batch wait: SQL for the two sources, and the values that it names."""

    sources: dict[str, str]
    values: dict[str, Any]


def one_line(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Texts without control characters (the canonical text separates by tab and newline); "" becomes null."""
    return frame.with_columns(
        pl.col(c)
        .cast(pl.String)
        .str.replace_all(r"[\x00-\x1f\x7f]+", " ")
        .replace("", None)
        .alias(c)
        for c in columns
    )


def stage(entries: pl.DataFrame, lines: pl.DataFrame) -> Staged:
    """Make rows ready for SQL; ``entries`` has ENTRY_COLUMNS, ``lines`` LINE_COLUMNS in minor units."""
    entries = entries.select(ENTRY_COLUMNS).sort("entry")
    lines = (
        lines.select(LINE_COLUMNS)
        .sort("entry", "position")
        .with_columns(_decimal_text(name) for name in AMOUNTS)
    )
    if lines.height <= FEW:
        heads = [{**row, "id": new_id()} for row in entries.to_dicts()]
        values = {"entries": _json(heads), "lines": _json(lines.to_dicts())}
        return Staged(JSON_STAGED, values)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        _copy(cursor, "ledger_stage_entry", entries)
        _copy(cursor, "ledger_stage_line", lines)
    return Staged(TABLES_STAGED, {})


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, default=str)


def _decimal_text(column: str) -> pl.Expr:
    """Minor units as text with two decimals, exactly."""
    units = pl.col(column)
    whole = (units.abs() // 100).cast(pl.String)
    cents = (units.abs() % 100).cast(pl.String).str.zfill(2)
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.when(units.is_null()).then(None).otherwise(sign + whole + "." + cents).alias(column)


def _copy(cursor: CursorWrapper, table: str, frame: pl.DataFrame, rows: int = 50_000) -> None:
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for start in range(0, frame.height, rows):
            copy.write(frame.slice(start, rows).write_csv(include_header=False))


def insert(batch: Batch, staged: Staged) -> None:
    """Move what is staged into the ledger as ``batch``, which must be open, and seal it."""
    values = {"company": batch.company_id, "batch": batch.id, **staged.values}
    with connection.cursor() as cursor:
        if not staged.values:
            cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(INSERT_ENTRIES.format(**staged.sources), values)
        cursor.execute(INSERT_LINES.format(**staged.sources), values)
        cursor.execute("SELECT ledger_seal(%(company)s, %(batch)s)", values)
