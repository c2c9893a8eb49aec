"""Billing integration: documents integrated into a database of the bench's own, against raw COPY; and prepared in memory.

``prepare_seconds_per_million``: the whole preparation, scaled to a million documents of four lines, in a process of its
own (``bench._preparation``), for the product prepares in a worker and not where it has just integrated something else.
``integrate_to_copy``: integrating (preparing again, fingerprint, posting, noting the documents) against COPY of the
resulting rows by the superuser into the same tables with the same constraints, indexes and triggers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import ledger
from bench._home import own_home

#: Programs that load a file of entries, where they are installed: name → command before the file.
BESIDE = {"hledger": ("hledger", "stats", "-f"), "beancount": ("bean-check",)}
#: Against this many documents the cost of one is compared.
FEW = 10_000
TABLE = "billing_billingdocument"
#: Different entries that Tryton posts, again and again: each new customer is an account, of which Tryton makes some tens a second.
TRYTON_ENTRIES = 1_000
#: Seconds within which it must be ready to post.
TRYTON_SETUP = 600


def main(argv: list[str]) -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(prog="bench billing")
    parser.add_argument("--documents", type=int, default=1_000_000, help="prepared in memory")
    parser.add_argument(
        "--integrated", type=int, default=100_000, help="integrated into a database"
    )
    parser.add_argument(
        "--beside", type=int, default=0, help="entries that hledger and Beancount load"
    )
    parser.add_argument(
        "--tryton", default="", help="a Python that has trytond and trytond_account"
    )
    parser.add_argument("--tryton-seconds", type=float, default=60, help="how long Tryton posts")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home() as home:
        figures = measure_integration(home, min(wanted.integrated, wanted.documents))
        figures |= measure_preparation(wanted.documents)
        if wanted.beside:
            figures |= measure_beside(home, wanted.beside, wanted.tryton, wanted.tryton_seconds)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32} {value:,.3f}" if isinstance(value, float) else f"{name:32} {value:,}")


def measure_preparation(count: int) -> dict[str, float | int]:
    """Seconds and memory of a preparation of ``count`` documents, and of few of them for the cost of one."""
    asked = [str(_shop().pk), str(count), str(min(FEW, count))]
    command = [sys.executable, "-m", "bench._preparation", *asked]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float | int] = json.loads(done.stdout)
    return figures


def measure_beside(
    home: Path, count: int, tryton: str, tryton_seconds: float
) -> dict[str, float | int]:
    """The same entries written as text and loaded by other programs: seconds of each that is installed.

    With ``tryton``, also how many of them Tryton posts in ``tryton_seconds``.
    """
    from bench._billing_documents import configuration, documents
    from bench._preparation import rules_of
    from razao.booking.billing_entries import prepare
    from razao.booking.billing_rules import Options

    source, rules = documents(count), rules_of(_shop().pk)
    start = time.perf_counter()
    plan = prepare(source, rules, configuration(), Options()).plan
    figures: dict[str, float | int] = {
        "beside_entries": count,
        "beside_prepare_seconds": time.perf_counter() - start,
    }
    for name, command in BESIDE.items():
        program = shutil.which(command[0]) or shutil.which(
            command[0], path=str(Path(sys.executable).parent)
        )
        if program is None:
            continue
        file = home / f"entries.{name}"
        file.write_text(_written(plan, beancount=name == "beancount"))
        start = time.perf_counter()
        subprocess.run([program, *command[1:], str(file)], check=True, capture_output=True)
        figures[f"beside_{name}_seconds"] = time.perf_counter() - start
    return figures | (measure_tryton(home, plan, tryton, tryton_seconds) if tryton else {})


def measure_tryton(home: Path, plan: Any, program: str, seconds: float) -> dict[str, float | int]:
    """How many of the plan's entries Tryton posts in so many seconds, by its own door (``bench/_tryton.py``).

    Where it fails, or is not ready after TRYTON_SETUP seconds, what it said is printed, and the other figures stand.
    """
    file = home / "entries.jsonl"
    heads = plan.entries.select("entry", "date").head(TRYTON_ENTRIES)
    lines = plan.lines.join(heads, on="entry", how="semi").sort("entry", "position")
    by_entry = lines.partition_by("entry", as_dict=True)
    with file.open("w") as out:
        for entry, day in heads.iter_rows():
            rows = by_entry[(entry,)].select("account", "debit", "credit").iter_rows()
            told = [[a, f"{d / 100:.2f}", f"{c / 100:.2f}"] for a, d, c in rows]
            out.write(json.dumps({"date": str(day), "lines": told}) + "\n")
    script = Path(__file__).with_name("_tryton.py")
    command = [program, str(script), str(file), str(seconds)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=seconds + TRYTON_SETUP
        )
    except (subprocess.SubprocessError, OSError) as error:
        print(f"Tryton: {error}\n{getattr(error, 'stderr', None) or ''}", file=sys.stderr)
        return {}
    found = json.loads(done.stdout.splitlines()[-1])
    return {
        "tryton_setup_seconds": found["setup"],
        "tryton_posted": found["posted"],
        "tryton_seconds": found["seconds"],
        "tryton_entries_per_second": found["posted"] / found["seconds"],
    }


def _written(plan: Any, *, beancount: bool) -> str:
    """Entries as a plain-text journal."""
    import polars as pl

    units = pl.col("debit") - pl.col("credit")
    cents = (units.abs() % 100).cast(pl.String).str.zfill(2)
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    account = pl.format("Assets:A{}", "account") if beancount else pl.col("account")
    posting = pl.concat_str(
        pl.lit("  "),
        account,
        pl.lit("  "),
        sign,
        units.abs() // 100,
        pl.lit("."),
        cents,
        pl.lit(" EUR"),
    )
    lines = plan.lines.select("entry", posting.alias("posting"))
    bodies = lines.group_by("entry", maintain_order=True).agg(pl.col("posting").str.join("\n"))
    text = pl.format(
        '{} * "{}"' if beancount else "{} {}", pl.col("date").cast(pl.String), "reference"
    )
    heads = plan.entries.select("entry", text.alias("head")).join(bodies, on="entry")
    body = "\n\n".join(heads.select(pl.format("{}\n{}", "head", "posting")).to_series().to_list())
    opened = plan.lines["account"].unique().sort().to_list() if beancount else []
    return "\n".join([*(f"2020-01-01 open Assets:A{a}" for a in opened), body, ""])


_made: list[Any] = []


def _shop() -> Any:
    """The company of the bench, with books, configuration, customers and articles."""
    if _made:
        return _made[0]
    from django.db import transaction

    from bench._billing_documents import CUSTOMER_COUNT, account, tax_id
    from razao.billing.models import Customer
    from razao.companies.models import Company, Party
    from razao.companies.rights import company_for
    from razao.ledger.models import Account
    from razao.ledger.opening import open_books

    user, company_id = ledger.open_company()
    with transaction.atomic():
        access = company_for(user, company_id)
        company = access.company
        open_books(company, user, (2026,))
        parties = Party.objects.bulk_create(
            Party(company=company, tax_id=tax_id(n), name=f"Cliente {n}")
            for n in range(CUSTOMER_COUNT)
        )
        Account.objects.bulk_create(
            Account(
                company=company,
                code=account(n),
                name=p.name,
                kind="asset",
                classifier="CLI",
                party=p,
            )
            for n, p in enumerate(parties)
        )
        Customer.objects.bulk_create(
            Customer(company=company, number=f"C{n}", tax_id=p.tax_id, account=account(n))
            for n, p in enumerate(parties)
        )
        _configure(company)
        found = Company.objects.get(pk=company_id)
    found.bench_user = user  # type: ignore[attr-defined]
    _made.append(found)
    return found


def _configure(company: Any) -> None:
    """The bench's configuration as rows."""
    from bench._billing_documents import configuration
    from razao.billing.models import (
        Article,
        BillingDocumentType,
        BillingParameters,
        PostingCode,
        PostingCodeRate,
        Variable,
    )

    rules = configuration()
    BillingParameters.objects.create(company=company)
    for code, cash, advances in rules.posting_codes.iter_rows():
        made = PostingCode.objects.create(
            company=company, code=code, cash_account=cash, advances_account=advances
        )
        for row in rules.posting_rates.filter(posting_code=code).iter_rows(named=True):
            row.pop("posting_code")
            row["rate"] /= 100
            PostingCodeRate.objects.create(company=company, posting_code=made, **row)
    for row in rules.types.iter_rows(named=True):
        code = row.pop("billing_type")
        row["treasury_place"] = row["treasury_place"] or ""
        kind = BillingDocumentType.objects.create(company=company, code=code, **row)
        variables = rules.variables.filter(billing_type=code).drop("billing_type")
        for position, variable in enumerate(variables.iter_rows(named=True), 1):
            Variable.objects.create(
                company=company, document_type=kind, position=position, **variable
            )
    articles = rules.articles.select("article", "posting_code", "service").iter_rows()
    Article.objects.bulk_create(
        Article(company=company, code=a, posting_code=p, service=s) for a, p, s in articles
    )


