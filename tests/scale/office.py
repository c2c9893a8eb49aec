"""An office at work on several machines: files come by folder and program, are read and posted, while one machine is cut off and one dies."""

from __future__ import annotations

import argparse
import threading
import time
from typing import Any

from bench.kills import Siege, counted, folder_of, prepare, ready
from tests.scale.machines import Host, Site, until

WORKERS = ("w1", "w2", "w3")


class Office(Siege):
    """The siege of ``bench kills``, on hosts: what is cut off is not told, what is killed loses its power."""

    def __init__(self, here: Site, wanted: argparse.Namespace) -> None:
        super().__init__(here.home, wanted)
        self.here = here
        self.told: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        """Receive, read and post all; count."""
        self.started = time.monotonic()
        self.access, self.key, papers = prepare(self.wanted.documents)
        self.folder = folder_of(self.access)
        self.web = f"http://{self.here.hosts['web'].address}:8000"
        half = len(papers) // 2
        for name, content in papers[:half]:
            (self.folder / name).write_bytes(content)
        for name in self.here.hosts:
            self.start(name)
        sender = threading.Thread(target=self.send, args=(papers[half:],))
        sender.start()
        try:
            self._reading()
            sender.join()
            self.until(self.all_read, "reading")
            self._posting()
            self.until(self.all_posted, "posting")
        finally:
            self.over = True
        return {
            "files": len(papers),
            "seconds": round(time.monotonic() - self.started),
            **self.told,
            **counted(self.access, self.folder, papers),
        }

    @property
    def address(self) -> str:
        return self.web

    def start(self, name: str) -> None:
        """Start a machine's process."""
        from razao.config.serve import web_command, worker_command

        command = web_command(8000, 1) if name == "web" else worker_command(name)
        command = [word.replace("127.0.0.1:", "0.0.0.0:") for word in command]
        self.here.hosts[name].start(command)

    def _reading(self) -> None:
        """While files are read: one machine is cut off, another one dies; the third goes on."""
        cut = self._middle("cut off while reading", WORKERS)
        cut.cut()
        begun = time.monotonic()
        dead = self._middle("killed while reading", [n for n in WORKERS if n != cut.name])
        dead.kill()
        until(lambda: self.here.sessions(cut) == 0, "the server sees that a machine is gone")
        self.told["seconds_until_server_knew"] = round(time.monotonic() - begun, 1)
        self.until(lambda: not self._owned_by_the_lost(), "jobs of the lost are given to others")
        self.told["seconds_until_jobs_moved"] = round(time.monotonic() - begun, 1)
        cut.mend()
        self.start(dead.name)
        until(lambda: self.here.sessions(cut) > 0, "the machine that was cut off is back")
        self.told["seconds_cut_off"] = round(time.monotonic() - begun, 1)

    def _posting(self) -> None:
        """The machine that posts is cut off in the middle of it, and comes back while another one posts."""
        self.ask_to_post()
        cut = self._middle("cut off while posting", WORKERS)
        cut.cut()
        begun = time.monotonic()
        until(lambda: self.here.sessions(cut) == 0, "the server sees that a machine is gone")
        self.told["posted_when_cut_off"] = self.wanted.documents - len(self._ready())
        cut.mend()
        until(lambda: self.here.sessions(cut) > 0, "the machine that was cut off is back")
        self.told["seconds_cut_off_posting"] = round(time.monotonic() - begun, 1)

    def _middle(self, what: str, among: Any) -> Host:
        """A worker's machine in the middle of a transaction that has written something."""
        hosts = [self.here.hosts[name] for name in among]
        found: Host = until(lambda: self.here.in_the_middle(hosts), what, pause=0.002)
        self.told[what.replace(" ", "_")] = found.name
        return found

    def _owned_by_the_lost(self) -> int:
        """Jobs of workers whose heartbeat is lost."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
                " WHERE j.status = 'doing' AND coalesce(w.last_heartbeat, '-infinity') < now() - interval '20 seconds'"
            )
            return int(cursor.fetchone()[0])

    def _ready(self) -> list[Any]:
        from bench.kills import acting

        with acting(self.access) as access:
            return ready(access)
