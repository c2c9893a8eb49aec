"""Delivery, top to bottom: a report or a file is asked for, sent as a job, seen in the portal, corrected or withdrawn.

    request (or draft, then confirm) ─ send (job) ─▶ portal document ─ notify (job) ─▶ the client opens it

The job runs with the rights of who asked, checked again then. Every step may be cut off and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from razao.archive.filing import Subject, file_away, file_for
from razao.archive.models import Folder, StoredFile
from razao.companies.rights import Access, May, company_for
from razao.delivery import (
    catalogue,
    notices,
    parcel,
    proof,
    publishing,
    rendering,
    schedules,
    steps,
)
from razao.delivery.models import Delivery, Notice, PortalDocument, State
from razao.delivery.parcel import Parcel
from razao.delivery.recipients import is_active, recipients
from razao.kernel.audit import record
from razao.kernel.jobs import Run, StopRequested, job, timer
from razao.kernel.problems import NotFound, Problem, Refused, Severity, blocking
from razao.kernel.tenancy import act_as, all_company_ids, new_id

ATTEMPTS = 6
#: Refusals that pass by themselves: the disk is full, the scanner is down.
PASSING = frozenset({"archive.cannot_write", "delivery.scanner_down"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of several deliveries: those done, and why not the others."""

    done: tuple[UUID, ...]
    problems: tuple[Problem, ...]


# Asked for


def check(access: Access, wanted: Parcel) -> list[Problem]:
    """Everything that is wrong with sending ``wanted``, and a warning when nobody has the right to read it."""
    company = access.company.pk
    problems = parcel.check(wanted) + catalogue.check_categories([wanted.category])
    if wanted.report and not rendering.known(wanted.report):
        problems.append(Problem("delivery.report_unknown", where=wanted.report))
    problems += rendering.refusals(access, wanted)
    if not is_active(company):
        problems.append(Problem("delivery.portal_inactive", where=access.company.name))
    elif not recipients(company, wanted.category):
        problems.append(
            Problem("delivery.nobody_entitled", Severity.WARNING, where=access.company.name)
        )
    return problems


def request(access: Access, wanted: Parcel, *, key: str) -> Delivery:
    """Queue ``wanted`` for the portal; the same key again gives the delivery there is.

    Raises Refused: ``rights.not_allowed``, ``delivery.key_reused``, and the problems of ``check``.
    """
    return _enter(access, wanted, key, State.QUEUED)


def draft(access: Access, source: BinaryIO, name: str, wanted: Parcel, *, key: str) -> Delivery:
    """Keep a file and what is said of it until ``confirm``. Raises as ``request``, and ``archive.cannot_write``."""
    access.require(May.POST)
    place = Subject("delivery_draft", new_id())
    filing = file_away(
        access.company.pk, source, name=name, folder=Folder.PF_BORRADOR, subject=place
    )
    return _enter(access, replace(wanted, upload=filing.file_id), key, State.DRAFT)


def confirm(access: Access, delivery: UUID) -> Delivery:
    """Queue a draft as it was reviewed; nothing happens to one that is queued. Raises NotFound and Refused."""
    access.require(May.POST)
    found = steps.locked(access.company.pk, delivery)
    if found.state == State.DRAFT:
        _queue(access, found)
    return found


def _enter(access: Access, wanted: Parcel, key: str, state: State) -> Delivery:
    access.require(May.POST)
    company = access.company.pk
    earlier = Delivery.objects.filter(company_id=company, key=key).first()
    if earlier is not None:
        return _unless_other(earlier, wanted)
    problems = blocking(check(access, wanted))
    if problems:
        raise Refused(*problems)
    corrected = _corrected(company, wanted.corrects)
    delivery = Delivery.objects.create(
        company_id=company,
        key=key,
        report=wanted.report,
        parameters=dict(wanted.parameters),
        form=wanted.form,
        series=corrected.series if corrected else parcel.series_of(wanted),
        category=wanted.category,
        title=wanted.title.strip(),
        period=wanted.period,
        due_date=wanted.due_date,
        amount=wanted.amount,
        note=wanted.note,
        upload_id=wanted.upload,
        asked_by_id=access.user_id,
        supersedes=corrected,
        state=state,
    )
    if state is State.QUEUED:
        _queue(access, delivery)
    else:
        steps.move(delivery, state, user=access.user_id)
    return delivery


