"""``python -m razao.capture.samples --count 1000 --seed 7 --to DIR``: sample documents with their truth."""

from __future__ import annotations

from pathlib import Path

import click

from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import KINDS, samples, write


@click.command()
@click.option("--count", default=60, show_default=True, help="How many files.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same files.")
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="Folder.")
@click.option("--country", help="Country of the sellers; all when left out.")
@click.option("--kinds", help="Comma-separated kinds; a mix when left out.")
def main(count: int, seed: int, folder: Path, country: str | None, kinds: str | None) -> None:
    """Write sample documents and manifest.jsonl with what each says."""
    chosen = tuple(kinds.split(",")) if kinds else KINDS
    written = write(folder, samples(count, seed, Wanted(country=country), chosen))
    click.echo(f"{written} files in {folder}")


if __name__ == "__main__":
    main()
