"""The web process: static files, pages and the live socket. `daphne playground.asgi:application`."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from playground import sign_of_life  # noqa: E402
from playground.dashboard.static_files import StaticFiles  # noqa: E402
from playground.live.origins import OwnOrigin  # noqa: E402
from playground.live.routing import socket  # noqa: E402

static_files = StaticFiles()
sign_of_life.begin("web")


async def http(scope: Any, receive: Any, send: Any) -> None:
    """Static files never reach Django."""
    await (static_files if scope["path"].startswith(settings.STATIC_URL) else pages)(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": OwnOrigin(socket)})
