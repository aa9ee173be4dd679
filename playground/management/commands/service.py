"""`manage.py service`: the AWS endpoint and this host's execution environments, in the foreground."""

import asyncio
import logging
import signal
import socket
from typing import Any

import uvicorn
import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand

from playground.endpoint import local
from playground.endpoint.app import application
from playground.service.host import GRACE_SECONDS, Host

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve the AWS endpoint and run functions."
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        uvloop.run(serve())


async def serve() -> None:
    """Runs until SIGTERM or SIGINT; running invocations get a moment to finish."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    host = Host()
    local.health_of_service = host.health
    await host.open()
    server = uvicorn.Server(server_config(application()))
    server.config.load()
    serving = asyncio.create_task(server._serve(sockets(settings.ENDPOINT_PORT)))
    log.info("the endpoint listens on port %d", settings.ENDPOINT_PORT)
    await stop.wait()
    server.should_exit = True
    await asyncio.wait([serving], timeout=GRACE_SECONDS)
    server.force_exit = True
    await host.close()


def server_config(app: Any) -> uvicorn.Config:
    """How the endpoint is served: no access log, no lifespan, the fast parser."""
    return uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        access_log=False,
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
