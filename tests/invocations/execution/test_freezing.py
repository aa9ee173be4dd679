"""When an environment is stopped between invocations."""

import asyncio
from typing import Any, cast

import pytest

from invocations.execution import freezing
from invocations.execution.freezing import Freezer


class Told:
    """In place of a sandbox."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def freeze(self) -> None:
        self.calls.append("freeze")

    def thaw(self) -> None:
        self.calls.append("thaw")


def test_a_short_stop_is_followed_by_a_longer_wait_and_nothing_is_stopped_that_has_gone_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "FREEZE_AFTER_SECONDS", 0)
    monkeypatch.setattr(freezing, "BURST_SECONDS", 60)
    told = Told()

    async def scenario() -> None:
        freezer = Freezer(cast("Any", told))
        freezer.freeze_soon()
        freezer.thaw()
        await asyncio.sleep(0.01)
        assert told.calls == []
        freezer.freeze_soon()
        await asyncio.sleep(0.01)
        freezer.thaw()  # long before BURST_SECONDS
        assert told.calls == ["freeze", "thaw"]
        freezer.freeze_soon()
        await asyncio.sleep(0.01)
        assert told.calls == ["freeze", "thaw"]
        freezer.thaw()
        monkeypatch.setattr(freezing, "BURST_SECONDS", 0)
        freezer.freeze_soon()
        await asyncio.sleep(0.01)
        freezer.thaw()  # a stop that was long enough: it is no burst any more
        monkeypatch.setattr(freezing, "BURST_SECONDS", 60)
        freezer.freeze_soon()
        await asyncio.sleep(0.01)
        assert told.calls == ["freeze", "thaw"] * 2 + ["freeze"]

    asyncio.run(scenario())
