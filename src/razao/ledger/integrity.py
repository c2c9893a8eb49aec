"""Everything stored is checked again: a company in; what is wrong, first row first, or nothing, out.

A few thousand entries at a time, so that memory does not grow with the books. Whoever does not trust this program either
checks the export of a year with its ``verify.py``, which shares no code with it (docs/chain.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import connection

from razao.companies.models import Company
from razao.kernel.problems import Problem
from razao.ledger.models import Batch, Chain

#: Wrong rows named by each query; the first says where, the rest how far it goes.
NAMED = 20
#: Entries looked at by one query; a batch is never divided.
AT_ONCE = 20_000
NOTHING = bytes(32)

#: Entries of some batches whose rows do not give the seal that the database keeps, with what differs.
WRONG_ENTRIES = """
WITH entries AS (
  SELECT n.id, n.company_id, n.batch_id, j.code || ' ' || y.code || '/' || n.number AS name, n.source_key, n.number,
    ledger_entry_text(n.id, j.code, t.code, y.code, n.period, n.number, n.date, n.document_date, n.source_key,
      n.reference, n.text, n.file, n.reverses_id) AS head
  FROM ledger_entry n JOIN ledger_journal j ON j.id = n.journal_id
    JOIN ledger_entrytype t ON t.id = n.entry_type_id JOIN companies_fiscalyear y ON y.id = n.fiscal_year_id
  WHERE n.company_id = %(company)s AND n.batch_id = ANY(%(batches)s)
), bodies AS (
  SELECT l.entry_id, count(*) AS amount, sum(l.debit) AS debit, sum(l.credit) AS credit,
    string_agg(ledger_line_text(l.position, a.code, l.debit, l.credit, c.code, p.tax_id, v.code, l.tax_base,
      l.currency, l.currency_amount, l.rubric, l.text), '' ORDER BY l.position) AS body
  FROM entries e JOIN ledger_line l ON l.company_id = e.company_id AND l.entry_id = e.id
  LEFT JOIN ledger_account a ON a.id = l.account_id
  LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
  LEFT JOIN companies_party p ON p.id = l.party_id
  LEFT JOIN ledger_vatcode v ON v.id = l.vat_code_id
  GROUP BY l.entry_id
)
SELECT e.batch_id, e.name, e.id::text,
  CASE WHEN b.entry_id IS NULL THEN 'verify.entry_without_lines'
       WHEN b.debit <> b.credit THEN 'verify.entry_unbalanced'
       WHEN s.entry_id IS NULL THEN 'verify.entry_without_seal'
       WHEN s.source_key <> e.source_key OR s.total <> b.debit OR s.line_count <> b.amount THEN 'verify.seal'
       ELSE 'verify.entry_hash' END
FROM entries e LEFT JOIN bodies b ON b.entry_id = e.id
LEFT JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id
WHERE b.body IS NULL OR b.debit <> b.credit OR s.entry_id IS NULL OR s.source_key <> e.source_key
  OR s.total <> b.debit OR s.line_count <> b.amount OR s.hash <> sha256(convert_to(e.head || b.body, 'UTF8'))
ORDER BY e.id LIMIT %(limit)s
"""

SUMS = """
SELECT e.batch_id, count(*), coalesce(sum(s.line_count), 0), coalesce(sum(s.total), 0),
  coalesce(string_agg(s.hash, ''::bytea ORDER BY e.id), ''::bytea)
