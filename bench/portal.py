"""The portal under load on loopback: lists and downloads at a steady rate; achieved rate, median and 95th percentile in milliseconds."""

from __future__ import annotations

import argparse
import http.client
import io
import json
import random
import socket
import statistics
import subprocess
import threading
import time
from typing import Any

from bench._home import own_home

FILE = b"%PDF-1.4\n" + b"0" * 60_000
#: One request in so many is a download.
DOWNLOAD_EVERY = 5
THREADS = 32

DELIVERIES = """
INSERT INTO delivery_delivery (id, company_id, key, report, parameters, form, series, category, title, period, note,
  asked_by_id, state, problems, upload_id)
SELECT gen_random_uuid(), %(company)s, 'bench-' || n, '', '{}', 'pdf', md5(n::text),
  (ARRAY['vat', 'payslips', 'trial_balances'])[1 + n %% 3], 'Documento ' || n, '2026-' || lpad((1 + n %% 12)::text, 2, '0'),
  '', %(person)s, 'delivered', '[]', %(file)s FROM generate_series(1, %(documents)s) n
"""
DOCUMENTS = """
INSERT INTO delivery_portaldocument (id, company_id, delivery_id, file_id, category, series, title, period, search)
SELECT gen_random_uuid(), company_id, id, upload_id, category, series, title, period,
  to_tsvector('portuguese', title || ' imposto vencimento balancete conta') FROM delivery_delivery WHERE company_id = %(company)s
"""


def main(argv: list[str]) -> None:
    """Print figures of one run."""
    parser = argparse.ArgumentParser(prog="bench portal")
    parser.add_argument("--documents", type=int, default=500_000)
    parser.add_argument("--users", type=int, default=5_000)
    parser.add_argument("--companies", type=int, default=500)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home():
        figures = measure(wanted)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:,.1f}" if isinstance(value, float) else f"{name:24} {value}")


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    """Fill an office, serve it with two processes, and ask at the wanted rate."""
    visitors = fill(wanted)
    port = free_port()
    from razao.config.serve import web_command

    server = subprocess.Popen(web_command(port, 2))
    try:
        wait_for(port)
        ask(port, visitors, wanted.rate, 3)  # connections and caches warm
        start = time.perf_counter()
        times, failed = ask(port, visitors, wanted.rate, wanted.seconds)
        took = time.perf_counter() - start
    finally:
        server.terminate()
        server.wait()
    every = times["list"] + times["download"]
    return {
        "documents": wanted.documents,
        "users": wanted.users,
        "rate_wanted": wanted.rate,
        "rate_achieved": len(every) / took,
        "failed": failed,
        "list_ms_median": statistics.median(times["list"]) * 1000,
        "list_ms_p95": statistics.quantiles(times["list"], n=20)[18] * 1000,
        "download_ms_median": statistics.median(times["download"]) * 1000,
        "download_ms_p95": statistics.quantiles(times["download"], n=20)[18] * 1000,
    }


def fill(wanted: argparse.Namespace) -> list[tuple[str, list[str]]]:
    """Companies with portals, people and documents; a session for some people, with documents of theirs."""
    from django.db import transaction

    from razao.companies.models import User
    from razao.companies.opening import open_company, open_office

    with transaction.atomic():
        person = User.objects.create_user("bench@example.pt", None, name="Bench")
        office = open_office("Gabinete", "PT", person)
    each = max(1, wanted.documents // wanted.companies)
    people = max(1, wanted.users // wanted.companies)
    visitors: list[tuple[str, list[str]]] = []
    for number in range(wanted.companies):
        with transaction.atomic():
            company = open_company(
                person.pk, office, code=f"c{number}", name=f"Empresa {number}", tax_id="501964843"
            )
            visitors += fill_company(company.pk, person.pk, number, each, people)
    analyse()
    return visitors


def fill_company(
    company: Any, person: Any, number: int, documents: int, people: int
) -> list[tuple[str, list[str]]]:
    """One company's portal; the sessions of its people, each with some of its documents."""
    from django.db import connection

    from razao.archive.filing import Subject, file_away
    from razao.archive.models import Folder
    from razao.companies.models import Membership, Role, User
    from razao.companies.rights import company_for
    from razao.delivery import subscriptions
    from razao.delivery.models import EVERY_CATEGORY, PortalRight
    from razao.kernel.tenancy import new_id

    access = company_for(person, company)
    subscriptions.activate(access)
    filing = file_away(
        company,
        io.BytesIO(FILE + str(number).encode()),
        name="documento.pdf",
        folder=Folder.PF_ASIENTO,
        subject=Subject("bench", new_id()),
    )
    values = {"company": company, "person": person, "file": filing.file_id, "documents": documents}
    with connection.cursor() as cursor:
        cursor.execute(DELIVERIES, values)
        cursor.execute(DOCUMENTS, values)
        cursor.execute("SELECT id FROM delivery_delivery WHERE company_id = %s LIMIT 50", [company])
        ids = [str(row[0]) for row in cursor.fetchall()]
    users = [
        User(email=f"u{number}-{n}@example.pt", name=f"Pessoa {n}", password="!")
        for n in range(people)
    ]
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(user=u, company_id=company, role=Role.CLIENT) for u in users
    )
    PortalRight.objects.bulk_create(
        PortalRight(company_id=company, user=u, category=EVERY_CATEGORY) for u in users
    )
    return [(session_of(user), ids) for user in users[:4]]


def session_of(user: Any) -> str:
    """The key of a session in which ``user`` is signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def analyse() -> None:
    """What the server does by itself a minute after a load."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Until the server answers."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


def ask(
    port: int, visitors: list[tuple[str, list[str]]], rate: int, seconds: int
) -> tuple[dict[str, list[float]], int]:
    """Requests at moments fixed beforehand: a slow answer delays no other's start, and waiting counts."""
    times: dict[str, list[float]] = {"list": [], "download": []}
    failed = [0]
    turn = iter(range(rate * seconds))
    lock = threading.Lock()
    start = time.perf_counter()

    def work() -> None:
        door = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                number = next(turn, None)
            if number is None:
                door.close()
                return
            due = start + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            session, ids = random.choice(visitors)
            kind = "download" if number % DOWNLOAD_EVERY == 0 else "list"
            path = f"/portal-files/{random.choice(ids)}/" if kind == "download" else "/portal/"
            door.request("GET", path, headers={"Cookie": f"sessionid={session}"})
            answer = door.getresponse()
            answer.read()
            if answer.status == 200:
                times[kind].append(time.perf_counter() - due)
            else:
                failed[0] += 1

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, failed[0]
