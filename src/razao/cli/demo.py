"""``razao demo``: a sample office with documents of its own making, read, proposed and posted by the real parts; what happened, printed.

Run again, it adds nothing that is there. ``--corpus DIR`` sends a folder's files in place of the made ones.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from razao.capture import flow, parties
from razao.capture.models import CapturedInvoice, Flow, Origin
from razao.capture.posting import post_invoices
from razao.capture.samples.demo import demo_samples
from razao.capture.samples.parties import Party
from razao.companies.models import Company, Office, User
from razao.companies.opening import open_company, open_office
from razao.companies.rights import Access, company_for, memberships_of, office_for
from razao.kernel.jobs import run_worker
from razao.kernel.problems import Refused
from razao.ledger.integrity import verify
from razao.ledger.models import Balance
from razao.ledger.opening import open_books

EMAIL = "ana@demo.razao.example"
PASSWORD_FILE = "demo_password"  # noqa: S105  (a file's name)
SUFFIXES = {"pdf", "jpg", "jpeg", "png", "tif", "tiff", "xml"}

#: code, name, tax id, country, address; the first gets the documents.
COMPANIES = (
    (
        "demo",
        "Padaria Central do Bairro, Lda.",
        "513204016",
        "PT",
        "Rua do Forno, 7\n1000-001 Lisboa",
    ),
    (
        "oficina",
        "Oficina Mecânica Duarte & Filhos, Lda.",
        "509876541",
        "PT",
        "Estrada Velha, 114\n4400-002 Vila Nova de Gaia",
    ),
    (
        "quinta",
        "Quinta da Ribeira Alta – Sociedade Agrícola, S.A.",
        "510123459",
        "PT",
        "Lugar da Ribeira\n5000-003 Vila Real",
    ),
    ("estudio", "Estudio Levante Diseño, S.L.", "B64717838", "ES", "Calle Mayor 12\n28013 Madrid"),
    ("comercio", "Comércio Geral Kwanza, Lda.", "5000767115", "AO", "Rua da Missão 21\nLuanda"),
)


@dataclass(slots=True)
class Summary:
    """What the demo did, for a person and for ``--json``."""

    office: str = ""
    companies: int = 0
    files: int = 0
    invoices: int = 0
    proposed: int = 0
    posted: int = 0
    accounts_opened: int = 0
    waiting: int = 0
    rejected: int = 0
    why: dict[str, int] = field(default_factory=dict)
    debit: str = "0.00"
    credit: str = "0.00"
    chain: str = ""
    seconds: float = 0.0


@click.command("demo")
@click.option("--documents", default=64, show_default=True, type=click.IntRange(1, 5000))
@click.option(
    "--corpus",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Send this folder's files instead.",
)
@click.option("--json", "as_json", is_flag=True)
def demo(documents: int, corpus: Path | None, *, as_json: bool) -> None:
    """Fill a sample office (first company: code ``demo``), read and post its documents, say what happened."""
    begun = time.monotonic()
    tell = _silent if as_json else click.echo
    password = demo_password()
    with transaction.atomic():
        office, user = _office(password)
        access = _companies(office, user)
    tell(f"Office: {office.name}, {len(COMPANIES)} companies")
    files = _send(access, corpus, documents)
    tell(f"Files received: {files}; reading them …")
    run_worker(wait=False, concurrency=2, name="demo")
    with transaction.atomic():
        summary = _work(company_for(user.pk, access.company.pk))
    summary.office, summary.companies, summary.files = office.name, len(COMPANIES), files
    summary.seconds = round(time.monotonic() - begun, 1)
    if as_json:
        click.echo(json.dumps(asdict(summary), ensure_ascii=False))
    else:
        _print(summary, password)


def _silent(message: object) -> None:
    del message


def demo_password() -> str:
    """The password of the demo's person, made at random on first use and kept in the home, readable by its owner."""
    path = Path(settings.RAZAO_HOME) / PASSWORD_FILE
    if path.exists():
        return path.read_text().strip()
    path.touch(mode=0o600)
    password = f"razao-{secrets.token_hex(4)}"
    path.write_text(password)
    return password


def _office(password: str) -> tuple[Office, User]:
    user = User.objects.filter(email=EMAIL).first()
    if user is not None:
        for membership in memberships_of(user.pk):
            if membership.office_id:
                return office_for(user.pk).office, user
    else:
        user = User.objects.create_user(EMAIL, password, name="Ana Demo")
    return open_office("Gabinete de Contabilidade Demo", "PT", user), user


