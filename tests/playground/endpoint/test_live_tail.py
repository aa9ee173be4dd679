"""What a session of Live Tail hears, whenever it is announced."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from invocations import announce
from invocations.log_filter import compile_pattern
from playground.endpoint import live_tail
from playground.endpoint.live_tail import Tailed
from playground.endpoint.operations import logs

ACCOUNT = "111111111111"

pytestmark = pytest.mark.usefixtures("redis_server")


def test_a_session_hears_what_comes_from_its_start_on_and_of_a_burst_that_something_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_tail, "UPDATE_SECONDS", 0.01)
    call = cast("Any", SimpleNamespace(request_id="1", input={"logGroupIdentifiers": ["group"]}))
    wanted = Tailed(ACCOUNT, frozenset({"group"}), frozenset(), (), compile_pattern(""))
    line = {"kind": "log-events", "group": "group", "stream": "stream", "events": [[1764022426500, "text"]]}

    async def scenario() -> list[tuple[bool, list[str]]]:
        live, updates = logs._live(call, wanted), []
        assert "sessionStart" in await anext(live)
        for news in ([line], [{"kind": "more", "invocations": 3, "ids": []}], [line]):
            await announce.publish_async(ACCOUNT, news)
            update = cast("Any", await anext(live))["sessionUpdate"]
            updates.append((update["sessionMetadata"]["sampled"], [event["message"] for event in update["sessionResults"]]))
        return updates

    assert asyncio.run(scenario()) == [(False, ["text"]), (True, []), (False, ["text"])]
