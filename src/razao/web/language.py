"""The page's language: in: the signed-in person and their cookie, out: the cookie's language, else the one of their profile."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from razao.companies.models import User
from razao.web import figures

Next = Callable[[HttpRequest], HttpResponse]


class PersonsLanguage:
    """Where the browser holds no choice, the profile decides before the browser's own wish does."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        figures.write_in("")
        timezone.deactivate()  # of whoever was served before
        known = dict(settings.LANGUAGES)
        if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) not in known:
            person = request.user
            if isinstance(person, User) and person.language in known:
                translation.activate(person.language)
                request.LANGUAGE_CODE = person.language
        return self.get_response(request)
