"""Buckets in host names: bucket.localhost:4566 and bucket.s3.localhost:4566 mean what /bucket means at s3.localhost:4566.

Source: S3 User Guide, "Virtual hosting of general purpose buckets".
"""

import re
from functools import lru_cache

from django.conf import settings

from playground.endpoint.wire import HttpRequest

_SERVICE = re.compile(r"(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?")


def path_of(request: HttpRequest) -> str:
    """The request's path with the bucket in it, still encoded, wherever the bucket stood."""
    bucket = bucket_of(request.host)
    return f"/{bucket}{request.path}" if bucket else request.path


@lru_cache(maxsize=256)
def bucket_of(host: str) -> str:
    """The bucket in a Host header; empty where there is none."""
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    for own in ("localhost", settings.DOMAIN):
        label = name.removesuffix(f".{own}") if own else name
        if label != name:
            match = _SERVICE.fullmatch(label)
            return (match[1] or "") if match is not None else label
    return ""
