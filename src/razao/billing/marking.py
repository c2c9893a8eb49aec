"""Marking the source's documents as integrated, or no longer: after the commit, once, and again until it is done (P20)."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from razao.billing.models import BillingDocument
from razao.billing.sources import odbc
from razao.billing.sourcing import asked_of, configured
from razao.companies.rights import May, company_for
from razao.kernel.jobs import Run, job

#: Documents marked between two notes of how far it is.
AT_ONCE = 10_000


@job(queue="billing", title="Mark documents at the source", attempts=8)
def write_back(run: Run, *, batch: str) -> None:
    """Mark the batch's documents at the source as integrated, or no longer; only those not marked so yet (P20).

    The source is told first and the mark kept after it: killed in between, it is told the same again.
    """
    with run.transaction():
        assert run.user_id is not None
        assert run.company_id is not None
        access = company_for(run.user_id, run.company_id, May.POST)
        rows = BillingDocument.objects.filter(company=access.company, batch_id=batch)
        pending = [
            r for r in rows.select_related("source") if r.mark and r.written_back == r.undone
        ]
        source = pending[0].source if pending else None
        if source is None:
            return
        asked, done = asked_of(access.company, configured(source)), not pending[0].undone
        marks, ids = [str(r.mark) for r in pending], [r.pk for r in pending]
    for start in range(0, len(marks), AT_ONCE):
        odbc.mark(asked, marks[start : start + AT_ONCE], integrated=done)
        with run.transaction():
            BillingDocument.objects.filter(pk__in=ids[start : start + AT_ONCE]).update(
                written_back=done
            )
        run.progress(min(start + AT_ONCE, len(marks)), len(marks), _("marking"))
