"""Where function URLs are found: by host name, or below a path of the endpoint."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from invocations.own_addresses import FUNCTION_URL_PATH
from invocations.region import REGION
from playground.endpoint import edges

PATH = FUNCTION_URL_PATH
"""Where names below localhost do not resolve (Python, other machines), the url id stands in the path instead."""
_LABEL = ".lambda-url."
_ID = re.compile(r"[a-z0-9-]{1,63}")
_HOST = re.compile(r"([a-z0-9-]{1,63})\.lambda-url\.([a-z0-9-]+)\.(.+)")


@dataclass(frozen=True, slots=True)
class Addressed:
    """Which URL a request means."""

    url_id: str
    domain_name: str
    """The host without its port."""
    raw_path: str
    """As sent, still percent-encoded, without the prefix of the path form."""
    is_by_path: bool
    """On the endpoint's own host name, which the dashboard shares."""


def read(host: str, path: str) -> Addressed | None:
    """The function URL that a request to *host* for *path* means; None where it means something else.

    The path form is for this machine's own names: a site whose name leads here (DNS rebinding) would get around CORS by it.
    """
    if path.startswith(PATH) and edges.is_own_name(edges.name_of(host)):
        url_id, slash, rest = path[len(PATH) :].partition("/")
        return Addressed(url_id, domain_name_of(url_id), slash + rest or "/", True) if _ID.fullmatch(url_id) else None
    host = host.lower()
    if _LABEL not in host:
        return None
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    match = _HOST.fullmatch(name)
    if match is None or match[2] != REGION or match[3] not in _domains():
        return None
    return Addressed(match[1], name, path or "/", False)


def address_of(url_id: str, endpoint: str) -> str:
    """A URL's address, as one reaches it who reaches this server at *endpoint* (scheme://host:port)."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").lower()
    domain = settings.DOMAIN if settings.DOMAIN and (host == settings.DOMAIN or host.endswith(f".{settings.DOMAIN}")) else "localhost"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{url_id}{_LABEL}{REGION}.{domain}{port}/"


def path_form_of(url_id: str, endpoint: str) -> str:
    """The same below a path of *endpoint*."""
    return f"{endpoint}{PATH}{url_id}/"


def domain_name_of(url_id: str) -> str:
    """The host name of a URL, without a port."""
    return f"{url_id}{_LABEL}{REGION}.localhost"


def _domains() -> tuple[str, ...]:
    return ("localhost", settings.DOMAIN) if settings.DOMAIN else ("localhost",)
