"""Saved test events of a function: payloads with a name."""

import json
import re

from invocations.errors import ResourceNotFoundException, ValidationException
from invocations.models import Function, TestEvent

_NAME = re.compile(r"[^\x00-\x1f/]{1,64}")


def save(function: Function, name: str, payload: str) -> TestEvent:
    """Saves or replaces the event called *name*. Raises ValidationException with a sentence that says what to change."""
    if not _NAME.fullmatch(name):
        raise ValidationException("Give the event a name of 1 to 64 characters without a slash.")
    try:
        json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ValidationException(f"The event is not JSON: {error}.") from None
    event, _ = TestEvent.objects.update_or_create(function=function, name=name, defaults={"payload": payload})
    return event


def delete(function: Function, name: str) -> None:
    """Removes one. Raises ResourceNotFoundException."""
    removed, _ = TestEvent.objects.filter(function=function, name=name).delete()
    if not removed:
        raise ResourceNotFoundException(f"There is no test event {name!r}.")


def export(function: Function) -> dict[str, object]:
    """All of them, name -> event."""
    return {event.name: json.loads(event.payload) for event in TestEvent.objects.filter(function=function)}
