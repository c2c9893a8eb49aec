"""Background jobs: a decorated function in a spine, deferred on Django's own connection, so that it commits with its row.

The queue is procrastinate on the same database; this is the only module that knows it. A job's state,
progress and cause of failure are a JobRun that a person sees. A job runs with the rights of who asked.
Effects and their "done" mark commit together, so any job may be killed and run again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate import App, JobContext, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from razao.kernel.models import JobRun
from razao.kernel.problems import Refused, as_json
from razao.kernel.tenancy import act_as

#: Tasks are made from functions that only run time knows, which the library's types cannot follow.
app: Any = procrastinate_app
log = logging.getLogger("razao.jobs")

#: Seconds without a worker's heartbeat after which its jobs are given to another. Elapsed time alone never is a reason.
HEARTBEAT_LOST_AFTER = 45
PROGRESS_EVERY_SECONDS = 0.4
#: Seconds until a job is run again whose end the database could not be told.
UNTOLD_WAIT = 5
#: Seconds between a worker's tries to tell the queue what became of a job.
TELL_AGAIN = (0.2, 1, 3, 10, 30)
#: Milliseconds that the queue's own statements wait for a lock.
LONGEST_WAIT_MS = 5000
#: Seconds that jobs may go on for once their worker is told to stop, and until its process ends whatever they do.
#: Less than HEARTBEAT_LOST_AFTER: a stopping worker has no heartbeat, and no job may run twice at once.
GRACE = 20.0
LIMIT = 35.0


class StopRequested(Exception):
    """The person who asked wants this job stopped; raised by ``Run.progress`` at a safe place."""


class _BackToQueue(Exception):
    """Its worker stops: the job ends here, unfinished, and another worker begins it anew."""


class _Again(Exception):
    """Tells the queue to try again later."""


class _Untold(Exception):
    """The database went away: whatever the job did is done or is not, and it is run again until its end can be told."""


class _Retrying(RetryStrategy):
    """A job that was sent back waits for nothing; it and one whose end is untold come again however often that is."""

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        if isinstance(exception, _BackToQueue | _Untold):
            wait = UNTOLD_WAIT if isinstance(exception, _Untold) else 0
            return RetryDecision(retry_in={"seconds": wait})
        return super().get_retry_decision(exception=exception, job=job)


class _PatientConnector(PsycopgConnector):
    """A worker's way to the queue: it says again what the database was away for, and waits for nobody who stands still."""

    def __init__(self) -> None:
        params = connector_params()
        options = f"{params.get('options', '')} -c lock_timeout={LONGEST_WAIT_MS}"
        super().__init__(kwargs={**params, "options": options})

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> Any:
        try:
            return await super().execute_query_all_async(query, **arguments)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
            return []  # a worker that begins finds nothing to clean up, another one later does

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        for wait in (*TELL_AGAIN, None):
            try:
                await super().execute_query_async(query, **arguments)
            except ConnectorException as error:
                away = isinstance(error.__cause__, psycopg.OperationalError)
                if wait is None or not away:
                    raise
                await asyncio.sleep(wait)
            else:
                return


class _Stopping:
    """Whether this process was told to stop, and for how long jobs may still go on."""

    until: float | None = None

    def begin(self, grace: float) -> None:
        self.until = time.monotonic() + grace

    def is_over(self) -> bool:
        return self.until is not None and time.monotonic() >= self.until


stopping = _Stopping()


@cache
def deferring() -> App:
    """The queue as asked from within a transaction: on Django's connection, also inside a worker, whose own is another."""
    return App(connector=DjangoConnector())


