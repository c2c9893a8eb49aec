"""Figures of a running installation: counts of requests and what the database knows in, Prometheus' text form out.

Requests are counted by each web process in files of its own below ``RAZAO_HOME/run/metrics`` and added up
when asked; everything else is asked of the database, so that any web process tells the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from razao.archive.bucket import is_bucket

CONTENT_TYPE = CONTENT_TYPE_LATEST
settings.RAZAO_METRICS_FOLDER.mkdir(parents=True, exist_ok=True)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10)

_REQUESTS = Counter(
    "razao_requests", "Requests answered", ["route", "method", "status"], registry=None
)
_SECONDS = Histogram(
    "razao_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=None
)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request of this process."""
    _REQUESTS.labels(route, method, str(status)).inc()
    _SECONDS.labels(route).observe(seconds)


def text() -> bytes:
    """All figures of this installation, from every web process of this home and from the database."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(settings.RAZAO_METRICS_FOLDER))  # type: ignore[no-untyped-call]  # theirs
    registry.register(_FromDatabase())
    registry.register(_Disks())
    return generate_latest(registry)


def forget_earlier_processes(folder: Path) -> None:
    """Remove the counts of processes of an earlier run; before the first process of a run starts."""
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


JOBS = """
SELECT queue_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2 ORDER BY 1, 2
"""
OLDEST_JOB = """
SELECT coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))), 0)
FROM procrastinate_jobs j
LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()
"""
WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'"
#: (column of razao_figures(), name, meaning, whether it only grows)
FIGURES = (
    ("batches", "razao_batches_posted", "Batches posted, all companies", True),
    ("entries", "razao_entries_posted", "Entries posted, all companies", True),
    ("pages", "razao_pages_read", "Pages read, all companies", True),
    (
        "oldest_item",
        "razao_oldest_waiting_item_seconds",
        "Age of the oldest document waiting",
        False,
    ),
    ("waiting_items", "razao_waiting_items", "Documents waiting, all companies", False),
)


class _FromDatabase(Collector):
    """Jobs, workers, what was posted and read; says razao_database_up 0 and nothing else when it cannot be asked."""

    def collect(self) -> Iterator[Metric]:
        try:
            told = list(self._asked())
        except Error:
            told = []
        yield GaugeMetricFamily(
            "razao_database_up", "Whether the database answers", value=float(bool(told))
        )
        yield from told

    @staticmethod
    def _asked() -> Iterator[Metric]:
        with connection.cursor() as cursor:
            jobs = GaugeMetricFamily(
                "razao_jobs", "Jobs by queue and state", labels=["queue", "state"]
            )
            cursor.execute(JOBS)
            for queue, state, count in cursor.fetchall():
                jobs.add_metric([queue, state], count)
            yield jobs
            cursor.execute(OLDEST_JOB)
            yield GaugeMetricFamily(
                "razao_oldest_waiting_job_seconds",
                "Age of the oldest job that could run",
                value=float(cursor.fetchone()[0]),
            )
            cursor.execute(WORKERS)
            yield GaugeMetricFamily(
                "razao_workers", "Workers with a heartbeat", value=cursor.fetchone()[0]
            )
            cursor.execute(f"SELECT {', '.join(f[0] for f in FIGURES)} FROM razao_figures()")  # noqa: S608 (names above)
            for value, (_, name, meaning, grows) in zip(cursor.fetchone(), FIGURES, strict=True):
                family = CounterMetricFamily if grows else GaugeMetricFamily
                yield family(name, meaning, value=float(value))


class _Disks(Collector):
    """Free space where the installation writes."""

    def collect(self) -> Iterator[Metric]:
        free = GaugeMetricFamily("razao_disk_free_bytes", "Free space", labels=["place"])
        places = {"home": settings.RAZAO_HOME, **settings.RAZAO_ARCHIVE_ROUTES}
        for place, path in places.items():
            if not is_bucket(path) and Path(path).exists():
                free.add_metric([place], shutil.disk_usage(path).free)
        yield free
