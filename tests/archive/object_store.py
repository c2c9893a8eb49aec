"""An S3-speaking server in a process of its own: nothing in, a running store out; and its wire, on which things can go wrong."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

PATIENCE = 60.0


class CutOff(Exception):
    """This process ends here, as if it were killed."""


@contextmanager
def object_store(host: str = "127.0.0.1") -> Iterator[str]:
    """A store that listens on a free port of ``host``; its address."""
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    start = f"from moto.server import main; main(['-H', '{host}', '-p', '{port}'])"
    server = subprocess.Popen(
        [sys.executable, "-c", start], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(host, port)
        yield f"http://{host}:{port}"
    finally:
        server.kill()
        server.wait()


def _wait_for(host: str, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@dataclass
class Wire:
    """What goes to the store: counted, and cut off at the ``at``-th request, before it or after the store has done it."""

    at: int = -1
    after: bool = False
    garbled: bool = False
    seen: list[str] = field(default_factory=list)

    @contextmanager
    def watched(self, monkeypatch: Any) -> Iterator[Wire]:
        """While in here, every request of this process passes by."""
        send = URLLib3Session.send

        def passing(session: URLLib3Session, request: AWSPreparedRequest) -> Any:
            self.seen.append(str(request.method))
            now = len(self.seen) - 1 == self.at
            if now and not self.after:
                raise CutOff
            if self.garbled and request.method == "PUT":
                request.body = bytes(len(request.body.read()))
            answer = send(session, request)
            if now:
                raise CutOff
            return answer

        with monkeypatch.context() as patched:
            patched.setattr(URLLib3Session, "send", passing)
            yield self
