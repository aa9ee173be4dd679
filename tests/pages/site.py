"""What there is to see: two accounts, every screen, and the invocations that the screens show."""

import contextlib
import io
import json
import re
import time
import urllib.request
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.queue_policies import letting_in

BUSY, EMPTY, TURNED = "111111111111", "222222222222", "333333333333"
"""TURNED has a clock that is set, and things due on it."""
ECHO = "def handler(event, context):\n    return event\n"
UNKNOWN_ID = "6a192bc5-0000-4000-a000-000000000000"


@dataclass(frozen=True)
class Screen:
    """A page in one of its states; its path may name an invocation of Site.requests in braces."""

    name: str
    path: str
    account_id: str = BUSY
    has_editor: bool = False
    is_live: bool = False
    status: int = 200


def asking(principal: str) -> str:
    """A question of the permission explainer."""
    topic = f"arn:aws:sns:us-east-1:{BUSY}:elsewhere"
    return urlencode({"principal": principal, "action": "lambda:InvokeFunction", "resource": "hello", "source": topic})


SCREENS = [
    Screen("playground", "/", has_editor=True, is_live=True),
    Screen("playground of an empty account", "/", EMPTY, has_editor=True),
    Screen("functions", "/functions/"),
    Screen("functions of an empty account", "/functions/", EMPTY),
    Screen("code", "/functions/hello/code/", has_editor=True),
    Screen("code in folders", "/functions/packed/code/?file=lib/deep/b.py", has_editor=True),
    Screen("code of a version", "/functions/hello/code/?version=1", has_editor=True),
    Screen("test events", "/functions/hello/events/", has_editor=True),
    Screen("versions and aliases", "/functions/hello/versions/", has_editor=True),
    Screen("no versions", "/functions/untouched/versions/", has_editor=True),
    Screen("asynchronous, all defaults", "/functions/untouched/async/", has_editor=True),
    Screen("asynchronous", "/functions/hello/async/?qualifier=live", has_editor=True),
    Screen("asynchronous of $LATEST", "/functions/hello/async/", has_editor=True),
    Screen("function URL", "/functions/hello/url/", has_editor=True),
    Screen("function URL of an alias", "/functions/hello/url/?qualifier=live", has_editor=True),
    Screen("no function URL", "/functions/untouched/url/", has_editor=True),
    Screen("function's permissions", "/functions/hello/permissions/", has_editor=True, is_live=True),
    Screen("permissions of an alias", "/functions/hello/permissions/?qualifier=live", has_editor=True),
    Screen("configuration", "/functions/hello/config/", has_editor=True),
    Screen("concurrency", "/functions/hello/concurrency/", has_editor=True),
    Screen("function's logs", "/functions/chatty/logs/", has_editor=True),
    Screen("function's empty logs", "/functions/untouched/logs/", has_editor=True),
    Screen("function's invocations", "/functions/hello/invocations/", has_editor=True),
    Screen("no such function", "/functions/nobody/", status=404),
    Screen("fire", "/fire/?fn=hello", has_editor=True),
    Screen("fire, three ways before anything was fired", "/fire/?fn=hello&models=sync,url,async", has_editor=True),
    Screen("fire, three ways", "/fire/?runs={failed}.url.{to-be-retried}", has_editor=True),
    Screen("fire, many at once", "/fire/?fn=hello&models=async&burst={burst}", has_editor=True),
    Screen("event queue", "/functions/failing/async/", has_editor=True),
    Screen("invocation that waits to be tried again", "/invocations/{to-be-retried}/", is_live=True),
    Screen("invocations", "/invocations/", is_live=True),
    Screen("invocations that wait to be tried again", "/invocations/?type=Event&state=waiting+to+retry"),
    Screen("invocations, filtered", "/invocations/?state=throttled"),
    Screen("invocations, nothing found", "/invocations/?fn=nobody"),
    Screen("invocations of an empty account", "/invocations/", EMPTY),
    Screen("invocation that succeeded", "/invocations/{succeeded}/", is_live=True),
    Screen("invocation that failed", "/invocations/{failed}/"),
    Screen("invocation that timed out", "/invocations/{timed-out}/"),
    Screen("invocation that was rejected", "/invocations/{rejected}/"),
    Screen("invocation that was throttled", "/invocations/{throttled}/"),
    Screen("invocation, compact", "/invocations/{succeeded}/compact/"),
    Screen("invocation, record", "/invocations/{succeeded}/record/"),
    Screen("invocation, raw", "/invocations/{succeeded}/raw/"),
    Screen("no such invocation", f"/invocations/{UNKNOWN_ID}/", status=404),
    Screen("compare", "/invocations/{succeeded}/compare/{failed}/"),
    Screen("resources", "/resources/", is_live=True),
    Screen("resources of an empty account", "/resources/", EMPTY),
    Screen("topology", "/resources/?view=topology", is_live=True),
    Screen("topology of an empty account", "/resources/?view=topology", EMPTY),
    Screen("queues", "/resources/queues/", is_live=True),
    Screen("queues of an empty account", "/resources/queues/", EMPTY),
    Screen("queue", "/resources/queues/parcels/", is_live=True),
    Screen("queue's attributes", "/resources/queues/parcels/?tab=attributes"),
    Screen("message of a dead-letter queue", "/resources/queues/parcels-dlq/?message={message}", is_live=True),
    Screen("message that is gone", f"/resources/queues/parcels/?message={UNKNOWN_ID}"),
    Screen("FIFO queue without messages", "/resources/queues/steps.fifo/"),
    Screen("no such queue", "/resources/queues/nobody/", status=404),
    Screen("topics", "/resources/topics/", is_live=True),
    Screen("topics of an empty account", "/resources/topics/", EMPTY),
    Screen("topic", "/resources/topics/news/", is_live=True),
    Screen("message of a topic", "/resources/topics/news/?message={published}", is_live=True),
    Screen("subscription", "/resources/topics/news/?subscription={subscription}"),
    Screen("topic's e-mail", "/resources/topics/news/?tab=inbox"),
    Screen("topic's attributes", "/resources/topics/news/?tab=attributes"),
    Screen("FIFO topic without subscribers", "/resources/topics/steps.fifo/"),
    Screen("no such topic", "/resources/topics/nobody/", status=404),
    Screen("event buses", "/resources/buses/", is_live=True),
    Screen("event bus", "/resources/buses/default/", is_live=True),
    Screen("event bus, an event and why", "/resources/buses/default/?event={event}"),
    Screen("event bus, an event that is gone", "/resources/buses/default/?event=1-1"),
    Screen("event bus, a rule", "/resources/buses/default/?rule=large-parcels"),
    Screen("event bus without rules", "/resources/buses/default/", EMPTY),
    Screen("event bus, archives and replays", "/resources/buses/default/?tab=archives", is_live=True),
    Screen("event bus, no archive", "/resources/buses/audit/?tab=archives"),
    Screen("event bus, settings", "/resources/buses/audit/?tab=settings"),
    Screen("no such event bus", "/resources/buses/nobody/", status=404),
    Screen("schedules", "/resources/schedules/", is_live=True),
    Screen("schedules of an empty account", "/resources/schedules/", EMPTY),
    Screen("schedule", "/resources/schedules/hourly/", is_live=True),
    Screen("schedule that is disabled", "/resources/schedules/night:once/"),
    Screen("no such schedule", "/resources/schedules/nobody/", status=404),
    Screen("buckets", "/resources/buckets/", is_live=True),
    Screen("buckets of an empty account", "/resources/buckets/", EMPTY),
    Screen("bucket", f"/resources/buckets/files-{BUSY}/", is_live=True),
    Screen("record in a bucket", f"/resources/buckets/files-{BUSY}/?prefix=aws/lambda/&key=aws/lambda/record.json", is_live=True),
    Screen("object that is no text", f"/resources/buckets/files-{BUSY}/?key=picture.png"),
    Screen("object that is gone", f"/resources/buckets/files-{BUSY}/?prefix=gone/&key=gone/file"),
    Screen("bucket's properties", f"/resources/buckets/files-{BUSY}/?tab=properties"),
    Screen("empty bucket", f"/resources/buckets/nothing-{BUSY}/"),
    Screen("no such bucket", "/resources/buckets/nobodys/", status=404),
    Screen("palette", "/palette/"),
    Screen("legend", "/legend/"),
    Screen("filter lab", "/filters/", has_editor=True),
    Screen("filter lab, a rule", "/filters/?mode=events&pattern={{%22detail%22:{{%22Reason%22:[%22x%22]}}}}", has_editor=True),
    Screen("filter lab, run on a queue", "/filters/?mode=sqs&run=parcels", has_editor=True),
    Screen("filter lab, no pattern", "/filters/?mode=events&pattern={{%22source%22:%22x%22}}&event={{", has_editor=True),
    Screen("trail", "/trail/", is_live=True),
    Screen("trail, a call", "/trail/?show=changes&event={refused-call}"),
    Screen("trail, an invocation", "/trail/?event={failed}", is_live=True),
    Screen("trail, no such entry", f"/trail/?service=lambda&event={UNKNOWN_ID}"),
    Screen("trail, nothing found", "/trail/?q=nobody+called+this"),
    Screen("permissions", "/permissions/", is_live=True),
    Screen("permissions, denied to a service", f"/permissions/?{asking('sns.amazonaws.com')}", is_live=True),
    Screen("permissions, allowed to a role", f"/permissions/?{asking(f'arn:aws:iam::{BUSY}:role/reader')}"),
    Screen("permissions, of a call that was refused", "/permissions/?call={refused}"),
    Screen("settings", "/settings/"),
    Screen("clock", "/settings/clock/", is_live=True),
    Screen("clock that is set, with things due", "/settings/clock/", TURNED, is_live=True),
    Screen("limits", "/settings/limits/"),
    Screen("faults", "/settings/faults/"),
    Screen("concurrency under load", "/capacity/?fn=hello", is_live=True),
    Screen("concurrency of an empty account", "/capacity/", EMPTY),
    Screen("error gallery", "/errors/"),
    Screen("no such page", "/nowhere/", status=404),
]


