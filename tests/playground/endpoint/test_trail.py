"""Management calls are written down before they are answered, without secrets, and LookupEvents tells them."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from invocations import journal_writer, store
from invocations.errors import AccessDeniedException
from invocations.models import TrailEvent
from invocations.resources import trail_events
from playground.endpoint import trail
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.services import model_of
from playground.endpoint.wire import Malformed
from tests.playground.endpoint.conftest import Server

ACCOUNT = "000000000000"
OWNER = "444433332222"
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"

with_server = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def test_parameters_are_told_without_code_variables_and_secrets() -> None:
    shape = model_of("lambda").operation_model("CreateFunction").input_shape
    members = {
        "FunctionName": "orders",
        "Code": {"ZipFile": b"PK", "S3Bucket": "code"},
        "Environment": {"Variables": {"PASSWORD": "hush"}},
        "Tags": {"Team": "blue"},
        "Layers": ["arn:x"],
        "Description": None,
        "NotOne": "x",
    }
    told = trail.shown(shape, members)
    assert told == {"functionName": "orders", "code": {"s3Bucket": "code"}, "tags": {"Team": "blue"}, "layers": ["arn:x"]}


def test_answers_are_told_without_keys() -> None:
    shape = model_of("sts").operation_model("AssumeRole").output_shape
    keys = {"AccessKeyId": "ASIAX", "SecretAccessKey": "hush", "SessionToken": "hush", "Expiration": datetime(2025, 11, 24, tzinfo=UTC)}
    told = trail.shown(shape, {"Credentials": keys, "PackedPolicySize": 3})
    assert told == {"credentials": {"accessKeyId": "ASIAX", "expiration": "2025-11-24T00:00:00Z"}, "packedPolicySize": 3}


def test_links_to_code_are_not_told() -> None:
    shape = model_of("lambda").operation_model("PublishLayerVersion").output_shape
    content = {"Location": "http://localhost:4566/code?X-Amz-Signature=hush", "CodeSha256": "x", "CodeSize": 3}
    assert trail.shown(shape, {"Content": content, "Version": 1}) == {"content": {"codeSha256": "x", "codeSize": 3}, "version": 1}


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("events", "TestEventPattern", {"EventPattern": "{}", "Event": "hush"}),
        ("events", "PutTargets", {"Targets": [{"InputTransformer": {"InputTemplate": "hush"}, "Id": "1"}]}),
        ("events", "PutTargets", {"Targets": [{"HttpParameters": {"HeaderParameters": {"X-Key": "hush"}}}]}),
        ("events", "PutTargets", {"Targets": [{"HttpParameters": {"QueryStringParameters": {"key": "hush"}}}]}),
        ("sns", "Subscribe", {"Protocol": "http", "Endpoint": "http://localhost:1/hook?key=hush"}),
    ],
)
def test_events_and_keys_of_targets_are_not_told(service: str, operation: str, members: dict[str, Any]) -> None:
    told = trail.shown(model_of(service).operation_model(operation).input_shape, members)
    assert told is not None
    assert "hush" not in json.dumps(told)


def test_where_a_topic_posts_is_told() -> None:
    shape = model_of("sns").operation_model("Subscribe").input_shape
    assert trail.shown(shape, {"Endpoint": "https://localhost:1/hook?key=hush"}) == {"endpoint": "https://localhost:1/hook"}


def test_what_is_too_large_is_left_out() -> None:
    shape = model_of("sqs").operation_model("CreateQueue").input_shape
    told = trail.shown(shape, {"QueueName": "q" * trail.LARGEST})
    assert told is not None
    assert (told["omitted"], told["originalSize"] > trail.LARGEST) == (True, True)


@pytest.mark.parametrize(
    ("service", "operation", "members", "resources"),
    [
        ("lambda", "GetFunction", {"FunctionName": "f:live"}, [("AWS::Lambda::Function", LAMBDA + "f:live")]),
        ("lambda", "GetFunction", {"FunctionName": "no such name!"}, []),
        ("sqs", "DeleteQueue", {"QueueUrl": f"http://x/{ACCOUNT}/q"}, [("AWS::SQS::Queue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q")]),
        ("sns", "CreateTopic", {"Name": "t"}, [("AWS::SNS::Topic", f"arn:aws:sns:us-east-1:{ACCOUNT}:t")]),
        ("events", "PutRule", {"Name": "r"}, [("AWS::Events::Rule", f"arn:aws:events:us-east-1:{ACCOUNT}:rule/r")]),
        ("events", "CreateEventBus", {"Name": "b"}, [("AWS::Events::EventBus", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/b")]),
        ("s3", "CreateBucket", {"Bucket": "b"}, [("AWS::S3::Bucket", "arn:aws:s3:::b")]),
        (
            "lambda",
            "CreateFunction",
            {"FunctionName": "f", "Role": f"arn:aws:iam::{ACCOUNT}:role/r"},
            [("AWS::Lambda::Function", LAMBDA + "f"), ("AWS::IAM::Role", f"arn:aws:iam::{ACCOUNT}:role/r")],
        ),
        ("iam", "GetPolicy", {"PolicyArn": "arn:half"}, []),
    ],
)
def test_what_a_call_names(service: str, operation: str, members: dict[str, Any], resources: list[tuple[str, str]]) -> None:
    assert trail.resources_of(service, operation, members, ACCOUNT) == resources


def written() -> list[TrailEvent]:
    """What is on its way to the database goes there."""
    entries = store.connection().xrange(store.TRAIL_KEY)
    journal_writer.write(entries, check_known=True)
    return list(TrailEvent.objects.of(ACCOUNT).order_by("event_time", "id"))


class TestCalls:
    pytestmark = with_server

    def test_a_call_is_kept_when_it_is_answered(self, server: Server) -> None:
        answer = server.client("sqs").create_queue(QueueName="kept")
        (row,) = written()
        assert (row.event_name, row.event_source, row.username, row.access_key_id) == ("CreateQueue", "sqs.amazonaws.com", "root", "test")
        assert row.request_id == answer["ResponseMetadata"]["RequestId"]
        assert row.record["requestParameters"] == {"queueName": "kept"}
        assert row.record["responseElements"] == {"queueUrl": answer["QueueUrl"]}
        assert row.record["sourceIPAddress"] == "127.0.0.1"
        assert "Boto3" in row.record["userAgent"]

    def test_a_call_on_another_accounts_queue_is_in_both_trails(self, server: Server) -> None:
        guest, owner = server.client("sqs"), server.client("sqs", OWNER)
        url = owner.create_queue(QueueName="shared")["QueueUrl"]
        with pytest.raises(ClientError):
            guest.list_queue_tags(QueueUrl=url)
        with pytest.raises(ClientError):
            guest.list_queue_tags(QueueUrl=url.replace("shared", "nothing"))
        assert [row.event_name for row in written()] == ["ListQueueTags", "ListQueueTags"]
        of_guest = TrailEvent.objects.of(ACCOUNT).order_by("id")[0]
        (of_owner,) = TrailEvent.objects.of(OWNER).filter(event_name="ListQueueTags")
        ours, theirs = of_guest.record, of_owner.record
        assert (ours["recipientAccountId"], theirs["recipientAccountId"]) == (ACCOUNT, OWNER)
        assert (ours["requestID"], ours["sharedEventID"]) == (theirs["requestID"], theirs["sharedEventID"])
        assert ours["eventID"] != theirs["eventID"]
        assert (ours["userIdentity"]["type"], theirs["userIdentity"]["type"]) == ("Root", "AWSAccount")
        assert (theirs["userIdentity"]["accountId"], of_owner.access_key_id, of_owner.error_code) == (ACCOUNT, "", "AccessDenied")
        assert of_owner.decision["allowed"] is False

    def test_a_refused_call_is_kept_with_its_error_and_decision(self, server: Server, answer: Callable[..., Any]) -> None:
        error = AccessDeniedException("User: x is not authorized")
        error.detail = {"decision": {"allowed": False}}
        answer("lambda", "DeleteFunction", error)
        with pytest.raises(ClientError):
            server.client("lambda").delete_function(FunctionName="orders")
        (row,) = written()
        assert (row.error_code, row.record["errorMessage"], row.decision) == ("AccessDenied", error.message, {"allowed": False})

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (Refused(Reason.MISMATCH), "InvalidSignatureException"),
            (Malformed("no JSON"), "SerializationException"),
            (RecursionError(), "SerializationException"),
        ],
    )
    def test_whatever_refuses_a_call_is_its_error(self, server: Server, answer: Callable[..., Any], error: Exception, code: str) -> None:
        answer("lambda", "DeleteFunction", error)
        with pytest.raises(ClientError):
            server.client("lambda").delete_function(FunctionName="orders")
        (row,) = written()
        assert (row.error_code, row.record["errorCode"]) == (code, code)

    def test_data_and_calls_of_nobody_are_no_management_events(self, server: Server) -> None:
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="data")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="x")
        assert [row.event_name for row in written()] == ["CreateQueue"]

    def test_a_call_whose_signature_is_wrong_is_kept_for_the_account_of_its_key_and_is_not_in_the_history(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trail, "_kept", {})  # what other tests' strangers had this second
        for service, method, parameters in (
            ("sqs", "list_queues", {}),
            ("lambda", "invoke", {"FunctionName": "orders"}),
            ("iam", "list_users", {}),
        ):
            with pytest.raises(ClientError):
                getattr(server.client(service, secret="wrong"), method)(**parameters)
        with pytest.raises(ClientError):
            server.client("lambda", key="AKIAUNKNOWN", secret="wrong").list_functions()
        rows = written()
        assert [(row.event_name, row.error_code, row.category) for row in rows] == [
            ("ListQueues", "InvalidSignatureException", "unknown-caller"),
            ("Invoke", "InvalidSignatureException", "unknown-caller"),
            ("ListUsers", "SignatureDoesNotMatch", "unknown-caller"),
        ]
        assert rows[1].resources[0] == ("AWS::Lambda::Function", LAMBDA + "orders")
        identity = {"type": "Unknown", "principalId": "", "accountId": ACCOUNT, "accessKeyId": "test"}
        assert [row.record["userIdentity"] for row in rows] == [identity] * 3
        assert server.client("cloudtrail").lookup_events()["Events"] == []

    def test_of_a_flood_a_few_a_second_are_kept(self) -> None:
        kept = [trail._may_keep("111122223333", second) for second in (7, 8) for _ in range(trail.UNPROVEN_A_SECOND + 3)]
        assert kept == ([True] * trail.UNPROVEN_A_SECOND + [False] * 3) * 2

    def test_messages_are_data_events_once_their_account_wants_them(self, server: Server) -> None:
        sqs, sns, events, cloudtrail = (server.client(service) for service in ("sqs", "sns", "events", "cloudtrail"))
        url, topic = sqs.create_queue(QueueName="wanted")["QueueUrl"], sns.create_topic(Name="wanted")["TopicArn"]
        sns.publish(TopicArn=topic, Message="too early")
        trail_events.record_messages(ACCOUNT, True)
        sqs.send_message(QueueUrl=url, MessageBody="hush")
        request_id = sns.publish(TopicArn=topic, Message="hush", Subject="hush")["ResponseMetadata"]["RequestId"]
        events.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": '{"hush": 1}'}])
        trail_events.record_messages(ACCOUNT, False)
        sqs.send_message(QueueUrl=url, MessageBody="too late")
        rows = [row for row in written() if row.category == "data"]
        assert [(row.event_name, row.resources[0][1]) for row in rows] == [
            ("SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:wanted"),
            ("Publish", topic),
            ("PutEvents", f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"),
        ]
        assert {row.record["eventCategory"] for row in rows} == {"Data"}
        assert "hush" not in json.dumps([row.record for row in rows])
        assert rows[1].request_id == request_id
        looked_up = [event["EventName"] for event in cloudtrail.lookup_events()["Events"]]
        assert looked_up == ["CreateTopic", "CreateQueue"]

    def test_a_strangers_call_for_an_account_that_nobody_made_is_passed_over(self, server: Server) -> None:
        query = "Action=ConfirmSubscription&Version=2010-03-31&Token=x&TopicArn=arn:aws:sns:us-east-1:999999999999:t"
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{server.url}/?{query}")
        assert written() == []
        assert TrailEvent.objects.count() == 0


def code_of(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return str(raised.value.response["Error"]["Code"])


class TestLookupEvents:
    pytestmark = with_server

    @pytest.fixture
    def cloudtrail(self, server: Server) -> Any:
        sqs, sns = server.client("sqs"), server.client("sns")
        for name in ("a", "b", "c"):
            sqs.create_queue(QueueName=name)
        sns.create_topic(Name="t")
        sqs.list_queues()
        written()
        return server.client("cloudtrail")

    def test_events_come_newest_first_with_the_whole_record(self, cloudtrail: Any) -> None:
        events = cloudtrail.lookup_events()["Events"]
        names = ["ListQueues", "CreateTopic", "CreateQueue", "CreateQueue", "CreateQueue"]
        assert [event["EventName"] for event in events] == names
        newest = events[2]
        record = json.loads(newest.pop("CloudTrailEvent"))
        assert newest.pop("EventTime").tzinfo is not None
        assert record["eventID"] == newest.pop("EventId")
        assert newest == {
            "EventName": "CreateQueue",
            "ReadOnly": "false",
            "AccessKeyId": "test",
            "EventSource": "sqs.amazonaws.com",
            "Username": "root",
            "Resources": [
                {"ResourceType": "AWS::SQS::Queue", "ResourceName": f"arn:aws:sqs:us-east-1:{ACCOUNT}:c"},
                {"ResourceType": "AWS::SQS::Queue", "ResourceName": "c"},
            ],
        }

    def test_one_attribute_chooses(self, cloudtrail: Any) -> None:
        counts = {
            ("EventName", "CreateQueue"): 3,
            ("ReadOnly", "true"): 1,
            ("Username", "root"): 5,
            ("ResourceType", "AWS::SNS::Topic"): 1,
            ("ResourceName", "b"): 1,
            ("EventSource", "sns.amazonaws.com"): 1,
            ("AccessKeyId", "another"): 0,
        }
        found = {
            (key, value): len(cloudtrail.lookup_events(LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])["Events"])
            for key, value in counts
        }
        assert found == counts

    def test_pages_follow_each_other_and_hold_for_the_same_question_alone(self, cloudtrail: Any) -> None:
        pages = cloudtrail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 2})
        assert [len(page["Events"]) for page in pages] == [2, 2, 1]
        token = cloudtrail.lookup_events(MaxResults=2)["NextToken"]
        other = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
        assert code_of(cloudtrail.lookup_events, LookupAttributes=other, NextToken=token) == "InvalidNextTokenException"
        assert code_of(cloudtrail.lookup_events, NextToken="?") == "InvalidNextTokenException"

    def test_times_bound_it(self, cloudtrail: Any) -> None:
        now, hour = datetime.now(UTC), timedelta(hours=1)
        assert len(cloudtrail.lookup_events(StartTime=now - hour, EndTime=now + hour)["Events"]) == 5
        assert cloudtrail.lookup_events(EndTime=now - hour)["Events"] == []
        assert code_of(cloudtrail.lookup_events, StartTime=now, EndTime=now - hour) == "InvalidTimeRangeException"

    def test_other_questions_are_refused(self, cloudtrail: Any) -> None:
        attribute, unknown = {"AttributeKey": "EventName", "AttributeValue": "x"}, {"AttributeKey": "X", "AttributeValue": "x"}
        assert code_of(cloudtrail.lookup_events, LookupAttributes=[attribute] * 2) == "InvalidLookupAttributesException"
        assert code_of(cloudtrail.lookup_events, LookupAttributes=[unknown]) == "InvalidLookupAttributesException"
        assert code_of(cloudtrail.lookup_events, EventCategory="management") == "InvalidEventCategoryException"
        cloudtrail.meta.events.register("before-call.cloudtrail.LookupEvents", _ask_for_too_many)
        assert code_of(cloudtrail.lookup_events) == "InvalidMaxResultsException"


def _ask_for_too_many(params: dict[str, Any], **_: Any) -> None:
    params["body"] = b'{"MaxResults": 51}'
