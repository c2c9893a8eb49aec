"""A kept connection that the server ended is not used again, and one that lives is not asked about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def kept(db) -> Iterator[Any]:
    """A connection of this test's own, opened and idle, as a process has it between two requests."""
    one = connection.copy("kept")
    one.settings_dict = {**one.settings_dict, "CONN_MAX_AGE": None}
    with one.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield one
    one.close()


def server_process(one: Any) -> int:
    with one.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_was_ended_is_replaced_and_nobody_notices(kept):
    ended = server_process(kept)
    kept.close_if_unusable_or_obsolete()  # a request begins
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    assert server_process(kept) != ended


def test_a_connection_that_lives_is_kept_and_not_asked(kept):
    kept.close_if_unusable_or_obsolete()
    asked = []
    kept.connection.cursor_factory = lambda *_: asked.append("asked")
    assert kept.is_usable()
    assert asked == []
