"""Concurrency under load: from the page, live, over a reload, and back to rest; and the settings that make things go wrong."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


def test_a_load_fills_cells_meets_the_limit_survives_a_reload_and_can_be_stopped(open_page: OpenPage, account_id: str) -> None:
    page = open_page("/capacity/", account_id)
    is_live(page)
    expect(page.locator("#capacity-cells")).to_contain_text("No environment is up")

    page.locator("#knob_concurrent_executions").fill("2")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#capacity-pool")).to_contain_text("of 2 in use")
    page.locator("#load_rate").fill("5")
    page.locator("#load_seconds").fill("300")
    page.locator("#load_way").select_option("both")
    page.locator("#load-form").get_by_role("button", name="Start load").click()

    expect(page.locator("#capacity-cells .cells [data-cell=busy]")).to_have_count(2)
    load = page.locator("#load-now")
    expect(load).to_contain_text("ConcurrentInvocationLimitExceeded")
    expect(load.get_by_role("row", name="429 throttled").get_by_role("cell")).to_have_text([re.compile(r"[1-9]"), "0"])
    expect(load.locator("#load-backlog")).to_have_text(re.compile(r"[1-9]"))
    expect(load.get_by_role("row", name="The oldest of them").get_by_role("cell")).to_have_text(["–", re.compile(r"\d")])
    expect(page.locator("#capacity-pool")).to_contain_text("2 of 2 in use")
    expect(page.locator("#plot canvas")).to_be_visible()

    page.reload()
    is_live(page)
    expect(page.locator("#load-now")).to_contain_text("Load on slow")
    page.locator("#load-stop").click()
    expect(page.locator("#load-now")).to_contain_text(re.compile(r"stopped after \d"))
    expect(page.locator("#load-now")).to_contain_text(re.compile(r"Wait for an answer\s*0\s*0"))
    page.locator("#capacity-table summary").click()
    expect(page.locator("#capacity-table tbody tr").first).to_be_visible()


def test_without_scripts_a_load_is_sent_and_its_outcome_read_after_a_reload(open_page: OpenPage, account_id: str) -> None:
    page = open_page("/capacity/?fn=hello", account_id, scripts=False)
    page.locator("#load_seconds").fill("1")
    page.locator("#load-form").get_by_role("button", name="Start load").click()
    expect(page.locator("#load-now")).to_contain_text("hello")
    for _ in range(100):  # it is over after a second; nothing changes on the page by itself
        page.reload()
        if "over after" in page.locator("#load-now").inner_text():
            break
        page.wait_for_timeout(250)
    expect(page.locator("#load-now")).to_contain_text("over after 1")


def test_a_fault_is_set_on_its_page_seen_in_every_header_and_taken_away(open_page: OpenPage, site: Site, account_id: str) -> None:
    other = open_page("/functions/", account_id)
    is_live(other)
    page = open_page("/settings/faults/?fn=hello", account_id)
    page.get_by_label("At most how often").fill("1")
    page.get_by_role("button", name="Set").click()
    expect(page.locator("#faults")).to_contain_text("0 of 1")
    expect(other.locator("#fault-mark")).to_contain_text("1 fault")

    request_id = site.invoke("hello", b"{}", account_id)
    invocation = open_page(f"/invocations/{request_id}/", account_id)
    expect(invocation.locator(".inv-head")).to_contain_text("injected: throttle")
    expect(invocation.locator(".explanation").first).to_contain_text("On purpose")
    page.reload()
    expect(page.locator("#faults")).to_contain_text("used up")
    page.get_by_role("button", name="Take all away").click()
    expect(page.locator("#faults")).to_contain_text("Nothing goes wrong on purpose")


def test_limits_are_set_and_refused_with_the_reason_at_their_field(open_page: OpenPage, account_id: str) -> None:
    page = open_page("/settings/limits/", account_id)
    page.get_by_label("Concurrent executions", exact=True).fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="in force")).to_be_visible()
    expect(page.locator("main")).to_contain_text("nothing: 5 must stay unreserved")
    page.get_by_label("Scaling rate").fill("0")
    page.locator("form[data-save]").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".errors")).to_contain_text('"scaling_rate" must be a whole number from 1 to 100000')


def test_the_gallery_produces_an_error_in_its_place(open_page: OpenPage, account_id: str) -> None:
    page = open_page("/errors/", account_id)
    page.locator("#error-no-function").get_by_role("button").click()
    expect(page.locator("#produced-no-function")).to_contain_text("botocore.errorfactory.ResourceNotFoundException")
    page.locator("#produced-no-function").get_by_role("link", name="See the invocation").click()
    expect(page.locator("main")).to_contain_text("There is no function of that name")
