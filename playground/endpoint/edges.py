"""Requests that a browser sends on behalf of some other site are refused: any page can send them to a local port.

Clients that are no browsers send neither Origin nor Sec-Fetch-Site. A site that has its own name lead to this machine
(DNS rebinding) is known by its Host.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SANDBOX = (b"content-security-policy", b"sandbox allow-scripts allow-forms allow-popups allow-modals")
"""A header of pages that functions make and buckets hold: they have an origin of their own, though they come from the endpoint's."""
_OWN_POST = "x-amz-sns-message-type"
"""A header of whatever a topic posts: the address is a subscriber's choice."""


_RESERVED = ("internal", "local", "localdomain", "lan", "test", "home.arpa")
"""Nobody can have a name below these on the web."""


def refusal(
    headers: Mapping[str, str], *, is_presigned: bool = False, is_local_route: bool = False, is_well_known: bool = False
) -> str | None:
    """Why a request is refused, or None.

    A presigned address needs no header that only code could set, so its Host has to be one of ours. A local route needs no
    signature either: names below ours, where functions' own pages live, are refused there, and so is what topics post.
    With a *well-known* key every page can sign: its Host must be no name that a site of the web could have.
    """
    if is_local_route and _OWN_POST in headers:
        return "What topics post is refused here."
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    host = headers.get("host", "")
    name = name_of(host)
    stranger = f"The host name {host!r} is none of this server's. Set PLAYGROUND_DOMAIN to use another."
    if origin is None and site is None and not is_presigned and not is_local_route:
        return stranger if is_well_known and _may_be_a_site(name) else None
    if not is_own_name(name) or (is_local_route and name not in _LOCAL_NAMES and name != settings.DOMAIN):
        return stranger
    if origin is not None and not _is_own_origin(origin, host):
        return f"Requests of pages from {origin} are refused."
    if origin is None and site == "cross-site":
        return "Requests of other sites' pages are refused."
    return None


def is_own_name(name: str) -> bool:
    """Whether a host name is the machine's own: localhost and below it, the loopback addresses, the configured domain."""
    domain = settings.DOMAIN
    is_under_domain = domain != "" and (name == domain or name.endswith(f".{domain}"))
    return name in _LOCAL_NAMES or name.endswith(".localhost") or is_under_domain


def _may_be_a_site(name: str) -> bool:
    """Whether a page's author could have this name lead here: it is no address, and no name of a container or a network."""
    if is_own_name(name):
        return False
    try:
        ip_address(name)
    except ValueError:
        bare = name.rstrip(".")
        return "." in bare and not bare.endswith(tuple(f".{each}" for each in _RESERVED))
    return False


def _is_own_origin(origin: str, host: str) -> bool:
    """The endpoint's own pages, and the dashboard's."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not is_own_name((parts.hostname or "").lower()):
        return False
    return parts.netloc == host or port == settings.PORT


def name_of(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
