"""Legal holds: a company or one of its files in, nothing of it deleted until the hold is lifted.

The database refuses every deletion of what is held, the owner's too (migrations/holds.sql).
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from razao.archive.models import LegalHold, StoredFile
from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused


def place(access: Access, reason: str, *, sha256: str = "") -> LegalHold:
    """Hold the whole company, or the file with that hash.

    Raises NotFound for a file that it does not keep; Refused (``rights.not_allowed``, ``archive.hold_reason``).
    """
    access.require(May.ADMINISTER)
    _need(reason)
    file = None
    if sha256:
        file = StoredFile.objects.filter(company=access.company, sha256=sha256).first()
        if file is None:
            raise NotFound(f"file {sha256}")
    made = LegalHold.objects.create(
        company=access.company, file=file, reason=reason.strip(), placed_by_id=access.user_id
    )
    record("hold.placed", user=access.user_id, company=access.company.pk, subject=made.pk)
    return made


def lift(access: Access, hold: UUID, reason: str) -> None:
    """End a hold; that it was there stays on record. Raises NotFound; Refused as ``place`` does."""
    access.require(May.ADMINISTER)
    _need(reason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT archive_lift_hold(%s, %s)", [hold, reason.strip()])
        if not cursor.fetchone()[0]:
            raise NotFound(f"hold {hold}")
    record("hold.lifted", user=access.user_id, company=access.company.pk, subject=hold)


def _need(reason: str) -> None:
    if not reason.strip():
        raise Refused(Problem("archive.hold_reason"))
