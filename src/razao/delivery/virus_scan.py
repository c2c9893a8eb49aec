"""A file's scan by clamd: in: a path and clamd's socket, out: the name of what it found, or None. Knows no table."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

CHUNK = 1 << 16
SECONDS = 60.0


class ScannerDown(Exception):
    """clamd did not answer; the file was not judged."""


def find_virus(path: Path, place: str) -> str | None:
    """Ask clamd at ``place`` (a socket's path, or host:port) about the file (INSTREAM). Raises ScannerDown."""
    try:
        with _connected(place) as door, path.open("rb") as file:
            door.sendall(b"zINSTREAM\0")
            while chunk := file.read(CHUNK):
                door.sendall(struct.pack("!L", len(chunk)) + chunk)
            door.sendall(struct.pack("!L", 0))
            answer = _answer(door)
    except OSError as error:
        raise ScannerDown(str(error)) from error
    if answer.endswith("OK"):
        return None
    if answer.endswith("FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerDown(answer)


def _connected(place: str) -> socket.socket:
    if place.startswith("/"):
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        door.settimeout(SECONDS)
        door.connect(place)
        return door
    host, _, port = place.rpartition(":")
    return socket.create_connection((host, int(port)), SECONDS)


def _answer(door: socket.socket) -> str:
    answer = b""
    while part := door.recv(4096):
        answer += part
    return answer.rstrip(b"\0\n").decode(errors="replace")
