"""Work beside other work: a function in, its outcome on another thread out, which is told to stop when nobody waits any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def alongside(work: Callable[[Callable[[], bool]], T]) -> Iterator[Future[T]]:
    """``work`` on a thread of its own while the context lasts. It may touch no database, and should ask now and then
    what it is given: whether to stop, because the context was left."""
    left = Event()
    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(work, left.is_set)
        finally:
            left.set()