FROM ledger_entry e LEFT JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id
WHERE e.company_id = %(company)s AND e.batch_id = ANY(%(batches)s) GROUP BY e.batch_id
"""

#: Checks over all of a company's books: code of the problem, and a query of (where, detail).
WHOLE = {
    "verify.numbers": """
      SELECT j.code || ' ' || y.code, count(*) || ', ' || min(e.number) || '–' || max(e.number) || ', '
        || coalesce(max(k.last)::text, '–')
      FROM ledger_entry e JOIN ledger_journal j ON j.id = e.journal_id
      JOIN companies_fiscalyear y ON y.id = e.fiscal_year_id
      LEFT JOIN ledger_counter k ON k.company_id = e.company_id AND k.journal_id = e.journal_id
        AND k.fiscal_year_id = e.fiscal_year_id
      WHERE e.company_id = %(company)s GROUP BY j.code, y.code
      HAVING count(*) <> count(DISTINCT e.number) OR min(e.number) <> 1 OR max(e.number) <> count(*)
        OR max(k.last) IS DISTINCT FROM max(e.number) ORDER BY 1""",
    "verify.key_twice": """
      SELECT source_key, count(*)::text FROM ledger_entryseal
      WHERE company_id = %(company)s AND reversed_by_id IS NULL
      GROUP BY source_key HAVING count(*) > 1 ORDER BY 1""",
    "verify.reversal": """
      SELECT s.source_key, coalesce(s.reversed_by_id::text, '–')
      FROM ledger_entryseal s
      LEFT JOIN ledger_entry r ON r.company_id = s.company_id AND r.reverses_id = s.entry_id
      WHERE s.company_id = %(company)s AND s.reversed_by_id IS DISTINCT FROM r.id
      ORDER BY s.entry_id""",
    "verify.balance": """
      SELECT a.code || ' ' || y.code || '/' || coalesce(b.period, w.period), coalesce(b.debit, 0)
        || ' / ' || coalesce(b.credit, 0) || ' ≠ ' || coalesce(w.debit, 0) || ' / ' || coalesce(w.credit, 0)
      FROM (SELECT * FROM ledger_balance WHERE company_id = %(company)s) b
      FULL JOIN (
        SELECT l.account_id, l.cost_center_id, e.fiscal_year_id, e.period, sum(l.debit) AS debit,
          sum(l.credit) AS credit
        FROM ledger_line l JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
        WHERE l.company_id = %(company)s GROUP BY 1, 2, 3, 4) w
        ON w.account_id = b.account_id AND w.fiscal_year_id = b.fiscal_year_id AND w.period = b.period
        AND coalesce(w.cost_center_id, '00000000-0000-0000-0000-000000000000'::uuid) = coalesce(b.cost_center_id, '00000000-0000-0000-0000-000000000000'::uuid)
      JOIN ledger_account a ON a.id = coalesce(b.account_id, w.account_id)
      JOIN companies_fiscalyear y ON y.id = coalesce(b.fiscal_year_id, w.fiscal_year_id)
      WHERE (b.debit, b.credit) IS DISTINCT FROM (w.debit, w.credit) ORDER BY 1""",
    "verify.stray_entry": """
      SELECT e.id::text, e.number::text FROM ledger_entry e
      LEFT JOIN ledger_batch b ON b.company_id = e.company_id AND b.id = e.batch_id
      WHERE e.company_id = %(company)s AND b.id IS NULL ORDER BY e.id""",
    "verify.stray_line": """
      SELECT l.entry_id::text, l.position::text FROM ledger_line l
      LEFT JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
      WHERE l.company_id = %(company)s AND e.id IS NULL ORDER BY l.entry_id, l.position""",
    "verify.stray_account": """
      SELECT l.entry_id::text, l.position::text FROM ledger_line l
      LEFT JOIN ledger_account a ON a.id = l.account_id AND a.company_id = l.company_id
      WHERE l.company_id = %(company)s AND a.id IS NULL ORDER BY l.entry_id, l.position""",
}


def verify(company: Company) -> list[Problem]:
    """Recompute every hash, number, balance and link of the company's books; the problems in the order of the chain.

    Codes are ``verify.*``; ``where`` names the batch, entry or account, ``values["detail"]`` has what differs, without words.
    An empty list means that nothing stored is wrong.
    """
    return [*_chain(company), *_whole(company)]


def _chain(company: Company) -> Iterator[Problem]:
    """Each batch: its entries against their seals, its hash against those, its link to the batch before."""
    previous, expected = NOTHING, 0
    for batch, problems in _batches(company):
        expected += 1
        place = str(batch.sequence)
        if batch.sequence != expected:
            yield _problem("verify.chain_gap", place, str(expected))
            expected = batch.sequence or expected
        if bytes(batch.previous_hash or b"") != previous:
            yield _problem("verify.chain_link", place, previous.hex())
        yield from problems
        previous = bytes(batch.hash or b"")
    head = Chain.objects.filter(company=company).first()
    if head and (bytes(head.hash), head.sequence) != (previous, expected):
        yield _problem("verify.chain_link", str(head.sequence), previous.hex())


def _batches(company: Company) -> Iterator[tuple[Batch, list[Problem]]]:
    """Every batch in the order of the chain with what is wrong within it."""
    group: list[Batch] = []
    entries = 0
    for batch in Batch.objects.filter(company=company).order_by("sequence").iterator(500):
        group.append(batch)
        entries += batch.entry_count or 1
        if entries >= AT_ONCE:
            yield from _group(company, group)
            group, entries = [], 0
    if group:
        yield from _group(company, group)


def _group(company: Company, group: list[Batch]) -> Iterator[tuple[Batch, list[Problem]]]:
    values: dict[str, Any] = {
        "company": company.pk,
        "batches": [batch.id for batch in group],
        "limit": NAMED,
    }
    wrong: dict[Any, list[Problem]] = {}
    with connection.cursor() as cursor:
        cursor.execute(WRONG_ENTRIES, values)
        for batch_id, name, entry, code in cursor.fetchall():
            wrong.setdefault(batch_id, []).append(_problem(code, name, str(entry)))
        cursor.execute(SUMS, values)
        sums = {row[0]: row[1:] for row in cursor.fetchall()}
    for batch in group:
        found = _sums(batch, *sums.get(batch.id, (0, 0, 0, b"")))
        yield batch, [*wrong.get(batch.id, []), *found]


def _sums(batch: Batch, entries: int, lines: int, total: Any, hashes: bytes) -> Iterator[Problem]:
    """What the batch says of itself against what its entries come to."""
    if (entries, lines, total) != (batch.entry_count, batch.line_count, batch.total):
        yield _problem("verify.batch_sums", str(batch.sequence), f"{entries}, {lines}, {total}")
    link = hashlib.sha256(bytes(batch.previous_hash or b"") + bytes(hashes)).digest()
    if link != bytes(batch.hash or b""):
        yield _problem("verify.batch_hash", str(batch.sequence), link.hex())


def _whole(company: Company) -> Iterator[Problem]:
    for code, query in WHOLE.items():
        with connection.cursor() as cursor:
            cursor.execute(f"{query} LIMIT {NAMED}", {"company": company.pk})
            for where, detail in cursor.fetchall():
                yield _problem(code, where, detail)


def _problem(code: str, where: str, detail: Any) -> Problem:
    return Problem(code, where=where, values={"detail": detail})
