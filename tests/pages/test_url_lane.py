"""The function URL beside the other ways to invoke: fired, compared, and looked at again by a link."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]
ACCOUNT = "777777777777"
CODE = "def handler(event, context):\n    return 1 / 0 if 'body' in event else 'direct'\n"


def test_three_ways(open_page: OpenPage, site: Site) -> None:
    site.open_account(ACCOUNT)
    site.create(ACCOUNT, "three", CODE)
    page = open_page("/fire/?fn=three&models=sync,url,async", ACCOUNT)
    is_live(page)
    page.click("#fire-button")
    expect(page.locator(".lane").nth(1)).to_contain_text("the function has no URL")
    expect(page.locator(".lane").first).to_contain_text(re.compile(r"200 after \d"))

    client = site.client(ACCOUNT)
    client.create_function_url_config(FunctionName="three", AuthType="AWS_IAM")
    page.click("#fire-button")
    url = page.locator(".lane").nth(1)
    expect(url).to_contain_text(re.compile(r"HTTP 502 after \d"))
    expect(url).to_contain_text("function error")
    url.locator("summary").click()
    expect(url.locator("pre")).to_contain_text("rawPath")
    page.get_by_role("link", name="Link to these runs").click()
    expect(page.locator(".lane").nth(1)).to_contain_text(re.compile(r"HTTP 502 after \d"))
    expect(page.get_by_role("radio", name="All three")).to_be_checked()
    page.get_by_role("radio", name="Function URL").check()
    page.click("#fire-button")
    expect(page.locator(".lane")).to_have_count(0)
    expect(page.locator("#fired .state-now")).to_contain_text("function error")
