"""What watches a running site: each request in, a log line and counts out; health and figures for programs that ask.

Stands before everything else, so that health is told when the database is gone and whatever host is asked
for; nothing here is about one company or one person.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from razao.archive.store import check_routes
from razao.config import metrics
from razao.config.log_lines import name_request, request_id

log = logging.getLogger("razao.requests")
HEADER = "X-Request-ID"
Next = Callable[[HttpRequest], HttpResponse]


class RequestLine:
    """One line and one count a request, under the name of its route: an address may hold ids."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        mark = request_id.set(name_request(request.headers.get(HEADER)))
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            self._tell(request, response.status_code, time.perf_counter() - began)
        finally:
            request_id.reset(mark)
        return response

    @staticmethod
    def _tell(request: HttpRequest, status: int, seconds: float) -> None:
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        metrics.count_request(route, str(method), status, seconds)
        said = {"route": route, "method": method, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("request", extra=said)


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def route_of(request: HttpRequest) -> str:
    """The name of the request's route, or its pattern where it has none; never the address itself."""
    match = request.resolver_match
    if match is not None:
        return match.view_name if match.url_name else match.route
    if request.path in WATCHED:
        return request.path
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


class Watched:
    """Answers for programs that watch: ``/health/live``, ``/health/ready``, ``/metrics``."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = WATCHED.get(request.path)
        if answer is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405)
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def live(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    del request
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and the archive can be written, else 503; says which, and nothing more."""
    del request
    checks = {"database": _database_answers(), "archive": not check_routes()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return False
    return True


def figures(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text form, for whoever has the token, or without one set for this machine alone."""
    if not _may_watch(request):
        return HttpResponse(status=404)
    try:
        return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)
    finally:
        connection.close_if_unusable_or_obsolete()


def _may_watch(request: HttpRequest) -> bool:
    token = settings.RAZAO_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy every stranger seems to be this machine: there, only a token will do.
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


WATCHED: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": live,
    "/health/ready": ready,
    "/metrics": figures,
}
