"""``make accuracy``: corpus folders and generated sets in, right fields and wholly right invoices by kind out."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import click

from razao.capture.accuracy.cases import Case, cases_abroad, corpus_cases, generated_cases
from razao.capture.accuracy.comparing import truth_of, value_of
from razao.capture.accuracy.tables import table
from razao.capture.accuracy.tally import Judged, Row, judge_file
from razao.capture.reading.document import Reading
from razao.capture.reading.read import read_files

DEVELOPMENT_SEED, HELD_BACK_SEED = 101, 20260
SHARED = Path("../shared/corpus")


@click.command()
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    help="Folder of corpus folders, or one of them. Default: ../shared/corpus where it is.",
)
@click.option(
    "--generated", default=120, show_default=True, help="Generated files in each half; 0 for none."
)
@click.option(
    "--abroad",
    default=8,
    show_default=True,
    help="Generated files of each other country; 0 for none.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    help="Keep the generated files here and use them again.",
)
@click.option(
    "--half",
    type=click.Choice(["both", "development", "held-back"]),
    default="both",
    show_default=True,
)
@click.option("--only", help="Only kinds whose name contains this.")
@click.option("--limit", type=int, help="At most so many files of each kind.")
@click.option("--processes", default=2, show_default=True)
@click.option("--show-wrong", is_flag=True, help="Print each wrong field with truth and reading.")
@click.option(
    "--show-held-back", is_flag=True, help="Let --show-wrong speak of held-back files too."
)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
def main(  # noqa: PLR0913 - one option each
    *, corpus: Path | None, generated: int, abroad: int, keep: Path | None, half: str, only: str | None, limit: int | None,
    processes: int, show_wrong: bool, show_held_back: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read files whose content is known and count what was read right."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        found = list(
            chosen(all_cases(corpus, keep or Path(scratch), generated, half, abroad), only, limit)
        )
        rows: dict[str, Row] = {}
        for case, reading in readings(found, processes):
            results = judge_file(case, reading)
            rows.setdefault(case.kind, Row(case.kind)).add(case, reading, results)
            if show_wrong and (show_held_back or not case.held_back):
                tell(case, reading, results)
    seconds = time.monotonic() - started
    if as_json:
        click.echo(
            json.dumps(
                {"seconds": round(seconds, 1), "kinds": [row.figures() for row in rows.values()]}
            )
        )
    else:
        click.echo(table(list(rows.values())))
        click.echo(f"\n{sum(row.files for row in rows.values())} files in {seconds:.0f} s")


def readings(found: list[Case], processes: int) -> Iterator[tuple[Case, Reading]]:
    """Each case with its reading, in the order of the cases, for the books of its country."""
    for books, group in groupby(found, key=lambda case: case.books):
        members = list(group)
        paths = [case.path for case in members]
        yield from zip(members, read_files(paths, country=books, processes=processes), strict=True)


def all_cases(
    corpus: Path | None, folder: Path, generated: int, half: str, abroad: int
) -> Iterator[Case]:
    """Corpus first, then the two generated halves, then the countries."""
    root = corpus or SHARED
    if root.is_dir():
        yield from corpus_cases(root)
    elif corpus:
        raise click.BadParameter(f"{corpus} is not a folder", param_hint="--corpus")
    if generated and half != "held-back":
        yield from generated_cases(
            folder / "development", generated, DEVELOPMENT_SEED, held_back=False
        )
    if generated and half != "development":
        yield from generated_cases(folder / "held-back", generated, HELD_BACK_SEED, held_back=True)
    if abroad:
        yield from cases_abroad(folder, abroad, DEVELOPMENT_SEED)


def chosen(cases: Iterable[Case], only: str | None, limit: int | None) -> Iterator[Case]:
    """The cases asked for."""
    seen: dict[str, int] = {}
    for case in cases:
        seen[case.kind] = seen.get(case.kind, 0) + 1
        if (only is None or only in case.kind) and (limit is None or seen[case.kind] <= limit):
            yield case


def tell(case: Case, reading: Reading, results: list[Judged]) -> None:
    """Each wrong field of a file, for those who improve the reader."""
    for problem in reading.problems if not reading.invoices else ():
        click.echo(f"{case.path}  {case.kind}  {problem.code} {dict(problem.values)}")
    if case.pile and len(reading.invoices) != len(case.truths):
        click.echo(
            f"{case.path}  {case.kind}  cuts: {[i.pages for i in reading.invoices]} for {[t['pages'] for t in case.truths]}"
        )
    for result in results:
        sure = " CONFIDENT" if result.confident and not result.posting_right else ""
        for name, right in result.verdict.items():
            if not right and result.invoice is not None:
                shown = f"{truth_of(result.truth, name)!s} ≠ {value_of(result.invoice, name)!s}"
                click.echo(f"{case.path}  {case.kind}  {name}: {shown}{sure}")


if __name__ == "__main__":
    main()
