"""What works and what does not, as the dashboard sees it."""

from collections.abc import Awaitable, Callable
from typing import Any

import redis
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from invocations import store
from invocations.errors import AwsError
from invocations.execution import dispatch


async def healthz(request: HttpRequest) -> JsonResponse:
    """200 where everything works, 503 where something does not; each part with its own word."""
    parts = {name: await _answer_of(check) for name, check in _CHECKS.items()}
    is_well = all(part["status"] == "ok" for part in parts.values())
    return JsonResponse(
        {"status": "ok" if is_well else "failing", "parts": {"web": {"status": "ok"}, **parts}}, status=200 if is_well else 503
    )


async def _answer_of(check: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
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


async def _service() -> dict[str, Any]:
    return await dispatch.health()


async def _worker() -> dict[str, Any]:
    pid = await store.async_connection().get(store.WORKER_ALIVE)
    if pid is None:
        raise OSError("no worker has given a sign of life for 15 seconds")
    return {"pid": int(pid)}


_CHECKS = {"redis": _redis, "database": _database, "service": _service, "worker": _worker}
