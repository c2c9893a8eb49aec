"""Checks the export of a company's year, without Razão: the folder in, every place that was changed out.

    python3 verify.py [FOLDER] [--expect POSITION:HASH]

Needs Python 3.9 or later and nothing else. Exit code 0: everything holds; 1: something does not, one line
for each place; 2: wrong usage. ``--expect`` compares a position of the chain with a hash known from elsewhere:
only that shows that the whole export was not made anew.

What is checked. Every file is what manifest.json says, and no other is there. The chain (chain.tsv): each link
is SHA-256 of the hash before it (32 bytes) and the text "position TAB kind TAB subject TAB digest TAB instant".
The records (records.tsv): SHA-256 of each line of JSON is its link's digest. Stored files: their content has the
SHA-256 of their record. Entries (entries.txt): debits equal credits, the lines E and L of an entry hash to its line
H, and the hashes of a batch's entries, in order, after the batch's previous hash, to the hash in its record.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

CHUNK = 1 << 20
OWN = {"manifest.json", "manifest.sha256"}
Link = tuple[str, str, str, str]  # kind, subject, digest, hash
Records = dict[str, dict[str, Any]]  # by id


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def check(folder: Path, expect: tuple[int, str] | None = None) -> Iterator[str]:
    """Every place where the export is not what it was, as ``place: what``."""
    try:
        raw = (folder / "manifest.json").read_bytes()
        seal = (folder / "manifest.sha256").read_bytes()
        if hashlib.sha256(raw).hexdigest().encode() + b"\n" != seal:
            yield "manifest.json: differs from manifest.sha256 (one of the two was changed)"
        manifest: dict[str, Any] = json.loads(raw)
        listed = {str(one["path"]): str(one["sha256"]) for one in manifest["files"]}
        end = (int(manifest["chain"]["position"]), str(manifest["chain"]["hash"]))
        roots = [(int(r["position"]), str(r["hash"])) for r in manifest["roots"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"manifest.json: cannot be read ({error!r})"
        return
    yield from check_files(folder, listed)
    links: dict[int, Link] = {}
    yield from check_chain(folder, links)
    for position, known in [end, *roots, *([expect] if expect else [])]:
        found = links[position][3] if position in links else "missing" if position else "0" * 64
        if found != known:
            yield f"chain.tsv position {position}: {found} where {known} was expected"
    if max(links, default=0) != end[0]:
        yield f"chain.tsv: ends at position {max(links, default=0)}, not at {end[0]}"
    records: Records = {}
    yield from check_records(folder, links, records)
    for record in records.values():
        if record["kind"] == "file":
            name = f"files/{record['sha256']}"
            if listed.get(name) != record["sha256"]:
                yield f"{name}: is not the file that was stored ({record['name']})"
    yield from check_entries(folder, records)


def check_files(folder: Path, listed: dict[str, str]) -> Iterator[str]:
    """Files that were changed, are missing, or were put in."""
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    for name in sorted(there - set(listed) - OWN):
        if not name.startswith("__pycache__"):
            yield f"{name}: is not in the manifest"
    for name, digest in sorted(listed.items()):
        if name not in there:
            yield f"{name}: is missing"
        elif sha256_of(folder / name) != digest:
            yield f"{name}: its content was changed"


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without their newline; a file that is missing has none."""
    if path.is_file():
        with path.open("rb") as file:
            yield from enumerate((line.rstrip(b"\n") for line in file), 1)


def check_chain(folder: Path, links: dict[int, Link]) -> Iterator[str]:
    """Links that do not follow from the one before; fills ``links``."""
    previous = bytes(32)
    for number, line in lines_of(folder / "chain.tsv"):
        try:
            place, kind, subject, digest, instant, stated = line.decode().split("\t")
            text = "\t".join((place, kind, subject, digest, instant))
            found = hashlib.sha256(previous + text.encode()).hexdigest()
            right = int(place) == number and str(number) == place and found == stated
            previous = bytes.fromhex(stated)
        except ValueError:
            yield f"chain.tsv line {number}: cannot be read"
            continue
        if not right:
            yield f"chain.tsv position {number}: does not follow from the link before"
        links[number] = (kind, subject, digest, stated)


