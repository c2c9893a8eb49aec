"""Curves: entries posted and pages read a second with 1, 2 and 4 workers; readings of books of growing size; the portal while integration runs.

Medians, all of one run, the sizes asked in turn, so that other work on the machine meets each alike. A large company is one posted
batch and copies of it that the server makes itself, checks and triggers off: what is read is as large, its hashes are not to be verified.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench._home import own_home
from bench.ledger import LINES, _session, drafts, open_company, post

PARTS = ("posting", "reading", "portal", "sizes")
#: Entries of the batch that is posted for good, of which larger companies have copies.
BATCH = 200_000
WAITING = 300
#: Requests a second to the portal.
RATE = 60


def main(argv: list[str]) -> None:
    """Print figures."""
    parser = argparse.ArgumentParser(prog="bench curves")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--lines", type=int, nargs="*", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument(
        "--documents", type=int, default=60, help="files read by each number of workers"
    )
    parser.add_argument("--seconds", type=int, default=20, help="of the portal under load")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    figures: dict[str, Any] = {}
    measures = {"posting": posting, "reading": reading, "sizes": sizes, "portal": portal}
    with own_home():
        for part in wanted.parts:
            figures |= measures[part](wanted)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:44} {value:,.1f}" if isinstance(value, float) else f"{name:44} {value:,}")


# Workers ---------------------------------------------------------------------------------------------------------


def posting(wanted: argparse.Namespace) -> dict[str, Any]:
    """Entries a second through the ledger's door, each worker in a company of its own: one by one, and a thousand a batch."""
    companies = [open_company(f"posting{n}") for n in range(max(wanted.workers))]
    figures = {}
    for size, times in ((1, 60), (1_000, 5)):
        for workers in wanted.workers:
            each = [(company, size, times, f"{workers}-{size}") for company in companies[:workers]]
            figures[f"entries_a_second_batches_of_{size}_workers_{workers}"] = (
                workers * size * times / together(each)
            )
    return figures


def together(each: list[tuple[Any, int, int, str]]) -> float:
    """Seconds from the moment when all are ready until the last is done."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(len(each) + 1)
    workers = [context.Process(target=work, args=(ready, *one)) for one in each]
    for worker in workers:
        worker.start()
    ready.wait(300)
    start = time.perf_counter()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed")
    return time.perf_counter() - start


def work(ready: Any, company: Any, size: int, times: int, series: str) -> None:
    """One worker: post one batch to be warm, wait for the others, post the others' like."""
    from razao.config.command import settings_ready

    settings_ready()
    batches = [drafts(size, f"{series}-{n}") for n in range(times + 1)]
    post(company, batches[0])
    ready.wait(300)
    for batch in batches[1:]:
        post(company, batch)


