"""The request id that one of this server's own pages wants a call of a function URL to have, so that it can show it from the start.

Anybody can call a URL; the seal proves that the id comes from a process of this installation.
"""

import hmac
from hashlib import sha256
from typing import Final

from invocations import credentials

HEADER: Final = "x-playground-request-id"


def sealed(request_id: str) -> str:
    """The header's value."""
    return f"{request_id}.{_seal(request_id)}"


def take(headers: dict[str, str]) -> str:
    """Takes the header out, which no function is to see; the id, or nothing where the seal is not ours."""
    request_id, _, seal = headers.pop(HEADER, "").partition(".")
    return request_id if seal and hmac.compare_digest(seal.encode(), _seal(request_id).encode()) else ""


def _seal(request_id: str) -> str:
    return hmac.new(credentials.secret_key(), f"request id {request_id}".encode(), sha256).hexdigest()
