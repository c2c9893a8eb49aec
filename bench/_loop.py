"""A client of many connections in one loop: in: requests as bytes and a rate, out: how long each took.

Costs a tenth of a millisecond of processor time a request, where a thread a connection costs one to two.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

PIECE = 1 << 18


@dataclass
class Answers:
    """Seconds from the moment each request was due to the last byte of its answer, by kind; those not answered 200 only count."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: int = 0

    @property
    def number(self) -> int:
        return sum(map(len, self.times.values()))


class _Door:
    """One connection that is kept alive."""

    def __init__(self, port: int, watch: selectors.BaseSelector) -> None:
        self.port, self.watch = port, watch
        self.kind = ""
        self.request = b""
        self.due = 0.0
        self.head = b""
        self.left = -1
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch.register(self.socket, selectors.EVENT_READ, self)

    def close(self) -> None:
        self.watch.unregister(self.socket)
        self.socket.close()

    def send(self, kind: str, request: bytes, due: float) -> None:
        self.kind, self.request, self.due = kind, request, due
        self.head, self.left = b"", -1
        try:
            self.socket.sendall(request)
        except ConnectionError:
            self.again()

    def again(self) -> None:
        """The server closed a connection that it kept: open another, as a browser does, and ask there."""
        self.close()
        self.open()
        if self.request:
            self.socket.sendall(self.request)

    def take(self, room: memoryview) -> bool:
        """Whether the answer is whole now. Raises ConnectionError for one that was cut off."""
        try:
            got = self.socket.recv_into(room)
        except ConnectionResetError:
            got = 0
        if not got and self.head:
            raise ConnectionError("cut off")
        if not got:
            self.again()
            return False
        if self.left >= 0:
            self.left -= got
            return self.left == 0
        self.head += bytes(room[:got])
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        body = len(self.head) - end - 4
        self.head = self.head[:end]
        self.left = _length(self.head) - body
        return self.left == 0


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.index(b"content-length:")  # every answer of the portal has one
    return int(lower[at + 15 :].split(b"\r\n", 1)[0])


def ask(port: int, requests: Sequence[tuple[str, bytes]], rate: float, kept: int = 0) -> Answers:
    """Requests at moments fixed beforehand: a slow answer delays no other's start, and waiting for a connection counts.

    Each comes by a connection of its own, as from a person's browser, which holds it until the server closes it; or all
    by ``kept`` connections that are opened once, as from a proxy.
    """
    told = Answers()
    room = memoryview(bytearray(PIECE))
    watch = selectors.EpollSelector()
    free = deque(_Door(port, watch) for _ in range(kept))
    start = time.perf_counter()
    sent = done = 0
    while done < len(requests):
        now = time.perf_counter()
        while (free or not kept) and sent < len(requests) and start + sent / rate <= now:
            kind, request = requests[sent]
            door = free.popleft() if kept else _Door(port, watch)
            door.send(kind, request, start + sent / rate)
            sent += 1
        able = (free or not kept) and sent < len(requests)
        for key, _ in watch.select(max(0.0, start + sent / rate - now) if able else 1.0):
            door = key.data
            if not door.request and not kept:
                door.close()  # the server closed it after its answer
            elif door.take(room):
                done += 1
                _note(told, door)
                if kept:
                    free.append(door)
    for key in list(watch.get_map().values()):
        key.data.close()
    watch.close()
    return told


def _note(told: Answers, door: _Door) -> None:
    door.request = b""
    if door.head.startswith(b"HTTP/1.1 200"):
        told.times[door.kind].append(time.perf_counter() - door.due)
    else:
        told.failed += 1
