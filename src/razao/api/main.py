"""The API: in: routers of the parts, out: one description (OpenAPI) and one mapping of errors.

A program signs in with ``Authorization: Bearer rz_…``; a page's own scripts use the session.
Every route acts for one company named in its path, through ``razao.companies.rights``.
"""

from __future__ import annotations

from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.security import HttpBearer, SessionAuth

from razao.api.routers import ROUTERS
from razao.companies.models import User
from razao.companies.tokens import person_of
from razao.kernel.problems import NotFound, Problem, Refused, explain
from razao.kernel.tenancy import act_as


class Token(HttpBearer):
    """A key of ``razao.companies.tokens``."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        person = person_of(token)
        if person is not None:
            request.user = person
            act_as(user=person.pk)
        return person


api = NinjaAPI(
    title="Razão",
    version="1",
    description="Documents in, entries that can be trusted, reports that provably arrived.",
    auth=[Token(), SessionAuth()],
    docs_url=None,
    urls_namespace="api",
)
for prefix, router in ROUTERS:
    api.add_router(prefix, router)


def describe(problem: Problem) -> dict[str, Any]:
    """A problem as the API gives it: code and place for programs, texts for people."""
    text = explain(problem, gettext)
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "where": problem.where,
        "title": text.title,
        "cause": text.cause,
        "remedy": text.remedy,
    }


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """409: nothing was done, for these problems."""
    return api.create_response(
        request, {"problems": [describe(p) for p in error.problems]}, status=409
    )


@api.exception_handler(NotFound)
def not_found(request: HttpRequest, error: NotFound) -> HttpResponse:
    """404: not there, or not yours."""
    del error
    return api.create_response(request, {"problems": []}, status=404)


@api.exception_handler(DataError)
def not_a_value(request: HttpRequest, error: DataError) -> HttpResponse:
    """422: a value that no column can hold (a NUL in a text, a number beyond all bounds)."""
    del error
    problem = Problem("request.not_a_value")
    return api.create_response(request, {"problems": [describe(problem)]}, status=422)
