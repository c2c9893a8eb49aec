"""Questions that several steps and faces ask of capture's tables; a company in, rows, ids or figures out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from razao.archive.custody import Tally
from razao.archive.models import Filing, Folder
from razao.capture import intake
from razao.capture.models import CapturedInvoice, Intake, Scan
from razao.companies.models import Company, User
from razao.kernel.problems import NotFound, Problem, Severity
from razao.ledger.models import Account, Entry, EntrySeal, Line, Period

State = CapturedInvoice.State
#: States in which an invoice waits for somebody.
WAITING = (State.DOUBTFUL, State.READY, State.ASKED)
#: Columns that only an invoice that is open needs.
HEAVY = ("reading", "corrections", "overrides", "plan", "problems", "doubts")
#: What stands of an invoice in the list beside the one that is open.
LISTED = (
    *("state", "weight", "direction", "party_name", "number", "gross_total", "issue_date"),
    *("scan__name", "scan__run", "scan__run__state"),
)
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


def unread_scans(company: Company) -> list[Scan]:
    """Scans that nobody reads: their job ended without a reading."""
    rows = Scan.objects.filter(company=company, read_at__isnull=True)
    return list(rows.filter(Q(run__isnull=True) | Q(run__finished_at__isnull=False))[:500])


def living(company: UUID) -> dict[date, Tally]:
    """Items by day of receipt and state, from the rows themselves: one side of the custody proof."""
    rows = (
        CapturedInvoice.objects.filter(company_id=company)
        .exclude(state=State.JOINED)
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


def waiting_ids(company: Company, parties: Sequence[str] | None = None) -> list[UUID]:
    """Ids of the invoices that wait, oldest first; of these tax ids where some are named."""
    rows = CapturedInvoice.objects.filter(company=company, state__in=WAITING)
    if parties is not None:
        rows = rows.filter(party_tax_id__in=parties)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def parties_waiting(posted: Sequence[UUID]) -> list[str]:
    """Tax ids of the posted invoices' parties that have others waiting."""
    mine = CapturedInvoice.objects.filter(pk__in=posted).exclude(party_tax_id="")
    waiting = CapturedInvoice.objects.filter(
        company__in=mine.values("company"),
        state__in=WAITING,
        party_tax_id__in=mine.values("party_tax_id"),
    )
    return sorted(set(waiting.values_list("party_tax_id", flat=True)))


def locked_rows(ids: Sequence[UUID]) -> list[CapturedInvoice]:
    """The invoices, which nobody else changes until the transaction ends, in one order so that nobody waits in a ring."""
    rows = CapturedInvoice.objects.select_related("scan__file").filter(pk__in=ids)
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def received_row(invoice_id: str) -> CapturedInvoice | None:
    """The item, while it waits to be read; None when it is gone or was read meanwhile."""
    rows = CapturedInvoice.objects.select_related("scan__file", "scan__company__office")
    return rows.filter(pk=invoice_id, state=State.RECEIVED).first()


def invoice_of(company: Company, invoice_id: UUID) -> CapturedInvoice:
    """One invoice with its scan and file. Raises NotFound."""
    rows = CapturedInvoice.objects.select_related(
        "scan__file", "claimed_by", "posted_by", "company"
    )
    found = rows.filter(company=company, pk=invoice_id).first()
    if found is None:
        raise NotFound(f"invoice {invoice_id}")
    return found


def posted_lines(row: CapturedInvoice) -> list[Line]:
    """The lines of the entry that an invoice was posted as."""
    assert row.entry_id is not None
    lines = Line.objects.filter(company_id=row.company_id, entry_id=row.entry_id)
    return list(lines.select_related("account").order_by("position"))


def of_entry(company: UUID, entry: UUID) -> CapturedInvoice | None:
    """The invoice that an entry was posted from; None when it came another way."""
    return CapturedInvoice.objects.filter(company_id=company, entry_id=entry).first()


def reversed_ids(company: Company) -> list[UUID]:
    """Posted invoices whose entry has been reversed."""
    undone = EntrySeal.objects.filter(
        company=company, entry_id=OuterRef("entry_id"), reversed_by_id__isnull=False
    )
    rows = CapturedInvoice.objects.filter(Exists(undone), company=company, state=State.POSTED)
    return list(rows.values_list("pk", flat=True))


