"""The fire panel's controls: every lane shows what they make of the function."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.visitor import is_live


def test_how_it_ends_and_how_many_may_run_show_in_every_lane(open_page: Callable[..., Page], account_id: str) -> None:
    page = open_page("/fire/?fn=hello&models=sync,async", account_id)
    is_live(page)
    page.get_by_role("button", name="throw", exact=True).click()
    expect(page.locator("#fire-fn")).to_have_value("orders")
    expect(page.locator(".cm-content").first).to_contain_text('"behave": "throw"')
    expect(page.get_by_role("button", name="throw", exact=True)).to_have_attribute("aria-pressed", "true")
    page.click("#fire-button")
    sync, event = page.locator(".lane").first, page.locator(".lane").last
    expect(sync).to_contain_text("cannot be taken")
    expect(event).to_contain_text("waiting to retry")

    page.get_by_label("Reserved concurrency").fill("0")
    page.keyboard.press("Enter")
    expect(page.locator("#fire-reserved")).to_contain_text("Every event is throttled.")
    page.click("#fire-button")
    expect(sync).to_contain_text(re.compile(r"429 after \d"))
    expect(event).to_contain_text("throttled")
    page.locator(".cm-content").first.click()
    page.keyboard.type(" ")
    expect(page.get_by_role("button", name="throw", exact=True)).to_have_attribute("aria-pressed", "false")
