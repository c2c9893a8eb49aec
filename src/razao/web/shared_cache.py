"""What all processes and machines count together: in: a key and a JSON value, out: the same until its time ends.

The sign-in package keeps its rate limits in Django's cache. Here that is an unlogged table, reached through a connection of its
own: what was counted stays counted when the request that was refused is rolled back, and a crash of the server may
empty it. Values are JSON, never pickles: whoever can write a table must not thereby run code.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connections

ALIAS = "aside"
KEEP = """
WITH past AS (DELETE FROM kernel_shared WHERE expires_at < now() AND key <> %(key)s)
INSERT INTO kernel_shared (key, value, expires_at) VALUES (%(key)s, %(value)s, coalesce(%(until)s::timestamptz, 'infinity'))
ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at WHERE {condition} RETURNING 1
"""


class SharedCache(BaseCache):
    """Django's cache in the database."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep ``value`` unless the key has one; whether it was kept. Of several at once one succeeds."""
        return self._keep("kernel_shared.expires_at < now()", key, value, timeout, version)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep ``value`` in place of any other."""
        self._keep("true", key, value, timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value of the key, or ``default``."""
        query = "SELECT value FROM kernel_shared WHERE key = %s AND expires_at > now()"
        found = self._ask(query, [self.make_and_validate_key(key, version)])
        return json.loads(found[0]) if found else default

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget the key; whether it had a value."""
        query = "DELETE FROM kernel_shared WHERE key = %s RETURNING 1"
        return self._ask(query, [self.make_and_validate_key(key, version)]) is not None

    def clear(self) -> None:
        """Forget everything."""
        self._ask("WITH gone AS (DELETE FROM kernel_shared) SELECT 1", [])

    def _keep(
        self, condition: str, key: str, value: Any, timeout: Any, version: int | None
    ) -> bool:
        until = self.get_backend_timeout(timeout)
        said = {
            "key": self.make_and_validate_key(key, version),
            "value": json.dumps(value),
            "until": None if until is None else datetime.fromtimestamp(until, UTC),
        }
        return self._ask(KEEP.format(condition=condition), said) is not None

    @staticmethod
    def _ask(query: str, values: Any) -> tuple[Any, ...] | None:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(query, values)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row
