"""A home of a bench's own: a database server in a temporary folder, gone afterwards; nothing of the user's is touched."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_home() -> Iterator[Path]:
    """Django and an empty, migrated database, ready for the bench; both belong to this process alone."""
    # told to end, the bench must still stop its server
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Path(tempfile.mkdtemp(prefix="razao-bench-"))
    os.environ["RAZAO_HOME"] = str(home)
    os.environ["RAZAO_DATABASE_URL"] = ""
    from razao.config import postgres
    from razao.config.command import make_ready

    try:
        make_ready()
        yield home
    finally:
        postgres.stop(home, "immediate")
        shutil.rmtree(home, ignore_errors=True)
