"""The trail of acts: in: who did what to what, out: a row that nobody changes, in the same transaction as the act."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from razao.kernel.tenancy import new_id

#: A row of ``AuditEvent``. Written without the model, which costs more than the act itself where a client fetches a file.
WRITTEN = """
INSERT INTO kernel_auditevent (id, company_id, user_id, action, subject, details, address)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::inet)
"""


def record(
    action: str,
    *,
    user: UUID | None,
    company: UUID | None = None,
    subject: object = "",
    details: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> None:
    """Write that ``user`` did ``action`` (``area.verb``) to ``subject``."""
    said: list[Any] = [new_id(), company, user, action, str(subject)]
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [*said, json.dumps(dict(details or {})), address])
