"""Processes that may die: in: a function and a fault, out: what became of it.

Each step runs in a process of its own, forked from one that has loaded the product and holds no connection, so
that a ``kill -9`` is one and costs as little as a fork.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.faults import Fault, arm

#: Seconds after which a process counts as hung; a busy machine is no reason.
PATIENCE = 300.0


@dataclass
class Ended:
    """How a process ended: ``done`` with its value, ``raised`` with the error's text, ``dead`` or ``hung``."""

    how: str
    value: Any = None
    points: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.how == "done"


class Process:
    """A forked process at work."""

    def __init__(
        self, work: Callable[..., Any], *arguments: Any, fault: Fault | None = None
    ) -> None:
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            _child(writer, work, arguments, fault)
        os.close(writer)
        self.reader = reader
        self.begun = time.monotonic()
        self.answer = bytearray()
        self.status: int | None = None

    def stopped(self, wait: float) -> bool:
        """Whether it stands still, at latest after ``wait`` seconds; False as soon as it has ended."""
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                return True
            if pid:
                self.status = status
                return False
            self._read(0.002)
        return False

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def _read(self, wait: float) -> None:
        if self.reader >= 0 and select.select([self.reader], [], [], wait)[0]:
            piece = os.read(self.reader, 1 << 16)
            if piece:
                self.answer += piece
            else:
                os.close(self.reader)
                self.reader = -1
        elif self.reader < 0:
            time.sleep(wait)

    def end(self, patience: float = PATIENCE) -> Ended:
        """Wait for its end; what outlasts ``patience`` is killed and called hung."""
        deadline = time.monotonic() + patience
        hung = False
        while self.status is None:
            self._read(0.005)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
            elif time.monotonic() > deadline:
                hung = True
                os.kill(self.pid, signal.SIGKILL)
                deadline += PATIENCE
        while self.reader >= 0:
            self._read(0.0 if os.WIFSIGNALED(self.status) else 1.0)
            if os.WIFSIGNALED(self.status) and self.reader >= 0:
                os.close(self.reader)
                self.reader = -1
        if hung:
            return Ended("hung")
        if os.WIFSIGNALED(self.status):
            return Ended("dead", f"signal {os.WTERMSIG(self.status)}")
        if not self.answer:
            return Ended("dead", "no answer")
        how, value, points = pickle.loads(self.answer)
        return Ended(how, value, points)


def _child(
    writer: int, work: Callable[..., Any], arguments: tuple[Any, ...], fault: Fault | None
) -> None:
    gc.disable()  # a short life; and a collection would copy what the fork shares
    points = arm(fault)
    try:
        answer = ("done", work(*arguments), dict(points.seen))
    except BaseException as error:  # noqa: BLE001  (whatever it is, the harness is told)
        text = "".join(traceback.format_exception_only(error)).strip()
        if os.environ.get("RAZAO_CHAOS_TRACE"):
            traceback.print_exc()
        answer = ("raised", text, dict(points.seen))
    content = pickle.dumps(answer)
    while content:
        content = content[os.write(writer, content) :]
    os._exit(0)


def run(work: Callable[..., Any], *arguments: Any, fault: Fault | None = None) -> Ended:
    """Run ``work`` in a process of its own to its end."""
    return Process(work, *arguments, fault=fault).end()
