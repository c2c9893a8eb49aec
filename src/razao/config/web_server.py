"""Settings of gunicorn that its command line does not take: its own lines are written as ours are."""

import gc
import os

from gunicorn.glogging import Logger

from razao.config.settings import LOGGING

_SPOKEN = {"level": "WARNING", "handlers": [], "propagate": True}
logconfig_dict = {
    **LOGGING,
    "loggers": {**LOGGING["loggers"], "gunicorn.error": _SPOKEN, "gunicorn.access": _SPOKEN},
}


class Lines(Logger):  # type: ignore[misc]  # the library has no types
    """Its own lines without one a request, which it would put together before anybody says that none is wanted."""

    access_log_enabled = False


logger_class = Lines
_MEMORY = "/dev/shm"  # noqa: S108  (gunicorn makes a file of its own there)
#: Heartbeats of its processes: in memory where the machine has that, for a slow disk must not look like a hang.
worker_tmp_dir = _MEMORY if os.access(_MEMORY, os.W_OK) else None


def post_worker_init(_worker: object) -> None:
    """What the application is made of stays: the collector looks at what requests leave, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
