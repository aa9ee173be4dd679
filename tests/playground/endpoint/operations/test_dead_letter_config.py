"""DeadLetterConfig of a function through boto3."""

import uuid
from typing import Any

import pytest

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.test_lambda import ROLE, answering, create
from tests.playground.endpoint.operations.test_lambda_refusals import refusal

QUEUE = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def client(stack: Trial) -> Any:
    return stack.boto3("lambda")


@pytest.fixture(scope="module")
def queue(stack: Trial) -> str:
    name = f"lost{uuid.uuid4().hex[:8]}"
    stack.boto3("sqs").create_queue(QueueName=name)
    return QUEUE + name


@pytest.fixture
def name() -> str:
    return f"d{uuid.uuid4().hex[:10]}"


def configure(client: Any, name: str, target: dict[str, str]) -> None:
    client.update_function_configuration(FunctionName=name, DeadLetterConfig=target)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)


def test_it_is_kept_with_the_version_and_an_empty_arn_takes_it_away(client: Any, name: str, queue: str) -> None:
    made = create(client, name, answering("1"), DeadLetterConfig={"TargetArn": queue}, Publish=True)
    assert made["DeadLetterConfig"] == {"TargetArn": queue}

    configure(client, name, {"TargetArn": ""})

    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName=name)
    assert client.get_function_configuration(FunctionName=name, Qualifier="1")["DeadLetterConfig"] == {"TargetArn": queue}
    configure(client, name, {"TargetArn": queue})
    assert client.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == {"TargetArn": queue}
    client.update_function_configuration(FunctionName=name, Description="changed")
    assert client.get_function_configuration(FunctionName=name)["DeadLetterConfig"] == {"TargetArn": queue}


def test_a_topic_takes_dead_letters(stack: Trial, client: Any, name: str) -> None:
    topic = stack.boto3("sns").create_topic(Name=name)["TopicArn"]
    assert create(client, name, answering("1"), DeadLetterConfig={"TargetArn": topic})["DeadLetterConfig"] == {"TargetArn": topic}


INVALID = "Invalid dead letter queue ARN: "
SERVICE = f"{INVALID}The service specified by the TargetArn is not supported for dead letter configuration."
REGION = f"{INVALID}The resource specified by the TargetArn must be in the same region as the Lambda function it's associated with."
UNREACHABLE = "The provided execution role does not have permissions to call "
REFUSED = [
    ("arn:aws:lambda:us-east-1:000000000000:function:x", SERVICE),
    ("arn:aws:events:us-east-1:000000000000:event-bus/default", SERVICE),
    ("arn:aws:s3:::bucket", SERVICE),
    ("arn:aws:sqs:", SERVICE),
    ("arn:aws:sqs:eu-west-1:000000000000:lost", REGION),
    (f"{QUEUE}lost.fifo", f"{INVALID}FIFO SQS queue is not supported for dead letter configuration"),
    ("arn:aws:sns:us-east-1:000000000000:lost.fifo", f"{INVALID}FIFO SNS topic is not supported for dead letter configuration"),
    (f"{QUEUE}nobodys", f"{UNREACHABLE}SendMessage on SQS"),
    ("arn:aws:sns:us-east-1:000000000000:nobodys", f"{UNREACHABLE}Publish on SNS"),
]


@pytest.fixture(scope="module")
def plain(client: Any) -> str:
    """A function without a dead-letter queue, which no test gives one."""
    name = f"d{uuid.uuid4().hex[:10]}"
    create(client, name, answering("1"))
    return name


@pytest.mark.parametrize(("arn", "sentence"), REFUSED, ids=[arn for arn, _ in REFUSED])
def test_what_cannot_take_dead_letters(client: Any, name: str, plain: str, arn: str, sentence: str) -> None:
    refused, target = ("InvalidParameterValueException", 400, sentence), {"TargetArn": arn}
    settings = {"Runtime": "python3.12", "Handler": "m.handler", "Role": ROLE, "Code": {"ZipFile": answering("1")}}
    assert refusal(client.create_function, FunctionName=name, DeadLetterConfig=target, **settings) == refused
    assert refusal(client.get_function, FunctionName=name)[0] == "ResourceNotFoundException"
    assert refusal(client.update_function_configuration, FunctionName=plain, DeadLetterConfig=target) == refused
    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName=plain)


def test_what_is_no_arn(client: Any, plain: str) -> None:
    code, status, message = refusal(client.update_function_configuration, FunctionName=plain, DeadLetterConfig={"TargetArn": "lost"})
    assert (code, status) == ("ValidationException", 400)
    assert message == (
        "1 validation error detected: Value 'lost' at 'deadLetterConfig.targetArn' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()"
    )
