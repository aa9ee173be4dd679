"""Lists of events that wait: what they ask of the database, and which view of an event they take for the truer."""

import json
from typing import Any

import pytest
from django.test import Client

from invocations.due_queue import Item
from invocations.enums import InvocationState
from invocations.event_queue import QUEUE
from invocations.models import EventInvokeConfig, Function
from invocations.resources import accounts
from playground.dashboard import event_list, event_story
from playground.dashboard.burst import Burst
from playground.dashboard.invocation_view import InvocationView
from tests.playground.dashboard.records import RECEIVED_AT, record, step

ACCOUNT = "000000000000"
pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _account(redis_server: None) -> None:
    accounts.ensure(ACCOUNT)


def put(request_id: str, name: str = "orders", **columns: Any) -> None:
    """An event that waits for its second try."""
    steps = [step("queue", 1, "queued", clock=RECEIVED_AT), step("queue", 9, "retry", clock=RECEIVED_AT, at=RECEIVED_AT + 60, runs=1)]
    fields = {"request_id": request_id, "function_name": name, "invocation_type": "Event", "state": "waiting to retry", "attempts": 1}
    row = record(*steps, ended_ms=None) | fields | columns
    kept = {name: value for name, value in row.items() if name not in {"request_payload", "response_payload", "log"}}
    QUEUE.put([Item(ACCOUNT, name, request_id, {"record": json.dumps(kept), "request": "{}", "payload": b"x"}, RECEIVED_AT + 60)])


def test_a_page_of_the_queue_asks_the_database_nothing_however_long_it_is(django_assert_num_queries: Any) -> None:
    for number in range(120):
        put(f"event-{number:03}")

    with django_assert_num_queries(0):
        pages = [event_list.page(ACCOUNT, "orders", asked, {}) for asked in ("", "2", "3", "4", "-1", "many")]

    assert [(page.number, page.first, page.last, page.before, page.after) for page in pages[:3]] == [
        (1, 1, 50, 0, 2),
        (2, 51, 100, 1, 3),
        (3, 101, 120, 2, 0),
    ]
    assert [page.number for page in pages[3:]] == [3, 1, 1]
    assert pages[0].events[0].view.request_id == "event-000"
    assert pages[0].events[0].due == RECEIVED_AT + 60


def test_the_newest_of_all_functions_come_with_one_query_for_their_rules(django_assert_num_queries: Any) -> None:
    for name in ("orders", "parcels", "gone"):
        put(f"{name}-1", name, qualifier="live")
    orders = Function.objects.create(account_id=ACCOUNT, name="orders-of-tests")
    EventInvokeConfig.objects.create(function=orders, qualifier="live", maximum_retry_attempts=0, last_modified="2026-01-01T00:00:00Z")
    put("ruled", orders.name, qualifier="live")
    put("begun", state="queued")

    with django_assert_num_queries(1):
        found = event_list.newest(ACCOUNT, ["orders", "parcels", orders.name], 10)

    assert {view.request_id: view.tries_told for view in found} == {
        "orders-1": "try 2 of 3",
        "begun": "try 1 of 3",
        "parcels-1": "try 2 of 3",
        "gone-1": "try 2 of 3",
        "ruled": "try 1 of 1",
    }


def test_where_no_event_waits_no_rules_are_asked_for(django_assert_num_queries: Any) -> None:
    views = [InvocationView.from_record(record()), InvocationView.from_record(record(invocation_type="Event"))]
    with django_assert_num_queries(0):
        assert event_story.with_rules(ACCOUNT, views) == views


def test_the_list_asks_the_same_however_many_functions_have_events(django_assert_max_num_queries: Any) -> None:
    client = Client()

    def queries() -> int:
        with django_assert_max_num_queries(40) as seen:
            assert client.get(f"/w/{ACCOUNT}/invocations/", HTTP_HOST="localhost").status_code == 200
        return len(seen)

    queries()
    put("one")
    few = queries()
    for number in range(20):
        put(f"of-{number}", f"function-{number}")
    assert queries() == few


def told(request_id: str, state: str, at: float, *, final: bool = False) -> dict[str, Any]:
    about = {"kind": "invocation", "id": request_id, "function": "orders", "type": "Event", "received_at": RECEIVED_AT}
    return about | {"state": state, "steps": [step("run", at)], "final": final}


def test_of_two_announcements_of_a_burst_the_later_counts_and_the_end_stays() -> None:
    burst = Burst.new(ACCOUNT, 3)
    first, second, _ = burst.ids

    assert burst.hear([told(first, "waiting to retry", 20.0), told(first, "running", 10.0), told(second, "succeeded", 5.0, final=True)])
    assert not burst.hear([told(second, "running", 30.0), told("another", "running", 1.0), {"kind": "gauge"}])

    assert burst.states == [InvocationState.WAITING_TO_RETRY, InvocationState.SUCCEEDED, InvocationState.QUEUED]
    assert [(part.word, part.count) for part in burst.parts] == [
        ("waiting", 1),
        ("running", 0),
        ("waiting to retry", 1),
        ("done", 1),
        ("failed", 0),
    ]
    assert not burst.is_over


def test_a_burst_is_known_by_its_name_alone() -> None:
    burst = Burst.new(ACCOUNT, 200)

    again = Burst.parse(ACCOUNT, burst.name)

    assert again is not None
    assert again.ids == burst.ids
    assert len(set(burst.ids)) == 200
    for nonsense in ("", "x", burst.first, f"{burst.first}:0", f"{burst.first}:201", f"{burst.first}:1000", f"{burst.ids[1]}:5"):
        assert Burst.parse(ACCOUNT, nonsense) is None
