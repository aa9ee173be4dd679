"""What the path of an invocation knows of a function's configuration, and when it learns of a change."""

import asyncio

import pytest

from invocations import catalogue, clock
from invocations.catalogue import EventInvokeConfigSnapshot, FunctionSnapshot
from invocations.models import Account, Alias, Function, FunctionVersion
from invocations.resources import event_invoke_configs

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "121212121212"


@pytest.fixture
def function() -> Function:
    function = Function.objects.create(account=Account.objects.create(account_id=ACCOUNT), name="orders")
    for version in ("$LATEST", "1"):
        FunctionVersion.objects.create(function=function, version=version, last_modified=clock.now(), revision_id="r")
    Alias.objects.create(function=function, name="live", function_version="1", revision_id="r")
    return function


def snapshot() -> FunctionSnapshot:
    found = asyncio.run(catalogue.find(ACCOUNT, "orders"))
    assert found is not None
    return found


def test_event_invoke_configs_are_known_by_qualifier_as_soon_as_they_are_put(function: Function) -> None:
    assert snapshot().event_invoke_configs == {}
    event_invoke_configs.put(ACCOUNT, "orders", None, {"MaximumRetryAttempts": 0})
    event_invoke_configs.put(ACCOUNT, "orders", "live", {"MaximumEventAgeInSeconds": 60})

    assert snapshot().event_invoke_configs == {
        "$LATEST": EventInvokeConfigSnapshot(0, None, "", ""),
        "live": EventInvokeConfigSnapshot(None, 60, "", ""),
    }

    event_invoke_configs.update(ACCOUNT, "orders", "live", {"MaximumRetryAttempts": 1})
    event_invoke_configs.delete(ACCOUNT, "orders", None)
    assert snapshot().event_invoke_configs == {"live": EventInvokeConfigSnapshot(1, 60, "", "")}
