"""Event patterns as EventBridge's operations take them."""

import json
from typing import Any, Final

from invocations.event_patterns import InvalidPattern, Pattern, compile_pattern
from invocations.services.eventbridge.errors import invalid_parameter, invalid_pattern

_REQUIRED: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


def compiled(text: str) -> Pattern:
    """The pattern. Raises InvalidEventPatternException."""
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise invalid_pattern(error) from None


def read_event(text: str) -> dict[str, Any]:
    """A whole event. Raises ValidationException where it is no JSON object, or has not all of an event's fields."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_parameter("Event") from None
    if not isinstance(event, dict):
        raise invalid_parameter("Event")
    missing = [name for name in _REQUIRED if name not in event]
    if missing:
        raise invalid_parameter("Event", f"{missing[0]} is a required field of an event.")
    return event


def test_event_pattern(pattern: str, event: str) -> bool:
    """TestEventPattern. Raises InvalidEventPatternException, ValidationException."""
    return compiled(pattern).matches(read_event(event))
