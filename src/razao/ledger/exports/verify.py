# ruff: noqa: T201
"""Checks an exported hash chain: chain.tsv in, "sound" or the first wrong line out. Needs Python 3.9 and nothing else.

    python verify.py chain.tsv [LAST_HASH] [--files DIR]

The format is described in docs/chain.md; this program shares no code with the one that wrote the file.
Exit code 0: sound; 1: something is wrong; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path


class Wrong(Exception):
    """The first thing that is wrong."""


class Verifier:
    """Reads the chain line by line; what it keeps of each entry is its id and its document."""

    def __init__(self, files: Path | None = None) -> None:
        self.files = files
        self.batches = self.entries = self.lines = self.seen = 0
        self.last = bytes(32)
        self.claimed = b""
        self.digest = hashlib.sha256()
        self.entry = hashlib.sha256()
        self.entry_id = ""
        self.debit = self.credit = Decimal(0)
        self.in_entry = False
        self.numbers: dict[tuple[str, str], int] = {}
        self.arrived: dict[tuple[str, str], list[int]] = {}
        self.live: dict[str, str] = {}
        self.document: dict[str, str] = {}

    def line(self, number: int, raw: bytes) -> None:
        """Take one line of the file."""
        self.seen = number
        if not raw.endswith(b"\n"):
            raise Wrong("the file is cut off")
        fields = raw[:-1].decode("utf-8").split("\t")
        take, length = {
            "B": (self.batch, 6),
            "E": (self.begin, 14),
            "L": (self.add, 13),
        }.get(fields[0], (None, 0))
        if take is None or len(fields) != length:
            raise Wrong("not a line of a chain")
        take(fields, raw)

    def batch(self, fields: list[str], _raw: bytes) -> None:
        """A batch begins: the one before must have the hash it claimed."""
        self.end_batch()
        if int(fields[1]) != self.batches + 1:
            raise Wrong(f"batch {fields[1]} where {self.batches + 1} was due")
        if bytes.fromhex(fields[4]) != self.last:
            raise Wrong(f"batch {fields[1]} is not linked to the one before")
        self.batches += 1
        self.claimed = bytes.fromhex(fields[5])
        self.digest = hashlib.sha256(self.last)
        self.entry_id = ""

    def begin(self, fields: list[str], raw: bytes) -> None:
        """An entry begins: ids ascend, a document has one live entry."""
        self.end_entry()
        if not self.batches or fields[1] <= self.entry_id:
            raise Wrong(f"entry {fields[1]} is out of order")
        self.entry_id, key, reversed_id = fields[1], fields[9], fields[13]
        self.arrived.setdefault((fields[2], fields[4]), []).append(int(fields[6]))
        if reversed_id:
            self.live.pop(self.document.get(reversed_id, ""), None)
        if key in self.live:
            raise Wrong(f"document {key} has two live entries")
        self.live[key] = self.entry_id
        self.document[self.entry_id] = key
        self.check_file(fields[12])
        self.entry = hashlib.sha256(raw)
        self.debit = self.credit = Decimal(0)
        self.in_entry = True
        self.entries += 1

    def add(self, fields: list[str], raw: bytes) -> None:
        """A line of the entry."""
        if not self.in_entry:
            raise Wrong("a line without its entry")
        self.entry.update(raw)
        self.debit += Decimal(fields[3])
        self.credit += Decimal(fields[4])
        self.lines += 1

    def end_entry(self) -> None:
        """The entry is whole: it must balance."""
        if not self.in_entry:
            return
        if self.debit != self.credit or not self.debit:
            raise Wrong(f"entry {self.entry_id} has {self.debit} against {self.credit}")
        self.digest.update(self.entry.digest())
        self.in_entry = False

    def end_batch(self) -> None:
        """The batch is whole: its hash must be the one claimed, its numbers go on where others ended."""
        self.end_entry()
        if not self.batches:
            return
        self.last = self.digest.digest()
        if self.last != self.claimed:
            raise Wrong(f"batch {self.batches} was changed: its entries give {self.last.hex()}")
        for series, numbers in self.arrived.items():
            start = self.numbers.get(series, 0) + 1
            if sorted(numbers) != list(range(start, start + len(numbers))):
                raise Wrong(f"numbers of {' '.join(series)} do not go on at {start}")
            self.numbers[series] = start + len(numbers) - 1
        self.arrived = {}

    def check_file(self, sha256: str) -> None:
        """The archived file, where the files are at hand."""
        if not sha256 or self.files is None:
            return
        path = self.files / sha256
        if not path.exists():
            raise Wrong(f"file {sha256} is missing")
        if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise Wrong(f"file {sha256} was changed")


def check(chain: Path, last_hash: str, files: Path | None) -> Verifier:
    """Read the whole file. Raises Wrong, or ValueError where a field has not the form it must have."""
    verifier = Verifier(files)
    try:
        with chain.open("rb") as file:
            for number, raw in enumerate(file, 1):
                verifier.line(number, raw)
        verifier.end_batch()
    except (Wrong, ValueError, InvalidOperation) as wrong:
        raise Wrong(f"line {verifier.seen}: {wrong}") from wrong
    if last_hash and verifier.last.hex() != last_hash.lower():
        raise Wrong(f"the last hash is {verifier.last.hex()}, not {last_hash}")
    return verifier


def main(arguments: list[str]) -> int:
    """Check the file named and say what was found."""
    parser = argparse.ArgumentParser(description="Checks an exported hash chain.")
    parser.add_argument("chain", type=Path)
    parser.add_argument("last_hash", nargs="?", default="")
    parser.add_argument("--files", type=Path, default=None, help="archived files, by their SHA-256")
    wanted = parser.parse_args(arguments)
    try:
        found = check(wanted.chain, wanted.last_hash, wanted.files)
    except Wrong as wrong:
        print(f"WRONG, {wrong}")
        return 1
    print(f"sound: {found.batches} batches, {found.entries} entries, {found.lines} lines")
    print(f"last hash: {found.last.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
