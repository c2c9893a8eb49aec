"""``razao billing prepare|integrate|undo``: a source and options in, the plan or the posted batch out, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from razao.billing import flow
from razao.billing.models import Preparation
from razao.billing.sourcing import choice_of
from razao.booking.billing_rules import Options
from razao.cli.acting import person_named
from razao.companies.rights import Access, May, company_by_code
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused, as_json, explain

REFUSED = 1
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("billing")
def billing() -> None:
    """Turn a billing system's documents into entries: prepare, integrate, undo."""


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which documents are meant and how they are booked."""
    options = [
        click.option("--company", required=True, help="code of the company"),
        click.option("--user", help="e-mail of the person to act as"),
        click.option(
            "--source",
            required=True,
            help="KIND:PATH of a file, or KIND:NAME of a configured source",
        ),
        click.option("--from", "since", type=_DAY, help="first day of issue"),
        click.option("--to", "until", type=_DAY, help="last day of issue"),
        click.option(
            "--type",
            "types",
            multiple=True,
            help="billing type; all configured ones when none is named",
        ),
        click.option("--filter", "condition", default="", help="condition, such as: gross > 100"),
        click.option(
            "--day-totals",
            is_flag=True,
            help="one entry for the documents of a day, type and customer",
        ),
        click.option("--single", "number", help="one single entry for all, with this number"),
        click.option("--movement-date", type=_DAY, help="accounting date of every entry"),
        click.option(
            "--internal-date",
            is_flag=True,
            help="the document's internal date is the accounting date",
        ),
        click.option("--reflections", is_flag=True, help="process reflections"),
        click.option("--rubric", is_flag=True, help="internal reference of the lines as rubric"),
        click.option("--cost-centre", is_flag=True, help="post the cost centre"),
        click.option(
            "--check-cost-centre", is_flag=True, help="check that it is filled in where demanded"
        ),
        click.option("--inventory", is_flag=True, help="move perpetual inventory"),
        click.option("--without-gifts", is_flag=True, help="leave gifts out"),
        click.option(
            "--treasury-account", is_flag=True, help="use the account of the treasury place"
        ),
        click.option(
            "--json", "as_text", is_flag=True, flag_value=False, default=True, help="print JSON"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@billing.command("prepare")
@choosing
@click.pass_context
def prepare(
    context: click.Context,
    /,
    company: str,
    user: str | None,
    source: str,
    as_text: bool,
    **given: Any,
) -> None:
    """Show exactly what integrating would post, and what stands against it."""

    def work() -> dict[str, Any]:
        access = _access(company, user)
        kept = flow.prepare(access, choice_of(access.company, source), _options(given))
        return _prepared(access, kept)

    _run(context, work, as_text=as_text)


@billing.command("integrate")
@choosing
@click.option("--fingerprint", help="post only the plan with this fingerprint")
@click.pass_context
def integrate(
    context: click.Context,
    /,
    company: str,
    user: str | None,
    source: str,
    as_text: bool,
    fingerprint: str | None,
    **given: Any,
) -> None:
    """Prepare and post as one batch; documents with problems stay out."""

    def work() -> dict[str, Any]:
        access = _access(company, user)
        kept = flow.prepare(access, choice_of(access.company, source), _options(given))
        batch = flow.integrate(access, kept.pk, fingerprint or kept.fingerprint)
        done = {
            "batch": str(batch.id),
            "entries_posted": batch.entry_count,
            "hash": bytes(batch.hash or b"").hex(),
        }
        return _prepared(access, kept) | done

    _run(context, work, as_text=as_text)


@billing.command("undo")
@click.option("--company", required=True, help="code of the company")
@click.option("--user", help="e-mail of the person to act as")
@click.option("--source", help="undo the latest integration of this source")
@click.option("--preparation", type=click.UUID, help="undo the integration of this preparation")
@click.option("--from", "since", type=_DAY, hidden=True)
@click.option("--to", "until", type=_DAY, hidden=True)
@click.option("--date", "day", type=_DAY, help="date of the reversal; today when none is named")
@click.option("--reason", default="razao billing undo", show_default=True)
@click.option("--json", "as_text", is_flag=True, flag_value=False, default=True, help="print JSON")
@click.pass_context
def undo(
    context: click.Context,
    /,
    company: str,
    user: str | None,
    source: str | None,
    preparation: UUID | None,
    day: datetime | None,
    reason: str,
    as_text: bool,
    **period: Any,
) -> None:
    """Undo an integration as a whole, by a reversal batch; its documents can be integrated again."""
    del period

    def work() -> dict[str, Any]:
        access = _access(company, user)
        chosen = preparation or _latest(access, source)
        batch = flow.undo(
            access, chosen, day=day.date() if day else timezone.localdate(), reason=reason
        )
        return {"preparation": str(chosen), "reversal": str(batch.id), "entries": batch.entry_count}

    _run(context, work, as_text=as_text)


def _access(code: str, user: str | None) -> Access:
    return company_by_code(person_named(user), code, May.POST)


def _latest(access: Access, source: str | None) -> UUID:
    rows = Preparation.objects.filter(company=access.company, state=Preparation.State.INTEGRATED)
    found = (rows.filter(label=source) if source else rows).order_by("-created_at").first()
    if found is None:
        raise Refused(Problem("billing.not_integrated", values={"state": "–"}))
    return found.pk


def _options(given: dict[str, Any]) -> Options:
    def day(name: str) -> date | None:
        return given[name].date() if given[name] else None

    return Options(
        day_totals=given["day_totals"],
        reflections=given["reflections"],
        rubric=given["rubric"],
        cost_center=given["cost_centre"],
        check_cost_center=given["check_cost_centre"],
        inventory=given["inventory"],
        exclude_gifts=given["without_gifts"],
        treasury_account=given["treasury_account"],
        per_document=given["number"] is None,
        number=given["number"] or "",
        movement_date=day("movement_date"),
        internal_date=given["internal_date"],
        filter=given["condition"],
        types=given["types"],
        since=day("since"),
        until=day("until"),
    )


def _prepared(access: Access, kept: Preparation) -> dict[str, Any]:
    """A preparation as the interface promises it; amounts are texts with two decimals."""
    seen = flow.observe(access, kept.pk)
    return {
        "preparation": str(kept.pk),
        "fingerprint": kept.fingerprint,
        "documents": kept.documents,
        "ready": kept.ready,
        "entries": kept.entries,
        "lines": kept.lines,
        "total": str(kept.total),
        "ties": kept.ties,
        "tie_out": [
            {k: str(from_minor_units(v)) if isinstance(v, int) else str(v) for k, v in row.items()}
            for row in seen.tie_out.iter_rows(named=True)
        ],
        "problems": [
            {**row, "values": json.loads(row["values"])}
            for row in seen.plan.problems.iter_rows(named=True)
        ],
    }


def _run(context: click.Context, work: Callable[[], dict[str, Any]], *, as_text: bool) -> None:
    """Do the work in one transaction; print its outcome, or its problems with exit code 1."""
    try:
        with transaction.atomic():
            outcome = work()
    except NotFound as missing:
        _refused(context, [Problem("billing.not_here", where=str(missing))], [], as_text=as_text)
    except Refused as refusal:
        changed = getattr(refusal, "differences", [])
        _refused(context, list(refusal.problems), changed, as_text=as_text)
    else:
        click.echo(
            _text(outcome) if as_text else json.dumps(outcome, ensure_ascii=False, default=str)
        )


def _refused(
    context: click.Context, problems: list[Problem], changed: list[Any], *, as_text: bool
) -> None:
    if as_text:
        for problem in problems:
            told = explain(problem)
            click.echo(f"{problem.code}: {told.title}. {told.cause} {told.remedy}", err=True)
    else:
        told_all = {"problems": as_json(problems), "differences": changed}
        click.echo(json.dumps(told_all, ensure_ascii=False, default=str))
    context.exit(REFUSED)


def _text(outcome: dict[str, Any]) -> str:
    counts: dict[str, int] = {}
    for problem in outcome.get("problems", ()):
        counts[problem["code"]] = counts.get(problem["code"], 0) + 1
    lines = [f"{name}: {value}" for name, value in outcome.items() if not isinstance(value, list)]
    return "\n".join([*lines, *(f"  {code}: {count}" for code, count in sorted(counts.items()))])
