"""The trail as a person uses it: calls appear as they are made, an entry is opened, and leads to its invocation and back."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


def test_calls_appear_and_lead_on(open_page: OpenPage, site: Site) -> None:
    page = open_page("/trail/?q=of-the-trail")
    is_live(page)
    expect(page.get_by_text("The trail has no events")).to_be_visible()
    site.client(BUSY, "sqs").create_queue(QueueName="of-the-trail")
    row = page.locator("#rows tr", has_text="CreateQueue")
    expect(row).to_have_count(1)
    row.get_by_role("link", name="CreateQueue").click()
    entry = page.locator("#entry")
    expect(entry.get_by_role("region", name="requestParameters")).to_contain_text("of-the-trail")
    expect(page.locator("#drawer")).to_contain_text("sqs create-queue")

    entry.get_by_role("link", name="Permission decision").click()
    expect(page.get_by_text("the account's root may do everything in its account").first).to_be_visible()

    page.goto(site.address("/trail/?event={failed}"))
    page.locator("#entry").get_by_role("link", name="Invocation", exact=True).click()
    page.get_by_role("link", name="its entry").click()
    expect(page.locator("#entry-title")).to_have_text("Invoke")
    page.get_by_role("link", name="Hide data events").click()
    expect(page.locator("#rows").get_by_role("link", name="Invoke", exact=True)).to_have_count(0)
