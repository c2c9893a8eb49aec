"""The secret key of an installation: taken from the environment, or made once and kept readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(home: Path, given: str) -> str:
    """The key given, or the one kept in ``home/secret_key`` (made on first use, mode 0600)."""
    if given:
        return given
    path = home / "secret_key"
    try:
        return path.read_text().strip()
    except OSError:
        pass
    key = secrets.token_urlsafe(48)
    try:
        home.mkdir(parents=True, exist_ok=True)
        # O_EXCL: two processes that start together must end up with one key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError:
        # A home that cannot be written is reported by `razao doctor`; reading a file needs no key.
        return key
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
