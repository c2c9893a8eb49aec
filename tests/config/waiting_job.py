"""The program ``razao`` with one job more, which works until a file exists: for tests that stop its worker meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

from razao.config import command

command.make_ready()

from razao.kernel.jobs import Run, job  # noqa: E402  (needs Django)


@job(title="Wait", attempts=1)
def wait_for(run: Run, *, started: str, until: str) -> None:
    """Touches ``started``, then waits for ``until`` in steps that tell progress."""
    Path(started).touch()
    while not Path(until).exists():
        run.progress(0, 0)
        time.sleep(0.05)


if __name__ == "__main__":
    command.main()
