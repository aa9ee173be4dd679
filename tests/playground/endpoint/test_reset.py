"""POST /_playground/reset against a whole playground: an account begins anew, the others keep what they have."""

import uuid
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from playground.supervision.trial import Trial
from tests.queue_policies import letting_in

ROLE = "arn:aws:iam::000000000000:role/r"


def functions_of(client: Any) -> set[str]:
    return {each["FunctionName"] for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]}


def post_reset(stack: Trial, key: str, secret: str) -> urllib3.BaseHTTPResponse:
    request = AWSRequest("POST", f"{stack.endpoint_url}/_playground/reset", data=b"")
    SigV4Auth(Credentials(key, secret), "lambda", "us-east-1").add_auth(request)
    return urllib3.request("POST", request.url, headers=dict(request.headers))


def test_a_reset_empties_the_account_that_signs_and_no_other(stack: Trial, hello_zip: bytes) -> None:
    mine, other = (f"{uuid.uuid4().int % 10**12:012d}" for _ in range(2))
    name = f"kept-{uuid.uuid4().hex[:8]}"
    clients = {key: stack.boto3("lambda", aws_access_key_id=key) for key in (mine, other)}
    for client in clients.values():
        client.create_function(FunctionName=name, Runtime="python3.12", Handler="m.handler", Role=ROLE, Code={"ZipFile": hello_zip})
    answer = post_reset(stack, mine, "test")
    assert (answer.status, answer.json()) == (200, {"account": mine})
    left = functions_of(clients[mine])
    assert ("hello" in left, name in left) == (True, False)
    assert name in functions_of(clients[other])
    again = clients[mine].invoke(FunctionName="hello")
    assert again["StatusCode"] == 200


def test_a_wrong_signature_resets_nothing(stack: Trial) -> None:
    answer = post_reset(stack, "000000000001", "not the secret")
    assert (answer.status, answer.json()["code"]) == (403, "InvalidSignatureException")


def test_a_reset_ends_the_accounts_subscriptions_to_other_accounts_topics(stack: Trial) -> None:
    owner, subscriber = (f"{uuid.uuid4().int % 10**12:012d}" for _ in range(2))
    theirs, ours = (stack.boto3("sns", aws_access_key_id=key) for key in (owner, subscriber))
    topic = theirs.create_topic(Name="orders")["TopicArn"]
    theirs.add_permission(TopicArn=topic, Label="a", AWSAccountId=[subscriber], ActionName=["Subscribe"])
    queues = stack.boto3("sqs", aws_access_key_id=subscriber)

    def arrives() -> bool:
        url = queues.create_queue(QueueName="orders", Attributes={"Policy": letting_in()})["QueueUrl"]
        theirs.publish(TopicArn=topic, Message="hello")
        return "Messages" in queues.receive_message(QueueUrl=url)

    ours.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{subscriber}:orders")
    assert arrives()
    post_reset(stack, subscriber, "test")
    assert theirs.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert not arrives()
