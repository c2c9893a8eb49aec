"""The harness: seeds in; each one's story told with its faults, one line a seed, totals and an exit code out.

Exit code 1 when an invariant is broken. Everything lies in a home of the run's own, removed at its end.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import resource
import shutil
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
from django.conf import settings
from django.urls import get_resolver

from razao.capture.reading.read import read_bytes
from razao.config import database, postgres
from razao.countries.pack import available, load
from tests.chaos import life
from tests.chaos.faults import STANDS_STILL, Fault
from tests.chaos.place import Place
from tests.chaos.processes import Ended, Process, run
from tests.chaos.story import Step, Story, story

TRIES = 4


class Broken(Exception):
    """A step of the harness itself did not work."""


def must(ended: Ended, what: str) -> Any:
    if not ended.ok:
        raise Broken(f"{what}: {ended.how} {ended.value}")
    return ended.value


class House:
    """The home of a run: server, office, papers; and one company a seed."""

    def __init__(self, papers: int) -> None:
        self.home = Path(settings.RAZAO_HOME)
        # As for the processes: the kernel lives on. What is committed is written at once all the same.
        postgres.SERVER_SETTINGS |= {"fsync": "off", "full_page_writes": "off"}
        database.start_server()
        must(run(_migrate), "migrate")
        self.papers_folder = self.home / "papers"
        self.papers = must(run(life.write_papers, self.papers_folder, papers), "papers")
        self.office, self.administrator = must(run(life.open_house), "office")
        self.counts: dict[str, dict[str, int]] = {}
        self.server = self.ended_servers = 0.0
        _warm([self.papers_folder / name for name in self.papers[:3]])

    def used(self) -> float:
        """Seconds of a core that all ended processes of the run have used, those of the server that ended with it too."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        with suppress(psutil.Error, OSError, ValueError):
            pid = (postgres.data_folder(self.home) / "postmaster.pid").read_text().split()[0]
            times = psutil.Process(int(pid)).cpu_times()
            self.server = times.user + times.system + times.children_user + times.children_system
        return children.ru_utime + children.ru_stime + self.ended_servers + self.server

    def close(self) -> None:
        postgres.stop(self.home, "immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    def rehearse(self) -> None:
        """Live one story without faults, and remember how many calls each of its steps makes."""
        telling = Telling(self, story(-1, self.papers, {}))
        problems = telling.tell()
        if problems:
            raise Broken(f"without any fault: {problems}")
        self.counts = telling.counts

    def live(self, seed: int) -> tuple[Story, list[str]]:
        """One seed; answers with its story and the invariants it broke."""
        told = story(seed, self.papers, self.counts)
        return told, Telling(self, told).tell()


class Telling:
    """One story as it happens."""

    def __init__(self, house: House, told: Story) -> None:
        self.house, self.story = house, told
        self.counts: dict[str, dict[str, int]] = {}
        self.handed_in: list[str] = []
        self.deliveries: list[str] = []
        self.place: Place | None = None

    def tell(self) -> list[str]:
        try:
            return self._tell()
        except Broken as broken:
            return [str(broken)]

    def _tell(self) -> list[str]:
        house, seed = self.house, self.story.seed
        mail = house.home / "mail" / str(seed)
        mail.mkdir(parents=True, exist_ok=True)
        self.place = must(
            run(life.found, seed, house.office, house.administrator, str(mail)), "a company"
        )
        for name in self.story.dropped:
            self._drop(name)
        for step in self.story.steps:
            self._take(step)
        if self.story.again:
            must(run(life.every_job_again, self.place), "jobs again")
        told = {"deliveries": self.deliveries}
        problems: list[str] = must(run(life.finish, self.place, self.handed_in, told), "the end")
        return problems

    def _drop(self, name: str) -> None:
        """A scanner puts a file into the source folder."""
        assert self.place is not None
        content = (self.house.papers_folder / name).read_bytes()
        path = Path(self.place.folder) / name
        path.write_bytes(content)
        old = time.time() - 60
        os.utime(path, (old, old))
        self.handed_in.append(hashlib.sha256(content).hexdigest())

    def _take(self, step: Step) -> None:
        """Let a step happen with its fault; whoever was not told that it was done does it again."""
        work, arguments = self._work(step)
        ended = self._with_fault(step, work, arguments)
        if ended.ok:
            self._count(step.name, ended)
        for _ in range(TRIES):
            if ended.ok:
                break
            if step.name == "work":
                self._settle()
                break
            ended = run(work, *arguments)
        else:
            raise Broken(f"{step.name}: {ended.how} {ended.value}")
        self._told(step)
        if step.name == "work":
            self._settle()

    def _work(self, step: Step) -> tuple[Any, tuple[Any, ...]]:
        assert self.place is not None
        arguments: list[Any] = [self.place]
        if step.name == "upload":
            arguments.append(str(self.house.papers_folder / step.argument))
        elif step.name == "ask_for_plan":
            arguments.append(str(self._table()))
        elif step.name.startswith("send_"):
            arguments.append(step.argument)
        return getattr(life, step.name), tuple(arguments)

    def _table(self) -> Path:
        path = self.house.home / "sales" / f"{self.story.seed}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(life.sales(Random(f"sales {self.story.seed}"), self.story.seed))
        return path

    def _told(self, step: Step) -> None:
        """Remember what was promised."""
        if step.name == "upload":
            content = (self.house.papers_folder / step.argument).read_bytes()
            self.handed_in.append(hashlib.sha256(content).hexdigest())
        elif step.name.startswith("send_"):
            self.deliveries.append(step.argument)

    def _with_fault(self, step: Step, work: Any, arguments: tuple[Any, ...]) -> Ended:
        if step.pair:
            other = Process(work, *arguments)
            ended = run(work, *arguments)
            other.end()
            return ended
        process = Process(work, *arguments, fault=step.fault)
        if step.fault and step.fault.kind in STANDS_STILL and process.stopped(20.0):
            self._strike(step.fault, process)
        return process.end()

    def _strike(self, fault: Fault, process: Process) -> None:
        """What the harness does while a process stands still."""
        home = self.house.home
        if fault.kind == "server":
            self.house.used()
            self.house.ended_servers += self.house.server
            self.house.server = 0.0
            postgres.stop(home, "immediate")
            postgres.start(home)
        elif fault.kind == "drop":
            database_sessions_end()
        else:
            assert self.place is not None
            must(run(life.time_passes, fault=None), "time")
            other = Process(life.work, self.place)
            other.stopped(1.0)  # as far as the locks of the sleeper let it
            process.go_on()
            other.end()
            return
        process.go_on()

    def _settle(self) -> None:
        must(run(life.settle, self.place), "the queue")

    def _count(self, name: str, ended: Ended) -> None:
        kept = self.counts.setdefault(name, {})
        for point, number in ended.points.items():
            kept[point] = max(kept.get(point, 0), number)


def database_sessions_end() -> None:
    """Every session of the application ends, as when a router between them is restarted."""
    with database._administration() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'razao_app'"
        )


