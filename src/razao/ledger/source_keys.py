"""Which documents have a live entry: source keys in, those that are posted out; few or a million of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

#: Up to so many keys each is looked up by its index. More are joined as a set: the planner knows nothing of rows that came a moment
#: ago, and would read a whole table for one key, or the index a million times.
FEW = 500
#: A key holds no control character (``staging.one_line``), so this one separates them. A list of a hundred thousand
#: texts takes the driver ten times as long as one text that the server cuts.
SEPARATOR = "\x1f"
_LIVE_FEW = """
SELECT k.key, s.entry_id FROM string_to_table(%(keys)s, E'\\x1f') AS k(key) CROSS JOIN LATERAL (
  SELECT entry_id FROM ledger_entryseal
  WHERE company_id = %(company)s AND source_key = k.key AND reversed_by_id IS NULL LIMIT 1) s
"""
_LIVE_MANY = """
SELECT k.key, s.entry_id FROM string_to_table(%(keys)s, E'\\x1f') AS k(key) JOIN ledger_entryseal s
  ON s.company_id = %(company)s AND s.source_key = k.key AND s.reversed_by_id IS NULL
"""
_LABELS = """
SELECT e.id, j.code || ' ' || e.number FROM ledger_entry e JOIN ledger_journal j ON j.id = e.journal_id
WHERE e.company_id = %s AND e.id = ANY(%s)
"""


def live(company_id: UUID, keys: Iterable[str | None]) -> dict[str, UUID]:
    """Those of ``keys`` that have a live entry, in their order, with that entry's id."""
    asked = [key for key in keys if key]
    found = dict(look_up(_LIVE_FEW, _LIVE_MANY, company_id, asked))
    return {key: found[key] for key in asked if key in found}


def live_labels(company_id: UUID, keys: Iterable[str | None]) -> dict[str, str]:
    """As ``live``, with journal and number instead of the id."""
    found = live(company_id, keys)
    if not found:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, [company_id, list(found.values())])
        labels = dict(cursor.fetchall())
    return {key: labels[entry] for key, entry in found.items()}


def look_up(few: str, many: str, company_id: UUID, keys: list[str]) -> list[tuple[Any, ...]]:
    """Rows of one of two queries, by the number of ``keys``; both name ``%(company)s`` and ``%(keys)s``."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            few if len(keys) <= FEW else many,
            {"company": company_id, "keys": SEPARATOR.join(keys)},
        )
        return list(cursor.fetchall())
