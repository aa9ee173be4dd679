"""Resources as a person uses them: made, looked at while others send and receive, and emptied."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_functions import submit
from tests.pages.test_playground import result_of
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]
SECONDS = 4.0


@pytest.fixture
def sqs(site: Site) -> Any:
    """boto3 for the busy account's queues."""
    site.requests  # noqa: B018  # the busy account is there
    return site.client(service="sqs")


def a_queue(sqs: Any, name: str, **attributes: str) -> str:
    return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


@contextmanager
def traffic(sqs: Any, url: str) -> Iterator[None]:
    """Messages come and go, ten at a time, as long as the block runs."""
    stop = threading.Event()

    def move() -> None:
        while not stop.is_set():
            sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": f'{{"parcel": {n}}}'} for n in range(10)])
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=9).get("Messages", ()):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def counts(page: Page, name: str) -> Any:
    """Visible, in flight and delayed of the queue's box."""
    return page.locator(".neighbour", has=page.get_by_text(name, exact=True)).locator("dd")


def test_a_queue_is_made_filled_received_from_and_deleted(open_page: OpenPage) -> None:
    page = open_page("/resources/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.get_by_role("link", name="New queue").click()
    page.fill("#id_name", "made")
    page.check("#id_has_dead_letter_queue")
    submit(page.get_by_role("button", name="Create queue"))
    expect(page.get_by_text("Created the queue made.")).to_be_visible()
    expect(page.locator(".neighbour")).to_contain_text(["made", "made-dlq"])

    page.fill("#send-body", '{"order": 1}')
    page.fill("#send-copies", "3")
    submit(page.get_by_role("button", name="Send message"))
    expect(page.get_by_text("Sent 3 messages.")).to_be_visible()
    expect(page.locator(".messages tbody tr")).to_have_count(3)
    page.keyboard.press("`")
    expect(page.locator("#drawer")).to_contain_text("sqs send-message")

    page.fill("#receive-maximum", "2")
    submit(page.get_by_role("button", name="Receive"))
    expect(counts(page, "made")).to_have_text(["1", "2", "0"])
    expect(page.locator(".held > li")).to_have_count(2)
    submit(page.locator(".held").get_by_role("button", name=re.compile("Delete")).first)
    submit(page.locator(".held").get_by_role("button", name=re.compile("Give back")).first)
    expect(counts(page, "made")).to_have_text(["2", "0", "0"])

    page.get_by_role("link", name="Attributes").click()
    page.fill("#purge-confirm", "made")
    submit(page.get_by_role("button", name="Purge made"))
    expect(counts(page, "made")).to_have_text(["0", "0", "0"])
    page.get_by_role("link", name="Attributes").click()
    page.fill("#delete-confirm", "made")
    submit(page.get_by_role("button", name="Delete made"))
    expect(page.get_by_text("Deleted the queue made.")).to_be_visible()


def test_counts_and_messages_come_by_themselves(open_page: OpenPage, sqs: Any) -> None:
    url = a_queue(sqs, "watched")
    page, overview = open_page("/resources/queues/watched/"), open_page("/resources/queues/")
    for each in (page, overview):
        is_live(each)
    sqs.send_message(QueueUrl=url, MessageBody='{"by": "somebody else"}')
    expect(page.locator(".messages")).to_contain_text("somebody else")
    expect(counts(page, "watched")).to_have_text(["1", "0", "0"])
    expect(overview.locator("tr", has_text="watched").locator("td.number")).to_have_text(["1", "0", "0"])

    (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=3600)["Messages"]
    expect(page.locator(".messages .state")).to_have_text("in flight")
    expect(page.locator(".messages .due")).to_have_text(re.compile("^59 min"))
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=60)
    expect(page.locator(".messages .due")).to_have_text(re.compile(r"^\d\d s$"))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    expect(page.get_by_text("No message is in this queue.")).to_be_visible()

    a_queue(sqs, "watched-too")
    expect(overview.locator("tr", has_text="watched-too")).to_be_visible()


def test_an_account_without_queues_gets_its_first_by_one_button(open_page: OpenPage, site: Site) -> None:
    site.requests  # noqa: B018
    own = "888888888888"
    site.open_account(own)
    page = open_page("/resources/", own)
    expect(page.locator("main")).to_contain_text("This account has no queue.")
    submit(page.get_by_role("button", name="Create the queue orders"))
    expect(page.locator(".neighbour")).to_contain_text(["orders", "orders-dlq"])
    submit(page.get_by_role("button", name='Send {"order": 42}'))
    expect(page.locator(".messages tbody")).to_contain_text('{"order": 42}')


