"""A page that connects two things adds the permission that is missing: with the change or not at all, told, and in the trail."""

import json
import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from invocations import attached_policies, clock, identities, store
from invocations.arn import LATEST
from invocations.errors import AwsError
from invocations.models import Account, Bucket, EventInvokeConfig, FunctionVersion, Role
from invocations.resources import event_invoke_configs, policy_holders, queues
from tests.function_rows import a_function_row

ACCOUNT = "000000000000"
TAB = f"/w/{ACCOUNT}/functions/orders/async/"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:done"
TRUST = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}'

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture(autouse=True)
def _a_function_whose_role_may_nothing() -> Iterator[None]:
    account = Account.objects.create(account_id=ACCOUNT, seeded=True)
    role = policy_holders.create(Role, ACCOUNT, "orders", assume_role_policy_document=TRUST)
    a_function_row(account, role=role.arn)
    queues.create(ACCOUNT, "done")
    yield
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()  # it puts the new configuration in force
    for remembered in (identities._remembered, attached_policies._remembered):
        remembered.forget(lambda _: True)


def allowed() -> list[str]:
    return list(Role.objects.get(name="orders").inline_policies)


def noted() -> list[str]:
    return [json.loads(fields[b"trail"])["record"]["eventName"] for _, fields in store.connection().xrange(store.TRAIL_KEY)]


@pytest.mark.parametrize("wrong", [{"on_failure": f"{QUEUE}-gone"}, {"maximum_event_age_in_seconds": "1"}])
def test_what_is_refused_grants_nothing(client: Client, wrong: dict[str, str]) -> None:
    assert client.post(f"{TAB}save/", {"on_success": QUEUE, **wrong}).status_code == 422
    assert (allowed(), noted(), EventInvokeConfig.objects.count()) == ([], [], 0)


def test_a_destination_is_saved_with_its_permission_which_is_told_once(client: Client) -> None:
    answer = client.post(f"{TAB}save/", {"on_success": QUEUE, "qualifier": LATEST})
    assert (answer.status_code, allowed()) == (302, ["allow-sqs-SendMessage"])
    assert noted() == ["PutRolePolicy", "PutFunctionEventInvokeConfig"]
    said = "The inline policy allow-sqs-SendMessage of the role orders lets it in now."
    assert [said in client.get(answer["Location"]).content.decode() for _ in range(2)] == [True, False]


def test_a_bucket_takes_two_permissions(client: Client) -> None:
    Bucket.objects.create(account_id=ACCOUNT, name="kept-failures", created_at=clock.now())
    wanted = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::kept-failures"}}}
    with pytest.raises(AwsError, match="does not have permissions to call PutObject on"):
        event_invoke_configs.put(ACCOUNT, "orders", None, wanted)
    client.post(f"{TAB}save/", {"on_failure": "arn:aws:s3:::kept-failures", "qualifier": LATEST})
    assert EventInvokeConfig.objects.get().on_failure == "arn:aws:s3:::kept-failures"
    assert (allowed(), noted()[:2]) == (["allow-s3-PutObject", "allow-s3-ListBucket"], ["PutRolePolicy"] * 2)
    policy_holders.delete_policy(Role, ACCOUNT, "orders", "allow-s3-ListBucket")
    with pytest.raises(AwsError, match="does not have permissions to call ListBucket on"):
        event_invoke_configs.put(ACCOUNT, "orders", None, wanted)


def test_a_dead_letter_queue_too(client: Client) -> None:
    FunctionVersion.objects.update(last_update_status="InProgress")
    assert client.post(f"{TAB}dead-letter/", {"target_arn": QUEUE}).status_code == 422
    assert allowed() == []
    FunctionVersion.objects.update(state="Active", last_update_status="Successful")
    assert client.post(f"{TAB}dead-letter/", {"target_arn": QUEUE}).status_code == 302
    assert noted() == ["PutRolePolicy", "UpdateFunctionConfiguration20150331v2"]