def check_records(folder: Path, links: dict[int, Link], records: Records) -> Iterator[str]:
    """Records that are not what was chained; fills ``records`` by id."""
    for number, line in lines_of(folder / "records.tsv"):
        place, _, text = line.partition(b"\t")
        try:
            kind, subject, digest, _hash = links[int(place)]
            if hashlib.sha256(text).hexdigest() != digest:
                yield f"records.tsv line {number}: {kind} {subject} is not what was chained at {int(place)}"
            record = json.loads(text)
            records[str(record["id"])] = record
            if (record["kind"], record["id"]) != (kind, subject):
                yield f"records.tsv line {number}: belongs to another link"
        except (ValueError, KeyError, TypeError):
            yield f"records.tsv line {number}: cannot be read"


def check_entries(folder: Path, records: Records) -> Iterator[str]:
    """Entries that do not hash to what they did, and batches that are not made of theirs."""
    hashes: dict[str, list[str]] = {}
    yield from read_entries(folder / "entries.txt", hashes)
    batches = {key: record for key, record in records.items() if record["kind"] == "batch"}
    for key in sorted(set(batches) | set(hashes)):
        if key not in batches or key not in hashes:
            yield f"entries.txt batch {key}: is in one of records and entries only"
            continue
        record, stated = batches[key], hashes[key]
        try:
            joined = bytes.fromhex(record["previous_hash"]) + bytes.fromhex("".join(stated))
        except ValueError:
            joined = b""
        if hashlib.sha256(joined).hexdigest() != record["hash"] or len(stated) != record["entries"]:
            yield f"entries.txt batch {key} (number {record['sequence']}): its entries are not those posted"


def read_entries(path: Path, hashes: dict[str, list[str]]) -> Iterator[str]:
    """Entries whose lines do not hash to their line H; fills ``hashes`` by batch."""
    batch, text, name = "", b"", ""
    for number, line in lines_of(path):
        mark, _, rest = line.partition(b"\t")
        words = rest.decode(errors="replace")
        if mark == b"B":
            batch = words
            hashes[batch] = []
        elif mark in (b"E", b"L"):
            text += line + b"\n"
            name = words.split("\t")[0] if mark == b"E" else name
        elif mark == b"H" and batch:
            if hashlib.sha256(text).hexdigest() != words:
                yield f"entries.txt line {number}: entry {name} is not what was posted"
            elif balance_of(text):
                yield f"entries.txt line {number}: entry {name} does not balance"
            hashes[batch].append(words)
            text = b""
        else:
            yield f"entries.txt line {number}: cannot be read"


def balance_of(text: bytes) -> Decimal:
    """Debits less credits of an entry's lines L."""
    lines = [line.split("\t") for line in text.decode(errors="replace").split("\n")]
    return sum((Decimal(f[3]) - Decimal(f[4]) for f in lines if f[0] == "L"), Decimal(0))


def main(arguments: list[str]) -> int:
    """Run the check and print what it found."""
    expect = None
    if "--expect" in arguments:
        at = arguments.index("--expect")
        position, _, known = (arguments[at + 1 : at + 2] or [""])[0].partition(":")
        if not position.isdecimal() or len(known) != 64:
            sys.stderr.write((__doc__ or "") + "\n")
            return 2
        expect = (int(position), known.lower())
        del arguments[at : at + 2]
    folder = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    wrong = 0
    for wrong, place in enumerate(check(folder, expect), 1):  # noqa: B007  (counts them)
        sys.stdout.write(place + "\n")
    if not wrong:
        chain = json.loads((folder / "manifest.json").read_bytes())["chain"]
        sys.stdout.write(
            f"Everything holds. The chain ends at {chain['position']}:{chain['hash']}\n"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
