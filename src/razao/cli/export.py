"""``razao export year``: a company's fiscal year in, a folder that proves itself without Razão out."""

from __future__ import annotations

from pathlib import Path

import click

from razao.cli.acting import acting, of_company, problems_json, show, show_problems
from razao.companies.rights import May
from razao.delivery.year_export import export_year


@click.group()
def export() -> None:
    """What leaves Razão for good."""


@export.command("year")
@of_company
@click.option("--year", required=True, help="Code of the fiscal year.")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="New or empty folder.",
)
def year_command(company: str, user: str | None, *, as_json: bool, year: str, folder: Path) -> None:
    """Entries, files, deliveries and hash chain of a year, with verify.py, which checks them anywhere."""
    with acting(company, user, as_json=as_json, right=May.CONFIGURE) as access:
        done = export_year(access, year, folder)
    if as_json:
        show(
            {
                "folder": str(done.folder),
                "chain": {"position": done.links, "hash": done.end},
                "entries": done.entries,
                "files": done.files,
                "saft_problems": problems_json(list(done.saft_problems)),
            }
        )
        return
    show_problems(done.saft_problems, as_json=False)
    click.echo(f"{done.folder}: {done.entries} entries, {done.files} files")
    click.echo(f"The chain ends at {done.links}:{done.end}")
    click.echo(f"Check it anywhere: python3 {done.folder / 'verify.py'}")