class Site:
    """The pages of a running playground, with something on them."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    @cached_property
    def requests(self) -> dict[str, str]:
        """State -> request id of an invocation of the busy account. The first look makes all of it happen."""
        self.open_account(BUSY)
        lambda_ = self.client(BUSY)
        lambda_.publish_version(FunctionName="hello", Description="the first")
        lambda_.publish_version(FunctionName="hello")
        lambda_.create_alias(FunctionName="hello", Name="live", FunctionVersion="1")
        self.create(BUSY, "closed")
        self.create(BUSY, "untouched")
        self.create(BUSY, "packed", files={"lib/deep/b.py": "b = 1\n", "lib/a.py": "a = 1\n"})
        lambda_.put_function_concurrency(FunctionName="closed", ReservedConcurrentExecutions=0)
        lambda_.update_function_configuration(FunctionName="slow", Timeout=1)
        found = {
            "succeeded": self.invoke("hello", b'{"name": "Ada"}'),
            "failed": self.invoke("failing", b"{}"),
            "timed-out": self.invoke("slow", b'{"seconds": 30}'),
            "rejected": self.invoke("hello", b"{"),
            "throttled": self.invoke("closed", b"{}"),
            "logged": self.invoke("chatty", b'{"lines": 30}'),
            "to-be-retried": self.invoke("failing", b"{}", InvocationType="Event"),
            "burst": f"{UNKNOWN_ID.replace('6a192bc5', '0b0b0b0b')}:50",
            "refused-call": self._refused_call(),
        }
        found["message"] = self._make_resources(found["failed"])
        found |= self._make_topics()
        found["event"] = self._make_buses()
        self._make_schedules()
        self._make_bucket(found["failed"])
        self._make_destinations()
        self._make_urls()
        found["refused"] = self._make_permissions()
        self.open_account(EMPTY)
        emptied = self.client(EMPTY)
        for function in emptied.list_functions()["Functions"]:
            emptied.delete_function(FunctionName=function["FunctionName"])
        self._turn_clock()
        self._wait_for_journal(found["logged"])
        return found

    def _refused_call(self) -> str:
        """The request id of a management call that Lambda refused."""
        try:
            self.client().delete_function(FunctionName="nobody")
        except ClientError as error:
            return str(error.response["ResponseMetadata"]["RequestId"])
        raise AssertionError("there is a function nobody")

    def _make_resources(self, request_id: str) -> str:
        """One of each kind, with something in it; the id of a dead-letter message of that invocation."""
        sqs = self.client(service="sqs")
        sqs.create_queue(QueueName="steps.fifo", Attributes={"FifoQueue": "true"})
        dead = sqs.create_queue(QueueName="parcels-dlq", Attributes={"Policy": letting_in()})["QueueUrl"]
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{BUSY}:parcels-dlq", "maxReceiveCount": 3}
        url = sqs.create_queue(QueueName="parcels", Attributes={"RedrivePolicy": json.dumps(policy), "Policy": letting_in()})["QueueUrl"]
        for number in range(12):
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"parcel": number, "to": {"name": "Ada", "street": "12 Long Acre"}}))
        sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2, VisibilityTimeout=3600)
        told = {"RequestID": ("String", request_id), "ErrorCode": ("Number", "200"), "ErrorMessage": ("String", "no stock")}
        attributes = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in told.items()}
        return str(sqs.send_message(QueueUrl=dead, MessageBody='{"parcel": 7}', MessageAttributes=attributes)["MessageId"])

    def _make_topics(self) -> dict[str, str]:
        """A topic whose subscribers each got something else; the ids of its last message and of a subscription with a filter."""
        sns, queue = self.client(service="sns"), f"arn:aws:sqs:us-east-1:{BUSY}:"
        self.let_in("echo", "sns.amazonaws.com")
        sns.create_topic(Name="steps.fifo", Attributes={"FifoTopic": "true"})
        arn = sns.create_topic(Name="news")["TopicArn"]

        def subscribe(protocol: str, endpoint: str, **attributes: str) -> str:
            answer = sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes, ReturnSubscriptionArn=True)
            return str(answer["SubscriptionArn"]).rpartition(":")[2]

        subscribe("sqs", f"{queue}parcels", RawMessageDelivery="true")
        filtered = subscribe("sqs", f"{queue}parcels-dlq", FilterPolicy='{"kind": ["return"], "total": [{"numeric": [">", 100]}]}')
        subscribe("sqs", f"{queue}gone", RedrivePolicy=json.dumps({"deadLetterTargetArn": f"{queue}parcels-dlq"}))
        subscribe("sqs", f"{queue}gone-too")
        subscribe("email", "ada@example.com")
        subscribe("http", "http://localhost:1/a/rather/long/address/of/a/hook")
        attributes = {"kind": {"DataType": "String", "StringValue": "sale"}}
        published = [
            sns.publish(TopicArn=arn, Message=json.dumps({"order": number}), Subject=f"Order {number}", MessageAttributes=attributes)
            for number in range(12)
        ]
        return {"published": str(published[-1]["MessageId"]), "subscription": filtered}

    def _make_buses(self) -> str:
        """Rules of every sort, an archive that was replayed, and events; the entry of the newest, as addresses have it."""
        events, queue, bus = self.client(service="events"), f"arn:aws:sqs:us-east-1:{BUSY}:", f"arn:aws:events:us-east-1:{BUSY}:"
        events.create_event_bus(Name="audit", Description="what everybody did")
        events.put_rule(Name="parcels", EventPattern='{"source": ["shop.parcels"]}', Description="every parcel is counted")
        large = {"source": ["shop.parcels"], "detail": {"weight": [{"numeric": [">", 1000]}], "$or": [{"to": ["x"]}, {"by": ["y"]}]}}
        events.put_rule(Name="large-parcels", EventPattern=json.dumps(large))
        events.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)", Description="closing time")
        events.put_rule(Name="old", EventPattern='{"source": ["legacy"]}', State="DISABLED")
        transformer = {"InputPathsMap": {"w": "$.detail.weight"}, "InputTemplate": '"a parcel of <w> g"'}
        dead = {"DeadLetterConfig": {"Arn": f"{queue}parcels-dlq"}}
        events.put_targets(
            Rule="parcels", Targets=[{"Id": "b", "Arn": f"{bus}event-bus/audit"}, {"Id": "g", "Arn": f"{queue}gone", **dead}]
        )
        events.put_targets(Rule="large-parcels", Targets=[{"Id": "q", "Arn": f"{queue}parcels", "InputTransformer": transformer}])
        events.create_archive(ArchiveName="parcels", EventSourceArn=f"{bus}event-bus/default", RetentionDays=7)
        for source, detail in (("shop.users", {"user": "ada"}), ("shop.parcels", {"weight": 10, "to": "z"})):
            events.put_events(Entries=[{"Source": source, "DetailType": "Sent", "Detail": json.dumps(detail)}])
        with urllib.request.urlopen(f"{self.trial.dashboard_url}/w/{BUSY}/resources/buses/default/") as answer:
            found = re.search(r"event=(\d+-\d+)", answer.read().decode())
        assert found is not None
        return found[1]

    def _make_schedules(self) -> None:
        """One that goes on, and one of another group that rests."""
        scheduler, role = self.client(service="scheduler"), f"arn:aws:iam::{BUSY}:role/scheduler"
        target = {"Arn": f"arn:aws:sqs:us-east-1:{BUSY}:going-on", "RoleArn": role, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'}
        start, off = datetime.now(UTC) + timedelta(days=300), {"Mode": "OFF"}
        scheduler.create_schedule(Name="hourly", ScheduleExpression="rate(1 hour)", Target=target, StartDate=start, FlexibleTimeWindow=off)
        scheduler.create_schedule_group(Name="night")
        bus = {"Arn": f"arn:aws:events:us-east-1:{BUSY}:event-bus/audit", "RoleArn": role}
        bus |= {"EventBridgeParameters": {"Source": "shop.clock", "DetailType": "Night"}}
        once = {"ScheduleExpression": "at(2099-01-01T03:00:00)", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}
        scheduler.create_schedule(Name="once", GroupName="night", Target=bus, State="DISABLED", **once)

    def _make_bucket(self, request_id: str) -> None:
        """A bucket with a record of that invocation, files of several kinds, an upload that is not over; and one with nothing."""
        s3, bucket = self.client(service="s3"), f"files-{BUSY}"
        s3.create_bucket(Bucket=f"nothing-{BUSY}")
        s3.create_bucket(Bucket=bucket)
        context = {"requestId": request_id, "functionArn": f"arn:aws:lambda:us-east-1:{BUSY}:function:failing:$LATEST"}
        context |= {"condition": "RetriesExhausted", "approximateInvokeCount": 3}
        error = {"errorMessage": "no stock", "errorType": "Error"}
        record = {"version": "1.0", "requestContext": context, "requestPayload": {"parcel": 7}, "responsePayload": error}
        described = {"ContentType": "application/json", "Metadata": {"kind": "record"}, "Tagging": "team=parcels"}
        s3.put_object(Bucket=bucket, Key="aws/lambda/record.json", Body=json.dumps(record).encode(), **described)
        s3.put_object(Bucket=bucket, Key="page.html", Body=b"<script>document.title = 'taken over'</script>", ContentType="text/html")
        s3.put_object(Bucket=bucket, Key="picture.png", Body=bytes(range(256)) * 8, ContentType="image/png")
        s3.create_multipart_upload(Bucket=bucket, Key="half/done.bin")
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [statement]}))

    def _make_destinations(self) -> None:
        """For hello: a queue, a function, an age that leaves no time for the last try, and a queue that has gone."""
        lambda_, sqs = self.client(), self.client(service="sqs")
        url = sqs.create_queue(QueueName="going")["QueueUrl"]
        queue, function = f"arn:aws:sqs:us-east-1:{BUSY}:", f"arn:aws:lambda:us-east-1:{BUSY}:function:"
        lambda_.update_function_configuration(FunctionName="hello", DeadLetterConfig={"TargetArn": f"{queue}parcels-dlq"})
        lambda_.get_waiter("function_updated_v2").wait(FunctionName="hello")
        put = lambda_.put_function_event_invoke_config
        destinations = {"OnSuccess": {"Destination": f"{function}echo"}, "OnFailure": {"Destination": f"{queue}going"}}
        put(FunctionName="hello", MaximumRetryAttempts=1, DestinationConfig=destinations)
        sqs.delete_queue(QueueUrl=url)
        failures = {"OnFailure": {"Destination": f"{queue}parcels"}}
        put(FunctionName="hello", Qualifier="live", MaximumEventAgeInSeconds=120, DestinationConfig=failures)

    def _make_urls(self) -> None:
        """For hello: one that nobody may call yet, with a CORS that no browser takes, and one whose callers sign."""
        cors = {"AllowOrigins": ["*"], "AllowCredentials": True, "AllowHeaders": ["content-type"], "MaxAge": 60}
        self.client().create_function_url_config(FunctionName="hello", AuthType="NONE", Cors=cors)
        self.client().create_function_url_config(FunctionName="hello", Qualifier="live", AuthType="AWS_IAM", InvokeMode="RESPONSE_STREAM")

    def _make_permissions(self) -> str:
        """Statements of hello for a service and for everybody, a role that reads; the id of a call that it was refused."""
        iam, lambda_ = self.client(service="iam"), f"arn:aws:lambda:us-east-1:{BUSY}:function:"
        self.let_in("hello", "sns.amazonaws.com", SourceArn=f"arn:aws:sns:us-east-1:{BUSY}:news")
        self.let_in("hello", "*", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
        trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{BUSY}:root"}, "Action": "sts:AssumeRole"}}
        arn = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        allow = {"Statement": {"Effect": "Allow", "Action": ["lambda:Get*", "lambda:InvokeFunction"], "Resource": f"{lambda_}hello"}}
        iam.put_role_policy(RoleName="reader", PolicyName="reads", PolicyDocument=json.dumps(allow))
        given = self.client(service="sts").assume_role(RoleArn=arn, RoleSessionName="ada")["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
        try:
            self.trial.boto3("lambda", **keys, aws_session_token=given["SessionToken"]).invoke(FunctionName="echo")
        except ClientError as error:
            return str(error.response["ResponseMetadata"]["RequestId"])
        raise AssertionError("the role may invoke echo")

    def delay_messages(self, account_id: str, queue: str, *seconds: int) -> None:
        """A queue with messages that are delayed that long on the account's clock."""
        sqs = self.client(account_id, "sqs")
        url = sqs.create_queue(QueueName=queue)["QueueUrl"]
        for delay in seconds:
            sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=delay)

    def set_clock(self, account_id: str, **what: Any) -> dict[str, Any]:
        """PUT /_playground/clock as the account's root."""
        shown: dict[str, Any] = self.signed(account_id, "PUT", "/_playground/clock", what)
        return shown

    def signed(self, account_id: str, method: str, path: str, body: Any = None) -> Any:
        """What the endpoint answers the account's root, as JSON."""
        request = AWSRequest(method, f"{self.trial.endpoint_url}{path}", data=json.dumps(body).encode() if body else b"")
        SigV4Auth(Credentials(account_id, "test"), "lambda", "us-east-1").add_auth(request)
        sent = urllib.request.Request(request.url, request.body, dict(request.headers), method=method)
        with urllib.request.urlopen(sent) as answer:
            return json.load(answer)

    def open_account(self, account_id: str) -> None:
        """An account begins with its first API call; its pages bring the ready-made functions."""
        self.client(account_id).get_account_settings()
        with urllib.request.urlopen(f"{self.trial.dashboard_url}/w/{account_id}/") as answer:
            assert answer.status == 200

    def address(self, path: str, account_id: str = BUSY) -> str:
        """The whole address of a page, with invocations put in."""
        return f"{self.trial.dashboard_url}/w/{account_id}{path.format(**self.requests)}"

    def client(self, account_id: str = BUSY, service: str = "lambda") -> Any:
        """boto3 as the account's root."""
        return self.trial.boto3(service, aws_access_key_id=account_id)

    def invoke(self, name: str, payload: bytes, account_id: str = BUSY, **options: str) -> str:
        """Invokes a function; the request id, whatever came of it."""
        try:
            answer = self.client(account_id).invoke(FunctionName=name, Payload=payload, **options)
        except ClientError as error:
            answer = error.response
        return str(answer["ResponseMetadata"]["RequestId"])

    def create(self, account_id: str, name: str, code: str = ECHO, files: dict[str, str] | None = None, **options: Any) -> None:
        """A Python function of app.py and *files*, ready to be invoked."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            for path, text in {"app.py": code, **(files or {})}.items():
                zipped.writestr(path, text)
        parameters = {"Runtime": "python3.12", "Handler": "app.handler", "Role": f"arn:aws:iam::{account_id}:role/playground"} | options
        client = self.client(account_id)
        client.create_function(FunctionName=name, Code={"ZipFile": archive.getvalue()}, **parameters)
        client.get_waiter("function_active_v2").wait(FunctionName=name)

    def let_in(self, function: str, principal: str, **members: str) -> None:
        """AddPermission for a service, or whoever else, of the busy account's."""
        sid = principal.partition(".")[0].rpartition(":")[2].replace("/", "-").replace("*", "everybody")
        members = {"StatementId": sid, "Action": "lambda:InvokeFunction"} | members
        self.client().add_permission(FunctionName=function, Principal=principal, **members)

    def _turn_clock(self) -> None:
        self.open_account(TURNED)
        self.delay_messages(TURNED, "orders", 900)
        self.delay_messages(TURNED, "a-queue-with-quite-a-long-name-of-its-own", 700)
        self.set_clock(TURNED, rate=10)
        self.set_clock(TURNED, paused=True)

    def _wait_for_journal(self, request_id: str) -> None:
        """Until the worker has written the invocation: pages that only read the database show it from then on."""
        logs = self.client(service="logs")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(ClientError):
                if logs.filter_log_events(logGroupName="/aws/lambda/chatty", filterPattern=f'"{request_id}"')["events"]:
                    return
            time.sleep(0.1)
        raise AssertionError("the journal was not written")