@dataclass(slots=True)
class Run:
    """What a job's function is given: who asked, for which company, and how to open a transaction and tell progress."""

    id: UUID
    user_id: UUID | None
    company_id: UUID | None
    attempt: int = 0
    _told_at: float = field(default=0.0)

    @contextlib.contextmanager
    def transaction(self, company: UUID | None = None) -> Iterator[None]:
        """A transaction that acts for the job's company (or ``company``, for timers)."""
        acting = company or self.company_id
        with transaction.atomic():
            act_as(user=self.user_id, companies=[acting] if acting else [])
            yield

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Show how far the job is, at most every 0.4 s. Raises StopRequested when it is to stop.

        A safe place to stop at: when the worker's time is over, the job goes back to the queue from here.
        """
        if stopping.is_over():
            raise _BackToQueue
        now = time.monotonic()
        if now - self._told_at < PROGRESS_EVERY_SECONDS and done < total:
            return
        self._told_at = now
        with transaction.atomic(using="aside"):
            act_as(
                user=self.user_id,
                companies=[self.company_id] if self.company_id else [],
                using="aside",
            )
            runs = JobRun.objects.using("aside").filter(pk=self.id)
            runs.update(done=done, total=total, note=note)
            stop = runs.filter(stop_requested=True).exists()
        if stop:
            raise StopRequested


class Job:
    """A function that can be deferred. Calling it runs it here and now, as tests and commands do."""

    def __init__(
        self, function: Callable[..., None], *, queue: str, title: str, attempts: int
    ) -> None:
        self.function = function
        self.title = title
        self.attempts = attempts
        module = function.__module__.removeprefix("razao.").replace(".flow", "")
        self.name = f"{module}.{function.__name__}"
        self.__doc__ = function.__doc__
        self.queue = queue
        app.task(
            self._work,
            name=self.name,
            queue=queue,
            pass_context=True,
            retry=_Retrying(max_attempts=attempts, exponential_wait=4, retry_exceptions=[_Again]),
        )

    def __call__(self, run: Run, **arguments: Any) -> None:
        self.function(run, **arguments)

    def defer(
        self, *, user: UUID | None, company: UUID | None, title: str = "", **arguments: Any
    ) -> JobRun:
        """Ask for the job, within the caller's transaction; arguments are JSON values (ids, not objects)."""
        run = JobRun.objects.create(
            company_id=company,
            user_id=user,
            name=self.name,
            title=title or self.title,
            arguments=arguments,
        )
        ids = {name: str(i) if i else None for name, i in (("user", user), ("company", company))}
        task = deferring().configure_task(self.name, queue=self.queue)
        task.defer(run=str(run.pk), arguments=arguments, **ids)
        log.info("job asked", extra={"job": str(run.pk), "name_of_job": self.name})
        return run

    def _work(
        self,
        context: JobContext,
        run: str,
        user: str | None,
        company: str | None,
        arguments: dict[str, Any],
    ) -> None:
        attempt = (context.job.attempts if context.job else 0) + 1
        state = Run(
            UUID(run), UUID(user) if user else None, UUID(company) if company else None, attempt
        )
        # A worker's threads live long: a connection that broke while they were idle is replaced.
        close_old_connections()
        began, end = time.monotonic(), JobRun.State.RETRYING
        try:
            begun = {"attempts": attempt, "started_at": Now(), "cause": "", "problems": []}
            _mark(state, state=JobRun.State.RUNNING, **begun)
            end = self._run(state, arguments)
        except _BackToQueue:
            end = JobRun.State.QUEUED
            _mark(state, state=end)
            raise
        except (OperationalError, InterfaceError) as error:
            raise _Untold from error
        finally:
            ms = round((time.monotonic() - began) * 1000, 1)
            said = {"job": run, "name_of_job": self.name, "queue": self.queue, "state": str(end)}
            log.info("job", extra={**said, "attempt": attempt, "ms": ms})

    def _run(self, run: Run, arguments: dict[str, Any]) -> JobRun.State:
        """Do the work and keep how it ended. Raises what tells the queue to have it again."""
        timezone.deactivate()  # of the office that this thread worked for before
        try:
            self.function(run, **arguments)
        except _BackToQueue:
            raise
        except StopRequested:
            return _ended(run, JobRun.State.STOPPED)
        except Refused as refusal:
            return _ended(run, JobRun.State.FAILED, problems=as_json(refusal.problems))
        except Exception as error:  # noqa: BLE001  (whatever it was, a person must see it)
            self._failed(run, error)
            return JobRun.State.FAILED
        return _ended(run, JobRun.State.DONE)

    def _failed(self, run: Run, error: Exception) -> None:
        log.exception("job %s %s failed at attempt %s", self.name, run.id, run.attempt)
        cause = "".join(traceback.format_exception_only(error)).strip()
        if run.attempt < self.attempts:
            _mark(run, state=JobRun.State.RETRYING, cause=cause)
            raise _Again from error
        _mark(run, state=JobRun.State.FAILED, finished_at=Now(), cause=cause)


