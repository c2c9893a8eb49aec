"""What matters today: in: an office or a company, out: counts by stage with their age, sentences, and the months in plots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from razao.archive.custody import last_proof
from razao.capture.models import CapturedInvoice, ReviewStep
from razao.companies.models import Company
from razao.delivery.models import Delivery, Opening, PortalDocument
from razao.delivery.models import State as Sent
from razao.ledger.models import Period
from razao.web.plots import Bar
from razao.web.templatetags.razao_ui import address

#: Days after which the oldest item of a cell is old, and very old.
OLD, VERY_OLD = 3, 10
#: Days after a period's end from which an open one is named.
PERIOD_GRACE = 45
STATE = CapturedInvoice.State


@dataclass(slots=True)
class Cell:
    """A count with the age of its oldest item: 0 fresh, 1 getting on, 2 old, 3 very old."""

    count: int = 0
    oldest: date | None = None
    href: str = ""

    def age(self, today: date) -> int:
        if not self.count or self.oldest is None:
            return 0
        days = (today - self.oldest).days
        return 1 if days < OLD else 2 if days < VERY_OLD else 3


@dataclass(slots=True)
class Stages:
    """A company's row: one cell a stage of the line of work."""

    company: Company
    cells: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something that matters today: a badge's state, its word, the sentence, where it leads."""

    state: str
    word: str
    text: str
    href: str = ""


def stage_names() -> list[tuple[str, str]]:
    """The stages in their order."""
    return [
        ("received", gettext("Received")),
        ("asked", gettext("Asked")),
        ("doubtful", gettext("Doubtful")),
        ("ready", gettext("Ready")),
        ("posted", gettext("Posted this month")),
        ("sent", gettext("Sent this month")),
        ("unopened", gettext("Not opened")),
    ]


def stages(companies: Iterable[Company], today: date) -> list[Stages]:
    """Counts of every company by stage; the session acts for all of them."""
    rows = {company.pk: Stages(company) for company in companies}
    month = today.replace(day=1)
    waiting = (
        CapturedInvoice.objects.filter(
            company__in=rows, state__in=["received", "asked", "doubtful", "ready"]
        )
        .values_list("company", "state")
        .annotate(Count("id"), Min("day"))
    )
    for company, state, count, oldest in waiting:
        rows[company].cells[state] = Cell(count, oldest, _captured(company, state))
    posted = CapturedInvoice.objects.filter(
        company__in=rows, state=STATE.POSTED, posted_at__date__gte=month
    )
    for company, count in posted.values_list("company").annotate(Count("id")):
        rows[company].cells["posted"] = Cell(count, None, _captured(company, "posted"))
    delivered = [Sent.DELIVERED, Sent.OPENED]
    sent = Delivery.objects.filter(company__in=rows, state__in=delivered, asked_at__date__gte=month)
    for company, count in sent.values_list("company").annotate(Count("id")):
        rows[company].cells["sent"] = Cell(count, None, _deliveries(company))
    for company, count, oldest in _unopened(rows):
        day = timezone.localdate(oldest) if oldest else None
        rows[company].cells["unopened"] = Cell(count, day, _deliveries(company))
    return list(rows.values())


def _unopened(companies: Iterable[UUID]) -> Iterable[tuple[Any, ...]]:
    opened = Opening.objects.filter(fact=Opening.Fact.OPENED).values("document")
    documents = PortalDocument.objects.filter(
        company__in=list(companies), withdrawn_at=None, superseded_by=None
    ).exclude(pk__in=opened)
    return documents.values_list("company").annotate(Count("id"), Min("published_at"))


def _captured(company: UUID, state: str) -> str:
    path = address("capture:list", company=company)
    return f"{path}?state={state}" if path else ""


def _deliveries(company: UUID) -> str:
    return address("delivery:history", company=company)


def sentences(rows: list[Stages], today: date) -> list[Sentence]:
    """What the first screen says, most urgent first."""
    said = [
        _oldest(rows, today),
        _failed(rows),
        _open_periods(rows, today),
        _custody(rows),
        _touchless(rows),
    ]
    return [sentence for sentence in said if sentence is not None]


