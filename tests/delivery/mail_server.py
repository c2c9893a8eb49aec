"""A mail server on loopback that can be told what to do at a moment of a conversation: in: SMTP, out: what it took, by Message-ID."""

from __future__ import annotations

import socketserver
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from threading import Thread

#: Moments of a conversation, in their order.
MOMENTS = ("greeting", "sender", "recipient", "content", "taken")


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every message; ``at_moment`` is told each moment before it is answered."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: Counter[str] = Counter()
        self.refusing = False
        self.at_moment: Callable[[str], None] = lambda _moment: None


class Conversation(socketserver.StreamRequestHandler):
    """One client's connection."""

    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.converse()
        except (BrokenPipeError, ConnectionResetError):
            return  # the client was killed

    def converse(self) -> None:
        self.server.at_moment("greeting")
        if self.server.refusing:
            self.say("421 down for now")
            return
        self.say("220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.content()
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.server.at_moment({b"MAIL": "sender", b"RCPT": "recipient"}.get(verb, ""))
                self.say("250 ok")

    def content(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if not line:
            return
        # A server that has the whole content delivers it, whether its answer is heard or not.
        self.server.taken[str(message_from_bytes(b"".join(lines))["Message-ID"])] += 1
        self.server.at_moment("content")
        self.say("250 taken")
        self.server.at_moment("taken")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server at work in a thread of its own."""
    with MailServer() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()
