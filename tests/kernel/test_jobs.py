"""Background jobs, with the real queue and a real worker."""

from __future__ import annotations

import contextlib
from threading import Timer

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.utils import connector_params
from psycopg import OperationalError
from psycopg.pq import ExecStatus

from razao.companies.models import User
from razao.kernel import jobs
from razao.kernel.jobs import Run, job, run_worker
from razao.kernel.models import JobRun, stop
from razao.kernel.problems import Problem, Refused
from razao.kernel.tenancy import act_as, told_by

done: list[str] = []


@job(title="Write a line")
def write(run: Run, *, text: str) -> None:
    """Notes a text, as a job that succeeds."""
    run.progress(1, 1)
    done.append(text)


@job(title="Refuse")
def refuse(run: Run) -> None:
    """Refuses, as a door does."""
    raise Refused(Problem("rights.not_allowed", where="this", values={"role": "clerk"}))


@job(title="Break", attempts=1)
def break_down(run: Run) -> None:
    """Fails in a way nobody foresaw."""
    raise OSError("no space left on device")


@job(title="Work on")
def work_on(run: Run) -> None:
    """Runs until told to stop."""
    for step in range(1000):
        run.progress(step, 1000)
    done.append("not stopped")


@job(title="Lose the database")
def lose_the_database(run: Run, *, text: str) -> None:
    """Does its work; the database goes away before anybody can write down that it did."""
    done.append(text)
    if len(done) == 1:
        with connection.cursor() as cursor, contextlib.suppress(DatabaseError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def user(committed_db) -> User:
    done.clear()
    return User.objects.create_user("ana@example.pt", "uma frase comprida")


def state_of(run: JobRun, user: User) -> JobRun:
    with transaction.atomic():
        act_as(user=user.pk)
        return JobRun.objects.get(pk=run.pk)


def ask(task: jobs.Job, user: User, **arguments: object) -> JobRun:
    with transaction.atomic():
        act_as(user=user.pk)
        return task.defer(user=user.pk, company=None, **arguments)


def test_a_job_runs_and_says_that_it_is_done(user):
    run = ask(write, user, text="olá")
    run_worker(wait=False)
    after = state_of(run, user)
    assert (done, after.state, after.done, after.total) == (["olá"], "done", 1, 1)


def test_a_job_that_was_asked_for_in_a_transaction_that_failed_never_runs(user):
    def asks_and_fails() -> None:
        with transaction.atomic():
            act_as(user=user.pk)
            write.defer(user=user.pk, company=None, text="nunca")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        asks_and_fails()
    run_worker(wait=False)
    assert done == []


def test_a_refusal_is_shown_with_its_problems_and_not_tried_again(user):
    run = ask(refuse, user)
    run_worker(wait=False)
    after = state_of(run, user)
    assert after.state == "failed"
    assert after.problems == [
        {
            "code": "rights.not_allowed",
            "severity": "error",
            "where": "this",
            "values": {"role": "clerk"},
        }
    ]
    assert after.attempts == 1


def test_an_unforeseen_failure_shows_its_cause(user):
    run = ask(break_down, user)
    run_worker(wait=False)
    after = state_of(run, user)
    assert (after.state, after.cause) == ("failed", "OSError: no space left on device")


def test_a_job_whose_end_the_database_could_not_be_told_is_run_again_until_it_can(user):
    run = ask(lose_the_database, user, text="feito")
    run_worker(wait=False)
    # Its own row: at a full minute the worker asks for the timers' jobs as well.
    own = "WHERE args->>'run' = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status FROM procrastinate_jobs {own}", [str(run.pk)])
        assert cursor.fetchall() == [("todo",)]
        cursor.execute(f"UPDATE procrastinate_jobs SET scheduled_at = now() {own}", [str(run.pk)])
    run_worker(wait=False)
    assert (state_of(run, user).state, done) == ("done", ["feito", "feito"])


def test_a_job_can_be_stopped(user):
    run = ask(work_on, user)
    with transaction.atomic():
        act_as(user=user.pk)
        stop(run.pk)
    run_worker(wait=False)
    assert (state_of(run, user).state, done) == ("stopped", [])


def left_alone(run: JobRun) -> None:
    """The job is at work with a worker that was last heard of long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 minutes') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE args->>'run' = %s",
            [worker, str(run.pk)],
        )


def test_a_job_of_a_worker_without_heartbeat_is_given_to_another(user):
    run = ask(write, user, text="depois")
    left_alone(run)
    run_worker(queues=["default"], wait=False)  # without the timer that rescues each minute
    assert done == []
    jobs.rescue_now()
    run_worker(wait=False)
    assert (state_of(run, user).state, done) == ("done", ["depois"])


def test_a_worker_that_stands_still_while_it_tells_an_end_holds_no_other_up(user):
    """Before, whoever looked after lost jobs, and each worker that began, waited until it moved again."""
    run, other = ask(write, user, text="parado"), ask(write, user, text="outro")
    left_alone(run)
    standing = psycopg.connect(**connector_params())
    standing.execute(
        "SELECT FROM procrastinate_jobs WHERE args->>'run' = %s FOR UPDATE", [str(run.pk)]
    )
    moves = Timer(60, standing.rollback)
    moves.start()
    jobs.rescue_now()
    run_worker(queues=["default"], wait=False)
    assert (moves.is_alive(), done) == (True, ["outro"])
    moves.cancel()
    standing.close()
    jobs.rescue_now()
    run_worker(queues=["default"], wait=False)
    assert [state_of(one, user).state for one in (run, other)] == ["done", "done"]
    assert done == ["outro", "parado"]


def test_a_transaction_that_nobody_goes_on_with_ends_after_an_hour(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("1h",)


def test_an_answer_without_a_code_is_a_database_that_went_away(db):
    """Only that is waited for; a job whose end met another error stayed running for ever."""
    lost = connection.connection.pgconn.make_empty_result(ExecStatus.FATAL_ERROR)
    assert type(told_by(lost)) is OperationalError
    answered = connection.connection.pgconn.exec_(b"SELECT 1 / (SELECT 0)")
    assert answered.status == ExecStatus.FATAL_ERROR
    assert told_by(answered).sqlstate == "22012"
