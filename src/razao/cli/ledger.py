"""``razao ledger …``: a company's code in; its trial balance, the state of its books, or its entries for other programs out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, TextIO

import click
from django.db.models import Sum

from razao.cli.acting import REFUSED, acting, of_company, problems_json, show, show_problems
from razao.companies.models import Company, FiscalYear
from razao.kernel.problems import NotFound
from razao.ledger.balances import LAST_PERIOD, TrialBalance, TrialRow, trial_balance
from razao.ledger.chart_import import import_chart
from razao.ledger.exports import beancount, hledger
from razao.ledger.integrity import verify as verify_books
from razao.ledger.models import Balance, Batch
from razao.reports.parameters import fiscal_year_of
from razao.reports.saft import writer as saft

PERIOD = click.IntRange(0, LAST_PERIOD)


@click.group()
def ledger() -> None:
    """The posted entries of a company."""


@ledger.command("trial-balance")
@of_company
@click.option("--year", default=None, help="Fiscal year (default: the last one with postings).")
@click.option("--from-period", "first", type=PERIOD, default=1, show_default=True)
@click.option("--to-period", "last", type=PERIOD, default=LAST_PERIOD, show_default=True)
@click.option("--cost-center", default=None, help="Only lines of this cost centre.")
@click.option("--accounts-only", is_flag=True, help="Leave headings out.")
def trial_balance_command(
    company: str,
    user: str | None,
    *,
    as_json: bool,
    year: str | None,
    first: int,
    last: int,
    cost_center: str | None,
    accounts_only: bool,
) -> None:
    """Sums and balances of every account."""
    with acting(company, user, as_json=as_json) as access:
        balance = trial_balance(
            access.company,
            year=year or _last_year(access.company),
            first=first,
            last=last,
            cost_center=cost_center,
            headings=not accounts_only,
        )
    if as_json:
        show(_as_json(balance))
        return
    click.echo(f"{'account':<14}{'':36}{'opening':>16}{'debit':>16}{'credit':>16}{'balance':>16}")
    for row in (*balance.rows, balance.total):
        name = row.name[:34] if row.code else f"total {balance.year}"
        amounts = (row.opening, row.debit, row.credit, row.balance)
        click.echo(f"{row.code:<14}{name:<36}" + "".join(f"{amount:>16}" for amount in amounts))


def _last_year(company: Company) -> str:
    """Code of the last fiscal year that has postings. Raises NotFound for a company without fiscal years."""
    years = FiscalYear.objects.filter(company=company).order_by("-start")
    posted = years.filter(pk__in=Balance.objects.filter(company=company).values("fiscal_year"))
    found = posted.first() or years.first()
    if found is None:
        raise NotFound("fiscal year")
    return found.code


def _as_json(balance: TrialBalance) -> dict[str, object]:
    return {
        "year": balance.year,
        "from_period": balance.first,
        "to_period": balance.last,
        "accounts": [_row_json(row) for row in balance.rows],
        "total": _row_json(balance.total),
    }


def _row_json(row: TrialRow) -> dict[str, object]:
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "postable": row.postable,
        "level": row.level,
        "opening_debit": row.opening_debit,
        "opening_credit": row.opening_credit,
        "debit": row.debit,
        "credit": row.credit,
        "balance": row.balance,
    }


@ledger.command()
@of_company
@click.pass_context
def verify(context: click.Context, company: str, user: str | None, *, as_json: bool) -> None:
    """Check everything stored again: hashes, chain, numbers, balances; names the first row that is wrong."""
    with acting(company, user, as_json=as_json) as access:
        problems = verify_books(access.company)
        sums = Batch.objects.filter(company=access.company).aggregate(
            entries=Sum("entry_count"), lines=Sum("line_count"), total=Sum("total")
        )
        batches = Batch.objects.filter(company=access.company).count()
    counted = {
        "batches": batches,
        "entries": sums["entries"] or 0,
        "lines": sums["lines"] or 0,
        "total": sums["total"] or Decimal("0.00"),
    }
    if as_json:
        show({"sound": not problems, **counted, "problems": problems_json(problems)})
    else:
        show_problems(problems, as_json=False)
        said = ", ".join(f"{name} {value}" for name, value in counted.items())
        click.echo(f"{'sound' if not problems else 'NOT SOUND'}: {said}")
    context.exit(REFUSED if problems else 0)


@ledger.command("import-chart")
@of_company
@click.argument("file", type=click.File("rb"))
def import_chart_command(company: str, user: str | None, *, as_json: bool, file: BinaryIO) -> None:
    """Add the accounts of a CSV or XLSX file to the chart."""
    with acting(company, user, as_json=as_json) as access:
        done = import_chart(access, file.read())
    if as_json:
        show({"added": done.added, "changed": done.changed})
    else:
        click.echo(f"{done.added} accounts added, {done.changed} changed")


@ledger.group()
def export() -> None:
    """Write the entries as a file that other programs read."""


TO = click.option(
    "--to", type=click.File("w", "utf-8", lazy=True), default="-", help="File (default: print)."
)
YEAR = click.option("--year", default=None, help="Only this fiscal year.")
COMPANY = click.option("--company", required=True, help="Code of the company.")
USER = click.option("--user", default=None, help="E-mail of the person to act as.")


@export.command("hledger")
@COMPANY
@USER
@YEAR
@TO
def hledger_command(company: str, user: str | None, year: str | None, to: TextIO) -> None:
    """For hledger (and Ledger)."""
    with acting(company, user) as access:
        _write(hledger.journal(access.company, year), to)


@export.command("beancount")
@COMPANY
@USER
@YEAR
@TO
def beancount_command(company: str, user: str | None, year: str | None, to: TextIO) -> None:
    """For Beancount (and Fava)."""
    with acting(company, user) as access:
        _write(beancount.journal(access.company, year), to)


@export.command("saft")
@COMPANY
@USER
@click.option("--year", default=None, help="Fiscal year (default: the last one with postings).")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File.")
def saft_command(company: str, user: str | None, year: str | None, to: Path) -> None:
    """The accounting file for the tax authority (SAF-T)."""
    with acting(company, user) as access:
        code = year or _last_year(access.company)
        saft.write(access.company, fiscal_year_of(access.company, code), to)
    click.echo(str(to))


def _write(lines: Iterator[str], to: TextIO) -> None:
    to.writelines(lines)
