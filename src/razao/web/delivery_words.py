"""What the office reads about deliveries: in: states, facts and reports, out: their words and shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext_lazy as _

from razao.delivery.models import Delivery, DeliveryStep, Notice, Opening, State

#: State → shape of the design system, word.
STATES: dict[str, tuple[str, Any]] = {
    State.DRAFT: ("wait", _("To be confirmed")),
    State.QUEUED: ("wait", _("Queued")),
    State.SENDING: ("work", _("Being sent")),
    State.DELIVERED: ("ready", _("Delivered")),
    State.OPENED: ("done", _("Opened")),
    State.FAILED_RETRY: ("doubt", _("Failed, tried again")),
    State.FAILED: ("fail", _("Failed")),
    State.SUPERSEDED: ("off", _("Replaced")),
    State.WITHDRAWN: ("off", _("Withdrawn")),
}

STEPS: dict[str, Any] = {
    State.DRAFT: _("Uploaded, to be confirmed"),
    State.QUEUED: _("Queued"),
    State.SENDING: _("Sending began"),
    State.DELIVERED: _("In the portal"),
    State.OPENED: _("Opened"),
    State.FAILED_RETRY: _("Failed; it is tried again"),
    State.FAILED: _("Failed; it needs somebody"),
    State.SUPERSEDED: _("Replaced by a corrected document"),
    State.WITHDRAWN: _("Withdrawn"),
}

FACTS: dict[str, Any] = {
    Opening.Fact.NOTIFIED: _("Notified by e-mail: {who}"),
    Opening.Fact.FETCHED: _("Fetched by {who}"),
    Opening.Fact.OPENED: _("Opened by {who}"),
}

NOTICES: dict[str, Any] = {
    Notice.State.ATTEMPTING: _("E-mail to {who}: on its way"),
    Notice.State.FAILED: _("E-mail to {who}: the server did not take it; it is tried again"),
    Notice.State.UNCERTAIN: _(
        "E-mail to {who}: uncertain. It may have gone out, so it is not sent again by itself; ask or remind"
    ),
    Notice.State.UNWANTED: _("No e-mail to {who}: that is their preference"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a delivery's time line."""

    at: datetime
    words: str
    who: str = ""
    kind: str = ""
    """``done`` or ``fail``, for the mark"""
    cause: str = ""


@dataclass(slots=True)
class Line:
    """A delivery as a row: when each of the three facts was first true, and of how many people."""

    delivery: Delivery
    notified: datetime | None = None
    fetched: datetime | None = None
    opened: datetime | None = None
    opened_by: int = 0

    @property
    def shape(self) -> str:
        return STATES[self.delivery.state][0]

    @property
    def word(self) -> Any:
        return STATES[self.delivery.state][1]


def lines_of(deliveries: Iterable[Delivery]) -> list[Line]:
    """Rows with their facts, two queries whatever their number."""
    lines = {delivery.pk: Line(delivery) for delivery in deliveries}
    facts = (
        Opening.objects.filter(document__delivery__in=list(lines))
        .values_list("document__delivery", "fact")
        .annotate(first=Min("at"), people=Count("user", distinct=True))
        .order_by()
    )
    for delivery, fact, first, people in facts:
        setattr(lines[delivery], fact, first)
        if fact == Opening.Fact.OPENED:
            lines[delivery].opened_by = people
    return list(lines.values())


def time_line(delivery: Delivery) -> list[Moment]:
    """Everything that happened to a delivery, oldest first: steps, facts, and notices that did not go through."""
    steps = DeliveryStep.objects.filter(delivery=delivery).select_related("user")
    moments = [_step(step) for step in steps if step.state != State.OPENED]
    facts = Opening.objects.filter(document__delivery=delivery)
    moments += [
        Moment(
            fact.at,
            str(FACTS[fact.fact]).format(who=fact.who),
            kind="done" if fact.fact == Opening.Fact.OPENED else "",
        )
        for fact in facts
    ]
    notices = Notice.objects.filter(delivery=delivery).exclude(state=Notice.State.ACCEPTED)
    moments += [
        Moment(
            notice.at,
            str(NOTICES[notice.state]).format(who=notice.address),
            kind="fail" if notice.state in {Notice.State.FAILED, Notice.State.UNCERTAIN} else "",
            cause=notice.cause,
        )
        for notice in notices
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _step(step: DeliveryStep) -> Moment:
    failed = step.state in {State.FAILED, State.FAILED_RETRY}
    kind = "fail" if failed else "done" if step.state == State.DELIVERED else ""
    cause = "" if failed or step.state == State.SUPERSEDED else step.cause
    return Moment(step.at, str(STEPS[step.state]), str(step.user or ""), kind, cause)
