"""Where a source may connect to: a web address or an ODBC connection in, what was checked out; the server's own network is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from razao.companies.outside import resolved
from razao.kernel.problems import Problem, Refused

_SERVER = re.compile(
    r"(?:^|;)\s*(?:server|servername|host|address|addr)\s*=\s*\{?([^;}]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Target:
    """A web address that may be connected to: ``address`` is what ``host`` resolved to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def target_of(url: str, *, inside_allowed: bool) -> Target:
    """The target of ``url``. Raises Refused (``source.url_wrong``, ``source.host_unknown``, ``source.inside``)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise Refused(Problem("source.url_wrong", where=parts.hostname or ""))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(parts.hostname, port, inside_allowed=inside_allowed)
    return Target(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), address)


def check_odbc(connection: str, *, inside_allowed: bool) -> None:
    """Refuse an ODBC connection to this network, or to a file or data source whose place is not said."""
    if inside_allowed:
        return
    found = _SERVER.search(connection)
    if found is None:
        raise Refused(Problem("source.inside", where="ODBC"))
    host = re.split(r"[,\\:]", found.group(1).removeprefix("tcp:"))[0].strip()
    resolved(host, 0, inside_allowed=False)
