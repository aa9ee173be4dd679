"""CORS as a function URL's Cors has it: preflights that are answered here, and the headers that the other answers get.

Source: Developer Guide, "Creating and managing Lambda function URLs" (Cross-origin resource sharing).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from playground.endpoint.wire import HeaderPairs, header_value

EVERYTHING = "*"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks before it sends the request itself."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight_headers(cors: Mapping[str, Any], origin: str) -> HeaderPairs:
    """The answer to a preflight: what is configured, and nothing for an origin that is not allowed."""
    found = _shared(cors, origin)
    if not found:
        return []
    for member, name in (("AllowMethods", b"access-control-allow-methods"), ("AllowHeaders", b"access-control-allow-headers")):
        if cors.get(member):
            found.append((name, header_value(",".join(cors[member]))))
    if cors.get("MaxAge") is not None:
        found.append((b"access-control-max-age", str(cors["MaxAge"]).encode()))
    return found


def answer_headers(cors: Mapping[str, Any], origin: str) -> HeaderPairs:
    """What is added to the function's own headers. It may send the same ones: a browser then sees both, and refuses them."""
    found = _shared(cors, origin)
    if found and cors.get("ExposeHeaders"):
        found.append((b"access-control-expose-headers", header_value(",".join(cors["ExposeHeaders"]))))
    return found


def _shared(cors: Mapping[str, Any], origin: str) -> HeaderPairs:
    allowed = allowed_origin(cors, origin)
    if not allowed:
        return []
    found: HeaderPairs = [(b"access-control-allow-origin", header_value(allowed))]
    if cors.get("AllowCredentials"):
        # Beside "*" no browser takes it: every origin with credentials is more than CORS can say.
        found.append((b"access-control-allow-credentials", b"true"))
    if allowed != EVERYTHING:
        found.append((b"vary", b"Origin"))
    return found


def allowed_origin(cors: Mapping[str, Any], origin: str) -> str:
    """What Access-Control-Allow-Origin says: "*", the origin itself, or "" for one that is not allowed."""
    patterns = cors.get("AllowOrigins") or ()
    if EVERYTHING in patterns:
        return EVERYTHING
    return origin if origin and any(_compiled(pattern).fullmatch(origin.lower()) for pattern in patterns) else ""


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """An origin in which a star stands for any labels of the host's name: https://*.example.com."""
    return re.compile("[a-z0-9.-]+".join(re.escape(part) for part in pattern.lower().split(EVERYTHING)))
