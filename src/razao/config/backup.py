"""Backups: in: the installation and a folder, out: a dump and every file that it names, of one instant; and back into an empty home.

The list of files is read in the very snapshot that is dumped. Archived contents never change and lie under their hash, so
they are copied afterwards, checked against it, and shared by all backups of a folder:

    DIR/20261122T011500Z/   backup.json (written last), database.dump, files.txt, secret_key, intake/
    DIR/files/<company>/<xx>/<sha256>
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID, uuid4

import psycopg
from django.conf import settings

from razao.archive import store
from razao.archive.models import Folder
from razao.config import postgres

MANIFEST, DUMP, LIST, KEY = "backup.json", "database.dump", "files.txt", "secret_key"
#: What the archive must hold at the snapshot's instant.
FILES = """
SELECT DISTINCT g.folder, g.company_id::text, f.sha256, f.size FROM archive_filing g
JOIN archive_storedfile f ON f.id = g.file_id ORDER BY 2, 3, 1
"""


class CannotBackUp(Exception):
    """A backup or a restore is refused or failed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the list: a content and a folder in which it lies."""

    folder: str
    company: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    version: str
    at: str
    files: int
    bytes: int
    copied: int
    dump_sha256: str
    list_sha256: str
    lost: tuple[str, ...] = ()
    """contents that the archive should have held and did not: the backup is whole but for them"""


def back_up(to: Path) -> tuple[Path, Manifest]:
    """A new backup below ``to``. Raises CannotBackUp, and OSError where ``to`` cannot be written."""
    at = datetime.now(UTC)
    place = to / at.strftime("%Y%m%dT%H%M%S.%fZ")
    place.mkdir(parents=True, mode=0o700)
    # Before the snapshot: a file that is received meanwhile is in both, and known by its content then.
    _copy_intake(Path(settings.RAZAO_INTAKE), place / "intake")
    kept = _dump(place / DUMP)
    listed = "".join(f"{k.folder}\t{k.company}\t{k.sha256}\t{k.size}\n" for k in kept)
    (place / LIST).write_text(listed)
    _copy_key(Path(settings.RAZAO_HOME) / KEY, place / KEY)
    copied, lost = _copy_contents(kept, to / "files")
    contents = {(k.company, k.sha256): k.size for k in kept}
    manifest = Manifest(
        version=settings.RAZAO_VERSION,
        at=at.isoformat(),
        files=len(contents),
        bytes=sum(contents.values()),
        copied=copied,
        dump_sha256=store.hash_of(place / DUMP),
        list_sha256=store.hash_of(place / LIST),
        lost=tuple(lost),
    )
    _write_manifest(place, manifest)
    return place, manifest


def _server() -> dict[str, str]:
    """The owner's door, as libpq takes it."""
    found = settings.DATABASES["owner"]
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
    server = {word: str(found[name]) for name, word in names.items() if found[name]}
    options = cast("dict[str, str]", found["OPTIONS"])
    return {**server, "dbname": str(found["NAME"]), **options}


def _environment(server: dict[str, str]) -> dict[str, str]:
    """A client's environment: the password is told there and not in its arguments, which others see."""
    words = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    told = {words[word]: value for word, value in server.items() if word in words}
    others = {k: v for k, v in server.items() if k not in words and k != "dbname"}
    told |= {f"PG{word.upper()}": value for word, value in others.items()}
    return {**os.environ, **told, "LC_ALL": "C.UTF-8"}


def _dump(to: Path) -> list[Kept]:
    """Dump the database and answer with the files that it names, both of one snapshot."""
    server = _server()
    with psycopg.connect(**server) as connection:  # type: ignore[arg-type]  # libpq's own words
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        options = ["--format=custom", "--compress=1", "--no-password", f"--snapshot={row[0]}"]
        with to.open("xb") as out:
            to.chmod(0o600)
            _client("pg_dump", *options, server["dbname"], server=server, output=out.fileno())
            os.fsync(out.fileno())
        return [Kept(*found) for found in connection.execute(FILES)]


def _client(
    program: str,
    *arguments: str,
    server: dict[str, str],
    output: int | None = None,
    given: int | None = None,
) -> None:
    """Run a client of PostgreSQL as ourselves. Raises CannotBackUp with what it said."""
    done = subprocess.run(
        [str(postgres.binaries() / program), *arguments],
        stdin=subprocess.DEVNULL if given is None else given,
        stdout=subprocess.DEVNULL if output is None else output,
        stderr=subprocess.PIPE,
        env=_environment(server),
        check=False,
    )
    if done.returncode:
        raise CannotBackUp(f"{program}: {done.stderr.decode(errors='replace').strip()[-1500:]}")


def _copy_contents(kept: Iterable[Kept], pool: Path) -> tuple[int, list[str]]:
    """Bring every content into the pool that is not there; how many were copied, and which are lost."""
    copied, lost = 0, []
    for company, sha in dict.fromkeys((k.company, k.sha256) for k in kept):
        target = _in_pool(pool, company, sha)
        if target.exists():
            continue
        if _copy_content(UUID(company), sha, target):
            copied += 1
        else:
            lost.append(f"{company}/{sha}")
    return copied, lost


def _in_pool(pool: Path, company: str, sha256: str) -> Path:
    return pool / company / sha256[:2] / sha256


