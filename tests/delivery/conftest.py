"""A house with a portal, in a database of the test's own, its mail in a box that the test can look into."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail

from tests.delivery.clients import House, a_house


@pytest.fixture
def house(committed_db) -> House:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return a_house()
