"""Events on buses: which rules match, what is owed to whom, how events go from bus to bus."""

import json
import uuid
from typing import Any

import pytest

from invocations import account_clock, store
from invocations.errors import AwsError
from invocations.outbox import Delivery, RetryRule
from invocations.resources import archives, event_buses, rules
from invocations.services import eventbridge
from invocations.services.eventbridge import directory, recent
from invocations.services.eventbridge.batch import new_event
from invocations.values import Principal
from tests.invocations.services.eventbridge.bus_of_tests import (
    ACCOUNT,
    bodies,
    bus,
    entry,
    make_bus,
    make_rule,
    owed,
    put,
    queue,
)

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]


def test_an_event_is_owed_to_the_targets_of_the_rules_that_match_it() -> None:
    make_rule("orders", queue("a"), queue("b"))
    make_rule("others", queue("c"), EventPattern='{"source": ["elsewhere"]}')
    (result,) = put(entry(Resources=["r"]))
    (event,) = bodies(queue("a"))
    assert event == {
        "version": "0",
        "id": result.event_id,
        "detail-type": "order",
        "source": "shop",
        "account": ACCOUNT,
        "time": event["time"],
        "region": "us-east-1",
        "resources": ["r"],
        "detail": {"id": 1},
    }
    assert list(event) == ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"]
    assert bodies(queue("b")) == [event]
    assert bodies(queue("c")) == []


def test_a_delivery_knows_its_rule_its_retries_and_its_dead_letter_queue() -> None:
    target = {
        "Id": "one",
        "Arn": queue("orders.fifo"),
        "SqsParameters": {"MessageGroupId": "g"},
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 120},
        "DeadLetterConfig": {"Arn": queue("dead")},
    }
    make_rule("orders", target)
    put(entry(TraceHeader="Root=1-5759e988-bd862e3fe1be46a994272793"))
    (delivery,) = owed(queue("orders.fifo"))
    rule_arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/orders"
    assert (delivery.source, delivery.origin, delivery.detail) == ("events", rule_arn, {"message_group_id": "g"})
    assert delivery.retry == RetryRule("events", 3, 120)
    assert delivery.trace_id == "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert delivery.dead_letter_arn == queue("dead")
    assert delivery.dead_letter_attributes == {
        "RULE_ARN": {"DataType": "String", "StringValue": rule_arn},
        "TARGET_ARN": {"DataType": "String", "StringValue": queue("orders.fifo")},
    }


def test_a_change_of_a_rule_is_in_force_at_once() -> None:
    make_rule("orders", queue("a"))
    put()
    rules.set_enabled(ACCOUNT, "orders", None, enabled=False)
    put()
    assert len(owed(queue("a"))) == 1
    rules.set_enabled(ACCOUNT, "orders", None, enabled=True)
    rules.put(ACCOUNT, {"Name": "orders", "EventPattern": '{"detail": {"id": [2]}}'})
    put(entry(), entry(Detail='{"id": 2}'))
    assert [event["detail"] for event in bodies(queue("a"))] == [{"id": 1}, {"id": 2}]
    rules.remove_targets(ACCOUNT, "orders", None, ["t0"])
    put(entry(Detail='{"id": 2}'))
    assert len(owed(queue("a"))) == 2


def test_another_process_hears_of_a_change() -> None:
    make_rule("orders", queue("a"))
    before = directory.of(ACCOUNT)
    assert directory.of(ACCOUNT) is before  # nothing is read twice
    store.connection().set(directory.token_key(ACCOUNT), uuid.uuid4().hex)  # as another process does
    assert directory.of(ACCOUNT) is not before
    store.connection().flushall()
    assert list(directory.of(ACCOUNT)["default"].rules) == ["orders"]


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"DetailType": ""}, "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."),
        ({"Detail": ""}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Detail": "text"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '"text"'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": 1e400}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": ' + "[" * 100_000}, "MalformedDetail", "Detail is malformed."),
    ],
)
def test_an_entry_that_is_wrong_does_not_hold_up_the_others(given: dict[str, Any], code: str, message: str) -> None:
    make_rule("orders", queue("a"))
    bad, good = put(entry(**given), entry())
    assert (bad.error_code, bad.error_message, bad.event_id) == (code, message, "")
    assert [event["id"] for event in bodies(queue("a"))] == [good.event_id]


