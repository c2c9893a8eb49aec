"""Intake under kill -9: files come by folder and through the API while web, worker and database are killed at random; then everything is counted.

Prints what broke: a file lost or received twice, custody that does not tie, an invoice posted twice. Nothing may.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from bench._home import own_home
from bench.portal import free_port

T = TypeVar("T")
SELLERS = 5


def main(argv: list[str]) -> None:
    """Print figures and what broke."""
    parser = argparse.ArgumentParser(prog="bench kills")
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home() as home:
        figures = Siege(home, wanted).run()
    print(
        json.dumps(figures) if wanted.json else "\n".join(f"{k:24} {v}" for k, v in figures.items())
    )


@dataclass
class Siege:
    """A site whose processes are killed while it receives."""

    home: Path
    wanted: argparse.Namespace
    killed: dict[str, int] = field(default_factory=lambda: {"web": 0, "worker": 0, "database": 0})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    over: bool = False

    def run(self) -> dict[str, Any]:
        """Receive, read and post all; count."""
        self.rng = random.Random(self.wanted.seed)
        self.port, self.started = free_port(), time.monotonic()
        self.access, self.key, papers = prepare(self.wanted.documents)
        half = len(papers) // 2
        self.folder = folder_of(self.access)
        for name, content in papers[:half]:
            (self.folder / name).write_bytes(content)
        try:
            for name in ("web", "worker"):
                self.start(name)
            sender = threading.Thread(target=self.send, args=(papers[half:],))
            sender.start()
            self.besiege(self.wanted.kills)
            sender.join()
            self.until(self.all_read, "reading")
            self.ask_to_post()
            self.besiege(self.wanted.kills // 4)
            self.until(self.all_posted, "posting")
        finally:
            self.over = True
            for process in self.processes.values():
                process.kill()
                process.wait()
        return {
            "files": len(papers),
            **{f"killed_{name}": n for name, n in self.killed.items()},
            "seconds": round(time.monotonic() - self.started),
            **again(lambda: counted(self.access, self.folder, papers)),
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start one process, its words to a file."""
        from razao.config.serve import web_command, worker_command

        command = web_command(self.port, 1) if name == "web" else worker_command("siege")
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # fmt: skip

    def besiege(self, kills: int) -> None:
        """Kill one of the three at random moments; each comes back."""
        for _ in range(kills):
            time.sleep(self.rng.uniform(0.5, 6))
            victim = self.rng.choice(("web", "worker", "worker", "database"))
            self.kill(victim)
            self.killed[victim] += 1
            with contextlib.suppress(Exception):
                self.refresh()

    def kill(self, victim: str) -> None:
        from razao.config import postgres

        if victim == "database":
            lines = (postgres.data_folder(self.home) / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), signal.SIGKILL)
            again(lambda: postgres.start(self.home))
            return
        process = self.processes[victim]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.start(victim)

    def refresh(self) -> None:
        """The button "Refresh": look in the folder, read what nobody reads."""
        from razao.capture import flow

        with acting(self.access) as access:
            flow.refresh_all(access)

    def send(self, papers: list[tuple[str, bytes]]) -> None:
        """Send files through the API, each until the answer says that it is received."""
        url = f"{self.address}/api/v1/companies/{self.access.company.pk}/documents"
        for name, content in papers:
            while not self.over:
                with contextlib.suppress(OSError, urllib.error.HTTPError):
                    if posted(url, self.key, name, content):
                        break
                time.sleep(0.3)

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Wait for a state; jobs of killed workers come back once their heartbeat is lost."""
        looked = 0.0
        while not again(done):
            if time.monotonic() - self.started > 60 * self.wanted.minutes:
                raise TimeoutError(what)
            if time.monotonic() - looked > 20:
                again(self.refresh)
                looked = time.monotonic()
                gone = [name for name, one in self.processes.items() if one.poll() is not None]
                assert not gone, f"ended by themselves: {gone}"
            time.sleep(1)

    def all_read(self) -> bool:
        from razao.capture.models import Scan

        with acting(self.access):
            read = Scan.objects.filter(read_at__isnull=False).count()
        return read == self.wanted.documents and not list(self.folder.iterdir())

    def ask_to_post(self) -> None:
        from razao.capture import flow

        def ask() -> None:
            with acting(self.access) as access:
                flow.post_many(access, ready(access))

        again(ask)
        again(ask)  # twice at once: each is posted once all the same

    def all_posted(self) -> bool:
        from razao.capture import flow
        from razao.kernel.models import JobRun

        with acting(self.access) as access:
            left = ready(access)
            busy = JobRun.objects.filter(name="capture.post_selection", finished_at=None).exists()
            if left and not busy:
                flow.post_many(access, left)
        return not left


def ready(access: Any) -> list[Any]:
    """Ids of what is ready to post."""
    from razao.capture.models import CapturedInvoice

    rows = CapturedInvoice.objects.filter(company=access.company, state="ready")
    return list(rows.order_by("pk").values_list("pk", flat=True))


@contextlib.contextmanager
def acting(access: Any) -> Iterator[Any]:
    """A transaction that acts for the company."""
    from django.db import transaction

    from razao.companies.rights import company_for

    with transaction.atomic():
        yield company_for(access.user_id, access.company.pk)


def again(do: Callable[[], T]) -> T:
    """The result, however often the database was not there."""
    from django.db import Error, connections

    from razao.config.postgres import CannotStart

    for _ in range(120):
        try:
            return do()
        except (Error, OSError, CannotStart):
            connections.close_all()
            time.sleep(0.5)
    return do()


def posted(url: str, key: str, name: str, content: bytes) -> bool:
    """Send one file as a form; whether the answer says that it is there."""
    edge = "siege"
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/xml\r\n\r\n"
    ).encode() + content + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
    head = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Authorization": f"Bearer {key}",
    }
    request = urllib.request.Request(url, body, head)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bool(answer.status == 200)


def prepare(documents: int) -> tuple[Any, str, list[tuple[str, bytes]]]:
    """A company with known suppliers, a program's key, and so many invoices that can be posted."""
    from django.db import transaction

    from razao.capture.samples.parties import draw_party
    from razao.companies.models import User
    from razao.companies.opening import open_company, open_office
    from razao.companies.rights import company_for
    from razao.companies.tokens import issue
    from razao.ledger.accounts import NewParty, open_party_account
    from razao.ledger.opening import open_books

    with transaction.atomic():
        person = User.objects.create_user("bench@example.pt", None, name="Bench")
        office = open_office("Gabinete", "PT", person)
        company = open_company(
            person.pk, office, code="c", name="Empresa, Lda.", tax_id="501964843"
        )
        access = company_for(person.pk, company.pk)
        open_books(access.company, person.pk, (2026,))
        sellers = [draw_party(random.Random(f"seller {n}"), "PT") for n in range(SELLERS)]
        for n, seller in enumerate(sellers, 1):
            party = NewParty(seller.tax_id, seller.name)
            open_party_account(
                access, party, code=f"22111{n:04}", counterpart="6224", classifier="FOR"
            )
        key = issue(person, "siege")
    return (
        access,
        key,
        [(f"f{n}.xml", an_invoice(access.company, sellers, n)) for n in range(documents)],
    )


