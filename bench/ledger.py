"""Posting against raw COPY: entries posted through the ledger's door; the same rows copied into the same tables.

``door_to_copy``: against COPY by the superuser with the same constraints, indexes and triggers.
``door_to_bare_copy``: the same with the triggers off (nothing checked, hashed or added up), all five tables.
The ``_cpu`` ratios compare processor time, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from bench._home import own_home

LINES = 5


def main(argv: list[str]) -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(prog="bench ledger")
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home() as home:
        figures = measure(home, wanted.entries)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value:,.3f}" if isinstance(value, float) else f"{name:28} {value:,}")


def measure(home: Path, entries: int) -> dict[str, float | int]:
    """Post, take the rows out, copy them into an empty database: seconds of each and their ratios."""
    from razao.config import database

    company = open_company()
    _close()
    for copy in ("razao_copy", "razao_bare"):
        database.create_database(copy, "razao")
    wanted = drafts(entries)
    checkpoint("razao")
    door, door_cpu = post_timed(company, wanted)
    rows = home / "rows"
    take_out(rows)
    guarded, guarded_cpu = copy_in("razao_copy", rows, triggers=True)
    bare, bare_cpu = copy_in("razao_bare", rows, triggers=False)
    shutil.rmtree(rows)
    small = time_small(company)
    return {
        "entries": entries,
        "lines": entries * LINES,
        "one_entry_milliseconds": small * 1000,
        "door_seconds": door,
        "copy_seconds": guarded,
        "bare_copy_seconds": bare,
        "door_entries_per_second": entries / door,
        "door_to_copy": door / guarded,
        "door_to_bare_copy": door / bare,
        "door_to_copy_cpu": door_cpu / guarded_cpu,
        "door_to_bare_copy_cpu": door_cpu / bare_cpu,
    }


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def open_company(name: str = "bench") -> tuple[Any, Any]:
    """A Portuguese company with open books of 2025 in an office of its own, and who may post to it."""
    from django.db import transaction

    from razao.companies.models import User
    from razao.companies.opening import open_company, open_office
    from razao.ledger.opening import open_books

    with transaction.atomic():
        user = User.objects.create_user(f"{name}@example.pt", "uma frase comprida")
        office = open_office(name, "PT", user)
        company = open_company(user.pk, office, code="b", name=name, tax_id="501964843")
        open_books(company, user.pk, (2025,))
    return user.pk, company.pk


def post(company: tuple[Any, Any], wanted: Any) -> None:
    """Post through the door and commit."""
    from django.db import transaction

    from razao.companies.rights import company_for
    from razao.ledger import posting

    with transaction.atomic():
        access = company_for(*company)
        posting.post(access, wanted, kind="billing", source="bench", fingerprint="")


def cpu_of(backend: int) -> float:
    """Seconds of processor time that a database session and this process have used."""
    fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


def post_timed(company: tuple[Any, Any], wanted: Any) -> tuple[float, float]:
    """Seconds, and seconds of processor time, that posting takes."""
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    before = cpu_of(backend)
    seconds = timed(lambda: post(company, wanted))
    return seconds, cpu_of(backend) - before


def time_small(company: tuple[Any, Any], times: int = 60) -> float:
    """Median seconds to post one entry and commit."""
    batches = [drafts(1, f"small{n}") for n in range(times)]
    seconds = [timed(partial(post, company, batch)) for batch in batches]
    return sorted(seconds)[times // 2]


def drafts(entries: int, series: str = "FT") -> Any:
    """Sales of 2025: customer, three rates' worth of sales and VAT; 97 accounts take part."""
    from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA, Drafts

    number = pl.int_range(entries, eager=True).alias("entry")
    day = pl.date(2025, 1, 1) + pl.duration(days=number * 365 // entries)
    heads = pl.DataFrame({"entry": number}).with_columns(
        source_key=pl.format("doc:{}/{}", pl.lit(series), pl.col("entry")),
        journal=pl.lit("VD"),
        entry_type=pl.lit("FT"),
        date=day,
        document_date=day,
        reference=pl.format("{} 2025/{}", pl.lit(series), pl.col("entry") + 1),
        text=pl.lit("Venda"),
        file=pl.lit(None).cast(pl.String),
    )
    base = 10_000 + number % 977
    accounts = ["111", "71113", "2433113", "72113", "2433113"]
    amounts = [base * 2 + base * 23 // 100 * 2, base, base * 23 // 100, base, base * 23 // 100]
    parts = [
        pl.DataFrame({"entry": number}).with_columns(
            position=pl.lit(place, pl.Int32),
            account=pl.lit(account),
            debit=amount if place == 1 else pl.lit(0, pl.Int64),
            credit=amount if place > 1 else pl.lit(0, pl.Int64),
            vat_code=pl.lit("LNOR" if place in (3, 5) else None, pl.String),
            tax_base=pl.when(pl.lit(place in (3, 5))).then(base),
        )
        for place, (account, amount) in enumerate(zip(accounts, amounts, strict=True), 1)
    ]
    lines = pl.concat(parts).sort("entry", "position")
    missing = [
        pl.lit(None).cast(kind).alias(name)
        for name, kind in LINE_SCHEMA.items()
        if name not in lines.columns
    ]
    lines = lines.with_columns(missing)
    return Drafts(heads.select(list(ENTRY_SCHEMA)), lines.select(list(LINE_SCHEMA)))


#: Tables in the order that their triggers need.
TABLES = ("ledger_batch", "ledger_entry", "ledger_line", "ledger_entryseal", "ledger_balance")


def _session(name: str) -> Any:
    import psycopg
    from django.db import connection

    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user="postgres", dbname=name
    )


def _close() -> None:
    from django.db import connections

    connections.close_all()


def checkpoint(name: str) -> None:
    """Let nothing of what was before be written during what is timed."""
    with _session(name) as session:
        session.autocommit = True
        session.execute("CHECKPOINT")


def take_out(folder: Path) -> None:
    """The rows of the big batch, as COPY writes them (text format)."""
    folder.mkdir()
    last = "(SELECT id FROM ledger_batch ORDER BY sequence DESC LIMIT 1)"
    entries = f"(SELECT id FROM ledger_entry WHERE batch_id = {last})"
    which = {
        "ledger_batch": f"WHERE id = {last}",
        "ledger_entry": f"WHERE batch_id = {last} ORDER BY id",
        "ledger_line": f"WHERE entry_id IN {entries} ORDER BY entry_id, position",
        "ledger_entryseal": f"WHERE entry_id IN {entries} ORDER BY entry_id",
        "ledger_balance": "",
    }
    with _session("razao") as session:
        for table, condition in which.items():
            query = f"COPY (SELECT * FROM {table} {condition}) TO STDOUT"
            with (folder / table).open("wb") as file, session.cursor().copy(query) as copy:
                for part in copy:
                    file.write(part)


def copy_in(name: str, folder: Path, *, triggers: bool) -> tuple[float, float]:
    """Seconds, and of processor time, to copy the rows into the database ``name`` as the superuser."""
    checkpoint(name)
    # what the triggers write themselves is copied only where they are off
    tables = TABLES[:3] if triggers else TABLES
    with _session(name) as session:
        backend = session.info.backend_pid
        start, before = time.perf_counter(), cpu_of(backend)
        if not triggers:
            session.execute("SET session_replication_role = replica")
        for table in tables:
            with (
                (folder / table).open("rb") as file,
                session.cursor().copy(f"COPY {table} FROM STDIN") as copy,
            ):
                while part := file.read(1 << 20):
                    copy.write(part)
        session.commit()
        return time.perf_counter() - start, cpu_of(backend) - before
