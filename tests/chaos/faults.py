"""Faults: in: what is to go wrong and where, out: this process dying, failing or standing still at that very point.

A point is a call by which a process changes something outside itself or learns that it has: a statement, a commit, the
commit's answer, a synced file, a name given or taken away, a letter handed over. The calls of the libraries are wrapped
within the process under test alone; the product knows nothing of it.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import os
import resource
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.mail.backends import filebased

#: Kinds of points, in the order of a thing's life.
POINTS = ("execute", "commit", "committed", "fsync", "replace", "link", "unlink", "mkdir", "mail")
FILES = ("fsync", "replace", "link", "mkdir")

#: What may go wrong → the points where it can. The last three are done by the harness while the process stands still.
KINDS: dict[str, tuple[str, ...]] = {
    "kill": POINTS,
    "lost": ("committed",),
    "full": FILES,
    "cut": ("fsync",),
    "eio": ("fsync",),
    "slow": ("fsync",),
    "drop": ("execute", "commit", "fsync", "replace"),
    "server": ("execute", "commit", "fsync", "replace"),
    "zombie": POINTS,
}
TOLD = {
    "kill": "killed",
    "lost": "committed, the answer lost",
    "full": "disk full",
    "cut": "disk full in the middle of a file",
    "eio": "fsync failed",
    "slow": "slow disk",
    "drop": "every connection dropped",
    "server": "PostgreSQL stopped immediate",
    "zombie": "stands still, its jobs go to another worker, wakes up",
}
#: Faults for which a process stops itself and the harness acts.
STANDS_STILL = ("drop", "server", "zombie")


@dataclass(frozen=True)
class Fault:
    """What goes wrong: at the ``at``-th call of ``point``."""

    kind: str
    point: str
    at: int

    def __str__(self) -> str:
        where = "" if self.kind in {"slow", "cut"} else f" at {self.point} {self.at}"
        return f"{TOLD[self.kind]}{where}"


class Points:
    """Counts the calls, and strikes once."""

    def __init__(self, fault: Fault | None) -> None:
        self.fault = fault
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()

    def pass_by(self, point: str, connection: Any = None) -> None:
        """One call of ``point`` is about to happen (or, for ``committed``, has happened)."""
        with self.lock:
            self.seen[point] += 1
            fault = self.fault
            now = fault is not None and (point, self.seen[point]) == (fault.point, fault.at)
        if fault is None:
            return
        if fault.kind == "slow" and point == "fsync":
            time.sleep(0.05)
        elif now:
            strike(fault, connection)


def strike(fault: Fault, connection: Any) -> None:
    """Let it happen."""
    if fault.kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault.kind in STANDS_STILL:
        os.kill(os.getpid(), signal.SIGSTOP)
    elif fault.kind == "full":
        raise OSError(errno.ENOSPC, "No space left on device")
    elif fault.kind == "eio":
        raise OSError(errno.EIO, "Input/output error")
    elif fault.kind == "lost":
        if connection is not None:
            connection.pgconn.finish()
        raise psycopg.OperationalError("the connection is lost")


def arm(fault: Fault | None) -> Points:
    """Wrap the calls of this process. Call it in a process of its own: it stays."""
    points = Points(fault)
    if fault is not None and fault.kind == "cut":
        # Every write beyond so many bytes of a file fails, as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (512 * fault.at, resource.RLIM_INFINITY))
    # What the kernel has taken outlives every process here: syncing it would cost the disk's time and prove nothing.
    os.fsync = os.fdatasync = lambda _: None
    for owner, name, point in (
        (os, "fsync", "fsync"),
        (os, "replace", "replace"),
        (os, "rename", "replace"),
        (os, "link", "link"),
        (os, "unlink", "unlink"),
        (os, "mkdir", "mkdir"),
        (psycopg.Cursor, "execute", "execute"),
        (psycopg.Cursor, "copy", "execute"),
        (filebased.EmailBackend, "write_message", "mail"),
    ):
        setattr(owner, name, _before(getattr(owner, name), points, point))
    psycopg.Connection.commit = _commit(psycopg.Connection.commit, points)  # type: ignore[method-assign]
    psycopg.AsyncConnection.commit = _commit_async(psycopg.AsyncConnection.commit, points)  # type: ignore[method-assign]
    return points


def _before(call: Any, points: Points, point: str) -> Any:
    @functools.wraps(call)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        points.pass_by(point)
        return call(*arguments, **named)

    return wrapped


def _commit(call: Any, points: Points) -> Any:
    @functools.wraps(call)
    def wrapped(connection: Any) -> None:
        points.pass_by("commit", connection)
        call(connection)
        points.pass_by("committed", connection)

    return wrapped


def _commit_async(call: Any, points: Points) -> Any:
    """The queue's own connection; a process that stands still does so as a whole."""

    @functools.wraps(call)
    async def wrapped(connection: Any) -> None:
        points.pass_by("commit", connection)
        await call(connection)
        await asyncio.sleep(0)
        points.pass_by("committed", connection)

    return wrapped
