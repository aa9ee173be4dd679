"""Chromium on a whole playground: an account where everything has happened, and an empty one."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from playground.supervision.trial import Trial
from tests.pages.site import Site
from tests.pages.visitor import Visitor, launch

expect.set_options(timeout=15_000)  # what comes, comes at once; but a busy machine may take its time


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one module. Not longer: while it lives, its loop runs in this thread, and no other can."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(stack: Trial) -> Site:
    """The pages of the shared playground."""
    return Site(stack)


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Opens pages; at the end of the test nothing may have gone wrong on any of them."""
    visitor = Visitor(browser, site)
    yield visitor
    visitor.leave()


@pytest.fixture
def open_page(visitor: Visitor) -> Callable[..., Page]:
    """`open_page("/functions/")`: a page of the busy account; see Visitor.open."""
    return visitor.open


@pytest.fixture
def account_id(site: Site) -> str:
    """An account of the test's own, whose clock and limits are nobody else's."""
    account_id = f"{uuid.uuid4().int % 10**12:012d}"
    site.open_account(account_id)
    return account_id
