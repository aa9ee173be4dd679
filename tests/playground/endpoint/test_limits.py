"""/_playground/limits, and what GetAccountSettings and reservations make of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from django.db import connection

from invocations import clock
from invocations.models import Account, Function, FunctionVersion
from invocations.resources import concurrency, provisioned_concurrency, quotas
from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "454545454545"
AWS = {
    "concurrent_executions": 1000,
    "unreserved_minimum": 100,
    "scaling_rate": 1000,
    "requests_per_concurrent_execution": 10,
    "control_plane_requests_per_second": 0,
    "retained_invocations": 250_000,
}


def ask(server: Server, method: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(method, f"{server.url}/_playground/limits", data=data)
    SigV4Auth(Credentials(ACCOUNT, "test"), "lambda", "us-east-1").add_auth(request)
    reply = urllib3.request(method, request.url, headers=dict(request.headers), body=data, retries=False)
    return reply.status, reply.json()


@pytest.fixture
def function() -> Function:
    function = Function.objects.create(account=Account.objects.create(account_id=ACCOUNT, seeded=True), name="orders")
    FunctionVersion.objects.create(function=function, last_modified=clock.now(), revision_id="r")
    return function


def test_they_are_awss_at_first_and_are_set_by_name_and_brought_back_by_null(server: Server, function: Function) -> None:
    assert ask(server, "GET") == (200, {**AWS, "defaults": AWS})
    changed = {"concurrent_executions": 5, "scaling_rate": 3}
    assert ask(server, "PUT", changed) == (200, {**AWS, **changed, "defaults": AWS})
    limit = server.client("lambda", ACCOUNT).get_account_settings()["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (5, 5)
    assert ask(server, "PUT", dict.fromkeys(changed))[1] == {**AWS, "defaults": AWS}


def test_what_must_stay_unreserved_is_all_of_a_small_account_unless_it_is_lowered(server: Server, function: Function) -> None:
    lambda_ = server.client("lambda", ACCOUNT)
    ask(server, "PUT", {"concurrent_executions": 5})
    with pytest.raises(ClientError, match=r"below its minimum value of \[5\]"):
        lambda_.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=2)
    ask(server, "PUT", {"unreserved_minimum": 1})
    lambda_.put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=4)
    assert lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 1
    status, answer = ask(server, "PUT", {"concurrent_executions": 4})
    assert (status, answer["message"]) == (
        400,
        '"concurrent_executions" cannot be 4: functions of this account have 4 for themselves, and 1 of 4 must stay unreserved. '
        "Lower those first.",
    )
    assert ask(server, "PUT", {"unreserved_minimum": 2})[1]["message"].startswith('"unreserved_minimum" cannot be 2: ')
    status, answer = ask(server, "PUT", {"concurrent_executions": 3})
    assert (status, answer["message"]) == (
        400,
        '"concurrent_executions" cannot be 3: functions of this account have 4 for themselves, reserved or provisioned. Lower those first.',
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda: concurrency.put(ACCOUNT, "orders", 3),
        lambda: concurrency.delete(ACCOUNT, "orders"),
        lambda: provisioned_concurrency.put(ACCOUNT, "orders", "1", 2),
        lambda: quotas.change(ACCOUNT, {"concurrent_executions": 500}),
    ],
    ids=["reserve", "free", "provision", "limit"],
)
def test_what_shares_the_account_is_looked_at_and_written_in_one_transaction(function: Function, change: Callable[[], object]) -> None:
    FunctionVersion.objects.create(function=function, version="1", last_modified=clock.now(), revision_id="r")
    asked: list[tuple[bool, str]] = []

    def note(execute: Any, sql: str, *given: Any) -> Any:
        asked.append((connection.in_atomic_block, sql))
        return execute(sql, *given)

    with connection.execute_wrapper(note):
        change()

    assert [sql for is_inside, sql in asked if not is_inside and not sql.startswith("BEGIN")] == []
    first = next(sql for _, sql in asked if sql.startswith("SELECT"))
    assert "invocations_account" in first, "the account's row is taken before anything is looked at"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, 'The body must be an object with something in it, such as {"concurrent_executions": 5}.'),
        ([5], 'The body must be an object with something in it, such as {"concurrent_executions": 5}.'),
        ({"concurrent_executions": 0}, '"concurrent_executions" must be a whole number from 1 to 100000, or null for the default.'),
        ({"concurrent_executions": "5"}, '"concurrent_executions" must be a whole number from 1 to 100000, or null for the default.'),
        ({"scaling_rate": True}, '"scaling_rate" must be a whole number from 1 to 100000, or null for the default.'),
        ({"scaling_rate": 5, "memory": 1}, f'There is no limit "memory"; there are {", ".join(AWS)}.'),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(server: Server, function: Function, body: Any, sentence: str) -> None:
    assert ask(server, "PUT", body) == (400, {"code": "ValidationException", "message": sentence})
    assert ask(server, "GET")[1] == {**AWS, "defaults": AWS}


def ask_often(call: Callable[[], Any]) -> None:
    """Until one is refused: a bucket that holds one and fills by one a second is empty at once."""
    for _ in range(100):
        call()


def test_calls_of_the_control_plane_are_as_many_as_come_until_a_rate_is_wanted(server: Server, function: Function) -> None:
    lambda_ = server.client("lambda", ACCOUNT)
    for _ in range(20):
        lambda_.list_functions()
    ask(server, "PUT", {"control_plane_requests_per_second": 1})
    with pytest.raises(ClientError) as refused:
        ask_often(lambda_.list_functions)
    told = refused.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == ("TooManyRequestsException", 429)
    assert told["Reason"] == "CallerRateLimitExceeded"
    lambda_.get_function(FunctionName="orders")  # which has a rate of its own
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.get_policy(FunctionName="orders")  # as this has
    ask(server, "PUT", {"control_plane_requests_per_second": None})
    for _ in range(5):
        lambda_.list_functions()