def measure_integration(home: Path, count: int) -> dict[str, float | int]:
    """Integrate ``count`` documents, take the rows out, copy them into an empty database of the same form."""
    from django.db import connection, transaction

    from bench._billing_documents import documents
    from razao.billing import flow
    from razao.billing.loaded import Loaded
    from razao.billing.sourcing import Choice
    from razao.booking.billing_rules import Options
    from razao.companies.rights import company_for
    from razao.config import database

    shop = _shop()
    ledger._close()
    database.create_database("razao_copy", "razao")
    loaded = Loaded(documents(count))
    with transaction.atomic():
        access = company_for(shop.bench_user, shop.pk)
        kept = flow.prepare_loaded(access, Choice("bench", {}, "bench"), Options(), loaded)
        assert kept.ready == count, kept.counts
    ledger.checkpoint("razao")
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    start, before = time.perf_counter(), ledger.cpu_of(backend)
    with transaction.atomic():
        access = company_for(shop.bench_user, shop.pk)
        flow.integrate(access, kept.pk, kept.fingerprint, loaded=loaded)
    seconds, cpu = time.perf_counter() - start, ledger.cpu_of(backend) - before
    rows = home / "rows"
    ledger.take_out(rows)
    with (
        ledger._session("razao") as session,
        (rows / TABLE).open("wb") as file,
        session.cursor().copy(f"COPY {TABLE} TO STDOUT") as copy,
    ):
        for part in copy:
            file.write(part)
    copied, copied_cpu = _copy(rows)
    shutil.rmtree(rows)
    return {
        "integrated_documents": count,
        "integrate_seconds": seconds,
        "copy_seconds": copied,
        "integrate_to_copy": seconds / copied,
        "integrate_to_copy_cpu": cpu / copied_cpu,
        "integrated_documents_per_second": count / seconds,
    }


def _copy(rows: Path) -> tuple[float, float]:
    """Seconds of COPY of the ledger's rows and the documents' into the other database."""
    seconds, cpu = ledger.copy_in("razao_copy", rows, triggers=True)
    with ledger._session("razao_copy") as session:
        backend = session.info.backend_pid
        start, before = time.perf_counter(), ledger.cpu_of(backend)
        with (
            (rows / TABLE).open("rb") as file,
            session.cursor().copy(f"COPY {TABLE} FROM STDIN") as copy,
        ):
            while part := file.read(1 << 20):
                copy.write(part)
        session.commit()
        return seconds + time.perf_counter() - start, cpu + ledger.cpu_of(backend) - before