def test_half_a_surrogate_pair_leaves_as_the_escape_it_came_as() -> None:
    make_rule("orders", queue("a"))
    detail = r'{"said":"\ud800 f\u00fcr \uffff"}'
    archives.create(ACCOUNT, {"ArchiveName": "all", "EventSourceArn": bus("default")})
    assert not any(result.error_code for result in put(entry(Detail=detail)))
    (delivery,) = owed(queue("a"))
    assert delivery.body.endswith(r'"detail":{"said":"\ud800 für \uffff"}}')


def test_events_of_aws_come_from_aws_alone() -> None:
    principal = Principal.root(ACCOUNT)
    (result,) = eventbridge.put_events(ACCOUNT, [entry(Source="aws.s3")], principal=principal)
    assert (result.error_code, result.error_message) == ("NotAuthorizedForSourceException", "Not authorized for the source.")
    assert put(entry(Source="aws.s3"))[0].event_id


def test_the_entries_of_a_request_have_a_size_together() -> None:
    def with_size(size: int) -> dict[str, Any]:
        return entry(Detail='{"a":"' + "x" * (size - len('shoporder{"a":""}')) + '"}')

    assert len(put(with_size(500_000), with_size(548_576))) == 2
    with pytest.raises(AwsError, match="Total size of the entries in the request is over the limit"):
        put(with_size(500_000), with_size(548_577))


@pytest.mark.parametrize(("size", "is_taken"), [(1_048_576, True), (1_048_577, False)])
def test_what_a_destination_puts_on_a_bus_has_the_same_size_at_the_most(size: int, is_taken: bool) -> None:
    make_bus("orders")
    body = '{"a":"' + "x" * (size - len('lambdadone{"a":""}')) + '"}'
    delivery = Delivery(ACCOUNT, bus("orders"), body, "lambda", detail={"detail_type": "done"})
    if is_taken:
        assert eventbridge.receive(delivery)
        return
    with pytest.raises(AwsError, match="Total size of the entries in the request is over the limit"):
        eventbridge.receive(delivery)


def test_the_time_is_the_accounts_unless_the_entry_has_one() -> None:
    make_rule("orders", queue("a"))
    account_clock.set_paused(ACCOUNT, True)
    store.connection().hset(store.clock_key(ACCOUNT), "shown", "1764022426.7")
    put(entry(), entry(Time=1764022000.2))
    assert {event["time"] for event in bodies(queue("a"))} == {"2025-11-24T22:13:46Z", "2025-11-24T22:06:40Z"}


def test_an_event_for_a_bus_that_is_not_there_is_accepted_and_gone() -> None:
    (result,) = put(entry(EventBusName="nowhere"))
    assert result.event_id
    assert recent.newest(ACCOUNT, "nowhere") == []


def test_buses_pass_events_on_to_each_other_without_going_round() -> None:
    make_bus("one")
    make_bus("two")
    make_rule("to-two", bus("two"), queue("a"), bus_name="one")
    make_rule("to-one", bus("one"), queue("b"), bus_name="two")
    (result,) = put(entry(EventBusName=bus("one")))
    assert [event["id"] for event in bodies(queue("a"))] == [result.event_id]
    assert bodies(queue("b")) == bodies(queue("a"))
    assert [(event.rules, event.came_from) for event in recent.newest(ACCOUNT, "two")] == [(["to-one"], "one")]


def test_buses_that_all_pass_on_to_each_other_come_to_an_end() -> None:
    names = [f"b{number}" for number in range(8)]
    for name in names:
        make_bus(name)
    for name in names:
        others = [bus(other) for other in names if other != name]
        make_rule("first", *others[:5], bus_name=name)
        make_rule("second", *others[5:], bus_name=name)
    put(entry(EventBusName="b0"))
    assert recent.newest(ACCOUNT, "b7")


def test_a_bus_that_is_gone_or_of_another_account_is_a_delivery_like_any_other() -> None:
    other = "arn:aws:events:us-east-1:222222222222:event-bus/default"
    make_rule("orders", bus("gone"), other)
    put()
    assert [event["source"] for event in bodies(bus("gone"))] == ["shop"]
    assert [event["source"] for event in bodies(other)] == ["shop"]


