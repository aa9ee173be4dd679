"""Faults set by script, met by boto3 on a whole playground, and marked as injected in the record."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda_throttles import set_local
from tests.queue_policies import letting_in

ACCOUNT = "474747474747"


@pytest.fixture
def lambda_(stack: Trial) -> Iterator[Any]:
    client = stack.boto3("lambda", aws_access_key_id=ACCOUNT)
    client.get_account_settings()
    urllib3.request("GET", f"{stack.dashboard_url}/w/{ACCOUNT}/")  # which brings the ready-made functions
    yield client
    for fault in set_local(stack, "faults", None, "GET", ACCOUNT)["faults"]:
        set_local(stack, f"faults/{fault['id']}", None, "DELETE", ACCOUNT)


def meet(client: Any, function: str) -> tuple[str, str]:
    """What one invocation came to, and its request id."""
    try:
        answer = client.invoke(FunctionName=function)
    except ClientError as error:
        told = error.response
        headers = told["ResponseMetadata"]["HTTPHeaders"]
        words = [told["Error"]["Code"], told.get("Reason", ""), headers.get("x-playground-injected", "")]
        return " ".join(filter(None, words)), told["ResponseMetadata"]["RequestId"]
    payload = json.loads(answer["Payload"].read() or b"null")
    return (payload["errorType"] if answer.get("FunctionError") else "succeeded"), answer["ResponseMetadata"]["RequestId"]


def marks(stack: Trial, request_id: str) -> dict[str, Any]:
    """Station -> fault, of the record's steps that say they were injected."""
    record = urllib3.request("GET", f"{stack.dashboard_url}/w/{ACCOUNT}/invocations/{request_id}/files/record.json").json()
    return {step["station"]: step["detail"]["fault"] for step in record["steps"] if step["detail"].get("injected")}


@pytest.mark.parametrize(
    ("kind", "options", "met", "marked"),
    [
        ("throttle", {}, "TooManyRequestsException ConcurrentInvocationLimitExceeded throttle", {"admit": "throttle"}),
        ("service-exception", {}, "ServiceException service-exception", {"admit": "service-exception"}),
        ("latency", {"latency_ms": 300}, "succeeded", {"admit": "latency"}),
        ("init-failure", {}, "Runtime.ExitError", {"init": "init-failure", "run": "init-failure"}),
        ("crash", {}, "Runtime.ExitError", {"run": "crash"}),
    ],
)
def test_each_kind_is_met_once_by_its_count_and_marked(
    stack: Trial, lambda_: Any, kind: str, options: dict[str, int], met: str, marked: dict[str, str]
) -> None:
    fault = set_local(stack, "faults", {"function": "hello", "kind": kind, "count": 1, **options}, "POST", ACCOUNT)
    assert (fault["acted"], fault["is_over"]) == (0, False)

    began = time.monotonic()
    what, request_id = meet(lambda_, "hello")
    seconds = time.monotonic() - began

    assert (what, marks(stack, request_id)) == (met, marked)
    assert seconds > options.get("latency_ms", 0) / 1000
    assert meet(lambda_, "hello")[0] == "succeeded"
    left = set_local(stack, f"faults/{fault['id']}", None, "DELETE", ACCOUNT)["faults"]
    assert fault["id"] not in [other["id"] for other in left]


def test_an_event_that_meets_an_injected_service_error_is_tried_again_without_losing_an_attempt(stack: Trial, lambda_: Any) -> None:
    fault = set_local(stack, "faults", {"function": "echo", "kind": "service-exception", "count": 1}, "POST", ACCOUNT)
    request_id = lambda_.invoke(FunctionName="echo", InvocationType="Event", Payload=b"{}")["ResponseMetadata"]["RequestId"]
    deadline = time.monotonic() + 30
    steps: list[dict[str, Any]] = []
    while time.monotonic() < deadline and not any(step["outcome"] == "done" for step in steps):
        answer = urllib3.request("GET", f"{stack.dashboard_url}/w/{ACCOUNT}/invocations/{request_id}/files/record.json")
        steps = answer.json()["steps"] if answer.status == 200 else []
        time.sleep(0.1)
    set_local(stack, f"faults/{fault['id']}", None, "DELETE", ACCOUNT)

    told = [(step["station"], step["outcome"], step["detail"].get("injected", False)) for step in steps]
    assert [one for one in told if one[0] in {"admit", "queue", "run"}] == [
        ("queue", "queued", False),
        ("admit", "refused", True),
        ("queue", "retry", False),
        ("admit", "ok", False),
        ("run", "success", False),
        ("queue", "done", False),
    ]
    assert next(step["detail"]["runs"] for step in steps if step["outcome"] == "done") == 1


def test_a_source_and_a_destination_that_fail_on_purpose_are_tried_again_and_say_so(stack: Trial, lambda_: Any) -> None:
    """A rule triggers echo, whose record goes to a queue; the first delivery of each fails, and all of those of another rule."""
    sqs, events = (stack.boto3(service, aws_access_key_id=ACCOUNT) for service in ("sqs", "events"))
    url = sqs.create_queue(QueueName="faults-record", Attributes={"Policy": letting_in()})["QueueUrl"]
    queue_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:faults-record"
    echo = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:echo"
    lambda_.put_function_event_invoke_config(FunctionName="echo", DestinationConfig={"OnSuccess": {"Destination": queue_arn}})
    lambda_.add_permission(FunctionName="echo", StatementId="rules", Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    for name, retry in (("faulty", 5), ("faulty-once", 0)):
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        policy = {"MaximumRetryAttempts": retry, "MaximumEventAgeInSeconds": 3600}
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": echo, "RetryPolicy": policy}])

    def put(source: str) -> None:
        events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}"}])

    def rule_page(rule: str) -> str:
        return urllib3.request("GET", f"{stack.dashboard_url}/w/{ACCOUNT}/resources/buses/default/?rule={rule}").data.decode()

    set_local(stack, "faults", {"function": "echo", "kind": "source-error", "count": 1}, "POST", ACCOUNT)
    put("faulty-once")
    deadline = time.monotonic() + 20
    while "Not delivered" not in (page := rule_page("faulty-once")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ">injected</span>" in page.partition("Not delivered")[2].partition("</ul>")[0]

    for kind in ("source-error", "destination-denied"):
        set_local(stack, "faults", {"function": "echo", "kind": kind, "count": 1}, "POST", ACCOUNT)
    put("faulty")
    record = json.loads(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]["Body"])
    request_id = record["requestContext"]["requestId"]
    page = urllib3.request("GET", f"{stack.dashboard_url}/w/{ACCOUNT}/invocations/{request_id}/files/record.json").json()
    sent = [(step["outcome"], step["detail"].get("fault", "")) for step in page["steps"] if step["station"] == "destination"]
    assert sent[0] == ("retry", "destination-denied")
    acted = {each["kind"]: each["acted"] for each in set_local(stack, "faults", None, "GET", ACCOUNT)["faults"]}
    assert acted == {"source-error": 1, "destination-denied": 1}
    denied = next(step["detail"]["error_message"] for step in page["steps"] if step["station"] == "destination")
    assert denied.endswith("because no identity-based policy allows the sqs:SendMessage action")
