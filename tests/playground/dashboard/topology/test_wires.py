"""Which wires rows mean. Rows only, no database."""

import json
from typing import Any

import pytest

from invocations.models import EventInvokeConfig, Function, FunctionVersion, Queue, Rule, Schedule, Subscription, Topic
from playground.dashboard.topology.wires import Rows, Wire, wires

ACCOUNT = "000000000000"
QUEUE, SNS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:", f"arn:aws:sns:us-east-1:{ACCOUNT}:"
LAMBDA, BUS = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/"
SCHEDULE = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/nightly"
FUNCTION = Function(pk=1, account_id=ACCOUNT, name="work")


def config(qualifier: str = "$LATEST", **destinations: str) -> Rows:
    return Rows(configs=[EventInvokeConfig(function=FUNCTION, qualifier=qualifier, **destinations)])


def version(**dead_letters: str) -> Rows:
    names = {"latest": "$LATEST", "one": "1"}
    found = [FunctionVersion(function=FUNCTION, version=names[name], dead_letter_target_arn=arn) for name, arn in dead_letters.items()]
    return Rows(versions=found)


def subscription(protocol: str, endpoint: str, pending: bool = False, **attributes: Any) -> Rows:
    told = {name: json.dumps(value) for name, value in attributes.items()}
    topic = Topic(account_id=ACCOUNT, name="news")
    return Rows(
        subscriptions=[Subscription(topic=topic, protocol=protocol, endpoint=endpoint, attributes=told, pending_confirmation=pending)]
    )


def queue(**attributes: Any) -> Rows:
    return Rows(queues=[Queue(account_id=ACCOUNT, name="in", attributes={name: json.dumps(value) for name, value in attributes.items()})])


def rule(*targets: dict[str, Any], state: str = "ENABLED") -> Rows:
    return Rows(rules=[Rule(account_id=ACCOUNT, bus_name="default", name="all", targets=list(targets), state=state)])


def schedule(target: dict[str, Any], state: str = "ENABLED") -> Rows:
    row = Schedule(account_id=ACCOUNT, group_name="default", name="nightly", schedule_expression="rate(1 day)", target=target, state=state)
    return Rows(schedules=[row])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (Rows(), []),
        (config(), []),
        (
            config(on_success=f"{QUEUE}ok", on_failure="arn:aws:s3:::ko"),
            [(f"{LAMBDA}work", f"{QUEUE}ok", "OnSuccess"), (f"{LAMBDA}work", "arn:aws:s3:::ko", "OnFailure")],
        ),
        (config("live", on_success=f"{LAMBDA}next:blue"), [(f"{LAMBDA}work", f"{LAMBDA}next", "OnSuccess of :live, to :blue")]),
        (version(latest=f"{QUEUE}dlq", one=f"{QUEUE}dlq"), [(f"{LAMBDA}work", f"{QUEUE}dlq", "dead letters")]),
        (
            version(latest=f"{QUEUE}dlq", one=f"{SNS}old"),
            [(f"{LAMBDA}work", f"{QUEUE}dlq", "dead letters"), (f"{LAMBDA}work", f"{SNS}old", "dead letters of :1")],
        ),
        (queue(), []),
        (
            queue(RedrivePolicy={"deadLetterTargetArn": f"{QUEUE}dlq", "maxReceiveCount": 1}),
            [(f"{QUEUE}in", f"{QUEUE}dlq", "dead letters, after 1 receive")],
        ),
        (subscription("sqs", f"{QUEUE}in"), [(f"{SNS}news", f"{QUEUE}in", "subscription")]),
        (
            subscription("lambda", f"{LAMBDA}work:live", FilterPolicy={"kind": ["x"]}),
            [(f"{SNS}news", f"{LAMBDA}work", "filtered subscription, to :live")],
        ),
        (subscription("email", "a@example.com", pending=True), [(f"{SNS}news", "email a@example.com", "subscription, unconfirmed")]),
        (
            subscription("sqs", f"{QUEUE}gone", RedrivePolicy={"deadLetterTargetArn": f"{QUEUE}dlq"}),
            [(f"{SNS}news", f"{QUEUE}gone", "subscription"), (f"{SNS}news", f"{QUEUE}dlq", "dead letters")],
        ),
        (rule(), []),
        (
            rule({"Arn": f"{BUS}audit"}, {"Arn": f"{QUEUE}in", "DeadLetterConfig": {"Arn": f"{QUEUE}dlq"}}),
            [
                (f"{BUS}default", f"{BUS}audit", "rule all"),
                (f"{BUS}default", f"{QUEUE}in", "rule all"),
                (f"{BUS}default", f"{QUEUE}dlq", "dead letters of rule all"),
            ],
        ),
        (rule({"Arn": f"{LAMBDA}work"}, state="DISABLED"), [(f"{BUS}default", f"{LAMBDA}work", "rule all, disabled")]),
        (
            schedule({"Arn": f"{QUEUE}in", "DeadLetterConfig": {"Arn": f"{QUEUE}dlq"}}),
            [(SCHEDULE, f"{QUEUE}in", "rate(1 day)"), (SCHEDULE, f"{QUEUE}dlq", "dead letters")],
        ),
        (schedule({"Arn": f"{QUEUE}in"}, "DISABLED"), [(SCHEDULE, f"{QUEUE}in", "rate(1 day), disabled")]),
    ],
)
def test_every_sort_of_wire(rows: Rows, found: list[tuple[str, str, str]]) -> None:
    assert wires(rows) == [Wire(*each) for each in found]
