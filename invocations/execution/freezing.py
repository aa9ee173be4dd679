"""Stops everything in an environment between invocations, as AWS freezes it."""

import asyncio

from invocations.execution.sandbox import Sandbox

FREEZE_AFTER_SECONDS = 0.02
"""How long a runtime may wait for its next event before everything in its environment is stopped: in a burst nothing is."""


class Freezer:
    """Of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_frozen = False

    def freeze_soon(self) -> None:
        """Unless something happens first: `thaw` or `cancel`."""
        self._timer = self._loop.call_later(FREEZE_AFTER_SECONDS, self._freeze)

    def thaw(self) -> None:
        """Lets everything go on."""
        self.cancel()
        if self._is_frozen:
            self._is_frozen = False
            self._sandbox.thaw()

    def cancel(self) -> None:
        """What is not frozen yet stays so."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def forget(self) -> None:
        """A new runtime starts, and it is not frozen."""
        self._is_frozen = False

    def _freeze(self) -> None:
        self._timer = None
        self._is_frozen = True
        self._sandbox.freeze()
