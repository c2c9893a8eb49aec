"""The running site and its workers as whoever operates them sees them: real processes, real signals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from razao.companies.models import User
from razao.config import postgres
from razao.kernel.jobs import deferring
from razao.kernel.models import JobRun
from razao.kernel.tenancy import act_as

PATIENCE = 120.0


def eventually(holds: Callable[[], object]) -> None:
    """Wait for a state, however busy the machine is."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)


class Site:
    """A home of its own on the test's database, and processes in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = self._free_port()
        self.running: list[subprocess.Popen[str]] = []

    @staticmethod
    def _free_port() -> int:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return int(one.getsockname()[1])

    def start(self, module: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
        name = connection.settings_dict["NAME"]
        host = postgres.socket_folder(settings.RAZAO_HOME)
        own = {k: v for k, v in os.environ.items() if not k.startswith(("RAZAO_", "DJANGO_"))}
        environment = {
            **own,
            "PYTHONPATH": os.pathsep.join(["src", "."]),
            "RAZAO_HOME": str(self.home),
            "RAZAO_DATABASE_URL": f"postgresql://razao_app@/{name}?host={host}",
            "RAZAO_OWNER_DATABASE_URL": f"postgresql://razao_owner@/{name}?host={host}",
            **more,
        }
        with (self.home / "log").open("a") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env=environment, stderr=log, text=True
            )
        self.running.append(child)
        return child

    def lines(self) -> list[dict[str, object]]:
        """What was said so far; every line is JSON."""
        return [json.loads(line) for line in (self.home / "log").read_text().splitlines()]

    def ask(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Status, body and request id of an answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), answer.headers["X-Request-ID"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers["X-Request-ID"]

    def is_ready(self) -> bool:
        try:
            return self.ask("/health/ready")[0] == 200
        except OSError:
            return False


@pytest.fixture
def site(committed_db) -> Iterator[Site]:
    made = Site(Path(tempfile.mkdtemp(prefix="razao-site-")))
    yield made
    for child in made.running:
        if child.poll() is None:
            child.kill()
            child.wait()
    rmtree(made.home)


@pytest.fixture
def user(committed_db) -> User:
    return User.objects.create_user("ana@example.pt", "uma frase comprida")


def ask_to_wait(site: Site, user: User) -> JobRun:
    """Ask for the job of ``waiting_job``, which only its own process knows."""
    name = "waiting_job.wait_for"
    arguments = {"started": str(site.home / "started"), "until": str(site.home / "until")}
    with transaction.atomic():
        act_as(user=user.pk)
        run = JobRun.objects.create(user=user, name=name, arguments=arguments)
        deferring().configure_task(f"__main__.{'wait_for'}", queue="default").defer(
            run=str(run.pk), user=str(user.pk), company=None, arguments=arguments
        )
    return run


def state_of(run: JobRun, user: User) -> str:
    with transaction.atomic():
        act_as(user=user.pk)
        return str(JobRun.objects.get(pk=run.pk).state)


def queued() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE queue_name = 'default'")
        return [row[0] for row in cursor.fetchall()]


def a_worker(site: Site, grace: str) -> subprocess.Popen[str]:
    return site.start("tests.config.waiting_job", "worker", "--queue", "default", "--grace", grace)


def test_a_worker_that_is_told_to_stop_ends_its_job_first(site, user):
    run = ask_to_wait(site, user)
    worker = a_worker(site, grace="300")
    eventually((site.home / "started").exists)
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    (site.home / "until").touch()
    assert worker.wait(PATIENCE) == 0
    assert (state_of(run, user), queued()) == ("done", [])
    told = [
        (line["text"], line["job"], line["state"], line["attempt"])
        for line in site.lines()
        if line["text"] == "job"
    ]
    assert told == [("job", str(run.pk), "done", 1)]


def test_a_job_that_takes_too_long_goes_back_to_the_queue_and_another_worker_ends_it(site, user):
    run = ask_to_wait(site, user)
    worker = a_worker(site, grace="0")
    eventually((site.home / "started").exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert (state_of(run, user), queued()) == ("queued", ["todo"])
    (site.home / "until").touch()
    a_worker(site, grace="300")
    eventually(lambda: state_of(run, user) == "done")


def counted(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def the_database_away() -> Iterator[None]:
    """Nobody else gets into the database, and whoever was in is out."""
    connections.close_all()
    name, host = connection.settings_dict["NAME"], postgres.socket_folder(settings.RAZAO_HOME)
    with psycopg.connect(
        host=str(host), user="postgres", dbname="postgres", autocommit=True
    ) as outside:
        outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        outside.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )
        yield
        outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_worker_outlives_its_database(site, user):
    worker = a_worker(site, grace="300")
    eventually(lambda: counted("procrastinate_workers") == 1)
    with the_database_away():
        eventually(lambda: "side_task_failed" in [line["text"] for line in site.lines()])
        time.sleep(3)
    run = ask_to_wait(site, user)
    (site.home / "until").touch()
    eventually(lambda: state_of(run, user) == "done")
    assert worker.poll() is None


def test_the_site_is_watched_and_stops_when_told(site, user):
    up = site.start("razao.config.command", "up", "--port", str(site.port), "--web-workers", "1")
    eventually(site.is_ready)

    assert site.ask("/health/live")[:2] == (200, "ok\n")
    assert json.loads(site.ask("/health/ready")[1]) == {"archive": True, "database": True}
    assert site.ask("/accounts/login/", **{"X-Request-ID": "from-the-proxy-1"})[::2] == (
        200,
        "from-the-proxy-1",
    )
    made_up = site.ask("/c/ana@example.pt/", **{"X-Request-ID": "ana@example.pt <x>"})[2]
    assert len(made_up) == 24
    eventually(lambda: "razao_workers 1.0" in site.ask("/metrics")[1])
    figures = site.ask("/metrics")[1].splitlines()
    assert 'razao_requests_total{method="GET",route="account_login",status="200"} 1.0' in figures
    for line in (
        "razao_database_up 1.0",
        "razao_entries_posted_total 0.0",
        "razao_waiting_items 0.0",
    ):
        assert line in figures

    before = psutil.Process(up.pid).children()
    for child in before:
        child.kill()
    eventually(lambda: all(not child.is_running() for child in before) and site.is_ready())
    eventually(lambda: len(psutil.Process(up.pid).children()) == len(before))

    family = [up.pid, *(child.pid for child in psutil.Process(up.pid).children(recursive=True))]
    up.send_signal(signal.SIGTERM)
    assert up.wait(PATIENCE) == 0
    assert [pid for pid in family if psutil.pid_exists(pid)] == []

    said = [line for line in site.lines() if line["logger"] == "razao.requests"]
    login = next(line for line in said if line.get("route") == "account_login")
    assert {k: login[k] for k in ("level", "method", "status", "request")} == {
        "level": "info",
        "method": "GET",
        "status": 200,
        "request": "from-the-proxy-1",
    }
    assert "ana@example.pt" not in (site.home / "log").read_text()


def test_figures_are_for_whoever_has_the_token(client, db, settings):
    settings.RAZAO_METRICS_TOKEN = "um segredo comprido"
    asked = [
        client.get("/metrics", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer outro"})
    ]
    good = client.get("/metrics", headers={"Authorization": "Bearer um segredo comprido"})
    assert ([*asked, good.status_code]) == [404, 404, 200]


def test_without_a_token_figures_are_for_this_machine_alone(client, db, settings):
    settings.RAZAO_METRICS_TOKEN = ""
    asked = [
        client.get("/metrics").status_code,
        client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code,
        client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code,
    ]
    assert asked == [200, 404, 404]
