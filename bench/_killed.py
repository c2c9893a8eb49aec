"""The process whose children ``bench._rounds`` kills: preparations on its input, an integration of each by a child of its own, if it is let.

Interpreter and libraries are loaded once; each integration is a fork with a connection of its own, ready in a moment.
Lines in: ``DATABASE USER COMPANY PREPARATION FINGERPRINT``, then ``go`` for the child. Lines out: ``ready PID``, ``ended``.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from uuid import UUID

from razao.config.command import settings_ready

GO = "go\n"


def main() -> None:
    """Serve line by line until the input ends. No frame is made here: its threads would be missing in the children."""
    settings_ready()
    import_module("razao.billing.flow")  # before any fork

    while line := _line():
        if line == GO:
            continue  # its child was killed before it could read it
        child = os.fork()
        if child == 0:
            try:
                _integrate(*line.split())
            except BaseException as error:  # noqa: BLE001  (a child never goes on with its parent's work)
                print(error, file=sys.stderr, flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)


def _line() -> str:
    """A line of the input, read byte by byte: what follows is for a child."""
    read = b""
    while not read.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return ""
        read += byte
    return read.decode()


def _integrate(database: str, user: str, company: str, preparation: str, fingerprint: str) -> None:
    """Get ready, say so, wait for a line, integrate."""
    from django.db import connections, transaction

    from razao.billing import flow
    from razao.companies.rights import company_for

    for alias in connections:
        connections[alias].settings_dict["NAME"] = database
    with transaction.atomic():
        company_for(UUID(user), UUID(company))
    print(f"ready {os.getpid()}", flush=True)
    _line()
    with transaction.atomic():
        access = company_for(UUID(user), UUID(company))
        flow.integrate(access, UUID(preparation), fingerprint)


if __name__ == "__main__":
    main()