def reading(wanted: argparse.Namespace) -> dict[str, Any]:
    """Pages a second: digital files with a fiscal code, and scans that go through OCR, a tenth as many."""
    from razao.capture.reading.read import read_files
    from razao.capture.samples.documents import Wanted
    from razao.capture.samples.generate import samples

    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, count in (
            ("digital_qr", wanted.documents),
            ("scan", max(4, wanted.documents // 10)),
        ):
            paths, pages = [], 0
            for sample in samples(count, 20, Wanted(country="PT"), (kind,)):
                paths.append(Path(folder) / sample.name)
                paths[-1].write_bytes(sample.content)
                pages += sum(len(invoice["pages"]) for invoice in sample.invoices)
            for workers in wanted.workers:
                list(read_files(paths[:workers], processes=workers))  # warm
                start = time.perf_counter()
                list(read_files(paths, processes=workers))
                seconds = time.perf_counter() - start
                figures[f"pages_a_second_{kind}_workers_{workers}"] = pages / seconds
    return figures


# Sizes -----------------------------------------------------------------------------------------------------------


def sizes(wanted: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of the trial balance, a statement's page and the review list, by lines of the company."""
    figures: dict[str, Any] = {}
    readers: dict[int, dict[str, Callable[[], object]]] = {}
    for lines in sorted(wanted.lines):
        start = time.perf_counter()
        company = filled(lines)
        figures[f"fill_seconds_{lines}"] = time.perf_counter() - start
        readers[lines] = readers_of(company)
        print(f"filled {lines:,} lines", file=sys.stderr, flush=True)
    analyse()
    print("measuring", file=sys.stderr, flush=True)
    took: dict[tuple[str, int], list[float]] = {}
    for turn in range(wanted.times + 1):
        for lines, kinds in readers.items():
            for name, read in kinds.items():
                start = time.perf_counter()
                read()
                if turn:  # the first is to be warm
                    took.setdefault((name, lines), []).append(1000 * (time.perf_counter() - start))
    for (name, lines), found in sorted(took.items()):
        figures[f"{name}_ms_{lines}"] = statistics.median(found)
    return figures


def readers_of(company: Any) -> dict[str, Callable[[], object]]:
    """What is measured of one company."""
    from django.db import transaction

    from bench.balances import read_balance, read_page, timed
    from bench.review import Clerk
    from razao.companies.rights import company_for

    with transaction.atomic():
        clerk = Clerk(company_for(*company))
    return {
        "trial_balance": partial(timed, company, read_balance),
        "statement_page": partial(timed, company, read_page),
        "review_list": clerk.list,
    }


def filled(lines: int) -> Any:
    """A company with so many lines, and invoices that wait for a person."""
    from django.db import transaction

    from bench._pending import a_reading, receive
    from razao.companies.rights import company_for

    company = open_company(f"lines{lines}")
    entries = lines // LINES
    post(company, drafts(min(entries, BATCH), series="S"))
    if entries > BATCH:
        copied(company, entries // BATCH)
    with transaction.atomic():
        access = company_for(*company)
        receive(
            access, [a_reading(access.company, ("501964843", f"F {n}"), n) for n in range(WAITING)]
        )
    return company


#: How a column is told anew in the k-th copy; ids keep their order, so that indexes grow at their end.
ANEW = {
    ("ledger_batch", "id"): "{id}",
    ("ledger_batch", "sequence"): "sequence + {k}",
    ("ledger_entry", "id"): "{id}",
    ("ledger_entry", "batch_id"): "{batch_id}",
    ("ledger_entry", "number"): "number + {k} * {entries}",
    ("ledger_entry", "source_key"): "source_key || '/{k}'",
    ("ledger_line", "entry_id"): "{entry_id}",
    ("ledger_entryseal", "entry_id"): "{entry_id}",
    ("ledger_entryseal", "source_key"): "source_key || '/{k}'",
}
FIRST = {
    "ledger_batch": "id = '{batch}'",
    "ledger_entry": "batch_id = '{batch}'",
    "ledger_line": "entry_id IN (SELECT id FROM ledger_entry WHERE batch_id = '{batch}')",
    "ledger_entryseal": "entry_id IN (SELECT id FROM ledger_entry WHERE batch_id = '{batch}')",
}


def copied(company: Any, times: int) -> None:
    """Copies of the company's one batch until it has ``times`` of it; balances multiplied."""
    with _session("razao") as session:
        session.execute("SET session_replication_role = replica")
        session.execute("SET maintenance_work_mem = '1GB'")
        batch = session.execute(
            "SELECT id FROM ledger_batch WHERE company_id = %s", [company[1]]
        ).fetchone()[0]
        for k in range(1, times):
            for table in FIRST:
                session.execute(copying(session, table, batch, k))
            session.commit()
        session.execute(
            "UPDATE ledger_balance SET debit = debit * %s, credit = credit * %s WHERE company_id = %s",
            [times, times, company[1]],
        )
        session.commit()


def copying(session: Any, table: str, batch: Any, k: int) -> str:
    """The statement that makes the k-th copy of a table's rows."""
    columns = [
        row[0]
        for row in session.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
    ]
    words = {
        name: f"overlay({name}::text placing '{k:04x}' from 1 for 4)::uuid"
        for name in ("id", "batch_id", "entry_id")
    }
    words |= {"k": str(k), "entries": str(BATCH)}
    told = [ANEW.get((table, name), f'"{name}"').format(**words) for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {', '.join(told)} FROM {table}"
        f" WHERE {FIRST[table].format(batch=batch)}"
    )


def analyse() -> None:
    """What the server does by itself a minute after a load."""
    with _session("razao") as session:
        session.autocommit = True
        session.execute("VACUUM ANALYZE")


# Portal ----------------------------------------------------------------------------------------------------------


def portal(wanted: argparse.Namespace) -> dict[str, Any]:
    """The portal at a steady rate, alone and while another company posts batches of 20,000 entries without a pause."""
    import subprocess

    from bench._loop import ask
    from bench.portal import figures as told_by
    from bench.portal import fill, free_port, requests, wait_for
    from razao.config.serve import web_command

    visitors = fill(argparse.Namespace(documents=20_000, companies=20, users=200))
    company, port = open_company("busy"), free_port()
    figures: dict[str, Any] = {}
    context = multiprocessing.get_context("spawn")
    busy = context.Process(target=integrate, args=(company,), daemon=True)
    server = subprocess.Popen(web_command(port, 2))
    try:
        wait_for(port)
        ask(port, requests(visitors, 60), RATE)
        for name in ("alone", "while_integrating"):
            if name != "alone":
                busy.start()
            start = time.perf_counter()
            answers = ask(port, requests(visitors, RATE * wanted.seconds), RATE)
            told = told_by(answers, time.perf_counter() - start)
            figures |= {f"portal_{kind}_{name}": value for kind, value in told.items()}
    finally:
        if busy.pid:
            busy.kill()
        server.terminate()
        server.wait()
    return figures


def integrate(company: Any) -> None:
    """Post one batch after another, until somebody ends this process."""
    from razao.config.command import settings_ready

    settings_ready()
    for number in range(1_000_000):
        post(company, drafts(20_000, f"P{number}"))
