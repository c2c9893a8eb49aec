"""Who asks: in: a request that passed the API's sign-in, out: the person's id."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from razao.companies.models import User
from razao.kernel.problems import NotFound


def person_id(request: HttpRequest) -> UUID:
    """Id of the signed-in person. Raises NotFound for nobody, which the sign-in has excluded."""
    if not isinstance(request.user, User):
        raise NotFound("person")
    return request.user.pk
