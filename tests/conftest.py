"""Shared set-up: one embedded PostgreSQL for the run, a database for each test process, cloned from a migrated template."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from razao.config import postgres

TEMPLATE = "razao_template"

# A property is about values. Time is measured in bench/, and a busy machine fails no test.
# The suite judges a commit, so the same commit gets the same examples; new ones are for `make search`.
hypothesis_settings.register_profile("razao", deadline=None, derandomize=True)
hypothesis_settings.register_profile(
    "search",
    deadline=None,
    max_examples=int(os.environ.get("RAZAO_SEARCH_EXAMPLES", "1000")),
    print_blob=True,
)
hypothesis_settings.load_profile("search" if "RAZAO_SEARCH_EXAMPLES" in os.environ else "razao")


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controlling process stops the server and removes the folder of the run."""
    if "PYTEST_XDIST_WORKER" in os.environ or not settings.RAZAO_HOME.exists():
        return

    postgres.stop(settings.RAZAO_HOME, "immediate")
    shutil.rmtree(settings.RAZAO_HOME, ignore_errors=True)


def _prepare_template() -> None:
    from razao.config import database

    home = settings.RAZAO_HOME
    home.mkdir(parents=True, exist_ok=True)
    with (home / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        postgres.start(home)
        marker = home / "template.ready"
        if not marker.exists():
            database.create_database(TEMPLATE)
            _use(TEMPLATE)
            database.migrate()
            connections.close_all()
            marker.touch()


def _use(name: str) -> None:
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of this test process: cloned from the template, used as the application's role."""
    from razao.config import database

    with django_db_blocker.unblock():
        _prepare_template()
        name = f"razao_test_{_worker()}"
        database.drop_database(name)
        database.create_database(name, TEMPLATE)
        _use(name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@contextmanager
def _fresh_database(blocker: Any, suffix: str) -> Iterator[None]:
    """Tests within use a database of their own, cloned from the template and dropped afterwards."""
    from razao.config import database

    before = settings.DATABASES["default"]["NAME"]
    name = f"{before}_{suffix}"
    with blocker.unblock():
        database.drop_database(name)
        database.create_database(name, TEMPLATE)
        _use(name)
        yield
        connections.close_all()
        _use(before)
        database.drop_database(name)


@pytest.fixture(autouse=True)
def in_nobodys_zone() -> Iterator[None]:
    """A test begins in nobody's time zone, as a request and a job do."""
    timezone.deactivate()
    yield
    timezone.deactivate()


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A fresh database for a test that commits.

    In place of pytest-django's ``transactional_db``, which empties tables that nobody may empty.
    """
    with _fresh_database(django_db_blocker, "committed"):
        yield


@pytest.fixture(scope="module")
def committed_module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """As ``committed_db``, one for all tests of a module: for tests that read, or roll back what they do."""
    with _fresh_database(django_db_blocker, "module"):
        yield
