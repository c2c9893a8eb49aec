"""Django's PostgreSQL, but for one thing: a connection that is kept is known to live without asking the server each time."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg.pq import ConnStatus, TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Before each request Django asks whether its kept connection is usable; asking the socket costs no round trip."""

    def is_usable(self) -> bool:
        """False where the server ended the connection; whatever else is unusual, Django asks the server itself."""
        return _is_quiet(self.connection) or super().is_usable()


def _is_quiet(bare: Connection | None) -> bool:
    """Whether the connection is idle and nothing came in: a server that ended, or was killed, leaves its end to be read."""
    if bare is None or bare.pgconn.status != ConnStatus.OK:
        return False
    if bare.pgconn.transaction_status != TransactionStatus.IDLE:
        return False
    door = select.poll()
    door.register(bare.pgconn.socket, select.POLLIN)
    return not door.poll(0)
