"""The endpoint's listening sockets, which outlive the process that serves them.

The supervisor opens them and hands them to each service it starts: while one that died is started again, callers wait instead
of being refused. Imports no package, for the supervisor's sake.
"""

import os
import socket
from collections.abc import Sequence

INHERITED = "PLAYGROUND_ENDPOINT_SOCKETS"
"""Names the descriptors to a child: numbers with commas between them."""
INHERITED_HTTPS = "PLAYGROUND_HTTPS_SOCKETS"


def endpoint_sockets(port: int, inherited: str = INHERITED) -> list[socket.socket]:
    """Those that a supervisor opened, else new ones. Raises OSError where the port is taken."""
    numbers = os.environ.pop(inherited, "")
    if not numbers:
        return open_loopback(port)
    found = [socket.socket(fileno=int(number)) for number in numbers.split(",")]
    for listening in found:
        listening.set_inheritable(False)
    return found


def open_loopback(port: int) -> list[socket.socket]:
    """Listening sockets on the loopback addresses, IPv4 and, where there is one, IPv6. Raises OSError where the port is taken."""
    found = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            listening = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue  # no IPv6 in this kernel
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listening.bind((address, port))
        except OSError:
            listening.close()
            if family is socket.AF_INET:
                raise
            continue  # no IPv6 on this machine
        listening.listen(1024)
        found.append(listening)
    return found


def handed_over(listening: Sequence[socket.socket], inherited: str = INHERITED) -> dict[str, str]:
    """What tells a child of sockets that it inherits."""
    return {inherited: ",".join(str(each.fileno()) for each in listening)}
