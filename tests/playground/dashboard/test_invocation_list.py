"""The list of invocations: which its address asks for."""

import asyncio

import pytest

from invocations import clock
from invocations.models import Account, Invocation
from playground.dashboard.invocation_list import Filters, page, row_view
from playground.dashboard.triggers import TRIGGERS
from playground.live.frames import CATCH_UP_SECONDS, HELD_BACK_SECONDS
from playground.live.frames import Page as LivePage

ACCOUNT = "434343434343"


def an_invocation(account: Account, request_id: str, source: str = "api") -> Invocation:
    now = clock.now()
    ended = {"state": "succeeded", "status_code": 200, "received_at": now, "ended_at": now}
    told = {"function_name": "orders", "invocation_type": "Event", "steps": [], "caller": {}}
    return Invocation.objects.create(account=account, request_id=request_id, source=source, **ended, **told)


@pytest.mark.django_db
def test_what_was_triggered_by_one_thing_is_listed_alone() -> None:
    account = Account.objects.create(account_id=ACCOUNT)
    for source in TRIGGERS:
        an_invocation(account, f"by-{source}", source)
    for source, word in TRIGGERS.items():
        filters = Filters.parse({"trigger": word})
        (view,) = page(ACCOUNT, filters).views
        assert (view.request_id, view.trigger, filters.sentence) == (f"by-{source}", word, f"triggered by {word}")
        taken = [each.source for each in map(row_view, Invocation.objects.of(ACCOUNT)) if filters.takes(each)]
        assert taken == [source]
    told = {view.source: view.came_as for view in page(ACCOUNT, Filters()).views}
    assert [told[source] for source in ("api", "function-url", "sns")] == ["Event", "function URL", "Event · topic"]
    assert Filters.parse({"trigger": "nobody"}).query == ""


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_what_was_over_but_not_yet_written_when_a_page_was_loaded_comes_to_it() -> None:
    account = Account.objects.create(account_id=ACCOUNT)
    for request_id in ("heard", "missed"):
        an_invocation(account, request_id)
    written = {"kind": "trail", "events": [], "invocations": ["heard", "missed"]}

    async def told(page: LivePage) -> list[str]:
        await page.follow(["list:fn=orders", "list:fn=others"])
        heard = {
            "kind": "invocation",
            "id": "heard",
            "function": "orders",
            "state": "succeeded",
            "type": "Event",
            "received_at": 1.0,
            "final": True,
        }
        await page.frame([heard])
        frame = await page.frame([written])
        return [row["id"] for rows in frame.rows.values() for row in rows if row["is_new"]]

    assert asyncio.run(told(LivePage(ACCOUNT))) == ["invocation-missed"]
    old = LivePage(ACCOUNT)
    old._opened_at -= CATCH_UP_SECONDS
    assert asyncio.run(told(old)) == []


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_what_a_crowded_batch_left_out_is_shown_as_it_ended_where_it_is_shown_already() -> None:
    an_invocation(Account.objects.create(account_id=ACCOUNT), "over")
    crowded = {"kind": "more", "invocations": 2, "ids": ["over", "running"]}

    async def told(query: str) -> list[tuple[str, bool, bool]]:
        live = LivePage(ACCOUNT)
        await live.follow([f"list:{query}"])
        frame = await live.frame([crowded])
        assert live.patience == HELD_BACK_SECONDS, "the other is still sought"
        return [(row["id"], "succeeded" in row["html"], row["is_new"]) for row in frame.rows.get(f"list:{query}", [])]

    assert asyncio.run(told("fn=orders&state=queued")) == [("invocation-over", True, False)]
    assert asyncio.run(told("fn=others")) == []
