"""What the database said lately, kept until a change is heard of."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import connection

from invocations import clock

KEPT_SECONDS = 10.0
"""How long it is believed without asking again, in a process that does not hear of changes or missed one."""

Key = TypeVar("Key", bound=Hashable)
Got = TypeVar("Got")


class Remembered(Generic[Key, Got]):
    """Answers by key, and what loads one."""

    def __init__(self, load: Callable[[Key], Got], most: int) -> None:
        """With *most* of them known, all are forgotten."""
        self._load = load
        self._most = most
        self._known: dict[Key, tuple[Got, float]] = {}
        self._generation = 0
        """Rises with every change: what was loaded while one happened is not kept."""

    def get(self, key: Key) -> Got | None:
        """What is known, without asking the database; None where it has to be asked."""
        found, until = self._known.get(key, (None, 0.0))
        return found if until > clock.monotonic() else None

    def find(self, key: Key, *, fresh: bool = False) -> Got:
        """The answer. Asks the database where it is not known, and always where it has to be *fresh*."""
        found = None if fresh else self.get(key)
        if found is not None:
            return found
        generation = self._generation
        try:
            found = self._load(key)
        finally:
            if not connection.in_atomic_block:  # whoever is within a transaction closes it himself
                connection.close_if_unusable_or_obsolete()
        if len(self._known) >= self._most:
            self._known.clear()
        if generation == self._generation:
            self.keep(key, found)
        return found

    def keep(self, key: Key, found: Got) -> None:
        """Has *found* known as if the database had just said so."""
        self._known[key] = (found, clock.monotonic() + KEPT_SECONDS)

    def forget(self, is_meant: Callable[[Key], bool]) -> None:
        """Something changed of the keys that *is_meant* is true of."""
        self._generation += 1
        for key in filter(is_meant, list(self._known)):
            self._known.pop(key, None)
