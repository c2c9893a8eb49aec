"""Addresses outside this installation: a host's name in, the address that may be connected to out.

The name is resolved once, and that very address is connected to, so that a name cannot answer one thing to
the check and another to the connection.
"""

from __future__ import annotations

import ipaddress
import socket

from razao.kernel.problems import Problem, Refused


def resolved(host: str, port: int, *, inside_allowed: bool) -> str:
    """The address of ``host``; one of the server's own network only where that is allowed.

    Raises Refused (``source.host_unknown``, ``source.inside``).
    """
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
