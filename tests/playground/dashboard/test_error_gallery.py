"""The error gallery: its table is whole, and its buttons produce what they say."""

import re
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from invocations.enums import ThrottleReason
from playground.dashboard.error_gallery.entries import ENTRIES, FUNCTION_ERRORS, INVOCATION_ERRORS
from playground.dashboard.error_gallery.functions import SAMPLES
from playground.endpoint.services import model_of
from playground.supervision.trial import Trial

ACCOUNT = "484848484848"


def test_the_table_is_whole() -> None:
    assert len(ENTRIES) == len(INVOCATION_ERRORS) + len(FUNCTION_ERRORS)
    assert {entry.reason for entry in INVOCATION_ERRORS if entry.status == 429 and entry.recipe} == set(ThrottleReason)
    assert {entry.status for entry in FUNCTION_ERRORS} == {200}
    used = Counter(entry.recipe.function for entry in ENTRIES.values() if entry.recipe and entry.recipe.is_sample)
    assert set(used) == set(SAMPLES)


@pytest.mark.parametrize("operation", ["Invoke", "InvokeWithResponseStream"])
def test_every_error_of_the_operation_is_there_or_named_with_why_it_does_not_come(operation: str) -> None:
    known = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model_of("lambda").operation_model(operation).error_shapes}
    told = {code: entry for entry in INVOCATION_ERRORS for code in entry.code.split(", ")}
    assert known.keys() - told.keys() == set()
    assert {code: told[code].status for code, status in known.items() if told[code].recipe} == {
        code: status for code, status in known.items() if told[code].recipe
    }
    assert all(entry.why.startswith("Does not come here: ") for entry in INVOCATION_ERRORS if entry.recipe is None)


def produced(stack: Trial, entry_id: str) -> str:
    """What the page shows after a click on the entry's button."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = opener.open(f"{stack.dashboard_url}/w/{ACCOUNT}/errors/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    sent = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1]}).encode()
    address = f"{stack.dashboard_url}/w/{ACCOUNT}/errors/{entry_id}/"
    return str(opener.open(urllib.request.Request(address, sent, {"HX-Request": "true"})).read().decode())


def named(shown: str) -> str:
    """The error that came."""
    came = re.search(r'<strong class="mono">(.*?)</strong>', shown)
    assert came is not None, shown
    return came[1]


@pytest.mark.parametrize("entry_id", ["denied", "pending", "recursion", "caller-rate-limit-exceeded", "marshal", "init-failure"])
def test_a_button_produces_its_error_and_shows_it_as_the_sdk_sees_it(stack: Trial, entry_id: str) -> None:
    stack.boto3("lambda", aws_access_key_id=ACCOUNT).get_account_settings()
    shown = produced(stack, entry_id)

    entry = ENTRIES[entry_id]
    assert named(shown) == " ".join(filter(None, (entry.code, entry.reason)))
    assert f"HTTP/1.1 {entry.status}" in shown
    assert re.search(rf"/w/{ACCOUNT}/invocations/[0-9a-f-]{{36}}/", shown)
    assert entry.status == 200 or f"An error occurred ({entry.code}) when calling the Invoke operation" in shown


def test_who_click_at_once_get_each_their_own_error(stack: Trial) -> None:
    stack.boto3("lambda", aws_access_key_id=ACCOUNT).get_account_settings()
    entries = ["pending", "caller-rate-limit-exceeded"] * 3
    with ThreadPoolExecutor(len(entries)) as people:
        came = list(people.map(lambda entry_id: named(produced(stack, entry_id)), entries))
    assert came == [" ".join(filter(None, (ENTRIES[each].code, ENTRIES[each].reason))) for each in entries]
