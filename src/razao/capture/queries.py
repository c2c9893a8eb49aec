"""Questions that several steps and faces ask of capture's tables; a company in, rows, ids or figures out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from razao.archive.custody import Tally
from razao.capture import intake
from razao.capture.models import CapturedInvoice, Intake
from razao.companies.models import Company
from razao.kernel.problems import NotFound, Problem, Severity

State = CapturedInvoice.State
#: States in which an invoice waits for somebody.
WAITING = (State.DOUBTFUL, State.READY, State.ASKED)
#: A clerk who has not moved for so long no longer holds an invoice.
CLAIM = timedelta(minutes=3)


def due_intakes(company: Company) -> list[Intake]:
    """Source folders whose office's time to look has come."""
    before = timezone.now() - timedelta(minutes=company.office.reception_minutes)
    due = Q(looked_at__isnull=True) | Q(looked_at__lte=before)
    return list(Intake.objects.filter(due, company=company, enabled=True))


def intakes_with_files(company: Company) -> list[Intake]:
    """Source folders in which something lies."""
    found = Intake.objects.filter(company=company, enabled=True).order_by("direction", "folder")
    return [one for one in found if intake.has_files(Path(one.folder))]


def living(company: UUID) -> dict[date, Tally]:
    """Items by day of receipt and state, from the rows themselves: one side of the custody proof."""
    rows = (
        CapturedInvoice.objects.filter(company_id=company)
        .values("day")
        .annotate(
            received=Count("pk"),
            posted=Count("pk", filter=Q(state=State.POSTED)),
            rejected=Count("pk", filter=Q(state=State.REJECTED)),
        )
    )
    return {
        r["day"]: Tally(
            r["received"], r["posted"], r["received"] - r["posted"] - r["rejected"], r["rejected"]
        )
        for r in rows
    }


def waiting_ids(company: Company, party_tax_id: str | None = None) -> list[UUID]:
    """Ids of the invoices that wait, oldest first; of one party where it is named."""
    rows = CapturedInvoice.objects.filter(company=company, state__in=WAITING)
    if party_tax_id is not None:
        rows = rows.filter(party_tax_id=party_tax_id)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def locked_rows(ids: Sequence[UUID]) -> list[CapturedInvoice]:
    """The invoices, which nobody else changes until the transaction ends, in one order so that nobody waits in a ring."""
    rows = CapturedInvoice.objects.select_related("scan__file").filter(pk__in=ids)
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def invoice_of(company: Company, invoice_id: UUID) -> CapturedInvoice:
    """One invoice with its scan and file. Raises NotFound."""
    rows = CapturedInvoice.objects.select_related("scan__file", "claimed_by", "posted_by")
    found = rows.filter(company=company, pk=invoice_id).first()
    if found is None:
        raise NotFound(f"invoice {invoice_id}")
    return found


def counts(company: Company, direction: str) -> dict[str, int]:
    """How many invoices of a direction stand in each state."""
    rows = CapturedInvoice.objects.filter(company=company, direction=direction)
    return dict(rows.values_list("state").annotate(Count("pk")).order_by())


def next_invoice(
    company: Company, direction: str, user: UUID, after: UUID | None = None, count: int = 1
) -> list[CapturedInvoice]:
    """The next invoices that this person should look at: after the given one, then from the start; nobody else's."""
    open_rows = free_for(
        CapturedInvoice.objects.filter(
            company=company, direction=direction, state__in=(State.DOUBTFUL, State.READY)
        ),
        user,
    ).order_by("pk")
    found = list(open_rows.filter(pk__gt=after)[:count]) if after else []
    if len(found) < count:
        before = open_rows.exclude(pk__in=[f.pk for f in found])
        if after:
            before = before.filter(pk__lt=after)
        found += before[: count - len(found)]
    return found


def free_for(rows: QuerySet[CapturedInvoice], user: UUID) -> QuerySet[CapturedInvoice]:
    """Those of ``rows`` that nobody else is at."""
    since = timezone.now() - CLAIM
    return rows.filter(Q(claimed_by__isnull=True) | Q(claimed_by_id=user) | Q(claimed_at__lt=since))


def like(rows: Iterable[CapturedInvoice], company: Company) -> list[CapturedInvoice]:
    """Invoices that may be the same as one of ``rows``: same key, same ATCUD, or same party and total."""
    wanted = list(rows)
    same = Q(source_key__in={r.source_key for r in wanted if r.source_key})
    same |= Q(atcud__in={r.atcud for r in wanted if r.atcud})
    parties = {r.party_tax_id for r in wanted if r.party_tax_id and r.gross_total}
    totals = {r.gross_total for r in wanted if r.gross_total}
    same |= Q(party_tax_id__in=parties, gross_total__in=totals)
    found = CapturedInvoice.objects.filter(same, company=company).exclude(state=State.REJECTED)
    columns = [
        "source_key",
        "atcud",
        "party_tax_id",
        "gross_total",
        "issue_date",
        "number",
        "state",
    ]
    return list(found.only("pk", *columns)[:5000])


def problems_of(row: CapturedInvoice) -> list[Problem]:
    """The problems that were kept with an invoice."""
    return [
        Problem(p["code"], Severity(p["severity"]), p["where"], p["values"]) for p in row.problems
    ]
