"""``razao backup`` and ``razao restore``: a folder in; a whole, checked backup, or a whole, checked installation out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import click
from django.conf import settings
from django.db import transaction

from razao.archive import chain, custody
from razao.capture import queries
from razao.companies.models import Company
from razao.config import backup as backups
from razao.config import database
from razao.delivery import proof
from razao.kernel.audit import record
from razao.kernel.tenancy import act_as, all_company_ids
from razao.ledger.integrity import verify

REFUSED = 1


@click.command()
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of backups, on another disk; files that it holds already are not copied again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
def backup(to: Path, *, as_json: bool) -> None:
    """Back up database and archive, consistent with each other, while everything runs."""
    try:
        place, manifest = backups.back_up(to)
    except (backups.CannotBackUp, OSError) as error:
        _refuse(str(error))
    _remember(place, manifest)
    if as_json:
        click.echo(json.dumps({"backup": str(place), **asdict(manifest)}))
    else:
        mib = manifest.bytes >> 20
        click.echo(f"{place}: {manifest.files} files, {mib} MiB, {manifest.copied} of them new")
    for lost in manifest.lost:
        click.echo(f"the archive lacks {lost}", err=True)
    if manifest.lost:
        raise click.exceptions.Exit(REFUSED)


def _remember(place: Path, manifest: backups.Manifest) -> None:
    """Write that a backup was made, for ``razao doctor``."""
    with transaction.atomic():
        act_as()
        told = {"at": manifest.at, "files": manifest.files, "lost": len(manifest.lost)}
        record("backup.made", user=None, subject=place, details=told)


@click.command()
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of backups (the newest whole one is taken), or one of them.",
)
@click.option("--check", is_flag=True, help="Read the backup as restoring would; restore nothing.")
@click.pass_obj
def restore(make_ready: Callable[[], None], source: Path, *, check: bool) -> None:
    """Restore a backup into an empty RAZAO_HOME, bring it to this version, and prove the books."""
    try:
        place = backups.newest(source)
        manifest, damaged = backups.check_backup(place)
        for what in damaged:
            click.echo(what, err=True)
        if damaged:
            raise backups.CannotBackUp(f"{place} is damaged: take another backup")  # noqa: TRY301
        click.echo(f"{place}: of {manifest.at}, {manifest.files} files, whole")
        if check:
            return
        _restore(place)
    except (backups.CannotBackUp, OSError) as error:
        _refuse(str(error))
    make_ready()
    _prove()


def _restore(place: Path) -> None:
    backups.refuse_what_is_there()
    backups.restore_key(place)
    database.start_server()
    backups.refuse_tables()
    files = backups.restore_files(place)
    # The database comes last: a restore that was cut off leaves one without tables.
    backups.restore_database(place)
    click.echo(f"database and {files} files are back in {settings.RAZAO_HOME}")


def _prove() -> None:
    """Check every company's books, chain and custody; exit code 1 where something is wrong."""
    proofs = [_proof(company) for company in all_company_ids()]
    for problem in (problem for problems in proofs for problem in problems):
        click.echo(problem, err=True)
    wrong = sum(map(len, proofs))
    click.echo(f"{len(proofs)} companies verified, {wrong} problems")
    if wrong:
        raise click.exceptions.Exit(REFUSED)


def _proof(company: UUID) -> list[str]:
    with transaction.atomic():
        act_as(companies=[company])
        named = Company.objects.get(pk=company)
        found = [*verify(named), *chain.check(company), *proof.check_records(company)]
        told = [f"{named}: {p.code} {p.where} {dict(p.values)}" for p in found]
        kept = custody.prove(company, queries.living(company))
        return told + [f"{named}: {p['code']} {p['where']}" for p in kept.problems]


def _refuse(text: str) -> NoReturn:
    click.echo(text, err=True)
    raise click.exceptions.Exit(REFUSED)
