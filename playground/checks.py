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
    """A Redis of somebody else's must write each change into its file before it answers, or accepted events die with it."""
    if settings.EMBEDDED_REDIS:
        return []
    try:
        kept: Any = store.connection().config_get("append*")
    except (redis.RedisError, ValueError) as error:
        hint = "Start it, or leave REDIS_URL out to use the embedded one."
        return [Warning(f"The Redis at REDIS_URL does not answer: {error}.", hint=hint, id="playground.redis-away")]
    if kept.get("appendonly") == "yes" and kept.get("appendfsync") in {"always", "no"}:
        return []  # with "everysec" it may put the writing itself off, past its answer
    hint = "Set `appendonly yes` and `appendfsync always` in its configuration, or `no`, which survives its death but not failing power."
    return [Warning("The Redis at REDIS_URL may lose accepted events when it dies.", hint=hint, id="playground.redis-forgets")]
