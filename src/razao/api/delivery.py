"""Deliveries through the API: reports and files to the portal, where they stand, who opened them; people synchronised from a list."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import File, Form, Router, Schema, UploadedFile

from razao.api.person import person_id
from razao.companies.rights import May, company_for, office_for
from razao.delivery import flow, queries, subscriptions
from razao.delivery.models import EVERY_CATEGORY, Delivery
from razao.delivery.parcel import Parcel
from razao.delivery.rendering import describe
from razao.delivery.subscriptions import ListRow
from razao.kernel.problems import Problem, explain

router = Router(tags=["delivery"])
people = Router(tags=["delivery"])
PAGE_ROWS = 100


class ReportIn(Schema):
    """A report to send; ``key`` makes asking twice send once. Parameters are those of the report's address."""

    key: str
    report: str
    form: str = "pdf"
    parameters: dict[str, Any] = {}


class FileIn(Schema):
    """What is said of a file; ``key`` makes asking twice send once."""

    key: str
    title: str
    category: str
    period: str = ""
    due_date: date | None = None
    amount: Decimal | None = None
    note: str = ""
    corrects: UUID | None = None


class FactOut(Schema):
    """Notified, fetched or opened: who and when."""

    fact: str
    who: str
    at: datetime


class DeliveryOut(Schema):
    id: UUID
    state: str
    title: str
    category: str
    period: str
    due_date: date | None
    amount: Decimal | None
    asked_at: datetime
    sha256: str | None
    problems: list[dict[str, Any]]
    facts: list[FactOut]


class DeliveryIds(Schema):
    deliveries: list[UUID]
    reason: str = ""


class DeliveryProblem(Schema):
    code: str
    where: str
    title: str


class DeliveryOutcome(Schema):
    done: list[UUID]
    problems: list[DeliveryProblem]


class PersonIn(Schema):
    """A person of a company's portal. Without categories they read everything."""

    company: str
    email: str
    name: str = ""
    categories: list[str] = [EVERY_CATEGORY]


class InvitationOut(Schema):
    """Somebody new: the path of the link that they take up, given this once."""

    email: str
    path: str


class SynchronisedOut(Schema):
    activated: int
    changed: int
    invited: list[InvitationOut]
    problems: list[DeliveryProblem]


def _out(delivery: Delivery) -> DeliveryOut:
    document = queries.document_of(delivery)
    return DeliveryOut(
        id=delivery.pk,
        state=delivery.state,
        title=delivery.title,
        category=delivery.category,
        period=delivery.period,
        due_date=delivery.due_date,
        amount=delivery.amount,
        asked_at=delivery.asked_at,
        sha256=document.file.sha256 if document else None,
        problems=delivery.problems,
        facts=[FactOut(fact=f.fact, who=f.who, at=f.at) for f in queries.openings_of(delivery)],
    )


def _problems(problems: tuple[Problem, ...]) -> list[DeliveryProblem]:
    return [DeliveryProblem(code=p.code, where=p.where, title=explain(p).title) for p in problems]


@router.get("/{company_id}/deliveries", response=list[DeliveryOut])
def list_deliveries(
    request: HttpRequest, company_id: UUID, state: str = "", page: int = 1
) -> list[DeliveryOut]:
    """Deliveries of a company, newest first, a hundred a page."""
    access = company_for(person_id(request), company_id, May.SEE_BOOKS)
    found = Delivery.objects.filter(company=access.company).order_by("-asked_at", "-pk")
    if state:
        found = found.filter(state=state)
    start = (max(page, 1) - 1) * PAGE_ROWS
    return [_out(delivery) for delivery in found[start : start + PAGE_ROWS]]


@router.get("/{company_id}/deliveries/{uuid:delivery_id}", response=DeliveryOut)
def one_delivery(request: HttpRequest, company_id: UUID, delivery_id: UUID) -> DeliveryOut:
    """A delivery with the three facts."""
    access = company_for(person_id(request), company_id, May.SEE_BOOKS)
    return _out(queries.delivery_of(access.company.pk, delivery_id))


@router.post("/{company_id}/deliveries/reports", response=DeliveryOut)
def send_report(request: HttpRequest, company_id: UUID, body: ReportIn) -> DeliveryOut:
    """Queue a report for the portal; title, category, period and due date are the system's."""
    access = company_for(person_id(request), company_id, May.POST)
    parcel = describe(access, body.report, body.parameters, body.form)
    return _out(flow.request(access, parcel, key=body.key))


@router.post("/{company_id}/deliveries/files", response=DeliveryOut)
def send_file(
    request: HttpRequest,
    company_id: UUID,
    body: Form[FileIn],
    file: File[UploadedFile],
) -> DeliveryOut:
    """Queue a file for the portal."""
    access = company_for(person_id(request), company_id, May.POST)
    said = body.dict()
    key = said.pop("key")
    name = file.name or said["title"]
    with transaction.atomic():
        drawn = flow.draft(access, io.BytesIO(file.read()), name, Parcel(**said), key=key)
        return _out(flow.confirm(access, drawn.pk))


@router.post("/{company_id}/deliveries/again", response=DeliveryOutcome)
def send_again(request: HttpRequest, company_id: UUID, body: DeliveryIds) -> DeliveryOutcome:
    """Integrate again what is not integrated."""
    access = company_for(person_id(request), company_id, May.POST)
    outcome = flow.send_again(access, body.deliveries)
    return DeliveryOutcome(done=list(outcome.done), problems=_problems(outcome.problems))


@router.post("/{company_id}/deliveries/withdraw", response=DeliveryOutcome)
def withdraw(request: HttpRequest, company_id: UUID, body: DeliveryIds) -> DeliveryOutcome:
    """Take documents back, for a reason that stays on record."""
    access = company_for(person_id(request), company_id, May.POST)
    outcome = flow.withdraw(access, body.deliveries, body.reason)
    return DeliveryOutcome(done=list(outcome.done), problems=_problems(outcome.problems))


@people.post("/synchronise", response=SynchronisedOut)
def synchronise(request: HttpRequest, body: list[PersonIn]) -> SynchronisedOut:
    """Activate portals, invite people and set rights as a list says; nobody is removed. The same list again changes nothing."""
    access = office_for(person_id(request), None, May.CONFIGURE)
    rows = [ListRow(p.company, p.email, p.name, tuple(p.categories)) for p in body]
    done = subscriptions.synchronise(access, rows)
    return SynchronisedOut(
        activated=done.activated,
        changed=done.changed,
        invited=[
            InvitationOut(email=i.invitation.email, path=f"/portal/i/{i.token}/")
            for i in done.invited
        ],
        problems=_problems(done.problems),
    )
