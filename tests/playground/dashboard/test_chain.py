"""Chains: what they ask of the database, and by which way one invocation made another."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from invocations.models import Invocation
from invocations.resources import accounts
from playground.dashboard.chain import SHOWN, chain
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.sender import sender_of
from tests.playground.dashboard.records import RECEIVED_AT, record, step

ACCOUNT = "000000000000"
ARN = "arn:aws:{}:us-east-1:000000000000:{}"
pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _account(redis_server: None) -> None:
    accounts.ensure(ACCOUNT)


def stored(request_id: str, *steps: dict[str, Any], parent: str = "", **columns: Any) -> InvocationView:
    """A row of the journal."""
    fields = record(*steps, request_id=request_id, parent_request_id=parent, invocation_type="Event") | columns
    moments = {name: datetime.fromtimestamp(fields[name], UTC) for name in ("received_at", "ended_at")}
    plain = {name: value for name, value in fields.items() if name not in {"log", "log_type", *moments}}
    return InvocationView.from_row(Invocation.objects.create(**plain, **moments))


def sent(kind: str, arn: str) -> dict[str, Any]:
    return step("destination", 5, "delivered", kind=kind, arn=arn, record="{}")


def test_parents_cost_a_query_each_and_all_children_one(django_assert_num_queries: Any) -> None:
    first = stored("first", sent("OnSuccess", ARN.format("lambda", "function:orders")))
    second = stored("second", parent="first", source="lambda")
    alone = stored("alone")
    for number in range(SHOWN + 5):
        stored(f"child-{number}", parent="second", received_at=RECEIVED_AT + number)

    with django_assert_num_queries(1):
        assert not chain(alone)
    with django_assert_num_queries(1):
        assert [link.view.request_id for link in chain(first).children] == ["second"]
    with django_assert_num_queries(2):
        shown = chain(second)

    assert [link.view.request_id for link in shown.parents] == ["first"]
    assert shown.way == "On success"
    assert len(shown.children) == SHOWN
    assert shown.hidden == 1


def test_the_way_is_told_by_what_was_sent() -> None:
    first = stored("first", sent("OnFailure", ARN.format("sns", "news")), sent("DeadLetterQueue", ARN.format("sqs", "dead")))
    stored("through", parent="first", source="sns")
    stored("otherwise", parent="first", source="events")

    shown = chain(first)

    assert {link.view.request_id: link.way for link in shown.children} == {
        "through": "On failure, through the topic news",
        "otherwise": "through a rule",
    }
    assert [(each.name, each.word, each.place.name) for each in shown.sent] == [
        ("On failure", "delivered", "news"),
        ("Dead-letter queue", "delivered", "dead"),
    ]


@pytest.mark.parametrize(
    ("source", "arn", "payload", "words", "url"),
    [
        (
            "sns",
            ARN.format("sns", "news"),
            {"Records": [{"Sns": {"MessageId": "4be11111-2222"}}]},
            "topic news, message 4be11111…",
            "topics/news/?message=4be11111-2222#message",
        ),
        (
            "events",
            ARN.format("events", "rule/shop/large"),
            {"id": "77aa1111-2222", "detail-type": "Sold"},
            "rule large, event 77aa1111…",
            "buses/shop/?event=77aa1111-2222#event",
        ),
        ("events", ARN.format("events", "rule/large"), ["transformed"], "rule large", "buses/default/?rule=large"),
        ("scheduler", ARN.format("scheduler", "schedule/night/sweep"), {}, "schedule night/sweep", "schedules/night:sweep/"),
        ("scheduler", ARN.format("scheduler", "schedule/default/sweep"), {}, "schedule sweep", "schedules/sweep/"),
        ("sns", "arn:aws:sns:us-east-1:111111111111:theirs", {}, "topic theirs", ""),
        ("api", ARN.format("sns", "news"), {}, "", ""),
    ],
)
def test_who_sent_it_is_told_and_linked(source: str, arn: str, payload: Any, words: str, url: str) -> None:
    let_in = step("authorize", 0.5, source_arn=arn)
    found = sender_of(stored("sent", let_in, source=source, request_payload=json.dumps(payload).encode()))
    root = f"/w/{ACCOUNT}/resources/"
    assert (found.words if found else "", found.url if found else "") == (words, url and root + url)


def test_a_parent_that_was_pruned_ends_the_chain() -> None:
    assert not chain(stored("left", parent="gone"))


def test_a_circle_in_the_record_ends_too() -> None:
    stored("one", parent="two", source="lambda")
    two = stored("two", parent="one", source="lambda")
    assert len(chain(two).parents) <= 16
