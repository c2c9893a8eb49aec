"""Work that may die in, its result or the way it died out: worker processes with limits of memory, CPU and wall time.

A worker is a fresh interpreter that is kept warm from file to file. The child limits its own memory and CPU
time; the parent watches the clock and kills. A dead worker is replaced; nothing else notices. What an engine keeps
from one task (caches for each shape of picture) counts against the next: a worker that has grown is replaced, and a task
at which a used worker died is tried once more in a fresh one before the file is blamed.
"""

from __future__ import annotations

import contextlib
import copyreg
import os
import queue
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import psutil


def _frozen(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


copyreg.pickle(MappingProxyType, lambda proxy: (_frozen, (dict(proxy),)))

T = TypeVar("T")
RECYCLE_BYTES = 1_800_000_000
"""a worker that has grown beyond this between two tasks is replaced by a fresh one"""
RECYCLE_SHARE = 2 / 3
"""so is one that has taken more than this part of the address space it may have: the rest is for the next task"""
START_SECONDS = 120.0
"""a fresh interpreter has so long to load on a busy machine"""
BOOT = "import sys; sys.path[:0] = [sys.argv[1]]; from razao.archive import sandbox; sandbox.serve(int(sys.argv[2]), *sys.argv[3:])"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(eq=False)
class Died(Exception):
    """The worker did not survive the task: ``reason`` is 'time', 'memory' or 'crash'."""

    reason: str


@dataclass(frozen=True)
class Budget:
    """Wall seconds of a task at its start, and what each unit of work that it announces adds."""

    seconds: float
    seconds_per_unit: float


class Worker(Generic[T]):
    """One child process that calls ``task`` ('module:function') with what it is sent."""

    def __init__(self, task: str, memory_bytes: int, budget: Budget) -> None:
        self.budget, self.memory_bytes = budget, memory_bytes
        parent, child = socket.socketpair()
        command = [sys.executable, "-c", BOOT, str(ROOT), str(child.fileno()), task]
        command += [str(memory_bytes), str(budget.seconds), str(budget.seconds_per_unit)]
        self.process = subprocess.Popen(
            command, pass_fds=[child.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        child.close()
        self.pipe = Connection(parent.detach())
        self.started = self.used = False

    def run(self, *arguments: Any) -> T:
        """The result of the task. Raises Died, and then the worker is of no more use."""
        try:
            self._await_start()
            deadline = time.monotonic() + self.budget.seconds
            self.pipe.send(arguments)
            while True:
                if not self.pipe.poll(max(0.0, deadline - time.monotonic())):
                    raise Died("time")
                kind, value = self.pipe.recv()
                if kind == "units":
                    deadline += value * self.budget.seconds_per_unit
                elif kind == "memory":
                    raise Died("memory")
                elif kind == "crash":
                    raise Died("crash")
                else:
                    self.used = True
                    return value  # type: ignore[no-any-return]
        except (EOFError, OSError) as error:
            raise Died("time" if self._killed_for_time() else "crash") from error

    def _await_start(self) -> None:
        """Wait until the child has loaded what it needs, which is no part of a task's time."""
        if not self.started:
            if not self.pipe.poll(START_SECONDS):
                raise Died("time")
            self.pipe.recv()
            self.started = True

    def _killed_for_time(self) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(2) == -24  # SIGXCPU
        return False

    def grown(self) -> bool:
        """True when the process holds so much memory that a fresh one is better."""
        try:
            held = psutil.Process(self.process.pid).memory_info()
        except psutil.Error:
            return True
        return bool(held.rss > RECYCLE_BYTES or held.vms > RECYCLE_SHARE * self.memory_bytes)

    def close(self) -> None:
        """End the process, whatever it does."""
        with contextlib.suppress(OSError):
            self.pipe.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Pool(Generic[T]):
    """A few workers for one task; threads borrow them one by one."""

    def __init__(self, task: str, size: int, memory_bytes: int, budget: Budget) -> None:
        self._make: Callable[[], Worker[T]] = lambda: Worker(task, memory_bytes, budget)
        self._free: queue.Queue[Worker[T] | None] = queue.Queue()
        self.size = size
        self.pid = os.getpid()
        for _ in range(size):
            self._free.put(None)

    def run(self, *arguments: Any) -> T:
        """The task's result from the next free worker. Raises Died."""
        worker = self._free.get()
        alive: Worker[T] | None = None
        try:
            if worker is not None and worker.process.poll() is not None:
                worker.close()
                worker = None
            worker = worker or self._make()
            try:
                result = worker.run(*arguments)
            except Died as death:
                if death.reason == "time" or not worker.used:
                    raise
                worker.close()
                worker = self._make()
                result = worker.run(*arguments)
            alive = worker
            return result
        finally:
            if worker is not None and (alive is None or worker.grown()):
                worker.close()
                alive = None
            self._free.put(alive)

    def close(self) -> None:
        """End all workers that are not at work."""
        for _ in range(self.size):
            worker = self._free.get()
            if worker is not None:
                worker.close()
        for _ in range(self.size):
            self._free.put(None)


def serve(descriptor: int, task: str, memory: str, seconds: str, seconds_per_unit: str) -> None:
    """The child's loop: take arguments, call the task, send its result; until the parent hangs up."""
    pipe = Connection(descriptor)
    budget = Budget(float(seconds), float(seconds_per_unit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    module, _, name = task.partition(":")
    function = getattr(import_module(module), name)
    pipe.send(("started", None))
    while True:
        try:
            arguments = pipe.recv()
        except (EOFError, OSError):
            return
        _allow_cpu(budget.seconds)

        def announce(units: int) -> None:
            pipe.send(("units", units))
            _allow_cpu(budget.seconds + units * budget.seconds_per_unit)

        try:
            answer = ("done", function(*arguments, announce))
        except MemoryError:
            answer = ("memory", None)
        except Exception:  # noqa: BLE001 - whatever a hostile file provokes ends here
            answer = ("crash", None)
        pipe.send(answer)


def _allow_cpu(seconds: float) -> None:
    """Let this process use so many more seconds of wall time on all cores."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))
