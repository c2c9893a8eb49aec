"""Reports that go out to many: in: companies and a report, or the day of the month, out: a delivery for each, asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from razao.companies.models import Company, FiscalYear
from razao.companies.rights import Access, May
from razao.delivery.catalogue import category_of_report
from razao.delivery.models import DeliverySchedule, PortalSubscription
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused, as_json


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose day has come: the report, its parameters and the key under which it is asked for once."""

    schedule: UUID
    person: UUID
    report: str
    form: str
    parameters: dict[str, object]
    key: str
    period: str


def with_portal(office: UUID) -> list[Company]:
    """Companies of the office that have a portal, by code."""
    active = PortalSubscription.objects.filter(active=True).values("company_id")
    return list(
        Company.objects.filter(office_id=office, active=True, pk__in=active).order_by("code")
    )


def set_schedule(access: Access, report: str, day: int) -> DeliverySchedule:
    """Send ``report`` of each month on ``day`` of the next. Raises Refused (``rights.not_allowed``, ``delivery.day_of_month``)."""
    access.require(May.POST)
    if not 1 <= day <= 28:
        raise Refused(Problem("delivery.day_of_month", where=str(day)))
    schedule, _ = DeliverySchedule.objects.update_or_create(
        company=access.company,
        report=report,
        defaults={
            "day": day,
            "active": True,
            "category": category_of_report(report),
            "created_by_id": access.user_id,
        },
    )
    _record(access, "delivery.scheduled", report)
    return schedule


def end_schedule(access: Access, schedule: UUID) -> None:
    """Send it no more. Raises NotFound."""
    access.require(May.POST)
    found = DeliverySchedule.objects.filter(company=access.company, pk=schedule)
    if not found.update(active=False):
        raise NotFound(f"schedule {schedule}")
    _record(access, "delivery.schedule_ended", schedule)


def due(company: UUID, today: date) -> list[Due]:
    """The schedules of a company whose report of last month is not asked for yet."""
    last = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    period = f"{last:%Y-%m}"
    rows = DeliverySchedule.objects.filter(company_id=company, active=True, day__lte=today.day)
    year = FiscalYear.objects.filter(company_id=company, start__lte=last, end__gte=last).first()
    if year is None:
        return []
    number = (last.year - year.start.year) * 12 + last.month - year.start.month + 1
    parameters: dict[str, object] = {"year": year.code, "first": number, "last": number}
    return [
        Due(
            row.pk,
            row.created_by_id,
            row.report,
            row.form,
            parameters,
            f"schedule:{row.pk}:{period}",
            period,
        )
        for row in rows.exclude(last_period=period)
    ]


def mark(schedule: UUID, period: str) -> None:
    """The period was asked for."""
    DeliverySchedule.objects.filter(pk=schedule).update(last_period=period, problems=[])


def mark_refused(schedule: UUID, problems: Sequence[Problem]) -> None:
    """The period could not be asked for; a person sees why, and tomorrow it is tried again."""
    DeliverySchedule.objects.filter(pk=schedule).update(problems=as_json(list(problems)))


def _record(access: Access, action: str, subject: object) -> None:
    record(action, user=access.user_id, company=access.company.pk, subject=subject)
