"""Stops everything in an environment between invocations, as AWS freezes it."""

import asyncio

from invocations.execution.sandbox import Sandbox

FREEZE_AFTER_SECONDS = 0.02
"""How long a runtime may wait for its next event before everything in its environment is stopped."""
BURST_SECONDS = 0.2
"""The same in a burst, which it is where the last stop was shorter than this: to stop and go on twenty times a second costs more
than many a function."""


class Freezer:
    """Of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._is_frozen = False
        self._frozen_at = 0.0
        self._is_burst = False

    def freeze_soon(self) -> None:
        """Unless something happens first: `thaw` or `cancel`."""
        self._timer = self._loop.call_later(BURST_SECONDS if self._is_burst else FREEZE_AFTER_SECONDS, self._freeze)

    def thaw(self) -> None:
        """Lets everything go on."""
        self.cancel()
        if self._is_frozen:
            self._is_frozen = False
            self._is_burst = self._loop.time() - self._frozen_at < BURST_SECONDS
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
        self._frozen_at = self._loop.time()
        self._sandbox.freeze()
