"""The trail of acts: in: who did what to what, out: a row that nobody changes, in the same transaction as the act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from razao.kernel.models import AuditEvent


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
    AuditEvent.objects.create(
        action=action,
        user_id=user,
        company_id=company,
        subject=str(subject),
        details=dict(details or {}),
        address=address,
    )
