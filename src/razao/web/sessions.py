"""Sessions: in: a session's key, out: its data, its person and when it was last used, asked in one round trip at every request.

Nothing is remembered between requests: whether a session holds and whether its person may still sign in is what the
database says now, whichever process answers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from razao.companies.models import User
from razao.companies.planned import planned

PERSON = [field.attname for field in User._meta.concrete_fields]
QUERY = f"""
SELECT s.session_data, host(k.ip), k.user_agent, k.last_seen_at, {", ".join(f"u.{name}" for name in PERSON)}
FROM django_session s
LEFT JOIN usersessions_usersession k ON k.session_key = s.session_key
LEFT JOIN companies_user u ON u.id = k.user_id
WHERE s.session_key = %s AND s.expire_date > %s
"""  # noqa: S608  (names of columns)
#: When a session was last used may be lost with a machine's power: nobody waits for the disk.
USED = """
WITH hurry AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO usersessions_usersession (user_id, session_key, ip, user_agent, created_at, last_seen_at, data)
SELECT %s, %s, %s::inet, %s, now(), now(), '{}' FROM hurry
ON CONFLICT (session_key) DO UPDATE SET user_id = EXCLUDED.user_id, ip = EXCLUDED.ip,
  user_agent = EXCLUDED.user_agent, last_seen_at = EXCLUDED.last_seen_at
"""
AGENT_LENGTH: int = UserSession._meta.get_field("user_agent").max_length
#: How exactly a person is told when a session was last used.
EVERY_SECONDS = 300.0


class Used(NamedTuple):
    """From where and when a session was last used, as far as it was written down."""

    address: str
    agent: str
    at: datetime


class SessionStore(db.SessionStore):
    """Django's sessions in the database, which bring along the person that they are said to be of."""

    person: User | None = None
    used: Used | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        return db.SessionStore.get_model_class()

    def load(self) -> dict[str, Any]:
        """The data, {} for a session that does not exist, has expired or was ended."""
        self.person = self.used = None
        found = planned(QUERY, [self.session_key, datetime.now(UTC)])
        if not found:
            self._session_key = None
            return {}
        data, address, agent, at, *person = found[0]
        if address is not None:
            self.used = Used(address, agent, at)
            self.person = User.from_db(DEFAULT_DB_ALIAS, PERSON, person)
        loaded: dict[str, Any] = self.decode(data)
        return loaded


class Person(AuthenticationMiddleware):
    """``request.user``: the session's own person, or whoever Django finds where anything about that is unusual."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: person_of(request))  # type: ignore[assignment]  # stands for one


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """Who signed in, asked once a request."""
    known: User | AnonymousUser | None = getattr(request, "_cached_user", None)
    if known is None:
        known = _of_session(request.session) or auth.get_user(request)
        request._cached_user = known  # type: ignore[attr-defined]
    return known


def _of_session(session: Any) -> User | None:
    """The person that came with the session, if every mark of the session says so that Django looks at, the password's too."""
    said = session.get(auth.SESSION_KEY)
    person: User | None = session.person
    if person is None or str(person.pk) != said or not person.is_active:
        return None
    if session.get(auth.BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    mark = session.get(auth.HASH_SESSION_KEY) or ""
    return person if constant_time_compare(mark, person.get_session_auth_hash()) else None


def note_use(request: HttpRequest) -> None:
    """Keep when and from where the session is used, which its owner sees: every five minutes, and at once when either changes."""
    session: Any = request.session
    address = str(get_adapter().get_client_ip(request) or "")
    agent = request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH]
    used: Used | None = session.used
    same = used is not None and (used.address, used.agent) == (address, agent)
    if used and same and (datetime.now(UTC) - used.at).total_seconds() < EVERY_SECONDS:
        return
    planned(USED, [request.user.pk, session.session_key, address, agent])