def _unless_other(earlier: Delivery, wanted: Parcel) -> Delivery:
    said = {
        name: getattr(earlier, name)
        for name in ("category", "title", "period", "report", "form", "parameters")
    }
    if not parcel.same(wanted, said):
        raise Refused(Problem("delivery.key_reused", where=earlier.key))
    return earlier


def _corrected(company: UUID, delivery: UUID | None) -> Delivery | None:
    if delivery is None:
        return None
    found = Delivery.objects.filter(company_id=company, pk=delivery).first()
    if found is None:
        raise NotFound(f"delivery {delivery}")
    return found


def _queue(access: Access, delivery: Delivery, cause: str = "") -> None:
    steps.move(delivery, State.QUEUED, user=access.user_id, cause=cause)
    send.defer(
        user=access.user_id,
        company=access.company.pk,
        title=delivery.title,
        delivery=str(delivery.pk),
    )
    record("delivery.queued", user=access.user_id, company=access.company.pk, subject=delivery.pk)


# Sent


@job(title="Send to the portal", attempts=ATTEMPTS)
def send(run: Run, *, delivery: str) -> None:
    """Put a delivery into the portal, once, whatever is retried or killed; see ``docs/delivery.md``."""
    asked, company = UUID(delivery), run.company_id
    assert company is not None
    try:
        with run.transaction():
            if not _started(run, company, asked):
                return
        with run.transaction():
            _publish(run, company, asked)
    except StopRequested:
        _failed(run, company, asked, (Problem("delivery.stopped"),), again=False)
        raise
    except NotFound:
        gone = Problem("delivery.rights_gone")
        _failed(run, company, asked, (gone,), again=False)
        raise Refused(gone) from None
    except Refused as refusal:
        passing = all(problem.code in PASSING for problem in refusal.problems)
        again = passing and run.attempt < ATTEMPTS
        _failed(run, company, asked, refusal.problems, again=again)
        if again:
            raise OSError(str(refusal)) from refusal  # the queue tries again what is no refusal
        raise
    except Exception as error:
        unforeseen = Problem("delivery.unforeseen", values={"cause": str(error)[:500]})
        _failed(run, company, asked, (unforeseen,), again=run.attempt < ATTEMPTS)
        raise


def _started(run: Run, company: UUID, delivery: UUID) -> bool:
    """Mark it as being sent; False when there is nothing left to do."""
    found = steps.locked(company, delivery)
    if found.state in steps.ENDED or found.state == State.DRAFT:
        return False
    if found.state != State.SENDING:
        steps.move(found, State.SENDING, user=None)
    return True


def _publish(run: Run, company: UUID, delivery: UUID) -> None:
    """Render or take the file, keep it, show it, and ask for the notices: all or nothing."""
    access = _still_allowed(run, company)
    found = steps.locked(company, delivery)
    if found.state in steps.ENDED:
        return
    file = _file_of(run, access, found)
    corrects = publishing.show(found, file)
    steps.move(found, State.DELIVERED, user=None, file=file)
    kind = Notice.Kind.CORRECTED if corrects else Notice.Kind.PUBLISHED
    notices.notify.defer(
        user=run.user_id,
        company=company,
        title=found.title,
        delivery=str(found.pk),
        kind=kind.value,
    )


def _still_allowed(run: Run, company: UUID) -> Access:
    """Who asked may still send, and there is still a portal. Raises NotFound and Refused."""
    if run.user_id is None:
        raise NotFound("person")
    access = company_for(run.user_id, company, May.POST)
    if not is_active(company):
        raise Refused(Problem("delivery.portal_inactive", where=access.company.name))
    return access


def _file_of(run: Run, access: Access, delivery: Delivery) -> StoredFile:
    subject = Subject("delivery", delivery.pk)
    company = access.company.pk
    if delivery.upload is not None:
        publishing.refuse_virus(delivery.upload)
        return file_for(delivery.upload, Folder.PF_ASIENTO, subject).file
    with rendering.rendered(
        access, delivery.report, delivery.parameters, delivery.form, run.progress
    ) as source:
        name = f"{delivery.title}.{delivery.form}"
        filing = file_away(company, source, name=name, folder=Folder.PF_ASIENTO, subject=subject)
    return filing.file


