"""Deliveries while everything fails: workers killed between any two steps, the mail server down, the disk full. None lost, none told twice."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import SyncToAsync
from django.db import connection, connections

from razao.delivery.models import Delivery, Notice, Opening, PortalDocument
from razao.kernel.jobs import rescue_now, run_worker
from tests.delivery.clients import PDF, House
from tests.delivery.mail_server import MOMENTS, MailServer, mail_server

DELIVERIES = 5
#: Seconds after which a worker that stands still is ended.
PATIENCE = 240
FAULTS = ("killed", "killed", "killed", "down", "disk full")


@pytest.fixture
def server(settings):
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_USE_TLS = False
        yield running


def worker_process() -> int:
    """A worker as a process of its own, that ends when the queue is empty; its number."""
    connections.close_all()
    number = os.fork()
    if number:
        return number
    # Threads do not live on in a fork: work for the one of the earlier tests would be waited for, for ever.
    SyncToAsync.single_thread_executor = ThreadPoolExecutor(max_workers=1)
    signal.alarm(PATIENCE)
    try:
        for _ in range(2):
            run_worker(wait=False)
    finally:
        os._exit(0)


def queue_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND queue_name <> 'timers'"
        )
        return cursor.fetchone()[0] == 0


def give_back() -> None:
    """What happens by itself in time: jobs of dead workers go to others, and waiting ones are due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
        )
    rescue_now()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


def run_with_fault(chance: random.Random, fault: str, server: MailServer, monkeypatch) -> bool:
    """One worker's life: killed at a moment of some conversation, or with a server or disk that fails; whether it was killed."""
    moment, skip = chance.choice(MOMENTS), chance.randrange(3)
    seen = Counter[str]()
    worker = [0]

    def kill(now: str) -> None:
        seen[now] += 1
        if now == moment and seen[now] > skip and worker[0]:
            os.kill(worker[0], signal.SIGKILL)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        if fault == "disk full":
            failing.setattr(os, "link", full)
        server.refusing = fault == "down"
        if fault == "killed":
            server.at_moment = kill
        worker[0] = worker_process()
        _, ended = os.waitpid(worker[0], 0)
        worker[0] = 0
    server.refusing = False
    server.at_moment = lambda _moment: None
    return os.WIFSIGNALED(ended)


def told(house: House, server: MailServer) -> list[tuple[str, int]]:
    """Of each notice: its state, and how often the server took its message."""
    with house.at_work():
        notices = Notice.objects.values_list("state", "message_id")
        return sorted((state, server.taken[message]) for state, message in notices)


@pytest.mark.parametrize("seed", [1, 2])
def test_none_is_lost_and_none_is_told_twice(house, server, monkeypatch, seed):
    chance = random.Random(seed)
    for number in range(DELIVERIES):
        house.upload(f"Documento {number}", PDF + str(number).encode())
    killed = 0
    for fault in chance.sample(FAULTS, len(FAULTS)):
        killed += run_with_fault(chance, fault, server, monkeypatch)
        give_back()
    assert killed
    for _ in range(12):
        if queue_empty():
            break
        os.waitpid(worker_process(), 0)
        give_back()
    with house.at_work():
        states = Counter(Delivery.objects.values_list("state", flat=True))
        assert (states, PortalDocument.objects.count()) == ({"delivered": DELIVERIES}, DELIVERIES)
        notified = Opening.objects.filter(fact="notified").count()
    outcome = told(house, server)
    assert len(outcome) == DELIVERIES
    assert max(server.taken.values()) == 1
    # What is accepted went out; what is uncertain may have, and a person sees that it is.
    assert {pair for pair in outcome if pair not in {("uncertain", 0), ("uncertain", 1)}} <= {
        ("accepted", 1)
    }
    assert notified == sum(state == "accepted" for state, _ in outcome)
