"""Whether the rows under the hash chain are still what was chained: a company in, problems out; and the nightly root of every company."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection

from razao.archive import chain
from razao.archive.models import ChainRoot
from razao.kernel.problems import Problem

#: Kind → table and the SQL function that makes the record of one of its rows.
RECORDS = {
    "file": ("archive_storedfile", "archive_file_record"),
    "batch": ("ledger_batch", "delivery_batch_record"),
    "step": ("delivery_deliverystep", "delivery_step_record"),
    "opening": ("delivery_opening", "delivery_opening_record"),
}
#: Positions named in one proof; one is enough to know.
NAMED = 1000


def check_records(company: UUID) -> list[Problem]:
    """Rows that differ from their link or have none, and links whose row is gone."""
    problems: list[Problem] = []
    for kind, (table, record) in RECORDS.items():
        sealed = "r.hash IS NOT NULL AND " if kind == "batch" else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(l.position, 0), coalesce(l.subject, r.id)"  # noqa: S608  (constants of this module)
                f" FROM (SELECT * FROM {table} r WHERE {sealed} r.company_id = %(company)s) r"
                f" FULL JOIN (SELECT * FROM archive_chainlink WHERE company_id = %(company)s AND kind = %(kind)s) l"
                f" ON l.subject = r.id"
                f" WHERE l.digest IS DISTINCT FROM sha256(convert_to({record}(r.*), 'UTF8')) LIMIT {NAMED}",
                {"company": company, "kind": kind},
            )
            problems += [
                Problem(
                    "chain.record_differs",
                    where=str(position),
                    values={"kind": f"{kind} {subject}"},
                )
                for position, subject in cursor.fetchall()
            ]
    return problems


def seal(company: UUID, day: date) -> ChainRoot:
    """Check a company's chain and the rows under it, and write the root of ``day`` with what was wrong."""
    return chain.seal(company, day, chain.check(company) + check_records(company))
