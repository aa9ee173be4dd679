"""What holds on every screen: it is light, fits any width, can be read and worked by everybody, with and without scripts.

A screen is opened once, and its tests look at the same page one after the other.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.pages.site import SCREENS, Screen, Site
from tests.pages.visitor import HEIGHT, NARROW, WIDE, Visitor

BASE_WEIGHT, EDITOR_WEIGHT = 90_000, 260_000
"""Bytes on the wire, with everything the page loads."""
MOST_REQUESTS = 12


@pytest.fixture(scope="module", params=SCREENS, ids=lambda screen: screen.name.replace(" ", "-"))
def screen(request: pytest.FixtureRequest) -> Screen:
    """Each in turn."""
    found: Screen = request.param
    return found


@pytest.fixture(scope="module")
def walker(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Who goes from screen to screen."""
    visitor = Visitor(browser, site)
    yield visitor
    visitor.leave()


@pytest.fixture(scope="module")
def window(walker: Visitor) -> Page:
    """In which one screen is opened after the other, each loaded anew: a window for each costs as much as half of what is looked at."""
    page = walker.begin()
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


@pytest.fixture(scope="module")
def plain_window(walker: Visitor) -> Page:
    """The same, without scripts."""
    return walker.begin(scripts=False)


@pytest.fixture(scope="module")
def opened(walker: Visitor, window: Page, screen: Screen) -> Iterator[Page]:
    """The screen's page, loaded at the width at which it is looked at first: what a window's width moves is no shift."""
    window.set_viewport_size({"width": WIDE, "height": HEIGHT})
    walker.go(window, screen)
    yield window
    window.evaluate("sessionStorage.clear()")
    window.goto("about:blank")
    walker.complain()


@pytest.fixture(scope="module")
def looks_found_good() -> set[str]:
    """Whose contrast axe has found good, on whichever screen: most of what a screen shows, all of them show."""
    return set()


@pytest.fixture
def page(opened: Page) -> Iterator[Page]:
    """The same, wide and as it was: what a test changes of how it is looked at is set back."""
    opened.set_viewport_size({"width": WIDE, "height": HEIGHT})
    theme = opened.evaluate("document.documentElement.dataset.theme ?? null")
    yield opened
    opened.emulate_media(reduced_motion="no-preference")
    opened.evaluate(
        "theme => theme === null ? delete document.documentElement.dataset.theme : document.documentElement.dataset.theme = theme", theme
    )


def test_it_is_light_and_stays_where_it_is_while_it_loads(page: Page, screen: Screen) -> None:
    weight = page.evaluate("measures.weight()")

    assert weight["bytes"] <= (EDITOR_WEIGHT if screen.has_editor else BASE_WEIGHT), weight["names"]
    assert weight["requests"] <= MOST_REQUESTS, weight["names"]
    assert page.evaluate("measures.seen.shift") <= 0.02, page.evaluate("measures.seen.shifts")


def test_the_focus_is_always_seen_and_comes_to_the_end(page: Page) -> None:
    walked = 0

    while True:
        page.keyboard.press("Tab")
        here = page.evaluate("measures.focus()")
        if here is None or here["isSeenBefore"]:
            break
        walked += 1
        assert walked < 300, "the focus never comes round"
        assert here["isInside"], f"out of sight: {here['what']}"
        assert here["isMarked"], f"not shown: {here['what']}"
        assert not here["isCovered"], f"covered: {here['what']}"
        if here["isEditor"]:
            page.keyboard.press("Escape")

    assert walked >= 8


def test_axe_finds_nothing_in_either_theme_at_either_width_and_nothing_moves_for_those_who_want_calm(
    page: Page, looks_found_good: set[str]
) -> None:
    page.emulate_media(reduced_motion="reduce")  # colours on their way from one theme to the other are no finding
    assert page.evaluate("measures.runningAnimations()") == 0
    page.evaluate(Axe().axe_script)
    found: list[str] = []

    for width, theme in ((WIDE, "light"), (NARROW, "dark")):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.evaluate("theme => measures.setTheme(theme)", theme)
        for violation in page.evaluate("measures.violations()"):
            nodes = [f"{node['html'][:200]} {node['failureSummary']}" for node in violation["nodes"][:3]]
            found.append(f"{width} px, {theme}: {violation['id']}: {nodes}")
        contrast = page.evaluate("known => measures.contrast(known)", list(looks_found_good))
        found += [f"{width} px, {violation}" for violation in contrast["violations"]]
        looks_found_good |= set(contrast["passed"])

    assert not found, "\n".join(found)


def test_nothing_sticks_out_or_is_hard_to_hit(page: Page) -> None:
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    assert page.evaluate("measures.sideways()") <= 0
    assert page.evaluate("measures.smallTargets(24)") == []


def test_a_finger_hits_everything(page: Page) -> None:
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        assert page.evaluate("matchMedia('(pointer: coarse)').matches")
        assert page.evaluate("measures.smallTargets(44)") == []
    finally:
        tools.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_nothing_is_cut_off_where_letters_are_set_wide(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})

    assert page.evaluate("measures.clippedTexts()") == []  # the last look: it leaves the letters wide
    assert page.evaluate("measures.sideways()") <= 0


def test_it_can_be_read_without_scripts(walker: Visitor, plain_window: Page, screen: Screen) -> None:
    page = plain_window
    walker.go(page, screen, scripts=False)

    assert page.locator("main").inner_text().strip()
    assert page.locator("nav a[href]").count() >= 4
    for waiting in ("connecting", "loading"):
        assert not page.get_by_text(waiting, exact=True).is_visible()
    walker.complain()