def test_nothing_moves_while_messages_come_and_go(open_page: OpenPage, sqs: Any) -> None:
    url = a_queue(sqs, "moving")
    pages = [open_page(path) for path in ("/resources/queues/moving/", "/resources/queues/", "/resources/")]
    for page in pages:
        is_live(page)
    pages[0].wait_for_timeout(300)  # the headers made room for the word "live"
    before = [page.evaluate("measures.seen.shift") for page in pages]
    fetched = "performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === 'fetch').length"
    began = time.monotonic()

    with traffic(sqs, url):
        pages[0].wait_for_timeout(SECONDS * 1000)
        counts_fetched = [page.evaluate(fetched) for page in pages]

    took = time.monotonic() - began
    assert [page.evaluate("measures.seen.shift") for page in pages] == before, [page.evaluate("measures.seen.shifts") for page in pages]
    assert all(2 <= count <= took / 0.3 + 3 for count in counts_fetched), "a burst is shown together"


def test_what_is_typed_chosen_or_pointed_at_stays(open_page: OpenPage, sqs: Any) -> None:
    url = a_queue(sqs, "busy")
    for number in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=f"first {number}")
    page = open_page("/resources/queues/busy/")
    is_live(page)
    page.locator(".messages a").nth(1).click()
    expect(page.locator("#message")).to_contain_text("first 1")
    assert "message=" in page.url
    page.fill("#send-body", "half a mess")
    page.locator(".messages a").nth(1).hover()
    (gone,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=gone["ReceiptHandle"])
    expect(counts(page, "busy")).to_have_text(["2", "0", "0"])
    expect(page.locator(".messages tbody tr")).to_have_count(3)  # the pointer is there
    expect(page.locator(".holding")).to_be_visible()

    page.mouse.move(0, 0)
    expect(page.locator(".messages tbody tr")).to_have_count(2)
    expect(page.locator(".messages a[aria-current]")).to_contain_text("first 1")
    expect(page.locator("#send-body")).to_have_value("half a mess")


def test_messages_go_back_from_the_dead_letter_queue(open_page: OpenPage, sqs: Any) -> None:
    dead = a_queue(sqs, "back-dlq")
    policy = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{BUSY}:back-dlq", "maxReceiveCount": 1})
    url = a_queue(sqs, "back", RedrivePolicy=policy, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    page = open_page("/resources/queues/back-dlq/")
    is_live(page)
    expect(counts(page, "back-dlq")).to_have_text(["1", "0", "0"])
    submit(page.get_by_role("button", name="Move messages"))
    expect(page.locator(".task")).to_contain_text("COMPLETED")
    expect(page.locator(".task")).to_contain_text("1 of 1 moved")
    expect(counts(page, "back")).to_have_text(["1", "0", "0"])

    # Nobody knows where a message that was sent here came from.
    sqs.send_message(QueueUrl=dead, MessageBody="stray")
    submit(page.get_by_role("button", name="Move messages"))
    expect(page.locator(".task").first).to_contain_text("CouldNotDetermineMessageSource")


def test_a_dead_letter_message_leads_to_its_invocation_and_is_replayed(open_page: OpenPage, site: Site) -> None:
    page = open_page("/resources/queues/parcels-dlq/")
    page.locator(".messages a", has_text="dead-letter message").click()
    expect(page.locator("#message")).to_contain_text("no stock")
    expect(page.locator("#message").get_by_role("link", name=re.compile("^Invocation"))).to_have_attribute(
        "href", f"/w/{BUSY}/invocations/{site.requests['failed']}/"
    )
    page.select_option("#replay-fn", "echo")
    submit(page.get_by_role("button", name="Replay…"))
    expect(page.locator("#fire-fn")).to_have_value("echo")
    is_live(page)
    page.click("#fire-button")
    assert '"parcel"' in result_of(page)


def test_without_scripts_a_message_is_sent_looked_at_received_and_deleted(open_page: OpenPage, sqs: Any) -> None:
    a_queue(sqs, "plain")
    page = open_page("/resources/queues/plain/", scripts=False)
    page.fill("#send-body", "no script")
    page.click("text=Send message")
    page.locator(".messages a").click()
    expect(page.locator("#message")).to_contain_text("no script")
    page.get_by_role("button", name="Receive").click()
    page.locator(".held").get_by_role("button", name=re.compile("Delete")).click()
    expect(page.get_by_text("No message is in this queue.")).to_be_visible()
