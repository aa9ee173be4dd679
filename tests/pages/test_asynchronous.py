"""Events that nobody waits for: fired, looked at while they wait, followed through their tries, many at once."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.test_playground import type_into_editor
from tests.pages.visitor import Visitor, is_live

OpenPage = Callable[..., Page]
WAITING, FAST, SKIPPED = "444444444444", "555555555555", "666666666666"
"""Accounts whose clock shows real time, runs at ×600, and is set forward by a test."""
CODE = "import time\n\ndef handler(event, context):\n    time.sleep(event.get('seconds', 0))\n    return 1 / event.get('divisor', 1)\n"


@pytest.fixture(scope="module", autouse=True)
def _accounts(site: Site) -> None:
    for account_id in (WAITING, FAST, SKIPPED):
        site.open_account(account_id)
        site.create(account_id, "divide", CODE, Timeout=10)
    site.set_clock(FAST, rate=600)


def send(site: Site, account_id: str, payload: bytes = b'{"divisor": 0}') -> str:
    """An event for divide, which fails unless the payload says otherwise; its request id."""
    answer = site.client(account_id).invoke(FunctionName="divide", InvocationType="Event", Payload=payload)
    return str(answer["ResponseMetadata"]["RequestId"])


def test_the_caller_has_202_at_once_and_the_event_goes_its_way(open_page: OpenPage) -> None:
    page = open_page("/?fn=divide", WAITING)
    is_live(page)
    page.keyboard.press("3")
    expect(page.get_by_role("radio", name="Asynchronous")).to_be_checked()
    expect(page.locator('.fire-said[data-said="async"]').last).to_be_visible()
    expect(page.get_by_label("Tail")).to_be_disabled()

    page.keyboard.press("Control+Enter")

    expect(page.locator("#fired .answers")).to_contain_text(re.compile(r"202 in \d"))
    expect(page.locator("#fired .state-now")).to_contain_text("succeeded")
    expect(page.locator("#fired .story")).to_contain_text("Success")
    expect(page.locator(".result")).to_contain_text(re.compile(r"Status Code\s*202"))


def test_an_event_that_fails_each_time_comes_to_its_end_after_three_tries_while_one_looks(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=divide&models=async", FAST)
    is_live(page)
    type_into_editor(page, "fire-payload", '{"divisor": 0}')

    page.click("#fire-button")

    story = page.locator("#fired .story")
    expect(story).to_contain_text("RetriesExhausted", timeout=30_000)
    expect(story.locator("div", has_text=re.compile(r"^Try"))).to_contain_text("3")
    expect(page.locator("#fired .state-now")).to_contain_text("function error")
    expect(page.locator("#fired .log-pane")).to_contain_text("ZeroDivisionError")


def test_what_the_api_refuses_is_shown_as_it_says_it(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=divide&models=async", WAITING)
    is_live(page)
    type_into_editor(page, "fire-payload", "{")
    page.click("#fire-button")
    page.get_by_role("button", name="Send it anyway").click()

    expect(page.locator("#fired .answers")).to_contain_text("InvalidRequestContentException")
    expect(page.locator("#fired .answers")).to_contain_text("400 in")
    expect(page.locator("#fired .state-now")).to_contain_text("rejected")


def test_two_hundred_at_once_drain_in_few_updates_and_nothing_moves(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=divide&models=async", FAST)
    is_live(page)
    page.select_option("#fire-times", "200")
    page.evaluate(
        """() => {
            window.drawn = [];
            new MutationObserver(() => {
                const burst = document.querySelector(".burst");
                if (burst && burst !== drawn.at(-1)?.burst) drawn.push({ burst, at: performance.now() });
            }).observe(document.querySelector("#fired"), { childList: true, subtree: true });
        }"""
    )
    page.click("#fire-button")
    page.wait_for_selector(".burst")
    expect(page.locator(".answers")).to_contain_text("200 × 202")
    before = page.evaluate("measures.seen.shift")

    page.wait_for_selector('.burst[data-over="true"]', timeout=60_000)

    assert page.evaluate("measures.seen.shift") - before == 0, page.evaluate("measures.seen.shifts")
    expect(page.locator(".burst-parts > div", has_text="done")).to_contain_text("200")
    expect(page.locator(".burst-grid > [data-state=succeeded]")).to_have_count(200)
    count, took_ms = page.evaluate("[drawn.length, drawn.at(-1).at - drawn[0].at]")
    assert count <= took_ms / 100 + 2, "more than ten a second"
    page.get_by_role("link", name="List them").click()
    expect(page.locator("#rows tr")).to_have_count(50)


def test_the_same_event_both_ways_shows_who_waits_and_who_tries_again(open_page: OpenPage, site: Site) -> None:
    page = open_page("/fire/?fn=divide&models=sync,async", WAITING)
    is_live(page)
    expect(page.locator("#fired")).to_contain_text("Fire to compare")
    type_into_editor(page, "fire-payload", '{"divisor": 0}')
    page.click("#fire-button")

    sync, event = page.locator(".lane").first, page.locator(".lane").last
    expect(sync).to_contain_text(re.compile(r"200 after \d"))
    expect(sync).to_contain_text("function error")
    expect(event).to_contain_text(re.compile(r"202 after \d"))
    expect(event).to_contain_text("waiting to retry")
    expect(event).to_contain_text(re.compile(r"2 of 3, next in \d+ s"))
    page.get_by_role("link", name="Link to these runs").click()
    expect(page.locator(".lane").first).to_contain_text("function error")
    expect(page.locator(".lane").last).to_contain_text("waiting to retry")


def test_the_event_queue_counts_down_and_follows_what_comes_and_goes(open_page: OpenPage, site: Site) -> None:
    site.create(WAITING, "patient", CODE)
    page = open_page("/functions/patient/async/", WAITING)
    is_live(page)
    expect(page.locator("#events")).to_contain_text("No event of patient waits")

    answer = site.client(WAITING).invoke(FunctionName="patient", InvocationType="Event", Payload=b'{"divisor": 0}')
    row = page.locator("#events tbody tr", has_text=answer["ResponseMetadata"]["RequestId"][:13])
    expect(row).to_contain_text("waiting to retry")
    expect(row).to_contain_text("2 of 3")
    page.locator("h1").hover()
    due = row.locator("[data-due]").first
    first = due.inner_text()
    expect(due).not_to_have_text(first)

    site.client(WAITING).delete_function(FunctionName="patient")
    expect(page.locator("#events .badge")).to_have_text("1")


def test_lists_show_what_waits_with_its_tries_and_stay_true(open_page: OpenPage, site: Site) -> None:
    lists = open_page("/invocations/?type=Event&state=waiting+to+retry", WAITING)
    home = open_page("/", WAITING)
    is_live(lists)
    is_live(home)

    request_id = send(site, WAITING)

    row = lists.locator(f"#invocation-{request_id}")
    expect(row).to_contain_text("waiting to retry")
    expect(row).to_contain_text("try 2 of 3")
    expect(home.locator(f"#recent-{request_id}")).to_contain_text("try 2 of 3")
    for page, place in ((lists, row), (home, home.locator(f"#recent-{request_id}"))):
        page.reload()
        expect(place).to_contain_text("try 2 of 3")


def test_the_page_of_one_that_waits_skips_to_its_next_try(open_page: OpenPage, site: Site) -> None:
    request_id = send(site, SKIPPED)
    page = open_page(f"/invocations/{request_id}/", SKIPPED)
    is_live(page)
    story = page.locator(f"#story-{request_id}")
    expect(story).to_contain_text("2 of 3")

    for left in ("3 of 3", "RetriesExhausted"):
        page.get_by_role("button", name="Skip to the next due thing").click()
        expect(story).to_contain_text(left, timeout=20_000)


def test_replay_goes_the_same_way_or_another(open_page: OpenPage, site: Site) -> None:
    request_id = send(site, WAITING, b"{}")
    page = open_page(f"/invocations/{request_id}/", WAITING)
    is_live(page)
    expect(page.locator(f"#state-{request_id}")).to_contain_text("succeeded")

    page.keyboard.press("r")
    page.wait_for_url(re.compile(rf"/invocations/(?!{request_id})[0-9a-f-]+/$"))
    expect(page.locator(".inv-head")).to_contain_text("202 after")

    page.locator("summary", has_text="More").click()
    page.locator(".menu-body").get_by_role("button", name="Synchronous", exact=True).click()
    expect(page.locator(".inv-head")).to_contain_text("RequestResponse")


def test_without_scripts_an_event_is_fired_and_its_page_shows_where_it_is(visitor: Visitor, site: Site) -> None:
    page = visitor.open("/fire/?fn=divide", WAITING, scripts=False)
    page.get_by_role("radio", name="Asynchronous").check()
    page.fill("#fire-payload", '{"divisor": 0}')
    page.click("#fire-button")
    expect(page.locator("main")).to_contain_text("202 after")
    deadline = time.monotonic() + 20
    while "2 of 3" not in page.locator(".story").inner_text() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
        page.reload()
    page.locator(".story").get_by_role("button", name="Skip to the next due thing").wait_for()

    page = visitor.open("/fire/?fn=divide&models=async", WAITING, scripts=False)
    page.select_option("#fire-times", "10")
    page.click("#fire-button")
    expect(page.locator("main")).to_contain_text("10 events at once")


def test_a_chain_is_shown_from_both_ends(open_page: OpenPage, site: Site) -> None:
    lambda_, sqs = site.client(WAITING), site.client(WAITING, "sqs")
    sqs.create_queue(QueueName="results")
    site.create(WAITING, "second", CODE)
    site.create(WAITING, "third", CODE)
    chained = {"divide": f"arn:aws:lambda:us-east-1:{WAITING}:function:second", "second": f"arn:aws:sqs:us-east-1:{WAITING}:results"}
    for name, arn in chained.items():
        lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}})

    request_id = send(site, WAITING, b"{}")
    page = open_page(f"/invocations/{request_id}/", WAITING)
    chain = page.locator("#chain")
    expect(chain).to_contain_text("On success")
    child = chain.locator(".chain-behind a", has_text=re.compile(r"second [0-9a-f]{8}"))
    expect(child).to_be_visible()
    child.click()

    expect(chain.locator("[data-here]")).to_contain_text("second")
    expect(chain.locator(".chain-behind a")).to_have_text("results")
    chain.get_by_role("link", name=re.compile("divide")).click()
    page.wait_for_url(f"**/invocations/{request_id}/")
