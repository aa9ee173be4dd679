"""`manage.py check`: combinations of settings that cannot work, and a Redis that would forget."""

import os
from typing import Any

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from invocations import store
from playground.combinations import problems


@register()
def combinations(**_: Any) -> list[CheckMessage]:
    """Every problem of the settings."""
    return [
        (Error if problem.is_fatal else Warning)(problem.sentence, id=f"playground.{problem.id}")
        for problem in problems(os.environ, settings.DATA_DIR)
    ]


@register()
def redis_keeps_what_it_took(**_: Any) -> list[CheckMessage]:
    """A Redis of somebody else's must write down each change before it answers, or accepted events die with its machine."""
    if settings.EMBEDDED_REDIS:
        return []
    try:
        kept: Any = store.connection().config_get("append*")
    except (redis.RedisError, ValueError) as error:
        hint = "Start it, or leave REDIS_URL out to use the embedded one."
        return [Warning(f"The Redis at REDIS_URL does not answer: {error}.", hint=hint, id="playground.redis-away")]
    if kept.get("appendonly") == "yes" and kept.get("appendfsync") == "always":
        return []
    hint = "Set `appendonly yes` and `appendfsync always` in its configuration."
    return [Warning("The Redis at REDIS_URL may lose accepted events when its machine fails.", hint=hint, id="playground.redis-forgets")]
