"""Pages of event buses and schedules without a browser: what they cost, what forms do, what they refuse, and how they explain."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invocations import account_clock
from invocations.models import Account, Schedule
from invocations.resources import archives, event_buses, queues, replays, rules, schedules
from invocations.services import eventbridge
from invocations.services.eventbridge import recent
from playground.dashboard.bus_events import verdicts
from playground.dashboard.target_names import arn_of

ACCOUNT = "000000000000"
ROOT = f"/w/{ACCOUNT}/resources/"
BUS = f"{ROOT}buses/default/"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
EVENT = {"source": "shop", "detail_type": "Order", "detail": '{"total": 5}', "resources": ""}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def visitor() -> Client:
    """Somebody on the pages of an account that has nothing yet."""
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    return Client()


def cost(visitor: Client, path: str) -> int:
    """Database queries of one page."""
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(path).status_code == 200
    return len(queries)


def text_of(answer: Any) -> str:
    """What a page says, on one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def make_rule(name: str = "orders", **members: Any) -> None:
    rules.put(ACCOUNT, {"Name": name, "EventPattern": '{"source": ["shop"]}', **members})


def make_schedule(name: str) -> None:
    target = {"Arn": f"{QUEUE}{name}", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"}
    off = {"Mode": "OFF"}
    schedules.create(ACCOUNT, {"Name": name, "ScheduleExpression": "rate(1 hour)", "Target": target, "FlexibleTimeWindow": off})


@pytest.mark.parametrize(
    "path", [f"{ROOT}buses/", BUS, f"{BUS}?rule=r0", f"{BUS}?tab=archives", f"{ROOT}schedules/", f"{ROOT}schedules/r0/"]
)
def test_three_more_of_each_cost_no_query_more(visitor: Client, path: str) -> None:
    def make(number: int) -> None:
        name = f"r{number}"
        make_rule(name)
        rules.put_targets(ACCOUNT, name, None, [{"Id": "t", "Arn": f"{QUEUE}{name}"}])
        archives.create(ACCOUNT, {"ArchiveName": name, "EventSourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"})
        event_buses.create(ACCOUNT, {"Name": name})
        make_schedule(name)
        eventbridge.put_events(ACCOUNT, [{"Source": "shop", "DetailType": "d", "Detail": "{}"}])

    make(0)
    visitor.get(path)
    one = cost(visitor, path)
    for number in (1, 2, 3):
        make(number)
    assert cost(visitor, path) == one


def test_a_rule_is_made_changed_disabled_and_deleted_with_its_targets(visitor: Client) -> None:
    answer = visitor.post(f"{BUS}rule/", {"name": "orders", "event_pattern": '{"source": ["shop"]}', "description": "d"})
    assert (answer.status_code, answer["Location"]) == (302, f"{BUS}?rule=orders")
    queues.create(ACCOUNT, "q")
    queues.create(ACCOUNT, "dead")
    target = {
        "rule": "orders",
        "arn": "queue q",
        "input_kind": "template",
        "input_text": '"total <t>"',
        "input_paths": "t=$.detail.total",
        "dead_letter_arn": f"{QUEUE}dead",
    }
    assert visitor.post(f"{BUS}target/", target).status_code == 302
    assert visitor.post(f"{BUS}target/", target | {"input_kind": "whole"}).status_code == 302
    assert rules.get(ACCOUNT, "orders").targets == [
        {
            "Id": "q",
            "Arn": f"{QUEUE}q",
            "InputTransformer": {"InputPathsMap": {"t": "$.detail.total"}, "InputTemplate": '"total <t>"'},
            "DeadLetterConfig": {"Arn": f"{QUEUE}dead"},
        },
        {"Id": "q-2", "Arn": f"{QUEUE}q", "DeadLetterConfig": {"Arn": f"{QUEUE}dead"}},
    ]
    assert visitor.post(f"{BUS}remove-target/", {"rule": "orders", "target": "q-2"}).status_code == 302
    visitor.post(f"{BUS}rule-state/", {"rule": "orders", "state": "DISABLED"})
    visitor.post(f"{BUS}rule/", {"rule": "orders", "event_pattern": '{"source": ["other"]}', "description": ""})
    rule = rules.get(ACCOUNT, "orders")
    assert (rule.state, rule.event_pattern, len(rule.targets)) == ("DISABLED", '{"source": ["other"]}', 1)
    assert "aws --endpoint-url" in visitor.get(BUS).content.decode()
    assert visitor.post(f"{BUS}delete-rule/", {"rule": "orders"}).status_code == 302
    assert rules.list_all(ACCOUNT)[0] == []


@pytest.mark.parametrize(
    ("change", "typed", "said"),
    [
        ("rule", {"name": "x", "event_pattern": '{"a": 1}'}, 'Event pattern is not valid. Reason: "a" must be an object or an array'),
        ("rule", {"name": "x", "event_pattern": ""}, "EventPattern or ScheduleExpression must be specified. (ValidationException)"),
        ("rule", {"name": "x", "schedule_expression": "rate(1 minutes)"}, "Parameter ScheduleExpression is not valid."),
        ("rule", {"name": "orders", "event_pattern": '{"source": ["x"]}'}, "This bus has a rule of that name."),
        ("put", EVENT | {"detail": "[]"}, "Detail is malformed. (MalformedDetail)"),
        ("put", EVENT | {"source": "aws.s3"}, "Not authorized for the source. (NotAuthorizedForSourceException)"),
        ("try", EVENT | {"detail": "{"}, "This is not JSON."),
        ("target", {"rule": "orders", "arn": "nonsense", "input_kind": "whole"}, "Provided Arn is not in correct format."),
        ("target", {"rule": "orders", "arn": "queue q", "input_kind": "template", "input_text": '"<x>"'}, "invalid placeholder x."),
        ("target", {"rule": "orders", "arn": "queue q", "input_kind": "whole", "input_paths": "x"}, "Line 1 has no equals sign"),
        ("target", {"rule": "nobody", "arn": "queue q", "input_kind": "whole"}, "Rule nobody does not exist on EventBus default."),
        (
            "archive",
            {"name": "a", "event_pattern": "[]", "retention_days": "0"},
            "Reason: Filter is not an object",
        ),
        ("delete-archive", {"archive": "a", "confirm": "b"}, "Nothing was deleted: type a to confirm."),
        ("cancel-replay", {"replay": "nobody"}, "Replay nobody does not exist. (ResourceNotFoundException)"),
        ("settings", {"description": "", "policy": "{"}, "Parameter Policy is not valid. (ValidationException)"),
    ],
)
def test_what_is_refused_is_said_in_aws_words(visitor: Client, change: str, typed: dict[str, str], said: str) -> None:
    make_rule()
    answer = visitor.post(f"{BUS}{change}/", typed)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_an_event_is_put_and_the_page_says_which_rules_matched_and_why(visitor: Client) -> None:
    make_rule()
    make_rule("large", EventPattern='{"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}}')
    answer = visitor.post(f"{BUS}put/", EVENT)
    assert answer.status_code == 302
    (event,) = recent.newest(ACCOUNT, "default")
    assert (event.event["detail"], event.rules) == ({"total": 5}, ["orders"])
    said = text_of(visitor.get(f"{BUS}?event={event.entry_id}"))
    assert "large does not match" in said
    assert "detail.total : numeric > 100 , got 5" in said
    assert "This event is not among the newest any more." in text_of(visitor.get(f"{BUS}?event=1-1"))


def test_half_a_surrogate_pair_breaks_no_page(visitor: Client) -> None:
    make_rule("half", EventPattern=r'{"detail": {"a\ud800": ["\ud800", "\udc00"]}}')
    assert visitor.post(f"{BUS}put/", EVENT | {"detail": r'{"a\ud800": "\ud801"}'}).status_code == 302
    (event,) = recent.newest(ACCOUNT, "default")
    said = text_of(visitor.get(f"{BUS}?event={event.entry_id}"))
    assert "half does not match" in said
    assert "detail.a\ufffd" in said


def test_an_event_is_tried_and_nothing_is_put(visitor: Client) -> None:
    make_rule()
    answer = visitor.post(f"{BUS}try/", EVENT)
    assert answer.status_code == 200
    assert "Which rules would match nothing was put" in text_of(answer)
    assert 'source : "shop" , got "shop"' in text_of(answer)
    assert recent.newest(ACCOUNT, "default") == []


def test_verdicts_know_what_has_changed_since() -> None:
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    make_rule()
    make_rule("off", State="DISABLED")
    make_rule("tick", EventPattern="", ScheduleExpression="rate(1 minute)")
    rows = rules.list_all(ACCOUNT)[0]
    found = {each.rule: (each.matched, each.note) for each in verdicts(rows, {"source": "shop"}, [], "/")}
    assert found == {
        "off": (False, "It is disabled."),
        "orders": (False, "Its pattern has changed since."),
        "tick": (False, "It has a schedule and no event pattern."),
    }
    tried = {each.rule: each.matched for each in verdicts(rows, {"source": "shop"}, None, "/")}
    assert tried == {"off": False, "orders": True, "tick": False}


def test_an_archive_is_made_and_replayed(visitor: Client) -> None:
    make_rule()
    assert visitor.post(f"{BUS}archive/", {"name": "kept", "event_pattern": "", "retention_days": "7"}).status_code == 302
    visitor.post(f"{BUS}put/", EVENT)
    start, end = "2020-01-01T00:00:00", "2099-01-01T00:00:00"
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/orders"
    typed = {"archive": "kept", "name": "again", "start": start, "end": end, "rule": rule}
    assert visitor.post(f"{BUS}replay/", typed).status_code == 302
    replay = replays.get(ACCOUNT, "again")
    assert (replay.state, replay.filter_arns) == ("STARTING", [rule])
    assert "again STARTING kept" in text_of(visitor.get(f"{BUS}?tab=archives"))
    assert visitor.post(f"{BUS}cancel-replay/", {"replay": "again"}).status_code == 302
    eventbridge.handle_replay(ACCOUNT, "again", account_clock.now(ACCOUNT))
    assert "again CANCELLED kept" in text_of(visitor.get(f"{BUS}?tab=archives"))
    assert visitor.post(f"{BUS}replay/", typed | {"name": "none", "end": start}).status_code == 422
    assert visitor.post(f"{BUS}delete-archive/", {"archive": "kept", "confirm": "kept"}).status_code == 302


def test_a_bus_is_described_and_lets_others_in(visitor: Client) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"}]}
    assert visitor.post(f"{BUS}settings/", {"description": "all", "policy": json.dumps(policy)}).status_code == 302
    row = event_buses.get(ACCOUNT, "default")
    assert (row.description, row.policy) == ("all", policy)
    assert visitor.post(f"{BUS}settings/", {"description": "", "policy": ""}).status_code == 302
    row = event_buses.get(ACCOUNT, "default")
    assert (row.description, row.policy) == ("", {})


def test_only_the_default_bus_has_schedules_and_cannot_be_deleted(visitor: Client) -> None:
    visitor.post(f"{ROOT}buses/", {"name": "other", "description": ""})
    page = visitor.get(f"{ROOT}buses/other/").content.decode()
    assert "rule-schedule_expression" not in page
    assert "rule-schedule_expression" in visitor.get(BUS).content.decode()
    answer = visitor.post(f"{BUS}delete/", {"confirm": "default"})
    assert answer.status_code == 422
    assert "Cannot delete event bus default." in text_of(answer)
    assert visitor.post(f"{ROOT}buses/other/delete/", {"confirm": "other"}).status_code == 302


def test_a_schedule_is_made_changed_disabled_and_deleted(visitor: Client) -> None:
    typed = {
        "name": "tick",
        "expression": "rate(5 minutes)",
        "timezone": "Europe/Berlin",
        "target": "bus default",
        "source": "shop",
        "detail_type": "Tick",
        "window": "10",
        "deletes_itself": "on",
        "start": "2099-01-01T12:00:00",
    }
    answer = visitor.post(f"{ROOT}schedules/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"{ROOT}schedules/tick/")
    row = schedules.find(ACCOUNT, "tick")
    assert row.target["Arn"] == f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    assert row.target["EventBridgeParameters"] == {"Source": "shop", "DetailType": "Tick"}
    assert (row.flexible_time_window["MaximumWindowInMinutes"], row.action_after_completion) == (10, "DELETE")
    assert row.start_date is not None
    assert row.start_date.isoformat() == "2099-01-01T12:00:00+00:00"
    page = text_of(visitor.get(f"{ROOT}schedules/tick/"))
    assert "rate(5 minutes) Europe/Berlin, within 10 min next in" in page
    assert re.search(r"tick +rate\(5 minutes\) +\d+ d \d+ h", text_of(visitor.get(f"{ROOT}schedules/")))

    visitor.post(f"{ROOT}schedules/tick/state/", {"state": "DISABLED"})
    changed = {**typed, "expression": "cron(0 12 * * ? *)", "target": "queue q", "source": "", "detail_type": "", "window": ""}
    assert visitor.post(f"{ROOT}schedules/tick/update/", changed).status_code == 302
    row = schedules.find(ACCOUNT, "tick")
    assert (row.state, row.schedule_expression, row.target["Arn"]) == ("DISABLED", "cron(0 12 * * ? *)", f"{QUEUE}q")
    assert "EventBridgeParameters" not in row.target
    assert visitor.post(f"{ROOT}schedules/tick/delete/", {"confirm": "tick"}).status_code == 302
    assert visitor.get(f"{ROOT}schedules/tick/").status_code == 404


def test_a_schedule_that_has_begun_keeps_its_start_when_it_is_disabled_and_when_it_is_saved(visitor: Client) -> None:
    typed = {"name": "tick", "expression": "rate(5 minutes)", "timezone": "UTC", "target": "queue q"}
    visitor.post(f"{ROOT}schedules/", typed)
    start = datetime(2025, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    Schedule.objects.of(ACCOUNT).filter(name="tick").update(start_date=start)
    assert visitor.post(f"{ROOT}schedules/tick/state/", {"state": "DISABLED"}).status_code == 302
    assert schedules.find(ACCOUNT, "tick").start_date == start
    page = visitor.get(f"{ROOT}schedules/tick/").content.decode()
    assert 'value="2025-01-01T12:00:00"' in page
    saved = {**typed, "expression": "rate(6 minutes)", "start": "2025-01-01T12:00:00"}
    assert visitor.post(f"{ROOT}schedules/tick/update/", saved).status_code == 302
    row = schedules.find(ACCOUNT, "tick")
    assert (row.start_date, row.schedule_expression, row.state) == (start, "rate(6 minutes)", "DISABLED")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"expression": "rate(1 second)"}, "Invalid Schedule Expression rate(1 second)."),
        ({"timezone": "Mars"}, "Invalid ScheduleExpressionTimezone Mars."),
        ({"target": "nonsense"}, "Provided Arn is not in correct format."),
        ({"target": "bus default"}, "EventBridgeParameters must be specified for an event bus target."),
    ],
)
def test_schedules_that_are_refused(visitor: Client, typed: dict[str, str], said: str) -> None:
    whole = {"name": "tick", "expression": "rate(1 hour)", "timezone": "UTC", "target": "queue q"}
    answer = visitor.post(f"{ROOT}schedules/", whole | typed)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_the_buttons_of_empty_lists_work_in_any_account(visitor: Client) -> None:
    page = visitor.get(f"{ROOT}schedules/").content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)"', page))
    assert visitor.post(f"{ROOT}schedules/", hidden)["Location"] == f"{ROOT}schedules/hourly/"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("function hello", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello"),
        ("function hello:live", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello:live"),
        (" queue orders ", f"{QUEUE}orders"),
        ("topic news", f"arn:aws:sns:us-east-1:{ACCOUNT}:news"),
        ("bus default", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"),
        ("arn:aws:sqs:us-east-1:1:q", "arn:aws:sqs:us-east-1:1:q"),
        ("queue", "queue"),
    ],
)
def test_targets_may_be_named_by_what_they_are(typed: str, meant: str) -> None:
    assert arn_of(ACCOUNT, typed) == meant