def _oldest(rows: list[Stages], today: date) -> Sentence | None:
    waiting = [
        (cell.oldest, row.company, cell.href)
        for row in rows
        for stage in ("received", "asked", "doubtful", "ready")
        if (cell := row.cells[stage]).count and cell.oldest
    ]
    if not waiting:
        return Sentence("done", gettext("All clear"), gettext("Nothing waits."))
    oldest, company, href = min(waiting, key=lambda item: item[0])
    days = (today - oldest).days
    word = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    text = gettext("%(company)s has the document that waits longest.") % {"company": company.name}
    return Sentence("doubt" if days >= OLD else "wait", word, text, href)


def _failed(rows: list[Stages]) -> Sentence | None:
    failed = Delivery.objects.filter(company__in=[r.company.pk for r in rows], state=Sent.FAILED)
    count = failed.count()
    if not count:
        return None
    first = failed.order_by("asked_at").values_list("company", flat=True)[0]
    text = ngettext(
        "%(count)s delivery did not reach the portal.",
        "%(count)s deliveries did not reach the portal.",
        count,
    ) % {"count": count}
    return Sentence("fail", gettext("Failed"), text, _deliveries(first))


def _open_periods(rows: list[Stages], today: date) -> Sentence | None:
    late = Period.objects.filter(
        company__in=[r.company.pk for r in rows],
        number__range=(1, 12),
        end__lt=today - timedelta(days=PERIOD_GRACE),
        end__gte=today - timedelta(days=400),
    ).exclude(state=Period.State.CLOSED)
    companies = late.values("company").distinct().count()
    if not companies:
        return None
    text = ngettext(
        "%(count)s company has periods open past their date.",
        "%(count)s companies have periods open past their date.",
        companies,
    ) % {"count": companies}
    return Sentence("wait", gettext("Still open"), text)


def _custody(rows: list[Stages]) -> Sentence | None:
    proofs = [proof for row in rows if (proof := last_proof(row.company.pk))]
    if not proofs:
        return None
    broken = [proof for proof in proofs if not proof.ties]
    if broken:
        return Sentence(
            "fail",
            gettext("Custody"),
            gettext("What was received does not tie out with what became of it."),
        )
    return Sentence(
        "done", gettext("Ties"), gettext("All that was received is posted, waiting or rejected.")
    )


def _touchless(rows: list[Stages]) -> Sentence | None:
    """Share of invoices posted in the last twelve months that nobody corrected."""
    since = timezone.now() - timedelta(days=365)
    posted = CapturedInvoice.objects.filter(
        company__in=[r.company.pk for r in rows], state=STATE.POSTED, posted_at__gte=since
    )
    counts = posted.aggregate(
        all=Count("id", distinct=True),
        touched=Count(
            "id",
            distinct=True,
            filter=Q(pk__in=ReviewStep.objects.filter(undone=False).values("invoice")),
        ),
    )
    if not counts["all"]:
        return None
    share = 100 * (counts["all"] - counts["touched"]) / counts["all"]
    text = gettext(
        "%(share)s %% of %(all)s invoices posted in twelve months needed no correction."
    ) % {
        "share": f"{share:.0f}",
        "all": counts["all"],
    }
    return Sentence("done", gettext("Untouched"), text)


def posted_by_month(companies: Iterable[UUID], today: date) -> list[Bar]:
    """Documents posted in each of the last twelve months."""
    first = date(today.year - 1, today.month, 1)
    counts = dict(
        CapturedInvoice.objects.filter(company__in=list(companies), posted_at__date__gte=first)
        .annotate(month=TruncMonth("posted_at"))
        .values_list("month")
        .annotate(Count("id"))
    )
    by_month = {(m.year, m.month): n for m, n in counts.items() if m}
    bars = []
    for back in range(11, -1, -1):
        index = today.year * 12 + today.month - 1 - back
        year, month = divmod(index, 12)
        bars.append(
            Bar(
                f"{month + 1:02d}/{year % 100:02d}",
                by_month.get((year, month + 1), 0),
                now=back == 0,
            )
        )
    return bars
