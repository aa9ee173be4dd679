"""Which addresses of this machine are this server's own: what it posts on others' behalf must not reach them."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from invocations.region import REGION

FUNCTION_URL_PATH: Final = "/_playground/lambda-url/"
"""Function URLs in their path form: the url id follows."""
_FUNCTION_URL_HOST = re.compile(rf"[a-z0-9-]{{1,63}}\.lambda-url\.{re.escape(REGION)}\.(.+)")
_REDIS_PORT: Final = 6379
_POSTGRESQL_PORT: Final = 5432


def is_closed(url: SplitResult, port: int) -> bool:
    """Whether *url*, an address on this machine at *port*, leads to a port of this server; function URLs are open."""
    if port in (settings.ENDPOINT_PORT, settings.HTTPS_PORT):
        return not _is_function_url(url)
    return port == settings.PORT or port in store_ports(settings.REDIS_URL, settings.DATABASES["default"])


def _is_function_url(url: SplitResult) -> bool:
    if url.path.startswith(FUNCTION_URL_PATH):
        return True
    match = _FUNCTION_URL_HOST.fullmatch(url.hostname or "")
    return match is not None and match[1] in ({"localhost", settings.DOMAIN} - {""})


def store_ports(redis_url: str, database: Mapping[str, Any]) -> set[int]:
    """The ports of Redis and PostgreSQL, where they listen on any."""
    redis = urlsplit(redis_url)
    ports = {redis.port or _REDIS_PORT} if redis.scheme in ("redis", "rediss") else set()
    if "postgresql" in database["ENGINE"] and not database.get("HOST", "").startswith("/"):
        ports.add(int(database.get("PORT") or _POSTGRESQL_PORT))
    return ports