def _migrate() -> None:
    database.migrate()


def _load() -> None:
    """Import what the processes will need, so that a fork finds it there."""
    get_resolver().url_patterns  # noqa: B018
    import razao.cli.billing
    import razao.config.wsgi
    import razao.kernel.jobs  # noqa: F401


def _warm(papers: list[Path]) -> None:
    """Read what every process would read anew: the countries' packs, and how to read a paper. Nothing with threads."""
    for country in available():
        load(country)
    for path in papers:
        read_bytes(path.read_bytes(), path.name)
    gc.collect()
    gc.freeze()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="*", help="these seeds alone")
    parser.add_argument("--papers", type=int, default=24)
    chosen = parser.parse_args()
    seeds = chosen.only or range(chosen.first, chosen.first + chosen.seeds)
    _load()
    house = House(chosen.papers)
    enough = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: enough.set())
    try:
        return _all(house, list(seeds), enough)
    finally:
        house.close()


def _all(house: House, seeds: list[int], enough: threading.Event) -> int:
    """Every seed in turn, or those until somebody says that it is enough (SIGTERM)."""
    house.rehearse()
    begun, used = time.monotonic(), house.used()
    broken: dict[int, list[str]] = {}
    struck: Counter[str] = Counter()
    done = 0
    for seed in seeds:
        if enough.is_set():
            break
        done += 1
        started = time.monotonic()
        told, problems = house.live(seed)
        struck.update(step.fault.kind if step.fault else "pair" for step in told.faults)
        if told.again:
            struck["again"] += 1
        if problems:
            broken[seed] = problems
        faults = "; ".join(map(str, told.faults)) + ("; every job again" if told.again else "")
        seconds = time.monotonic() - started
        print(
            f"seed {seed}: {faults} → {'BROKEN' if problems else 'ok'} ({seconds:.1f} s)",
            flush=True,
        )
        for problem in problems:
            print(f"    {problem}", flush=True)
    spent = house.used() - used
    _sum_up(seeds[:done], broken, struck, time.monotonic() - begun, spent)
    return 1 if broken else 0


def _sum_up(
    seeds: list[int],
    broken: dict[int, list[str]],
    struck: Counter[str],
    seconds: float,
    spent: float,
) -> None:
    kinds = ", ".join(f"{kind} {number}" for kind, number in struck.most_common())
    print(f"{len(seeds)} seeds, {sum(struck.values())} faults ({kinds})")
    count = sum(map(len, broken.values()))
    print(f"{count} invariants broken in {len(broken)} seeds {sorted(broken)}")
    each = spent / max(1, len(seeds))
    print(f"{seconds:.0f} s, {seconds / max(1, len(seeds)):.2f} s a seed ({each:.2f} s of a core)")
