"""A mailbox on an IMAP server (RFC 3501): where it is in, its messages' numbers and contents out; knows no table.

Messages are read without being marked as read, and leave their folder only when told to (``put_away``).
The connection is always encrypted and the server's certificate checked.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any

from razao.kernel.problems import Problem, Refused

#: Seconds that the server has for each answer.
SECONDS = 30.0
#: The port on which encryption is asked for after connecting; on any other it begins at once.
STARTTLS_PORT = 143
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLAIN_RUN = re.compile(r"([\x20-\x7e]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is and how to get in. ``address`` is what ``host`` resolved to."""

    host: str
    address: str
    port: int
    username: str
    password: str
    folder: str


class _Plain(imaplib.IMAP4):
    """Connects to the address that was checked, whatever the name says by then."""

    def __init__(self, place: Place) -> None:
        self.checked = place.address
        super().__init__(place.host, place.port, SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self.checked, self.port), timeout)


class _Encrypted(imaplib.IMAP4_SSL):
    """As ``_Plain``, encrypted from the first byte."""

    def __init__(self, place: Place, context: ssl.SSLContext) -> None:
        self.checked = place.address
        super().__init__(place.host, place.port, ssl_context=context, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.checked, self.port), timeout)
        encrypted: socket.socket = self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        return encrypted


class Inbox:
    """An open mailbox; use it as a context. Raises Refused with a ``mail.`` problem for whatever the server refuses."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.validity = 0
        """the number that makes the others valid (UIDVALIDITY)"""
        self._server: imaplib.IMAP4

    def __enter__(self) -> Inbox:
        self._server = _or_refused("mail.cannot_connect", self._connected)
        try:
            self._sign_in()
        except Refused:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def numbers(self, since: date) -> list[int]:
        """Numbers (UID) of the messages that came on that day or later and that nobody has deleted, oldest first."""
        day = f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year}"
        (found,) = self._ask("SEARCH", "SINCE", day, "UNDELETED")
        return sorted(int(number) for number in (found or b"").split())

    def size(self, number: int) -> int:
        """Bytes of a message; 0 when it is gone."""
        for part in self._ask("FETCH", str(number), "(RFC822.SIZE)"):
            line = part[0] if isinstance(part, tuple) else part or b""
            if found := re.search(rb"RFC822\.SIZE (\d+)", line):
                return int(found[1])
        return 0

    def content(self, number: int) -> bytes:
        """The whole message; b"" when it is gone."""
        for part in self._ask("FETCH", str(number), "(BODY.PEEK[])"):
            if isinstance(part, tuple):
                return bytes(part[1])
        return b""

    def put_away(self, number: int, folder: str) -> None:
        """Move a message to another folder, which is made when it is missing; nothing happens when it is gone."""
        target = _quoted(folder)
        _or_refused("mail.cannot_move", lambda: self._server.create(target))
        if "MOVE" in self._server.capabilities:
            self._ask("MOVE", str(number), target, code="mail.cannot_move")
            return
        self._ask("COPY", str(number), target, code="mail.cannot_move")
        self._ask("STORE", str(number), "+FLAGS.SILENT", r"(\Deleted)", code="mail.cannot_move")
        if "UIDPLUS" in self._server.capabilities:
            self._ask("EXPUNGE", str(number), code="mail.cannot_move")

    def _connected(self) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.place.port != STARTTLS_PORT:
            return _Encrypted(self.place, context)
        server = _Plain(self.place)
        server.starttls(context)
        return server

    def _sign_in(self) -> None:
        place = self.place
        _or_refused(
            "mail.sign_in_refused", lambda: self._server.login(place.username, place.password)
        )
        status, _ = _or_refused(
            "mail.cannot_connect", lambda: self._server.select(_quoted(place.folder))
        )
        if status != "OK":
            raise Refused(Problem("mail.folder_missing", where=place.folder))
        (validity,) = self._server.response("UIDVALIDITY")[1]
        self.validity = int(validity or 0)

    def _ask(self, command: str, *arguments: str, code: str = "mail.cannot_connect") -> list[Any]:
        answer: list[Any]
        status, answer = _or_refused(code, lambda: self._server.uid(command, *arguments))
        if status != "OK":
            raise Refused(Problem(code, where=self.place.host, values={"cause": str(answer)}))
        return answer

    def _end(self) -> None:
        try:
            self._server.logout()
        except (imaplib.IMAP4.error, OSError):
            return  # it has gone by itself


def _or_refused(code: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (imaplib.IMAP4.error, OSError) as error:
        cause = str(error.args[0] if error.args else error)
        raise Refused(Problem(code, values={"cause": cause})) from error


def _quoted(folder: str) -> str:
    """A folder's name as the protocol has it: quoted, letters beyond ASCII in modified UTF-7 (RFC 3501, 5.1.3)."""
    return '"' + "".join(map(_run, _PLAIN_RUN.split(folder))) + '"'


def _run(text: str) -> str:
    if not text or text.isascii():
        return text.replace("&", "&-").replace("\\", "\\\\").replace('"', '\\"')
    packed = base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=")
    return f"&{packed.replace('/', ',')}-"
