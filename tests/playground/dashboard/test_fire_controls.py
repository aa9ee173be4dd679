"""The fire panel's controls without a browser: how the function is to end, and its reserved concurrency."""

import json
import re

import pytest
from django.test import Client

from invocations.models import Account, Function
from playground.dashboard import outcomes
from tests.function_rows import a_function_row

ACCOUNT = "616161616161"
FIRE = f"/w/{ACCOUNT}/fire/"


@pytest.mark.parametrize(
    ("payload", "asked", "obeyed", "changed"),
    [
        ('{"order": 1, "behave": "exit"}', "exit", True, {"order": 1, "behave": "throw"}),
        ('{"behave": "slow"}', "", True, {"behave": "throw"}),
        ('{"behave": ["throw"]}', "", True, {"behave": "throw"}),
        ('{"name": "Ada"}', "", False, {"name": "Ada", "behave": "throw"}),
        ("[1]", "", False, None),
        ("{", "", False, None),
    ],
)
def test_the_event_says_how_the_function_is_to_end(payload: str, asked: str, obeyed: bool, changed: dict[str, object] | None) -> None:
    assert outcomes.outcome_of(payload) == asked
    assert outcomes.obeys("hello", payload) is obeyed
    assert outcomes.obeys(outcomes.OBEDIENT, payload)
    text = outcomes.asking_for("throw", payload)
    assert (text and json.loads(text)) == changed


@pytest.fixture
def visitor() -> Client:
    """On an account with the functions hello and orders."""
    account = Account.objects.create(account_id=ACCOUNT, seeded=True)
    for name in ("hello", "orders"):
        a_function_row(account, name)
    return Client()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    ("fn", "payload", "status", "chosen", "event"),
    [
        ("orders", '{"order": 7}', 200, "orders", {"order": 7, "behave": "timeout"}),
        ("hello", '{"name": "Ada"}', 200, "orders", {"behave": "timeout"}),
        ("hello", '{"behave": "ok"}', 200, "hello", {"behave": "timeout"}),
        ("orders", "[7]", 422, "orders", [7]),
    ],
)
def test_a_function_that_does_not_read_it_makes_way_for_the_one_that_does(
    visitor: Client, fn: str, payload: str, status: int, chosen: str, event: object
) -> None:
    sent = {"fn": fn, "payload": payload, "models": "sync,url,async", "outcome": "timeout"}
    answer = visitor.post(f"{FIRE}outcome/", sent, headers={"HX-Request": "true"})
    page = answer.content.decode().replace("&quot;", '"')
    assert answer.status_code == status
    assert re.findall(r'<option value="(\w+)" selected', page)[0] == chosen
    assert json.loads(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]) == event
    assert ('value="timeout" aria-pressed="true"' in page) is (status == 200)
    assert re.search(r'value="sync,url,async" checked', page)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize(
    ("typed", "status", "told", "kept"),
    [
        ("3", 200, "At most 3 at once", 3),
        ("0", 200, "Every event is throttled", 0),
        ("", 200, "Shares the account", None),
        ("many", 422, "Enter a whole number", 5),
        ("950", 422, "below its minimum value of [100]", 5),
    ],
)
def test_reserved_concurrency_is_set_from_the_panel(visitor: Client, typed: str, status: int, told: str, kept: int | None) -> None:
    Function.objects.filter(name="hello").update(reserved_concurrent_executions=5)
    answer = visitor.post(f"{FIRE}reserve/", {"fn": "hello", "reserved": typed}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert (answer.status_code, told in page, f'value="{typed}"' in page) == (status, True, True)
    assert Function.objects.get(name="hello").reserved_concurrent_executions == kept
