"""Processes: web, worker, health; in: settings, out: a running site."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import click
from django.conf import settings

from razao.archive.store import check_routes
from razao.config import postgres
from razao.config.children import Children
from razao.config.database import is_embedded, make_ready
from razao.config.health import checks
from razao.config.metrics import forget_earlier_processes
from razao.kernel.jobs import GRACE, LIMIT, run_worker
from razao.kernel.problems import explain


def web_command(port: int, workers: int) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "razao.config.wsgi:application",
        "--config",
        "python:razao.config.web_server",
        "--bind",
        f"{settings.RAZAO_BIND}:{port}",
        "--workers",
        str(workers),
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--timeout",
        "120",
        "--graceful-timeout",
        "20",
        "--log-level",
        "warning",
    ]


def worker_command(name: str) -> list[str]:
    """The command line of one worker process."""
    return [sys.executable, "-m", "razao.config.command", "worker", "--name", name]


def _need_routes() -> None:
    """Refuse to start, exit code 1, while a folder of the archive has no place or cannot be written (G5)."""
    problems = check_routes()
    for problem in problems:
        text = explain(problem)
        click.echo(f"{text.title}. {text.cause} {text.remedy}", err=True)
    if problems:
        raise click.exceptions.Exit(1)


@click.command()
@click.option(
    "--port", type=int, default=None, help="Port on 127.0.0.1 (default 8000, or RAZAO_PORT)."
)
@click.option("--web-workers", type=int, default=2, show_default=True)
@click.option(
    "--workers",
    type=int,
    default=1,
    show_default=True,
    help="Worker processes for background jobs.",
)
def up(port: int | None, web_workers: int, workers: int) -> None:
    """Serve web and worker in the foreground until interrupted."""
    _need_routes()
    port = port or settings.RAZAO_PORT
    forget_earlier_processes(settings.RAZAO_METRICS_FOLDER)
    commands = [web_command(port, web_workers)]
    commands += [worker_command(f"worker-{n}") for n in range(1, workers + 1)]
    children = Children(commands)
    click.echo(f"Razão: http://127.0.0.1:{port}/  (Ctrl+C stops it)")
    try:
        told = _until_told(lambda: _database_stays() and children.look_after())
    finally:
        children.stop(LIMIT + 5)
        if is_embedded():
            postgres.stop(settings.RAZAO_HOME)
    if not told:
        click.echo("A part of Razão ended again and again; the lines above say why.", err=True)
        raise click.exceptions.Exit(1)


def _database_stays() -> bool:
    """The embedded server, started again when somebody killed it; it recovers by itself what was committed."""
    if is_embedded() and not postgres.has_process(settings.RAZAO_HOME):
        postgres.start(settings.RAZAO_HOME)
    return True


def _until_told(alive: Callable[[], bool]) -> bool:
    """Wait for SIGINT or SIGTERM, or until ``alive`` says no; whether it was told."""
    told = False

    def tell(_signal: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, tell)
    while not told and alive():
        time.sleep(0.3)
    return told


@click.command()
@click.option("--queue", "queues", multiple=True, help="Only these queues.")
@click.option("--concurrency", type=int, default=2, show_default=True)
@click.option("--name", default="worker", show_default=True)
@click.option("--until-empty", is_flag=True, help="Stop when no job is left.")
@click.option(
    "--grace",
    type=float,
    default=GRACE,
    show_default=True,
    help="Seconds in which running jobs may end once told to stop; later they go back to the queue.",
)
def worker(
    queues: tuple[str, ...], concurrency: int, name: str, grace: float, *, until_empty: bool
) -> None:
    """Run a worker alone; any number of them may run, on any number of machines."""
    _need_routes()
    logging.getLogger("razao.jobs").setLevel(logging.INFO)
    run_worker(
        queues=list(queues) or None,
        concurrency=concurrency,
        name=name,
        wait=not until_empty,
        grace=grace,
    )


@click.command()
def migrate() -> None:
    """Bring the database to this version (other commands do so too when needed)."""
    make_ready()
    click.echo("The database is ready.")


@click.command()
def doctor() -> None:
    """Say what is healthy: home, database, roles, routes, workers, oldest waiting item."""
    healthy = True
    for check in checks():
        healthy = healthy and check.healthy
        mark = "ok  " if check.healthy else "FAIL"
        click.echo(f"{mark} {check.name}: {check.detail}")
    if not healthy:
        raise click.exceptions.Exit(1)
