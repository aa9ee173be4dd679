"""Posts to web addresses on this machine, and to no others; nor to this server's own."""

import asyncio
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

from invocations import own_addresses
from invocations.errors import aws_error

TIMEOUT_SECONDS: Final = 15.0
"""As long as SNS waits for an endpoint's answer."""
_THREADS: Final = ThreadPoolExecutor(32, thread_name_prefix="http-post")
"""Threads of its own: endpoints that hang must not stand in the way of whatever else blocks for a moment."""


def loopback_address(host: str) -> str | None:
    """The loopback address behind a host name; None where it leads off this machine, or nowhere."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return None
    addresses = sorted(str(address) for address in found)  # 127.0.0.1 before ::1
    if not addresses or not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        return None
    return addresses[0]


async def send(url: str, body: str, headers: Mapping[str, str]) -> str:
    """Posts *body*; the answer's status as text. Raises AwsError for an answer that is no success, and for none at all."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _send, url, body, headers)


def _send(url: str, body: str, headers: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    address = loopback_address(parts.hostname or "")
    if address is None:
        raise aws_error("EndpointDisabled", f"{url} is not an address on this machine.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if own_addresses.is_closed(parts, port):
        raise aws_error("EndpointDisabled", f"{url} is an address of this playground itself: of those, function URLs alone are posted to.")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        # On loopback, certificates are made by hand: nobody vouches for them.
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(address, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body.encode(), {"Host": parts.netloc, **headers})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise aws_error("ServiceUnavailable", f"{url} did not answer: {error}", 503) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        # A redirect is not followed, nor tried again: all but 5xx and 429 is for good (SNS Developer Guide, "Fanout to HTTP/S").
        raise aws_error("EndpointRefused", f"{url} answered {status}.", max(status, 400))
    return str(status)
