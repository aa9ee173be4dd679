"""Somebody who opens pages and notices whatever goes wrong on them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Playwright, Route, TimeoutError

from playground.supervision.testing import browser_program
from tests.pages.site import BUSY, Screen, Site

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDE, NARROW = 1280, 360
HEIGHT = 800

MEASURES = Path(__file__).with_name("measures.js")


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium."""
    return playwright.chromium.launch(executable_path=browser_program(), args=ARGUMENTS)


class Visitor:
    """Pages opened by one test."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self.site = site
        self.outside: list[str] = []
        """Requests to other machines: each is refused, and none may be made."""
        self.problems: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._statuses: dict[Page, int] = {}

    def open(
        self,
        path: str | Screen,
        account_id: str = BUSY,
        *,
        width: int = WIDE,
        scripts: bool = True,
        status: int = 200,
        prepare: Callable[[BrowserContext], None] | None = None,
        **options: Any,
    ) -> Page:
        """A fresh browser profile on a page of an account; *options* are those of Browser.new_context."""
        page = self.begin(width=width, scripts=scripts, prepare=prepare, **options)
        if not isinstance(path, Screen):
            path = Screen("", path, account_id, status=status)
        self.go(page, path, scripts=scripts)
        return page

    def begin(
        self, *, width: int = WIDE, scripts: bool = True, prepare: Callable[[BrowserContext], None] | None = None, **options: Any
    ) -> Page:
        """An empty page of a fresh browser profile."""
        context = self._browser.new_context(viewport={"width": width, "height": HEIGHT}, java_script_enabled=scripts, **options)
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        context.route(re.compile(r"^https?://(?!localhost[:/])"), self._refuse)
        context.add_init_script(path=MEASURES)
        if prepare is not None:
            prepare(context)
        page = context.new_page()
        if scripts:
            # Also after a link was followed: what is clicked, filled in or expected waits until the page acts on it.
            page.add_locator_handler(page.locator("html:not([data-ready])"), lambda: None)
        page.on("console", lambda message: self._note(page, message))
        page.on("pageerror", lambda error: self._note_error(page, error))
        return page

    def go(self, page: Page, screen: Screen, *, scripts: bool = True) -> None:
        """Opens a screen in a page that has begun with or without *scripts*, and waits until it acts."""
        self._statuses[page] = screen.status
        answer = page.goto(self.site.address(screen.path, screen.account_id))
        assert answer is not None
        assert answer.status == screen.status, page.locator("main").inner_text()
        if scripts:
            is_ready(page)

    def leave(self) -> None:
        """Closes everything. Raises AssertionError for whatever went wrong on the way."""
        for context in self._contexts:
            context.close()
        self.complain()

    def complain(self) -> None:
        """Raises AssertionError for whatever went wrong since it was asked last."""
        outside, problems = self.outside[:], self.problems[:]
        self.outside.clear()
        self.problems.clear()
        assert not outside, outside
        assert not problems, problems

    def _refuse(self, route: Route) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def _note_error(self, page: Page, error: Error) -> None:
        if "Transition was" not in error.message:  # left before its transition was over: Chromium's own remark
            self.problems.append(f"{page.url}: {error}")

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        status = self._statuses[page]
        if message.type == "error" and not (status != 200 and "Failed to load resource" in message.text):
            if "status of 422" in message.text:  # a refused form: the page shows why
                return
            self.problems.append(f"{page.url}: {urlsplit(message.location['url']).path}: {message.text}")


def is_ready(page: Page) -> None:
    """Waits until the page's scripts act: for what waits for nothing by itself, such as a key that is pressed."""
    page.wait_for_selector("html[data-ready]")


def is_live(page: Page) -> None:
    """Waits until the page's socket has caught up."""
    try:
        page.wait_for_selector("#connection[data-connection=live]")
    except TimeoutError:
        raise AssertionError(f"{page.url} is not live but {page.locator('#connection').inner_text()}") from None
