"""The pool as a bar and the environments as cells."""

import json
from typing import Any

import pytest
from django.test import Client

from invocations import clock, store
from invocations.models import Account, Function, FunctionVersion
from playground.dashboard.capacity import Promises, cells, segments


def an_environment(function: str, phase: str, kind: str = "on-demand") -> dict[str, Any]:
    return {"id": f"{function}-{phase}", "function": function, "version": "1", "phase": phase, "initialization_type": kind}


def test_the_bar_is_what_each_function_has_and_what_the_others_share() -> None:
    pools = {"unreserved": 3, "reserved:orders": 1, "provisioned:orders:live": 2, "provisioned:hello:1": 4, "reserved:gone": 0}
    environments = [
        an_environment("orders", "ready", "provisioned-concurrency"),
        an_environment("orders", "init", "provisioned-concurrency"),
    ]
    snapshot = {"limit": 100, "unreserved": 70, "pools": pools, "environments": environments}

    found = segments(snapshot, Promises({"orders": 20, "off": 0}, {"orders": 5, "hello": 10}))

    assert [(part.name, part.kind, part.size, part.used, part.x, part.width, part.warm) for part in found] == [
        ("orders", "reserved", 20, 3, 0.0, 200.0, 1),
        ("hello", "provisioned", 10, 4, 200.0, 100.0, 0),
        ("all other functions", "unreserved", 70, 3, 300.0, 700.0, None),
    ]
    assert [part.free for part in found] == [17, 6, 67]


def test_a_single_execution_in_a_large_account_is_still_seen() -> None:
    snapshot = {"limit": 1000, "unreserved": 1000, "pools": {"unreserved": 1}, "environments": []}
    (part,) = segments(snapshot, Promises({}, {}))
    assert part.used_width == 3.0


def test_cells_stand_by_function_with_their_state() -> None:
    environments = [
        an_environment("b", "invoke"),
        an_environment("a", "init"),
        an_environment("b", "ready"),
        an_environment("b", "shutdown"),
    ]
    found = cells(environments)
    assert [(each.function, [cell.state for cell in each.cells]) for each in found] == [
        ("a", ["starting"]),
        ("b", ["busy", "idle", "gone"]),
    ]
    assert found[1].sentence == "Environments of b: 1 busy, 1 idle, 1 gone"


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_limit_and_reservation_change_together_and_the_reservation_is_in_the_trail(client: Client) -> None:
    account = Account.objects.create(account_id="464646464646", seeded=True, unreserved_minimum=1)
    function = Function.objects.create(account=account, name="orders")
    FunctionVersion.objects.create(function=function, last_modified=clock.now(), revision_id="r")

    def turned(limit: int, reserved: str) -> tuple[int, int, int | None]:
        form = {"concurrent_executions": limit, "function": "orders", "reserved": reserved}
        status = client.post("/w/464646464646/capacity/knobs/", form).status_code
        account.refresh_from_db()
        function.refresh_from_db()
        return status, account.concurrent_executions, function.reserved_concurrent_executions

    assert turned(20, "20") == (422, 1000, None)
    assert turned(20, "19") == (302, 20, 19)
    assert turned(20, "") == (302, 20, None)
    records = [json.loads(fields[b"trail"])["record"] for _, fields in store.connection().xrange(store.TRAIL_KEY)]
    assert [(record["eventName"], record["requestParameters"]) for record in records] == [
        ("PutFunctionConcurrency20171031", {"functionName": "orders", "reservedConcurrentExecutions": 19}),
        ("DeleteFunctionConcurrency20171031", {"functionName": "orders"}),
    ]
