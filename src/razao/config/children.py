"""Processes that are to stay: command lines in; each runs until told to stop, and is started again when it ends untold."""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

log = logging.getLogger("razao.up")

#: Who ends this often within ``WINDOW`` seconds will not stay by being started again.
TOO_OFTEN = 6
WINDOW = 60.0
#: Seconds before a process that ended is started again: its port and its sessions are let go first.
PAUSE = 1.0


@dataclass(slots=True)
class _Child:
    command: list[str]
    process: subprocess.Popen[bytes]
    due: float | None = None
    """when to start it again; None while it runs"""


class Children:
    """Started at once, each in a session of its own: Ctrl+C comes to the parent alone, which tells each child once."""

    def __init__(self, commands: Sequence[list[str]]) -> None:
        self._children = [_Child(command, _start(command)) for command in commands]
        self._ended: list[float] = []

    def look_after(self) -> bool:
        """Start again whoever ended a moment ago; False when they end too often for that to help."""
        now = time.monotonic()
        for child in self._children:
            if child.due is None and child.process.poll() is not None:
                child.due = now + PAUSE
                self._ended.append(now)
                code, number = child.process.returncode, child.process.pid
                log.error("process %d ended with %d and is started again", number, code)
            elif child.due is not None and now >= child.due:
                child.process, child.due = _start(child.command), None
        self._ended = [at for at in self._ended if now - at < WINDOW]
        return len(self._ended) < TOO_OFTEN

    def stop(self, patience: float) -> None:
        """Tell each to end; whoever has not after ``patience`` seconds is killed."""
        processes = [child.process for child in self._children]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, start_new_session=True)