def test_what_lambda_sends_has_its_own_source_and_resources() -> None:
    make_rule("results", queue("a"), EventPattern='{"source": ["lambda"]}')
    resources = [bus("default"), f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:fn:$LATEST"]
    kind = "Lambda Function Invocation Result - Success"
    put({"Source": "lambda", "DetailType": kind, "Detail": '{"version": "1.0"}', "Resources": resources})
    (event,) = bodies(queue("a"))
    assert (event["source"], event["detail-type"], event["resources"]) == ("lambda", kind, resources)


def test_the_newest_events_of_a_bus_are_kept_with_the_rules_that_matched() -> None:
    make_rule("orders")
    make_rule("all", EventPattern='{"account": [{"exists": true}]}')
    put(entry(), entry(Source="elsewhere"))
    put(entry(Detail=json.dumps({"text": "x" * recent.LARGEST})))
    put(entry(Detail='{"a":' * recent.DEEPEST + "1" + "}" * recent.DEEPEST))
    put(entry(Detail=json.dumps({"flat": [{}] * recent.DEEPEST})))
    flat, deep, large, elsewhere, order = recent.newest(ACCOUNT, "default")
    assert (order.rules, elsewhere.rules) == (["orders", "all"], ["all"])
    assert (order.event["detail"], order.is_whole) == ({"id": 1}, True)
    assert (large.is_whole, large.event["source"], large.rules) == (False, "shop", ["orders", "all"])
    assert (deep.is_whole, flat.is_whole) == (False, True)
    assert recent.find(ACCOUNT, "default", order.entry_id) == order
    assert recent.find(ACCOUNT, "default", "1-1") is None


def test_another_account_needs_the_policy_of_the_bus() -> None:
    make_rule("orders", queue("a"))
    event = json.dumps(new_event("222222222222", source="shop", detail_type="order", detail={}, time=0.0))
    delivery = Delivery("222222222222", bus("default"), event, "events")
    with pytest.raises(AwsError) as raised:
        eventbridge.receive(delivery)
    assert (raised.value.code, raised.value.message) == (
        "AccessDeniedException",
        "User: arn:aws:iam::222222222222:root is not authorized to perform: events:PutEvents on resource: "
        f"{bus('default')} because no resource-based policy allows the events:PutEvents action",
    )
    permission = {"Action": "events:PutEvents", "Principal": "222222222222", "StatementId": "other"}
    event_buses.put_permission(ACCOUNT, permission)
    eventbridge.receive(delivery)
    assert [event["account"] for event in bodies(queue("a"))] == ["222222222222"]


def test_other_accounts_buses_are_not_mixed_up() -> None:
    make_rule("orders", queue("a"))
    eventbridge.put_events("222222222222", [entry()])
    assert owed(queue("a")) == []


def test_what_is_owed_to_a_bus_is_put_on_it() -> None:
    make_rule("orders", queue("a"), EventPattern='{"source": ["shop", "lambda"]}')
    rule = Delivery(ACCOUNT, bus("default"), json.dumps(new_event(ACCOUNT, source="shop", detail_type="d", detail={}, time=0.0)), "events")
    event_id = eventbridge.receive(rule)
    result = Delivery(ACCOUNT, bus("default"), '{"version": "1.0"}', "lambda", detail={"detail_type": "Result", "resources": ["fn"]})
    eventbridge.receive(result)
    first, second = bodies(queue("a"))
    assert (first["id"], first["time"]) == (event_id, "1970-01-01T00:00:00Z")
    assert (second["source"], second["detail-type"], second["detail"], second["resources"]) == (
        "lambda",
        "Result",
        {"version": "1.0"},
        ["fn"],
    )


def test_what_is_owed_to_a_bus_that_is_gone_is_refused() -> None:
    with pytest.raises(AwsError, match="Event bus gone does not exist"):
        eventbridge.receive(Delivery(ACCOUNT, bus("gone"), "{}", "events"))
    with pytest.raises(AwsError, match="is not authorized to perform: events:PutEvents"):
        eventbridge.receive(Delivery("222222222222", bus("default"), "{}", "events"))
