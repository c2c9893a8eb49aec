"""Statements that pages ask again and again: in: SQL and values, out: rows; the database plans each once a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def planned(query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """The rows of one statement, with places ``%s`` for its values, on the connection and in the transaction of the caller.

    For texts of which there are few: each is kept by the connection. Everything else is asked through Django, which
    plans anew each time. Raises what Django raises.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    bare: psycopg.Connection[Any] = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(bare) as cursor:
        # Django turns prepared statements off; its own cursors never use them.
        bare.prepare_threshold = 0
        cursor.execute(query, values, prepare=True)
        return cursor.fetchall() if cursor.description else []
