"""Permissions as a person meets them: a refusal leads to why, one click allows it, and what is asked is asked again by itself."""

import re

from playwright.sync_api import expect

from tests.pages.site import BUSY, Site
from tests.pages.test_topics import OpenPage
from tests.pages.visitor import is_live


def test_somebody_acts_as_a_service_is_refused_and_lets_it_in(open_page: OpenPage, site: Site) -> None:
    site.create(BUSY, "refuses")
    page = open_page("/fire/?fn=refuses")
    page.get_by_text("Act as", exact=True).click()
    page.get_by_label("Who calls").select_option("events.amazonaws.com")
    page.get_by_label("A service: on behalf of").fill(f"arn:aws:events:us-east-1:{BUSY}:rule/any")
    page.get_by_role("button", name=re.compile("^Fire")).click()
    page.get_by_role("link", name="See why, and what would allow it").click()

    verdict = page.get_by_role("region", name="Denied")
    expect(verdict).to_contain_text("No statement of a resource-based policy allows events.amazonaws.com to InvokeFunction refuses.")
    expect(page.get_by_text("When the call was made")).to_contain_text("denied")
    page.get_by_role("button", name="AddPermission").click()
    expect(page.get_by_role("region", name="Allowed")).to_contain_text("statement events-any")
    is_live(page)

    site.client().remove_permission(FunctionName="refuses", StatementId="events-any")
    expect(page.get_by_role("region", name="Denied")).to_be_visible()

    page.get_by_label("Who", exact=True).fill(BUSY)
    expect(page.get_by_role("region", name="Allowed")).to_contain_text("the account's root may do everything")
    expect(page).to_have_url(re.compile(f"principal={BUSY}"))
