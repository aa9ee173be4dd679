"""How the endpoint is served over HTTP."""

import socket
from typing import Any

import uvicorn

from playground.service.one_write import OneWriteProtocol

GRACE_SECONDS = 3.5
"""How long running invocations may take to finish when the service is told to stop."""


def server_config(app: Any) -> uvicorn.Config:
    """How the endpoint is served: no access log, no lifespan, the fast parser."""
    return uvicorn.Config(
        app,
        http=OneWriteProtocol,
        loop="none",
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(GRACE_SECONDS),
        h11_max_incomplete_event_size=None,
    )


def sockets(port: int) -> list[socket.socket]:
    """Listening sockets on the loopback addresses, IPv4 and, where there is one, IPv6."""
    found = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        listening = socket.socket(family, socket.SOCK_STREAM)
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