def job(
    *, queue: str = "default", title: str = "", attempts: int = 5
) -> Callable[[Callable[..., None]], Job]:
    """Make a spine's function ``f(run, **arguments)`` a job; ``attempts`` bounds retries with growing waits."""

    def make(function: Callable[..., None]) -> Job:
        return Job(function, queue=queue, title=title, attempts=attempts)

    return make


def timer(
    cron: str, *, queue: str = "timers"
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Run a function without arguments at the times of ``cron``, on one worker at a time point."""

    def make(function: Callable[[], None]) -> Callable[[], None]:
        module = function.__module__.removeprefix("razao.").replace(".flow", "")
        name = f"{module}.{function.__name__}"

        def run(timestamp: int) -> None:
            del timestamp
            began = time.monotonic()
            timezone.deactivate()
            function()
            ms = round((time.monotonic() - began) * 1000, 1)
            log.info("timer", extra={"name_of_job": name, "queue": queue, "ms": ms})

        app.periodic(cron=cron)(app.task(run, name=name, queue=queue))
        return function

    return make


def _ended(run: Run, state: JobRun.State, **values: Any) -> JobRun.State:
    _mark(run, state=state, finished_at=Now(), **values)
    return state


def _mark(run: Run, **values: Any) -> None:
    with run.transaction():
        JobRun.objects.filter(pk=run.id).update(**values)


async def rescue_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs of workers whose heartbeat is lost to another worker. Waits for no lock, so it cannot be stuck itself."""
    await _rescue(context.app)


async def _rescue(queue: App) -> None:
    stalled = await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=HEARTBEAT_LOST_AFTER)
    # A job whose end is just being told is locked; should its worker stand still at that very moment, the others go on.
    free = await queue.connector.execute_query_all_async(
        "SELECT id FROM procrastinate_jobs WHERE id = ANY(%(ids)s) FOR UPDATE SKIP LOCKED",
        ids=[one.id for one in stalled],
    )
    ids = {row["id"] for row in free}
    for one in (one for one in stalled if one.id in ids):
        log.warning("job %s lost its worker and is run again", one.id)
        await queue.job_manager.retry_job(one)


def rescue_now() -> None:
    """As ``rescue_stalled``, at once, from a command."""

    async def rescue() -> None:
        async with app.open_async():
            await _rescue(app)

    with app.replace_connector(_PatientConnector()):
        asyncio.run(rescue())


app.periodic(cron="* * * * *")(
    app.task(rescue_stalled, name="kernel.rescue_stalled", queue="timers", pass_context=True)
)


def run_worker(
    *,
    queues: list[str] | None = None,
    concurrency: int = 2,
    wait: bool = True,
    name: str = "worker",
    grace: float = GRACE,
) -> None:
    """Run a worker in this process until it is told to stop (or, with ``wait=False``, until the queue is empty).

    Told by SIGTERM or SIGINT, it takes no further job. Running ones have ``grace`` seconds to end, then they
    go back to the queue at their next ``Run.progress``; after LIMIT the process ends as if it were killed.
    """
    options = {
        "queues": queues,
        "concurrency": concurrency,
        "wait": wait,
        "name": name,
        "delete_jobs": "successful",
        "update_heartbeat_interval": 10,
        "stalled_worker_timeout": HEARTBEAT_LOST_AFTER,
        "install_signal_handlers": False,
    }
    with app.replace_connector(_PatientConnector()):
        asyncio.run(_work_until_told(options, grace))


async def _work_until_told(options: dict[str, Any], grace: float) -> None:
    loop = asyncio.get_running_loop()
    works: list[asyncio.Future[None]] = []

    def told() -> None:
        if stopping.until is None:
            stopping.begin(grace)
            loop.call_later(max(LIMIT, grace), os._exit, 1)
            works[-1].cancel()

    async with app.open_async():
        with contextlib.suppress(asyncio.CancelledError):
            while stopping.until is None:
                works.append(asyncio.ensure_future(app.run_worker_async(**options)))
                # Tests run workers in threads, which no signal reaches.
                if threading.current_thread() is threading.main_thread():
                    for one in (signal.SIGTERM, signal.SIGINT):
                        loop.add_signal_handler(one, told)
                with contextlib.suppress(*([ConnectorException] if options["wait"] else [])):
                    await works[-1]
                if not options["wait"]:
                    return
                # The queue ends a worker whose listener lost the database, as if it had been told to.
                await asyncio.sleep(UNTOLD_WAIT)
