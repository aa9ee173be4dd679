"""`manage.py service`: the AWS endpoint and this host's execution environments, in the foreground."""

import asyncio
import logging
import signal
from typing import Any

import uvicorn
import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand

from playground import garbage, tls_certificate
from playground.endpoint import local
from playground.endpoint.app import application
from playground.listening import INHERITED_HTTPS, endpoint_sockets
from playground.service.host import Host
from playground.service.http_server import GRACE_SECONDS, encrypted_server_config, server_config

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
    listening = endpoint_sockets(settings.ENDPOINT_PORT)
    encrypted = endpoint_sockets(settings.HTTPS_PORT, INHERITED_HTTPS)
    certificate = tls_certificate.ensure(settings.DATA_DIR / "tls", settings.DOMAIN)
    host = Host()
    local.health_of_service = host.health
    await host.open()
    garbage.collect_seldom()
    endpoint = application()
    servers = [uvicorn.Server(server_config(endpoint)), uvicorn.Server(encrypted_server_config(endpoint, certificate))]
    for server in servers:
        server.config.load()
    serving = [asyncio.create_task(server._serve(each)) for server, each in zip(servers, (listening, encrypted), strict=True)]
    log.info("the endpoint listens on port %d, and with TLS on port %d", settings.ENDPOINT_PORT, settings.HTTPS_PORT)
    await stop.wait()
    for server in servers:
        server.should_exit = True
    await asyncio.wait(serving, timeout=GRACE_SECONDS)
    for server in servers:
        server.force_exit = True
    await host.close()