def closed_year_ids(company: Company) -> list[UUID]:
    """Posted invoices whose file lies with the open years although every period of their entry's year is closed."""
    open_period = Period.objects.filter(
        company=company, fiscal_year=OuterRef("fiscal_year")
    ).exclude(state=Period.State.CLOSED)
    entries = Entry.objects.filter(~Exists(open_period), company=company, id=OuterRef("entry_id"))
    filed = Filing.objects.filter(
        company=company, subject_id=OuterRef("pk"), folder=Folder.PF_ASIENTO
    )
    rows = CapturedInvoice.objects.filter(Exists(entries), Exists(filed), company=company)
    return list(rows.filter(state=State.POSTED).values_list("pk", flat=True))


def counts(company: Company, direction: str) -> dict[str, int]:
    """How many invoices of a direction stand in each state."""
    rows = CapturedInvoice.objects.filter(company=company, direction=direction)
    return dict(rows.values_list("state").annotate(Count("pk")).order_by())


def next_invoice(
    company: Company, direction: str, user: UUID, after: UUID | None = None, count: int = 1
) -> list[CapturedInvoice]:
    """The next invoices that this person should look at: after the given one, then from the start; nobody else's."""
    open_rows = (
        free_for(
            CapturedInvoice.objects.filter(
                company=company, direction=direction, state__in=(State.DOUBTFUL, State.READY)
            ),
            user,
        )
        .order_by("pk")
        .defer(*HEAVY)
    )
    found = list(open_rows.filter(pk__gt=after)[:count]) if after else []
    if len(found) < count:
        before = open_rows.exclude(pk__in=[f.pk for f in found])
        if after:
            before = before.filter(pk__lt=after)
        found += before[: count - len(found)]
    return found


def around(company: Company, row: CapturedInvoice, count: int) -> list[CapturedInvoice]:
    """Invoices of the same direction that wait, some before this one and more after it, and this one."""
    rows = CapturedInvoice.objects.filter(
        company=company, direction=row.direction, state__in=(*WAITING, State.RECEIVED)
    ).exclude(pk=row.pk)
    plain = rows.select_related("scan__run").only(*LISTED)
    before = list(plain.filter(pk__lt=row.pk).order_by("-pk")[: count // 4])
    after = list(plain.filter(pk__gt=row.pk).order_by("pk")[: count - len(before)])
    return [*reversed(before), row, *after]


def held_by(row: CapturedInvoice, user: UUID) -> User | None:
    """Who else is at this invoice now."""
    if row.claimed_by is None or row.claimed_by_id == user or row.claimed_at is None:
        return None
    return row.claimed_by if row.claimed_at > timezone.now() - CLAIM else None


def accounts_like(company: Company, text: str) -> list[tuple[str, str]]:
    """Postable accounts whose code begins with the text, or whose name holds it."""
    text = text.strip()
    rows = Account.objects.filter(company=company, postable=True, active=True)
    fits = Q(code__startswith=text) | Q(name__icontains=text) | Q(party__tax_id__startswith=text)
    return list(rows.filter(fits).order_by("code").values_list("code", "name")[:20])


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
    found = CapturedInvoice.objects.filter(same, company=company).exclude(
        state__in=(State.REJECTED, State.JOINED)
    )
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


def locked_like(company: Company, invoice: UUID) -> list[CapturedInvoice]:
    """Waiting invoices that may be the same as this one; those that somebody changes just now are left out."""
    row = CapturedInvoice.objects.filter(company=company, pk=invoice)
    ids = [o.pk for o in like(row, company) if o.pk != invoice and o.state in WAITING]
    rows = CapturedInvoice.objects.select_related("scan__file").filter(pk__in=ids[:20])
    return list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True))


def problems_of(row: CapturedInvoice) -> list[Problem]:
    """The problems that were kept with an invoice."""
    return [
        Problem(p["code"], Severity(p["severity"]), p["where"], p["values"]) for p in row.problems
    ]