def _failed(
    run: Run, company: UUID, delivery: UUID, problems: Sequence[Problem], *, again: bool
) -> None:
    """Show the cause; the delivery waits for the queue's next attempt, or for a person."""
    with run.transaction():
        found = steps.locked(company, delivery)
        if found.state not in steps.ENDED:
            state = State.FAILED_RETRY if again else State.FAILED
            steps.move(found, state, user=None, problems=problems)


# Again, withdrawn, reminded


def send_again(access: Access, deliveries: Sequence[UUID]) -> Outcome:
    """Queue anew what is not integrated (E8, E9); the others are named, and do not stop these."""
    access.require(May.POST)

    def one(delivery: Delivery) -> Problem | None:
        if delivery.state not in steps.UNSENT:
            return Problem("delivery.already_sent", where=delivery.title)
        _queue(access, delivery)
        return None

    return _each(access, deliveries, one)


def withdraw(access: Access, deliveries: Sequence[UUID], reason: str) -> Outcome:
    """Take documents back: clients see that they were withdrawn and read them no more. Recorded with the reason."""
    access.require(May.POST)

    def one(delivery: Delivery) -> Problem | None:
        if delivery.state in {State.SUPERSEDED, State.WITHDRAWN}:
            return Problem("delivery.not_withdrawable", where=delivery.title)
        was_visible = delivery.state in steps.VISIBLE
        steps.move(delivery, State.WITHDRAWN, user=access.user_id, cause=reason)
        PortalDocument.objects.filter(company=access.company, delivery=delivery).update(
            withdrawn_at=Now()
        )
        record(
            "delivery.withdrawn",
            user=access.user_id,
            company=access.company.pk,
            subject=delivery.pk,
            details={"reason": reason},
        )
        if was_visible:
            _notify(access, delivery, Notice.Kind.WITHDRAWN)
        return None

    return _each(access, deliveries, one)


def remind(access: Access, deliveries: Sequence[UUID], day: str) -> Outcome:
    """Remind, at most once on ``day`` (ISO), those who may read these documents and have not opened them."""
    access.require(May.POST)

    def one(delivery: Delivery) -> Problem | None:
        if delivery.state not in steps.VISIBLE:
            return Problem("delivery.not_visible", where=delivery.title)
        _notify(access, delivery, Notice.Kind.REMINDER, day)
        return None

    return _each(access, deliveries, one)


def _notify(access: Access, delivery: Delivery, kind: Notice.Kind, occasion: str = "") -> None:
    notices.notify.defer(
        user=access.user_id,
        company=access.company.pk,
        title=delivery.title,
        delivery=str(delivery.pk),
        kind=kind.value,
        occasion=occasion,
    )


def _each(
    access: Access, deliveries: Sequence[UUID], one: Callable[[Delivery], Problem | None]
) -> Outcome:
    done: list[UUID] = []
    problems: list[Problem] = []
    with transaction.atomic():
        for delivery in sorted(set(deliveries)):
            problem = one(steps.locked(access.company.pk, delivery))
            if problem is None:
                done.append(delivery)
            else:
                problems.append(problem)
    return Outcome(tuple(done), tuple(problems))


# By the clock


@timer("20 0 * * *")
def seal_chains() -> None:
    """The daily root of every company's hash chain, with what its check found."""
    yesterday = timezone.localdate() - timedelta(days=1)
    for company in all_company_ids():
        with transaction.atomic():
            act_as(companies=[company])
            proof.seal(company, yesterday)


@timer("7 7 * * *")
def send_scheduled() -> None:
    """Ask for the reports whose day of the month has come, as the person who scheduled them."""
    today = timezone.localdate()
    for company in all_company_ids():
        with transaction.atomic():
            act_as(companies=[company])
            wanted = schedules.due(company, today)
        for one in wanted:
            try:
                with transaction.atomic():
                    access = company_for(one.person, company, May.POST)
                    what = rendering.describe(access, one.report, one.parameters, one.form)
                    request(access, what, key=one.key)
                    schedules.mark(one.schedule, one.period)
            except (NotFound, Refused) as refusal:
                gone = (Problem("delivery.rights_gone"),)
                with transaction.atomic():
                    act_as(companies=[company])
                    schedules.mark_refused(
                        one.schedule, refusal.problems if isinstance(refusal, Refused) else gone
                    )
