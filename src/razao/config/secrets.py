"""The secret keys of an installation: taken from the environment, or made once and kept readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

NAME = "secret_key"


def secret_keys(home: Path, given: str, former: str = "") -> list[str]:
    """The key in use and then former ones, which open what they sealed: those given (``former`` with commas between them),
    or those in ``home/secret_key``, one a line (made on first use, mode 0600)."""
    if given:
        return [given, *filter(None, former.split(","))]
    path = home / NAME
    try:
        return _in(path)
    except OSError:
        pass
    key = new_key()
    try:
        home.mkdir(parents=True, exist_ok=True)
        # O_EXCL: two processes that start together must end up with one key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _in(path)
    except OSError:
        # A home that cannot be written is reported by `razao doctor`; reading a file needs no key.
        return [key]
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return [key]


def _in(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


def new_key() -> str:
    """A key that nobody has."""
    return secrets.token_urlsafe(48)


def keep_keys(home: Path, keys: Sequence[str]) -> None:
    """Put ``keys`` in the place of those of the home, durably and at once."""
    part = home / f".{NAME}-{uuid4().hex}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    part.replace(home / NAME)
    folder = os.open(home, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
