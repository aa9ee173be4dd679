"""The account's clock: set on its page, by the palette, without scripts; followed by every page, and counted down on it."""

import re
from collections.abc import Callable
from datetime import datetime

from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.visitor import NARROW, is_live

OpenPage = Callable[..., Page]


def seconds_between(earlier: str, later: str) -> float:
    """Of two texts that begin with 12:34:56, on one day or over midnight."""
    first, second = (datetime.strptime(text[:8], "%H:%M:%S") for text in (earlier, later))
    return (second - first).total_seconds() % 86_400


def take_message(site: Site, account_id: str, queue: str) -> None:
    """Receives the one message of a queue, and deletes it: it has become available."""
    sqs = site.client(account_id, "sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_every_open_page_follows_the_clock_and_nothing_moves(open_page: OpenPage, site: Site, account_id: str) -> None:
    pages = [open_page(path, account_id) for path in ("/", "/functions/", "/settings/clock/")]
    narrow = open_page("/functions/", account_id, width=NARROW)
    for page in (*pages, narrow):
        is_live(page)
        page.wait_for_timeout(300)  # the header made room for the word "live"
    expect(pages[0].locator("#clock")).to_have_text("real time")
    before = [page.evaluate("measures.seen.shift") for page in pages]

    site.set_clock(account_id, rate=600)
    for page in pages:
        expect(page.locator("#clock")).to_contain_text(re.compile(r"time ×600\s*.*\d\d:\d\d:\d\d"))
    expect(narrow.locator("#clock")).to_be_visible()
    badge = pages[1].locator("#clock [data-clock]")
    first = badge.inner_text()[-8:]
    while seconds_between(first, badge.inner_text()[-8:]) < 300:
        pages[1].wait_for_timeout(100)

    site.set_clock(account_id, paused=True)
    for page in pages:
        expect(page.locator("#clock")).to_contain_text("paused")
    pages[1].wait_for_timeout(250)
    still = badge.inner_text()
    pages[1].wait_for_timeout(600)
    assert badge.inner_text() == still
    assert [page.evaluate("measures.seen.shift") for page in pages] == before, [page.evaluate("measures.seen.shifts") for page in pages]


def test_the_page_sets_the_clock_and_skips_to_what_it_says_is_next(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.delay_messages(account_id, "orders", 900)
    page = open_page("/settings/clock/", account_id)
    is_live(page)
    panel = page.locator("#clock-panel")

    panel.get_by_role("button", name="×10", exact=True).click()
    expect(panel.get_by_role("button", name="×10", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(panel.get_by_role("row", name="Second attempt")).to_contain_text(re.compile(r"1 min\s*6 s"))
    expect(panel.locator("p", has_text="Next:")).to_contain_text(re.compile(r"messages of queue orders · \d+ min \d\d s, .+ real"))

    panel.get_by_role("button", name="Pause").click()
    expect(panel.locator("p", has_text="Next:")).to_contain_text(re.compile(r"s, paused"))
    panel.get_by_role("button", name="Skip to the next").click()
    take_message(site, account_id, "orders")
    expect(panel).to_contain_text("Nothing waits in this account")

    panel.get_by_role("button", name="Go on").click()
    expect(panel.get_by_role("button", name="Pause")).to_be_focused()


def test_a_reset_account_has_real_time_again_and_its_pages_know(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.set_clock(account_id, rate=600)
    page = open_page("/functions/", account_id)
    is_live(page)
    expect(page.locator("#clock")).to_contain_text("×600")
    site.signed(account_id, "POST", "/_playground/reset")
    expect(page.locator("#clock")).to_have_text("real time")


def test_what_is_due_appears_and_goes_by_itself(open_page: OpenPage, site: Site, account_id: str) -> None:
    page = open_page("/settings/clock/", account_id)
    is_live(page)
    expect(page.locator("#clock-panel")).to_contain_text("Nothing waits")

    site.delay_messages(account_id, "late", 900)
    expect(page.locator("#clock-panel")).to_contain_text("messages of queue late")
    site.set_clock(account_id, skip="next")
    take_message(site, account_id, "late")
    expect(page.locator("#clock-panel")).to_contain_text("Nothing waits")


def test_a_countdown_counts_by_the_rate_and_stands_while_the_clock_does(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.delay_messages(account_id, "orders", 900)
    page = open_page("/settings/clock/", account_id)
    is_live(page)
    count = page.locator("#clock-panel td .due")

    def page_time() -> float:
        return float(page.evaluate("performance.now() / 1000"))

    def left() -> int:
        minutes, seconds = re.match(r"(\d+) min (\d+) s", count.inner_text()).groups()  # type: ignore[union-attr]
        return int(minutes) * 60 + int(seconds)

    def counts_down(seconds: int, rate: int) -> None:
        """Waits until so many are gone; they took their time."""
        began, first = page_time(), left()
        while (gone := first - left()) < seconds:
            page.wait_for_timeout(100)
        assert gone <= rate * (page_time() - began + 1) + 1

    counts_down(1, rate=1)
    site.set_clock(account_id, rate=10)
    expect(count).to_contain_text("real")
    counts_down(20, rate=10)
    page.keyboard.press("p")
    expect(page.locator("#connection")).to_contain_text("paused")
    first = left()
    page.wait_for_timeout(600)
    assert left() == first, "a paused page stands"


def test_for_those_who_want_calm_it_says_when_instead(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.delay_messages(account_id, "orders", 900)
    site.set_clock(account_id, rate=10)
    page = open_page("/settings/clock/", account_id, reduced_motion="reduce")

    expect(page.locator("#clock-panel td .due")).to_have_text(re.compile(r"^at \d\d:\d\d:\d\d$"))
    expect(page.locator("#clock [data-clock]")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_the_palette_sets_it(open_page: OpenPage, account_id: str) -> None:
    page = open_page("/", account_id)
    is_live(page)

    page.keyboard.press("Control+k")
    page.fill("#palette-field", "x60")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("Clock: ×60")
    page.keyboard.press("Enter")

    expect(page.locator("#clock")).to_contain_text("×60")
    expect(page.locator("#palette")).not_to_be_visible()
    expect(page.locator("#status")).to_have_text("The clock: time ×60.")
    assert "/settings/" not in page.url


def test_without_scripts_it_is_set_by_plain_forms(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.delay_messages(account_id, "orders", 900)
    page = open_page("/settings/clock/", account_id, scripts=False)
    main = page.locator("main")

    page.get_by_role("button", name="Pause").click()
    expect(page.locator("header")).to_contain_text("paused")
    expect(main).to_contain_text(re.compile(r"messages of queue orders · \d+ min \d\d s, paused"))
    page.get_by_role("button", name="Skip to the next").click()
    expect(main).to_contain_text(re.compile(r"Nothing waits in this account|Next: messages of queue orders · now"))
    page.get_by_role("button", name="×600", exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("header")).to_contain_text("time ×600")
