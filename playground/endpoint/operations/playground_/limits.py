"""GET and PUT /_playground/limits: the account's quotas for scripts."""

import json
from typing import Any

from invocations.errors import ValidationException
from invocations.resources import quotas
from playground.endpoint.local import LocalAnswer, LocalRequest, local_route


@local_route("GET", "/_playground/limits")
def limits(request: LocalRequest) -> LocalAnswer:
    """Each quota by its name, and the defaults: {"concurrent_executions": 5, …, "defaults": {…}}."""
    return LocalAnswer.of_json({**quotas.describe(request.account_id), "defaults": quotas.defaults()})


@local_route("PUT", "/_playground/limits")
def set_limits(request: LocalRequest) -> LocalAnswer:
    """Takes {"concurrent_executions": 5}, several names at once, null for the default. Answers as GET does."""
    quotas.change(request.account_id, object_of(request.body, '{"concurrent_executions": 5}'))
    return limits(request)


def object_of(body: bytes, example: str) -> dict[str, Any]:
    """A body that is a JSON object with something in it. Raises ValidationException."""
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        raise ValidationException(f"The body must be JSON, such as {example}.") from None
    if not isinstance(wanted, dict) or not wanted:
        raise ValidationException(f"The body must be an object with something in it, such as {example}.")
    return wanted
