"""A socket opens for this server's own pages alone.

Any page of the web can ask a browser for a WebSocket to a local port; pages that functions make have names below localhost too,
which are allowed as a Host. So the Origin must be where the request itself was sent.
"""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host


class OwnOrigin:
    """Wraps an application of sockets."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        application = self._application if is_own(dict(scope["headers"])) else WebsocketDenier()
        await application(scope, receive, send)


def is_own(headers: dict[bytes, bytes]) -> bool:
    """Whether a request comes from a page of the host and port that it is sent to, and these are ours."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    try:
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1").lower())
    except ValueError:
        return False
    return (
        origin.scheme in ("http", "https") and origin.netloc == host and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    )
