"""Invocations looked at again: the list, one of them in its depths, replayed, compared, stepped through."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.test_playground import result_of
from tests.pages.visitor import NARROW, WIDE, is_live

OpenPage = Callable[..., Page]


def test_the_list_is_filtered_and_walked_by_keys(open_page: OpenPage) -> None:
    page = open_page("/invocations/")
    is_live(page)

    page.select_option("#filter-state", "throttled")
    expect(page.locator("#rows tr").first).to_contain_text("throttled")
    expect(page).to_have_url(re.compile("state=throttled"))
    page.select_option("#filter-state", "")
    page.fill("#filter-q", "failing")
    expect(page).to_have_url(re.compile("q=failing"))
    expect(page.locator("#rows tr").first).to_contain_text("failing")

    page.locator("body").click(position={"x": 5, "y": 400})
    page.keyboard.press("j")
    expect(page.locator("#rows tr").first.locator("a:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("failing")


def test_replay_takes_one_key_and_leads_to_the_new_invocation(open_page: OpenPage, site: Site) -> None:
    page = open_page("/invocations/{succeeded}/")
    is_live(page)

    page.keyboard.press("r")
    page.wait_for_url(lambda url: site.requests["succeeded"] not in url)

    expect(page.locator(".inv-figures").first).to_contain_text("Replay of")
    expect(page.locator('.state-now [data-state="succeeded"]').first).to_be_visible()
    expect(page.locator(".log-pane")).to_contain_text("greeting Ada")


def test_edit_and_replay_starts_from_the_event(open_page: OpenPage) -> None:
    page = open_page("/invocations/{succeeded}/")
    is_live(page)

    page.keyboard.press("e")
    page.wait_for_url("**/fire/**")
    expect(page.locator("#fire .cm-content")).to_contain_text("Ada")
    is_live(page)
    page.click("#fire-button")
    assert "Hello, Ada!" in result_of(page)


def test_replay_goes_to_any_version(open_page: OpenPage, site: Site) -> None:
    page = open_page("/invocations/{succeeded}/", scripts=False)

    page.select_option("#replay-qualifier", "live")
    page.get_by_role("button", name="Replay").click()

    expect(page.locator("h1")).to_contain_text("hello:live")
    assert site.requests["succeeded"] not in page.url


def test_the_time_cursor_steps_through_diagram_waterfall_and_log(open_page: OpenPage) -> None:
    page = open_page("/invocations/{succeeded}/")
    is_live(page)
    reached = page.locator('.flow .stop[data-phase="after"]')
    everything = reached.count()

    for _ in range(40):
        page.keyboard.press("[")
    expect(reached).not_to_have_count(everything)
    expect(page.locator("[data-cursor-what]")).not_to_be_empty()
    page.locator("[data-cursor-live]").click()
    expect(reached).to_have_count(everything)


def test_two_are_compared(open_page: OpenPage) -> None:
    page = open_page("/invocations/{succeeded}/compare/{failed}/")

    expect(page.get_by_role("row", name="Function Error none Unhandled")).to_be_visible()
    page.get_by_role("link", name="Swap sides").click()
    expect(page.locator("h1")).to_have_text("Two invocations compared")


def test_the_record_is_downloaded_whole(open_page: OpenPage, site: Site) -> None:
    page = open_page("/invocations/{succeeded}/raw/")

    with page.expect_download() as started:
        page.get_by_role("link", name="Download").first.click()
    record = json.loads(Path(started.value.path()).read_bytes())

    assert record["request_id"] == site.requests["succeeded"]
    assert [step["station"] for step in record["steps"]] == ["accept", "authorize", "route", "admit", "init", "run"]


def test_what_a_function_prints_is_never_part_of_the_page(open_page: OpenPage, site: Site) -> None:
    hostile = '<script>window.broken = 1</script><hx-partial hx-target="#main">gone</hx-partial></template><img src=x onerror=alert(1)>'
    site.create("111111111111", "hostile", f"def handler(event, context):\n    print({hostile!r})\n    return {hostile!r}\n")
    page = open_page("/fire/?fn=hostile")
    is_live(page)

    page.click("#fire-button")
    result_of(page)

    expect(page.locator(".log-pane")).to_contain_text("<script>window.broken")
    assert page.evaluate("window.broken") is None
    assert page.locator("main img").count() == 0


def test_the_palette_finds_pages_functions_and_invocations(open_page: OpenPage, site: Site) -> None:
    page = open_page("/settings/")
    page.keyboard.press("Control+k")
    page.keyboard.type("hell")
    expect(page.locator("#palette-list")).to_contain_text("hello")

    page.fill("#palette-field", site.requests["succeeded"][:8])
    expect(page.locator("#palette-list [role=option]").first).to_contain_text(site.requests["succeeded"][:8])
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/invocations/{site.requests['succeeded']}/")


@pytest.mark.parametrize("width", [NARROW, 700, 1100, WIDE])
def test_no_word_of_the_list_is_cut_short(open_page: OpenPage, width: int) -> None:
    page = open_page("/invocations/", width=width)
    cut = """cells => cells.filter(cell => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1)
        .map(cell => cell.innerText.trim())"""

    assert list(filter(None, page.locator("#rows td:not([title])").evaluate_all(cut))) == []


def test_an_exception_goes_by_its_own_name(open_page: OpenPage) -> None:
    page = open_page("/invocations/?q=OutOfStock")

    expect(page.locator("#rows tr").first).to_contain_text("failing")
    expect(page.locator("#rows tr").first).to_contain_text("OutOfStock")
