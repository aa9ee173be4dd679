"""What holds on every screen: it is light, fits any width, can be read and worked by everybody, with and without scripts."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.pages.site import SCREENS, Screen
from tests.pages.visitor import NARROW, WIDE

every_screen = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name.replace(" ", "-"))

BASE_WEIGHT, EDITOR_WEIGHT = 90_000, 260_000
"""Bytes on the wire, with everything the page loads."""
MOST_REQUESTS = 12


@every_screen
def test_it_is_light_and_stays_where_it_is_while_it_loads(open_page: Callable[..., Page], screen: Screen) -> None:
    page = open_page(screen)
    weight = page.evaluate("measures.weight()")

    assert weight["bytes"] <= (EDITOR_WEIGHT if screen.has_editor else BASE_WEIGHT), weight["names"]
    assert weight["requests"] <= MOST_REQUESTS, weight["names"]
    assert page.evaluate("measures.seen.shift") <= 0.02, page.evaluate("measures.seen.shifts")


@every_screen
def test_axe_finds_nothing_in_either_theme_at_either_width_and_nothing_moves_for_those_who_want_calm(
    open_page: Callable[..., Page], screen: Screen
) -> None:
    page = open_page(screen, reduced_motion="reduce")  # colours on their way from one theme to the other are no finding
    assert page.evaluate("measures.runningAnimations()") == 0
    found = []

    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            for violation in Axe().run(page).response["violations"]:
                nodes = [f"{node['html'][:200]} {node['failureSummary']}" for node in violation["nodes"][:3]]
                found.append(f"{width} px, {theme}: {violation['id']}: {nodes}")

    assert not found, "\n".join(found)


@every_screen
def test_nothing_sticks_out_or_is_cut_off_or_hard_to_hit(open_page: Callable[..., Page], screen: Screen) -> None:
    page = open_page(screen, width=NARROW)
    assert page.evaluate("measures.sideways()") <= 0
    assert page.evaluate("measures.smallTargets(24)") == []

    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("measures.clippedTexts()") == []
    assert page.evaluate("measures.sideways()") <= 0


@every_screen
def test_a_finger_hits_everything(open_page: Callable[..., Page], screen: Screen) -> None:
    page = open_page(screen, width=NARROW, has_touch=True, is_mobile=True)

    assert page.evaluate("measures.smallTargets(44)") == []


@every_screen
def test_it_can_be_read_without_scripts(open_page: Callable[..., Page], screen: Screen) -> None:
    page = open_page(screen, scripts=False)

    assert page.locator("main").inner_text().strip()
    assert page.locator("nav a[href]").count() >= 4
    for waiting in ("connecting", "loading"):
        assert not page.get_by_text(waiting, exact=True).is_visible()


@every_screen
def test_the_focus_is_always_seen_and_comes_to_the_end(open_page: Callable[..., Page], screen: Screen) -> None:
    page = open_page(screen)
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
