"""The very first use: in: what the first person says of themselves and their office, out: that person and office; once only."""

from __future__ import annotations

from django.db import connection

from razao.companies.models import Office, User
from razao.companies.opening import open_office
from razao.companies.rights import system_user
from razao.kernel.problems import Problem, Refused
from razao.kernel.tenancy import act_as

#: Key of the lock that lets one set-up through at a time.
_LOCK = 7_270_021


def nobody_yet() -> bool:
    """True while no person but the system's own exists."""
    return not User.objects.exclude(pk=system_user().pk).exists()


def set_up(
    *, email: str, password: str, name: str, office_name: str, country: str, language: str = "pt"
) -> Office:
    """Create the first person and their office. Raises Refused (``companies.set_up_done``) when there are people already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if not nobody_yet():
        raise Refused(Problem("companies.set_up_done"))
    person = User.objects.create_user(email, password, name=name, language=language)
    act_as(user=person.pk)
    return open_office(office_name, country, person)
