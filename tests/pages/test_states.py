"""Empty, refused and missing things: one sentence, and one action that works."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import EMPTY, UNKNOWN_ID
from tests.pages.test_functions import submit

OpenPage = Callable[..., Page]

STATES = [
    ("/", EMPTY, "no function yet", "Create the first function", "New function"),
    ("/functions/", EMPTY, "This account has no function", None, "New function"),
    ("/invocations/", EMPTY, "Nothing was invoked in this account yet", "Fire the first event", "Fire"),
    ("/invocations/?fn=nobody", "", "There is no invocation", "Show all invocations", "Invocations"),
    ("/functions/untouched/logs/", "", "Nothing has been logged", "Fire", "Event"),
    ("/functions/untouched/invocations/", "", "has not been invoked yet", "Fire", "Event"),
    ("/functions/untouched/concurrency/", "", "No environments are kept ready", "Publish a version first", "Versions"),
    (f"/invocations/{UNKNOWN_ID}/", "", "It may have been pruned", "All invocations", "Invocations"),
    ("/functions/nobody/", "", "Function not found", "Playground", "Event"),
    ("/nowhere/", "", "The address may be mistyped", "Playground", "Event"),
]


@pytest.mark.parametrize(
    ("path", "account_id", "sentence", "action", "leads_to"), STATES, ids=[f"{path} {who}" for path, who, *_ in STATES]
)
def test_there_is_a_sentence_and_an_action_that_works(
    open_page: OpenPage, path: str, account_id: str, sentence: str, action: str | None, leads_to: str
) -> None:
    is_missing = "nobody/" in path or "nowhere" in path or UNKNOWN_ID in path
    account = {"account_id": account_id} if account_id else {}
    page = open_page(path, status=404 if is_missing else 200, **account)

    expect(page.locator("main")).to_contain_text(sentence)
    if action is not None:
        submit(page.locator("main").get_by_role("link", name=action, exact=True).first)
    expect(page.locator("main")).to_contain_text(leads_to)