def _copy_content(company: UUID, sha256: str, target: Path) -> bool:
    """Copy a content from whichever folder holds it whole. It may move from one to another meanwhile: look twice."""
    for folder in (*Folder, *Folder):
        with contextlib.suppress(FileNotFoundError):
            with store.read(folder, company, sha256) as content:
                found = _written(content, target)
            if found == sha256:
                return True
            target.unlink()
    return False


def _copied(source: Path, target: Path) -> str:
    """Copy a file durably; the hash of what went over."""
    with source.open("rb") as content:
        return _written(content, target)


def _written(content: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f".part-{uuid4().hex}")
    with part.open("xb") as out:
        part.chmod(0o600)
        while piece := content.read(1 << 20):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)
    _sync(target.parent)
    return digest.hexdigest()


def _copy_intake(source: Path, target: Path) -> None:
    """Files that lie in source folders and were not received yet. One that is received meanwhile is simply gone."""
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):
                _copied(path, target / path.relative_to(source))


def _copy_key(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        _copied(source, target)


def _write_manifest(place: Path, manifest: Manifest) -> None:
    part = place / f"{MANIFEST}.part"
    with part.open("x") as out:
        json.dump(asdict(manifest), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    part.replace(place / MANIFEST)
    _sync(place)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Restore -------------------------------------------------------------------------------------------------------


def newest(found: Path) -> Path:
    """The backup meant by a path: itself, or the newest whole one in it. Raises CannotBackUp."""
    if (found / MANIFEST).is_file():
        return found
    whole = sorted(path.parent for path in found.glob(f"*/{MANIFEST}"))
    if not whole:
        raise CannotBackUp(f"{found} holds no whole backup (a folder with {MANIFEST})")
    return whole[-1]


def listed(place: Path) -> list[Kept]:
    """The files of a backup."""
    rows = (line.split("\t") for line in (place / LIST).read_text().splitlines())
    return [Kept(folder, company, sha, int(size)) for folder, company, sha, size in rows]


def check_backup(place: Path) -> tuple[Manifest, list[str]]:
    """Read a backup as a whole, as restoring would; what it says of itself, and what is damaged or missing."""
    said = json.loads((place / MANIFEST).read_text())
    manifest = Manifest(**{**said, "lost": tuple(said["lost"])})
    wanted = {DUMP: manifest.dump_sha256, LIST: manifest.list_sha256}
    damaged = [
        f"{name} is damaged" for name, sha in wanted.items() if _hash_or_none(place / name) != sha
    ]
    if not damaged:
        damaged += _damaged_contents(place, set(manifest.lost))
    return manifest, damaged


def _damaged_contents(place: Path, lost: set[str]) -> Iterator[str]:
    pool = place.parent / "files"
    for company, sha in dict.fromkeys((k.company, k.sha256) for k in listed(place)):
        if f"{company}/{sha}" in lost:
            continue
        if _hash_or_none(_in_pool(pool, company, sha)) != sha:
            yield f"file {company}/{sha} is missing or damaged"


def _hash_or_none(path: Path) -> str | None:
    try:
        return store.hash_of(path)
    except FileNotFoundError:
        return None


def refuse_what_is_there() -> None:
    """Refuse a home, an archive or a database that holds anything. Raises CannotBackUp."""
    home = Path(settings.RAZAO_HOME)
    if not settings.RAZAO_DATABASE_URL and (postgres.data_folder(home) / "PG_VERSION").exists():
        raise CannotBackUp(f"{home} has a database: restore into an empty RAZAO_HOME")
    for folder in Folder:
        if not store.place(folder).is_empty():
            raise CannotBackUp(f"{store.route(folder)} is not empty: restore into empty folders")


def refuse_tables() -> None:
    """Refuse a database that has tables. Raises CannotBackUp."""
    with psycopg.connect(**_server()) as connection:  # type: ignore[arg-type]  # libpq's own words
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if row.fetchone() != (0,):
            raise CannotBackUp("the database has tables: restore into an empty one")


def restore_database(place: Path) -> None:
    """Fill the empty database from the dump, all or nothing. Raises CannotBackUp."""
    server = _server()
    options = ["--no-password", "--single-transaction", "--exit-on-error", "--dbname"]
    with (place / DUMP).open("rb") as dump:
        _client("pg_restore", *options, server["dbname"], server=server, given=dump.fileno())


def restore_files(place: Path) -> int:
    """Give every content its places in the archive, durable and checked; what waited in source folders goes back there."""
    pool = place.parent / "files"
    first: dict[tuple[str, str], Folder] = {}
    for kept in listed(place):
        folder, company = Folder(kept.folder), UUID(kept.company)
        key = (kept.company, kept.sha256)
        if key in first:
            store.spread(company, kept.sha256, first[key], folder)
            continue
        source = _in_pool(pool, *key)
        if source.exists():
            with source.open("rb") as content:
                store.settle(store.stage(content, folder, company), folder, company)
            first[key] = folder
    _copy_intake(place / "intake", Path(settings.RAZAO_INTAKE))
    return len(first)


def restore_key(place: Path) -> None:
    """The key that signs sessions and seals the secrets of sources, unless the environment gives one."""
    home = Path(settings.RAZAO_HOME)
    if (place / KEY).exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / KEY, home / KEY)
        (home / KEY).chmod(0o600)
