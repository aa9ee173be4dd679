"""What works and what does not, process by process, as seen from wherever one asks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import redis
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from invocations import store
from invocations.errors import AwsError
from invocations.execution import dispatch

Check = Callable[[], Awaitable[dict[str, Any]]]


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 where everything works, 503 where something does not; each part with its own word."""
    status, body = await report({"web": {"status": "ok"}}, {"service": dispatch.health, "worker": seen("worker")})
    return JsonResponse(body, status=status)


async def report(own: Mapping[str, Any], checks: Mapping[str, Check]) -> tuple[int, dict[str, Any]]:
    """HTTP status and {"status", "parts"}: *own* parts as they are, others, Redis and the database as they answer now."""
    parts = dict(own)
    for name, check in {**checks, "redis": _redis, "database": _database}.items():
        parts[name] = await _answer_of(check)
    is_well = all(part["status"] == "ok" for part in parts.values())
    return (200 if is_well else 503), {"status": "ok" if is_well else "failing", "parts": parts}


def seen(process: str) -> Check:
    """Whether a process of that name has given a sign of life."""

    async def check() -> dict[str, Any]:
        pid = await store.async_connection().get(store.alive_key(process))
        if pid is None:
            raise OSError(f"no {process} has given a sign of life for 15 seconds")
        return {"pid": int(pid)}

    return check


async def _answer_of(check: Check) -> dict[str, Any]:
    try:
        return {"status": "ok", **await check()}
    except (redis.RedisError, DatabaseError, AwsError, OSError) as error:
        return {"status": "failing", "reason": str(error) or type(error).__name__}


async def _redis() -> dict[str, Any]:
    await store.async_connection().ping()
    return {}


@sync_to_async
def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"vendor": connection.vendor}
