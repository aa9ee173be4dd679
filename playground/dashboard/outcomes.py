"""How a function is to end: a sample function reads it from its event, so that what is seen is what really ran."""

import json
from typing import Any, Final

from invocations import readable_json

OBEDIENT: Final = "orders"
"""The ready-made function that does as its event says."""
KEY: Final = "behave"
"""The member of the event that says it."""
OUTCOMES: Final = (("ok", "succeed"), ("throw", "throw"), ("timeout", "time out"), ("exit", "exit"))
"""(what the event says, what the function is to do)"""


def outcome_of(payload: str) -> str:
    """What the event asks for; empty where it asks for nothing that is known."""
    event = _object(payload)
    asked = event.get(KEY) if event else None
    return asked if isinstance(asked, str) and asked in dict(OUTCOMES) else ""


def obeys(function_name: str, payload: str) -> bool:
    """Whether the event may stay as it is but for its outcome: the function is the sample, or one to which such events are sent already."""
    return function_name == OBEDIENT or KEY in (_object(payload) or {})


def asking_for(outcome: str, payload: str) -> str | None:
    """The event with that outcome in it; None for an event that is no JSON object."""
    event = _object(payload)
    return None if event is None else readable_json.dumps({**event, KEY: outcome}, indent=2)


def _object(payload: str) -> dict[str, Any] | None:
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
