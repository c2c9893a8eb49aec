"""The same sent twice at once, as by a double click: it is done once, and the second press is told so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections, transaction
from django.test import Client

from razao.companies.models import Company, Role, User
from razao.companies.rights import office_for
from tests.factories import an_office
from tests.web.test_company_settings import NEW

#: It was done meanwhile, as the database or already the form says.
TOLD = {409, 422}


def twice(person: User, page: str, said: dict[str, str]) -> list[int]:
    """Statuses of two presses at the same moment."""
    browser = Client(raise_request_exception=False)
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    begin = Barrier(2)

    def press(_: int) -> int:
        own = Client(raise_request_exception=False)
        own.cookies = browser.cookies
        begin.wait()
        try:
            return own.post(page, said).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(press, range(2)))


def test_a_company_made_twice_at_once_is_there_once(committed_db: None) -> None:
    with transaction.atomic():
        _, administrator = an_office("Gabinete")
    done, told = twice(administrator, "/settings/companies/new/", NEW)
    assert (done, told in TOLD) == (302, True)
    with transaction.atomic():
        office = office_for(administrator.pk).office
        assert Company.objects.filter(office=office, code="coa").count() == 1


def test_a_person_invited_twice_at_once_is_there_once(committed_db: None) -> None:
    with transaction.atomic():
        _, administrator = an_office("Gabinete")
    said = {"email": "bruno@gabinete.pt", "name": "Bruno", "role": Role.CLERK}
    done, told = twice(administrator, "/settings/people/invite/", said)
    assert (done, told in TOLD) == (200, True)
    assert User.objects.filter(email="bruno@gabinete.pt").count() == 1
