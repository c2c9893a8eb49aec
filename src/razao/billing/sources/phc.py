"""The PHC web service: address, user, password and company in, the documents of the period out (P19).

What is known of the service is in public code only (docs/billing.md). A session is a cookie; business errors
come inside answers with status 200; an answer may break off. Each request is repeated a few times; a session
that has ended is opened again once. Pages follow one another by key, until one is empty.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from razao.billing import phc_documents
from razao.billing.guard import Target, target_of
from razao.billing.loaded import Asked, Loaded
from razao.kernel.problems import Problem, Refused

SECONDS = 30
ATTEMPTS = 3
LARGEST_ANSWER = 64 * 2**20
PAGES = 100_000
#: Comparisons of the service's filters.
EQUAL, GREATER, AT_LEAST, AT_MOST = 0, 3, 4, 5
_SESSION_ENDED = ("session", "login", "notauthenticated", "sess")


def load(asked: Asked) -> Loaded:
    """``settings``: ``url``, ``user``, ``company``, ``application`` (the service's type of application)."""
    settings = asked.settings
    target = target_of(str(settings.get("url", "")), inside_allowed=asked.inside_allowed)
    client = _Client(target, settings, asked.secret)
    heads: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    taxes: list[dict[str, Any]] = []
    try:
        for document in client.documents(
            str(asked.since or "1900-01-02"), str(asked.until or "9999-12-31")
        ):
            stamp = document.get("ftstamp")
            heads.append(document)
            lines.extend({**line, "ftstamp": stamp} for line in document.get("fis") or ())
            taxes.extend({**row, "ftstamp": stamp} for row in document.get("ftts") or ())
    finally:
        client.leave()
    return phc_documents.loaded(heads, lines, taxes, seller=asked.tax_id)


class _Ended(Exception):
    """The session is over."""


@dataclass
class _Client:
    """A session with the service."""

    target: Target
    settings: dict[str, Any]
    password: str
    cookie: str = ""
    connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def documents(self, first: str, last: str) -> Iterator[dict[str, Any]]:
        """Every document of the period, a page after another."""
        self.enter()
        stamp = ""
        for _ in range(PAGES):
            page = self._page(first, last, stamp)
            if not page:
                return
            yield from page
            following = max(str(document.get("ftstamp", "")) for document in page)
            if following <= stamp:
                raise Refused(Problem("source.service_repeats"))
            stamp = following

    def _page(self, first: str, last: str, after: str) -> list[dict[str, Any]]:
        query = {
            "entityName": "Ft",
            "groupByItems": [],
            "lazyLoaded": False,
            "joinEntities": [],
            "orderByItems": ["ftstamp"],
            "SelectItems": [],
            "filterItems": [
                _filter("fdata", AT_LEAST, first),
                _filter("fdata", AT_MOST, last),
                _filter("ftstamp", GREATER, after),
            ],
        }
        form = {"itemQuery": json.dumps(query)}
        try:
            answer = self._asked("SearchWS/QueryAsEntities", form)
        except _Ended:
            self.enter()
            answer = self._asked("SearchWS/QueryAsEntities", form)
        found = answer.get("result")
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    def enter(self) -> None:
        """Open a session. Raises Refused (``source.login_refused``)."""
        self.cookie = ""
        form = {
            "userCode": str(self.settings.get("user", "")),
            "password": self.password,
            "applicationType": str(self.settings.get("application", "")),
            "company": str(self.settings.get("company", "")),
        }
        try:
            self._asked("UserLoginWS/userLoginCompany", form)
        except _Ended as error:
            raise Refused(Problem("source.login_refused", where=self.target.host)) from error
        if not self.cookie:
            raise Refused(Problem("source.login_refused", where=self.target.host))

    def leave(self) -> None:
        """Close the session as far as that is possible: it ends by itself otherwise."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _asked(self, call: str, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a call, repeated when it breaks off. Raises Refused with the service's own words."""
        problem = Problem("source.service_silent", where=self.target.host)
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(0.2 * 4**attempt)
            try:
                status, body = self._sent(call, form)
                answer = json.loads(body)
            except TimeoutError:
                problem = Problem(
                    "source.timeout", where=self.target.host, values={"seconds": SECONDS}
                )
            except (OSError, http.client.HTTPException, ValueError):
                problem = Problem("source.service_silent", where=self.target.host)
            else:
                return _checked(status, answer)
            self.leave()
        raise Refused(problem)

    def _sent(self, call: str, form: dict[str, str]) -> tuple[int, bytes]:
        connection = self.connection or _connection(self.target)
        self.connection = connection
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request("POST", f"{self.target.path}/REST/{call}", urlencode(form), headers)
        response = connection.getresponse()
        given = response.getheader("Set-Cookie")
        if given and "ASP.NET_SessionId=" in given:
            self.cookie = given.split(";", 1)[0]
        if response.status in {301, 302, 401, 403}:
            response.read(LARGEST_ANSWER)
            return 401, b"{}"
        body = response.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise Refused(Problem("source.answer_too_large", where=self.target.host))
        return response.status, body


def _checked(status: int, answer: Any) -> dict[str, Any]:
    """The answer, unless it is an error in the guise of a success."""
    if status == 401:
        raise _Ended
    if not isinstance(answer, dict):
        raise Refused(Problem("source.service_error", values={"message": str(answer)[:200]}))
    said = [
        str(m.get("messageCodeLocale", ""))
        for m in answer.get("messages") or ()
        if isinstance(m, dict)
    ]
    if status >= 400 or any(said):
        if any(word in text.lower() for text in said for word in _SESSION_ENDED):
            raise _Ended
        message = "; ".join(filter(None, said)) or f"HTTP {status}"
        raise Refused(Problem("source.service_error", values={"message": message[:300]}))
    return answer


def _filter(item: str, comparison: int, value: str) -> dict[str, Any]:
    return {
        "comparison": comparison,
        "filterItem": item,
        "valueItem": value,
        "groupItem": 1,
        "checkNull": False,
        "skipCheckType": False,
        "type": "Date" if item == "fdata" else "Text",
    }


def _connection(target: Target) -> http.client.HTTPConnection:
    """A connection to the very address that was checked."""
    if target.scheme == "http":
        plain = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
        plain.sock = socket.create_connection((target.address, target.port), SECONDS)
        return plain
    context = ssl.create_default_context()
    secure = http.client.HTTPSConnection(target.host, target.port, timeout=SECONDS, context=context)
    raw = socket.create_connection((target.address, target.port), SECONDS)
    secure.sock = context.wrap_socket(raw, server_hostname=target.host)
    return secure
