"""The portal under load on loopback: lists and downloads at a steady rate; achieved rate, median and 95th percentile in milliseconds."""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import socket
import statistics
import subprocess
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from bench._home import own_home
from bench._loop import Answers, ask

FILE = b"%PDF-1.4\n" + b"0" * 60_000
#: One request in so many is a download.
DOWNLOAD_EVERY = 5

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REQUEST = "\r\n".join(
    (
        "GET {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"User-Agent: {AGENT}",
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language: pt-PT,pt;q=0.8,en;q=0.5,en-US;q=0.3",
        "Accept-Encoding: gzip, deflate, br",
        "Connection: keep-alive",
        "Cookie: sessionid={session}",
        "Sec-Fetch-Mode: navigate",
        "",
        "",
    )
)

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
    parser.add_argument(
        "--kept",
        type=int,
        default=0,
        help="connections, as a proxy keeps them; 0: one a request, as browsers do",
    )
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    if wanted.kept < 0:
        parser.error("--kept: a number of connections, or 0")
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

    with Path(os.environ["RAZAO_HOME"], "web.log").open("w") as log:
        server = subprocess.Popen(web_command(port, 2), stderr=log)
    try:
        wait_for(port)
        ask(
            port, requests(visitors, wanted.rate * 3), wanted.rate, wanted.kept
        )  # connections and caches warm
        before = processor_seconds(server.pid)
        start = time.perf_counter()
        told = ask(port, requests(visitors, wanted.rate * wanted.seconds), wanted.rate, wanted.kept)
        took = time.perf_counter() - start
        after = processor_seconds(server.pid)
    finally:
        server.terminate()
        server.wait()
    return (
        {"documents": wanted.documents, "users": wanted.users, "rate_wanted": wanted.rate}
        | figures(told, took)
        | {
            f"{part}_cpu_ms_a_request": (after[part] - before[part]) * 1000 / told.number
            for part in before
        }
    )


def figures(told: Answers, took: float) -> dict[str, Any]:
    """What the answers say: rate, failures, and milliseconds from the moment a request was due to its last byte."""
    found: dict[str, Any] = {"rate_achieved": told.number / took, "failed": told.failed}
    for kind, times in sorted(told.times.items(), reverse=True):
        found[f"{kind}_ms_median"] = statistics.median(times) * 1000
        found[f"{kind}_ms_p95"] = statistics.quantiles(times, n=20)[18] * 1000
    return found


def processor_seconds(web: int) -> dict[str, float]:
    """Processor time so far of the web server, of the database's processes and of this client."""
    home = str(Path(os.environ["RAZAO_HOME"]).resolve())
    database = [
        process
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres" and home in " ".join(_command(process))
    ]
    return {
        "web": _of_family(psutil.Process(web)),
        "database": sum(map(_of_family, database)),
        "client": time.process_time(),
    }


def _of_family(process: psutil.Process) -> float:
    return sum(map(_seconds, (process, *process.children(recursive=True))))


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def _seconds(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def requests(visitors: list[tuple[str, list[str]]], number: int) -> list[tuple[str, bytes]]:
    """What people ask for: a kind and the bytes of a request as a browser sends them."""
    asked = []
    for place in range(number):
        session, ids = random.choice(visitors)
        kind = "download" if place % DOWNLOAD_EVERY == 0 else "list"
        path = f"/portal-files/{random.choice(ids)}/" if kind == "download" else "/portal/"
        asked.append((kind, REQUEST.format(path=path, session=session).encode()))
    return asked


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
    return [(session_of(user), ids) for user in users]


def session_of(user: Any) -> str:
    """The key of a session in which ``user`` is signed in."""
    from allauth.usersessions.models import UserSession
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from razao.web.sessions import EVERY_SECONDS

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    # Signed in some time ago and at work since: how long ago they last clicked is spread evenly over the time
    # after which that is written again.
    ago = timedelta(seconds=random.uniform(0, EVERY_SECONDS))
    UserSession.objects.create(
        user=user, session_key=session.session_key, ip="127.0.0.1", user_agent=AGENT
    )
    UserSession.objects.filter(session_key=session.session_key).update(
        last_seen_at=timezone.now() - ago
    )
    return str(session.session_key)


def analyse() -> None:
    """What the server does by itself a minute after a load."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


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
