"""Machines: nothing in; a database over TCP, an object store and hosts in network namespaces of their own out, gone afterwards.

The database and the store stand on the bridge's own address. A host has its own home and reaches them over its link alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.archive.object_store import object_store

NET = "10.213.7"
CENTRE = f"{NET}.1"
BRIDGE = "razao-br"
PASSWORD = "so-para-este-ensaio"
PATIENCE = 180.0
WRITING = """
SELECT DISTINCT host(a.client_addr) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
JOIN pg_class c ON c.oid = l.relation
WHERE a.backend_xid IS NOT NULL AND l.mode = 'RowExclusiveLock' AND c.relname ~ '^(archive|capture|ledger)_'
"""


def ip(*words: str) -> None:
    """One command of ``ip``."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass
class Host:
    """A machine with one link, and the process that runs on it."""

    name: str
    number: int
    home: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{NET}.{self.number}"

    @property
    def space(self) -> str:
        return f"razao-{self.name}"

    @property
    def cable(self) -> str:
        return f"rz-{self.name}"

    def plug_in(self) -> None:
        ip("netns", "add", self.space)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        ip("link", "set", self.cable, "master", BRIDGE, "up")
        ip("-n", self.space, "addr", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", self.space, "link", "set", device, "up")

    def cut(self) -> None:
        """The link goes down: nobody is told."""
        ip("link", "set", self.cable, "down")

    def mend(self) -> None:
        ip("link", "set", self.cable, "up")

    def start(self, command: list[str]) -> None:
        """Run one process there, its words to a file."""
        self.home.mkdir(exist_ok=True)
        settings = {**os.environ, "RAZAO_HOME": str(self.home), "RAZAO_BIND": "0.0.0.0"}
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.space, *command],
                stdout=log,
                stderr=log,
                env=settings,
                start_new_session=True,
            )

    def kill(self) -> None:
        """The machine's power goes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_words(self) -> str:
        """The end of what its process said, and whether it lives."""
        log = self.home / "log"
        said = log.read_text(errors="replace")[-3000:] if log.exists() else ""
        return f"{said}\nended: {self.process.poll() if self.process else None}"

    def take_away(self) -> None:
        self.kill()
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.space)


@dataclass
class Site:
    """All machines; what the server sees of them."""

    home: Path
    hosts: dict[str, Host] = field(default_factory=dict)

    def asked(self, query: str, *values: object) -> list[Any]:
        """Rows of a query as the server's own administrator."""
        import psycopg

        from razao.config import postgres

        where = str(postgres.socket_folder(self.home))
        with psycopg.connect(host=where, user="postgres", dbname="razao") as door:
            return door.execute(query, values).fetchall()

    def sessions(self, host: Host) -> int:
        """Sessions that the server believes to have with a host."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s::inet"
        return int(self.asked(query, host.address)[0][0])

    def in_the_middle(self, among: list[Host]) -> Host | None:
        """A host with a transaction that has written documents or entries and is not committed."""
        writing = {row[0] for row in self.asked(WRITING)}
        return next((host for host in among if host.address in writing), None)


def until(
    done: Callable[[], Any], what: str, patience: float = PATIENCE, pause: float = 0.2
) -> Any:
    """Wait for something; its value. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while not (value := done()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(pause)
    return value


@contextmanager
def site() -> Iterator[Site]:
    """A web machine and three workers, a server and a store; this process stands beside the server."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Path(tempfile.mkdtemp(prefix="razao-scale-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        _bridge(stack)
        store = stack.enter_context(object_store(CENTRE))
        os.environ.update(_settings(home, store))
        from razao.config import postgres
        from razao.config.command import settings_ready

        settings_ready()
        stack.callback(postgres.stop, home, "immediate")
        _database(home)
        here = Site(home)
        for number, name in enumerate(("web", "w1", "w2", "w3"), 2):
            host = here.hosts[name] = Host(name, number, home / name)
            stack.callback(host.take_away)
            host.plug_in()
        yield here


def _bridge(stack: ExitStack) -> None:
    ip("link", "add", BRIDGE, "type", "bridge")
    stack.callback(ip, "link", "del", BRIDGE)
    ip("addr", "add", f"{CENTRE}/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")


def _settings(home: Path, store: str) -> dict[str, str]:
    """What every machine is told; source folders are on a network disk, as for a scanner."""
    return {
        "RAZAO_HOME": str(home),
        "RAZAO_DATABASE_URL": f"postgresql://razao_app:{PASSWORD}@{CENTRE}/razao",
        "RAZAO_OWNER_DATABASE_URL": f"postgresql://razao_owner:{PASSWORD}@{CENTRE}/razao",
        "RAZAO_SECRET_KEY": "um-segredo-comum-a-todas-as-maquinas-deste-ensaio",
        "RAZAO_ARCHIVE": "s3://razao/arquivo",
        "RAZAO_S3_ENDPOINT": store,
        "RAZAO_S3_REGION": "us-east-1",
        "RAZAO_INTAKE": str(home / "intake"),
        "RAZAO_HOSTS": "*",
        "AWS_ACCESS_KEY_ID": "chave",
        "AWS_SECRET_ACCESS_KEY": "segredo",
    }


def _database(home: Path) -> None:
    """A server that listens on the bridge and asks for passwords."""
    from razao.config import database, postgres
    from razao.config.command import make_ready

    postgres.SERVER_SETTINGS |= {"listen_addresses": CENTRE}
    postgres.start(home)
    database.create_database("razao")
    with (postgres.data_folder(home) / "pg_hba.conf").open("a") as rules:
        rules.write(f"host razao razao_app,razao_owner {NET}.0/24 scram-sha-256\n")
    with database._administration() as door:
        for role in ("razao_app", "razao_owner"):
            door.execute(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")
        door.execute("SELECT pg_reload_conf()")
    make_ready()
    from razao.archive import store
    from razao.archive.models import Folder

    store.place(Folder.PC_OCR).client.create_bucket(Bucket="razao")  # type: ignore[attr-defined]