def _companies(office: Office, user: User) -> Access:
    """Every company of the demo with open books; answers with access to the first."""
    day = timezone.localdate()
    for code, name, tax_id, country, address in COMPANIES:
        office_for(user.pk, office.pk)
        if Company.objects.filter(office=office, code=code).exists():
            continue
        company = open_company(
            user.pk, office, code=code, name=name, tax_id=tax_id, country=country
        )
        company.address = address
        company.save(update_fields=["address"])
        company_for(user.pk, company.pk)
        open_books(company, user.pk, (day.year - 1, day.year))
    office_for(user.pk, office.pk)
    first = Company.objects.get(office=office, code=COMPANIES[0][0])
    return company_for(user.pk, first.pk)


def _send(access: Access, corpus: Path | None, documents: int) -> int:
    count = 0
    for name, content, direction in (
        _from_folder(corpus) if corpus else _made(access.company, documents)
    ):
        with transaction.atomic():
            mine = company_for(access.user_id, access.company.pk)
            flow.upload(mine, direction, BytesIO(content), name, Origin.UPLOAD)
        count += 1
    return count


def _from_folder(folder: Path) -> Iterator[tuple[str, bytes, Flow]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower().lstrip(".") in SUFFIXES:
            yield path.name, path.read_bytes(), Flow.RECEIVED


def _made(company: Company, documents: int) -> Iterator[tuple[str, bytes, Flow]]:
    """The project's own samples, dated in the months before this one."""
    street, town = company.address.split("\n")
    party = Party(
        company.name, company.tax_id, company.country, street, town, region=company.region
    )
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    first = max(date(last.year, 1, 1), last - timedelta(days=150))
    for sample in demo_samples(party, first=first, last=last, count=documents):
        yield sample.name, sample.content, Flow(sample.direction)


def _work(access: Access) -> Summary:
    """What a clerk would do first: open the accounts of parties that are named for sure, and post what is ready."""
    summary = Summary()
    rows = CapturedInvoice.objects.filter(company=access.company)
    for row in rows.filter(state=CapturedInvoice.State.DOUBTFUL, doubts=[]):
        row.refresh_from_db()  # an account opened for an earlier one serves this one too
        if {problem["code"] for problem in row.problems if problem["severity"] == "error"} == {
            "booking.account_missing"
        }:
            summary.accounts_opened += _open_account(access, row)
    ready = list(rows.filter(state=CapturedInvoice.State.READY).values_list("pk", flat=True))
    outcomes = post_invoices(access, ready)
    _count(access.company, summary, outcomes_refused(outcomes))
    return summary


def _open_account(access: Access, row: CapturedInvoice) -> int:
    form = parties.account_form(row, access.company)
    if any(problem.blocks for problem in form.problems):
        return 0
    try:
        with transaction.atomic():
            parties.open_account(access, row.pk, form)
    except Refused:
        return 0
    return 1


def outcomes_refused(outcomes: list[Any]) -> list[UUID]:
    """Invoices that were ready and still could not be posted."""
    return [outcome.invoice for outcome in outcomes if outcome.entry is None]


def _count(company: Company, summary: Summary, refused: list[UUID]) -> None:
    state = CapturedInvoice.State
    rows = CapturedInvoice.objects.filter(company=company)
    summary.invoices = rows.count()
    summary.proposed = rows.exclude(fingerprint="").count()
    summary.posted = rows.filter(state=state.POSTED).count()
    summary.rejected = rows.filter(state=state.REJECTED).count()
    summary.waiting = summary.invoices - summary.posted - summary.rejected
    why: Counter[str] = Counter()
    for row in rows.filter(state__in=[state.DOUBTFUL, state.RECEIVED, state.ASKED]):
        looks = {f"{doubt.split('.')[0]} is to be looked at" for doubt in row.doubts}
        codes = {p["code"] for p in row.problems if p.get("severity") == "error"}
        why.update(looks or codes or {row.state})
    summary.why = dict(why.most_common())
    if refused:
        summary.why["refused by the ledger"] = len(refused)
    sums = Balance.objects.filter(company=company).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    summary.debit = str(sums["debit"] or Decimal("0.00"))
    summary.credit = str(sums["credit"] or Decimal("0.00"))
    problems = verify(company)
    summary.chain = "verified" if not problems else "; ".join(p.code for p in problems)


def _print(summary: Summary, password: str) -> None:
    click.echo(
        f"Invoices found: {summary.invoices}; proposed: {summary.proposed};"
        f" accounts opened: {summary.accounts_opened}; posted: {summary.posted};"
        f" waiting: {summary.waiting}; rejected: {summary.rejected}"
    )
    for reason, number in summary.why.items():
        click.echo(f"  waiting because {reason}: {number}")
    equal = "=" if summary.debit == summary.credit else "≠"
    click.echo(f"Debit {summary.debit} {equal} credit {summary.credit}; chain {summary.chain}")
    click.echo(f"Sign in as {EMAIL} with the password {password}  ({summary.seconds} s)")
