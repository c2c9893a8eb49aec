"""What holds for every page: who acts is told to the database, errors become pages once, headers are strict."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from psycopg.errors import UniqueViolation

from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import act_as
from razao.web.desk import SecondFactorMissing
from razao.web.sessions import note_use

Next = Callable[[HttpRequest], HttpResponse]

#: Nothing from other hosts, nothing inline. Images of pages may be data of this host alone.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "manifest-src 'self'",
    )
)


class SecurityHeaders:
    """Adds the headers that a page may narrow but never needs to remember."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "private, no-store")
        return response


class Tenancy:
    """One transaction a request, in which the database knows the person and, until a view asks for one, no company."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            act_as(user=request.user.pk if request.user.is_authenticated else None)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            if isinstance(response, HttpResponseNotAllowed) and not response.content:
                response = _for_forms_alone(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Map what the parts below raise, once: NotFound is 404; Refused is a page of its problems, 403 for a missing right, else 409."""
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, SecondFactorMissing):
            messages.info(request, gettext("Your office asks for a second factor. Set it up once."))
            return redirect("mfa_activate_totp")
        if isinstance(error, Refused):
            allowed = all(problem.code != "rights.not_allowed" for problem in error.problems)
            values = {"problems": error.problems, "back": page_before(request)}
            return render(request, "razao/refused.html", values, status=409 if allowed else 403)
        if isinstance(error, DataError):  # a NUL in a text, a number beyond all bounds
            raise BadRequest from error
        if isinstance(error.__cause__, UniqueViolation):  # the same twice at once: a second press
            return render(request, "409.html", {"back": page_before(request)}, status=409)
        return None


def _for_forms_alone(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """What a person sees who opens an address that only takes forms: without it, a white page."""
    told = render(request, "405.html", {"back": page_before(request)}, status=405)
    told["Allow"] = refused["Allow"]
    return told


def page_before(request: HttpRequest) -> str:
    """The page of this site from which a request came, to go back to; the first page where there was none.

    An address that takes only forms cannot be opened again itself.
    """
    said = request.headers.get("Referer", "")
    here = {request.get_host()}
    if not url_has_allowed_host_and_scheme(said, here, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(said)
    if request.method == "GET" and parts.path == request.path:  # what was refused would be again
        return "/"
    return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"


class SessionActivity:
    """Keeps when and from where each session is used (``sessions.note_use``)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            note_use(request)
        return self.get_response(request)
