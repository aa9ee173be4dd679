"""Recursive loops through boto3 against a whole playground: the header that functions pass on, and where it ends."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import create, result, zipped

SAYS_ITS_HEADER = {
    "python3.12": ("m.handler", "m.py", "import os\n\ndef handler(event, context):\n    return os.environ.get('_X_AMZN_TRACE_ID')\n"),
    "nodejs20.x": ("index.handler", "index.mjs", "export const handler = async () => process.env._X_AMZN_TRACE_ID;\n"),
}
CALLS_ITSELF = """
import boto3, json, os

def handler(event, context):
    if event["depth"] == 0:
        return os.environ["_X_AMZN_TRACE_ID"]
    queue = boto3.client("sqs")
    if event["depth"] == 1:
        queue.send_message(QueueUrl=queue.get_queue_url(QueueName=event["queue"])["QueueUrl"], MessageBody="on its way")
    payload = json.dumps(event | {"depth": event["depth"] - 1})
    answer = boto3.client("lambda").invoke(FunctionName=context.function_name, Payload=payload)
    return json.load(answer["Payload"])
"""


class Chain:
    """A client whose calls bring the header of the call before."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.header = ""
        client.meta.events.register("before-call.lambda.Invoke", self._bring)

    def _bring(self, params: dict[str, Any], **_: object) -> None:
        if self.header:
            params["headers"]["X-Amzn-Trace-Id"] = self.header

    def run(self, name: str) -> str:
        self.header = result(self.client, name)
        return self.header


@pytest.fixture
def chain(stack: Trial) -> Iterator[Chain]:
    return Chain(stack.boto3("lambda"))


def made(client: Any, runtime: str = "python3.12") -> str:
    name = f"loop{uuid.uuid4().hex[:8]}"
    handler, path, text = SAYS_ITS_HEADER[runtime]
    create(client, name, zipped({path: text}), Runtime=runtime, Handler=handler)
    return name


@pytest.mark.parametrize("runtime", SAYS_ITS_HEADER)
def test_a_function_sees_its_own_lineage(chain: Chain, runtime: str) -> None:
    name = made(chain.client, runtime)
    first, second = chain.run(name), chain.run(name)
    assert first.startswith("Root=1-")
    assert first.endswith(":1")
    assert second == first[:-1] + "2"


def test_the_seventeenth_run_in_a_chain_is_refused(stack: Trial, chain: Chain) -> None:
    client = chain.client
    name, other = made(client), made(client)
    for _ in range(16):
        chain.run(name)

    with pytest.raises(ClientError) as refused:
        client.invoke(FunctionName=name)

    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("RecursiveInvocationException", 400)
    assert answer["Error"]["Message"] == (
        "Lambda has detected your function being invoked in a recursive loop with other AWS resources "
        "and stopped your function's invocation."
    )
    assert answer["Type"] == "User"
    assert result(stack.boto3("lambda"), name).endswith(":1")  # outside the chain it runs as before
    assert result(client, other).endswith(":1")

    client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert chain.run(name).endswith(":17")
    client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Terminate")
    with pytest.raises(client.exceptions.RecursiveInvocationException):
        client.invoke(FunctionName=name)


def test_boto3_inside_a_function_passes_the_header_on_to_functions_and_queues(stack: Trial) -> None:
    client, sqs, name = stack.boto3("lambda"), stack.boto3("sqs"), f"loop{uuid.uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    create(client, name, zipped({"m.py": CALLS_ITSELF}), Timeout=30, MemorySize=256)

    innermost = result(client, name, Payload=json.dumps({"depth": 2, "queue": name}))

    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["AWSTraceHeader"])["Messages"]
    assert innermost.endswith(":3")
    assert message["Attributes"]["AWSTraceHeader"] == innermost[:-1] + "2"


def test_destinations_that_lead_in_a_circle_end_in_the_dead_letter_queue(stack: Trial) -> None:
    client, sqs = stack.boto3("lambda"), stack.boto3("sqs")
    there, back = made(client), made(client)
    url = sqs.create_queue(QueueName=there)["QueueUrl"]
    queue = {"TargetArn": f"arn:aws:sqs:us-east-1:000000000000:{there}"}
    client.update_function_configuration(FunctionName=there, DeadLetterConfig=queue)
    client.get_waiter("function_updated_v2").wait(FunctionName=there)
    for name, target in ((there, back), (back, there)):
        destination = {"Destination": client.get_function_configuration(FunctionName=target)["FunctionArn"]}
        client.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnSuccess": destination})

    client.invoke(FunctionName=there, InvocationType="Event", Payload=b'"round and round"')

    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"]).get("Messages", [])
    found = found or sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
    attributes = {name: value["StringValue"] for name, value in found[0]["MessageAttributes"].items()}
    assert (attributes["ErrorCode"], "recursive loop" in attributes["ErrorMessage"]) == ("400", True)
    last = json.loads(found[0]["Body"])  # what the stopped run would have been given: the record of the other function's last run
    assert last["requestContext"]["functionArn"].endswith(f":{back}:$LATEST")
    assert last["responsePayload"].endswith(":16")
