"""The states of a delivery: in: a delivery and where it came to, out: its row and one more step, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models.functions import Now

from razao.archive.models import StoredFile
from razao.delivery.models import Delivery, DeliveryStep, State
from razao.kernel.problems import NotFound, Problem, as_json

#: The client can see it.
VISIBLE = frozenset({State.DELIVERED, State.OPENED})
#: Nothing more happens to it by itself.
ENDED = frozenset({State.DELIVERED, State.OPENED, State.SUPERSEDED, State.WITHDRAWN})
#: "Integrate" sends these again (E8).
UNSENT = frozenset({State.QUEUED, State.SENDING, State.FAILED_RETRY, State.FAILED})


def locked(company: UUID, delivery: UUID) -> Delivery:
    """The delivery, held by this transaction alone. Raises NotFound."""
    found = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("upload")
        .filter(company_id=company, pk=delivery)
        .first()
    )
    if found is None:
        raise NotFound(f"delivery {delivery}")
    return found


def move(
    delivery: Delivery,
    state: State,
    *,
    user: UUID | None,
    cause: str = "",
    problems: Sequence[Problem] = (),
    file: StoredFile | None = None,
) -> None:
    """Bring a delivery to ``state`` and write the step."""
    told = as_json(list(problems))
    Delivery.objects.filter(pk=delivery.pk, company_id=delivery.company_id).update(
        state=state, problems=told, changed_at=Now()
    )
    delivery.state, delivery.problems = state, told
    DeliveryStep.objects.create(
        company_id=delivery.company_id,
        delivery=delivery,
        state=state,
        user_id=user,
        file=file,
        cause=cause or " ".join(problem.code for problem in problems),
    )
