"""Where a source may connect to: an address in, the checked address out; the server's own network is refused.

The address is resolved once, and that very address is connected to, so that a name cannot answer one thing
to the check and another to the connection.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

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
    address = _resolved(parts.hostname, port, inside_allowed=inside_allowed)
    return Target(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), address)


def check_odbc(connection: str, *, inside_allowed: bool) -> None:
    """Refuse an ODBC connection to this network, or to a file or data source whose place is not said."""
    if inside_allowed:
        return
    found = _SERVER.search(connection)
    if found is None:
        raise Refused(Problem("source.inside", where="ODBC"))
    host = re.split(r"[,\\:]", found.group(1).removeprefix("tcp:"))[0].strip()
    _resolved(host, 0, inside_allowed=False)


def _resolved(host: str, port: int, *, inside_allowed: bool) -> str:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(Problem("source.host_unknown", where=host)) from error
    addresses = [str(answer[4][0]) for answer in answers]
    if not inside_allowed and not all(_outside(address) for address in addresses):
        raise Refused(Problem("source.inside", where=host))
    return addresses[0]


def _outside(address: str) -> bool:
    number = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_global and not (mapped or number).is_multicast