def an_invoice(company: Any, sellers: list[Any], number: int) -> bytes:
    """A small electronic invoice to the company."""
    from dataclasses import replace

    from razao.capture.samples import electronic
    from razao.capture.samples.deals import Deal
    from razao.capture.samples.trades import trades
    from razao.invoices.invoice import Invoice, VatAmount
    from razao.kernel.money import tax_on

    seller = sellers[number % len(sellers)]
    buyer = replace(seller, name=company.name, tax_id=company.tax_id)
    base, rate = Decimal(1000 + number) / 10, Decimal(23)
    tax = tax_on(base, rate)
    invoice = Invoice(
        pages=(1,), document_type="FT", number=f"FT 2026/{number}", issue_date=date(2026, 1 + number % 10, 1 + number % 28),
        currency="EUR", vat=(VatAmount(rate, base, tax),), net_total=base, vat_total=tax, gross_total=base + tax,
    )  # fmt: skip
    return electronic.ubl(Deal(invoice, trades()[0], seller, buyer, ()))


def folder_of(access: Any) -> Path:
    """The company's source folder for what suppliers sent."""
    from razao.capture import intake

    with acting(access) as now:
        found = [i for i in intake.open_folders(now.company) if i.direction == "received"]
    return Path(found[0].folder)


def counted(access: Any, folder: Path, papers: list[tuple[str, bytes]]) -> dict[str, Any]:
    """What is where at the end, and everything that should not be so."""
    import hashlib

    from razao.archive import custody, store
    from razao.archive.models import Filing, Folder
    from razao.capture import queries
    from razao.capture.models import CapturedInvoice, Scan
    from razao.ledger.models import Entry

    broken: list[str] = []
    with acting(access) as now:
        company = now.company
        kept = list(Scan.objects.values_list("file__sha256", flat=True))
        wanted = {hashlib.sha256(content).hexdigest() for _, content in papers}
        broken += [f"lost {sha}" for sha in wanted - set(kept)]
        broken += ["received twice"] * (len(kept) - len(set(kept)))
        for place, sha in Filing.objects.values_list("folder", "file__sha256"):
            if store.hash_in(Folder(place), company.pk, sha) != sha:
                broken.append(f"bytes of {sha} are not in {place}")
        proof = custody.prove(company.pk, queries.living(company.pk))
        broken += [] if proof.ties else [f"custody: {proof.problems}"]
        rows = CapturedInvoice.objects.filter(state="posted")
        entries = list(Entry.objects.values_list("source_key", flat=True))
        broken += ["posted twice"] * (len(entries) - len(set(entries)))
        broken += ["entry without invoice"] * abs(len(entries) - rows.count())
        broken += [f"left in the folder {p.name}" for p in folder.iterdir()]
    return {
        "received": proof.received,
        "posted": proof.posted,
        "waiting": proof.waiting,
        "broken": broken,
    }
