"""The first minute: code, event, Fire, and what comes of it; by mouse, by keyboard alone, and without scripts."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


def result_of(page: Page) -> str:
    """The text of the result, once the answer is there."""
    page.wait_for_selector('.result[data-final="true"]')
    return page.locator(".result").inner_text()


def type_into_editor(page: Page, field: str, text: str) -> None:
    """Replaces the text of the editor in place of the textarea *field* by pasting."""
    page.locator(f"#{field} + .cm-editor .cm-content").click()
    page.keyboard.press("Control+a")
    page.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_one_click_invokes_a_function_and_shows_its_whole_way(open_page: OpenPage) -> None:
    page = open_page("/")
    is_live(page)

    page.click("#fire-button")
    shown = result_of(page)

    assert re.search(r"Status Code\s+200", shown)
    assert re.search(r"Executed Version\s+\$LATEST", shown)
    assert '"accepted": true' in shown
    expect(page.locator("#fired .flow-node[data-phase=after]")).to_have_count(4)
    expect(page.locator(".log-pane")).to_contain_text("order 42: ok")
    expect(page.locator(".log-pane")).to_contain_text("REPORT RequestId")


def test_a_recorded_run_plays_once_and_stands_still_for_those_who_want_calm(open_page: OpenPage) -> None:
    page = open_page("/")
    expect(page.locator("#fired")).to_contain_text("recorded")
    seen = page.locator("#fired .stop[data-phase=after]")
    expect(seen).not_to_have_count(8)
    expect(seen).to_have_count(8, timeout=10_000)

    calm = open_page("/", reduced_motion="reduce")
    expect(calm.locator("#fired .stop[data-phase=after]")).to_have_count(8)


def test_the_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    page = open_page("/")
    is_live(page)

    page.keyboard.press("Control+Enter")
    assert "Status Code" in result_of(page)

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "fire-button":
            break
        if page.evaluate("Boolean(document.activeElement.closest('.cm-editor'))"):
            page.keyboard.press("Escape")
    first = page.locator("#fired-live").get_attribute("data-scope")
    page.keyboard.press("Enter")
    expect(page.locator("#fired-live")).not_to_have_attribute("data-scope", first or "")
    assert "Status Code" in result_of(page)


def test_a_function_that_fails_is_explained(open_page: OpenPage) -> None:
    page = open_page("/")
    is_live(page)

    type_into_editor(page, "fire-payload", '{"order": 7, "behave": "throw"}')
    page.click("#fire-button")
    shown = result_of(page)

    assert re.search(r"Status Code\s+200", shown)
    assert re.search(r"Function Error\s+Unhandled", shown)
    assert "order 7 cannot be taken" in shown
    assert "Who tries again" in shown


def test_an_event_that_is_no_json_is_caught_where_it_is_wrong_and_can_be_sent_anyway(open_page: OpenPage) -> None:
    page = open_page("/")
    is_live(page)

    type_into_editor(page, "fire-payload", '{"order": }')
    page.click("#fire-button")
    expect(page.locator("#fire-problem")).to_contain_text("line 1", ignore_case=True)

    page.get_by_role("button", name="Send it anyway").click()
    shown = result_of(page)
    assert re.search(r"Status Code\s+400", shown)
    assert "InvalidRequestContentException" in shown


def test_a_dry_run_runs_nothing(open_page: OpenPage) -> None:
    page = open_page("/")
    is_live(page)

    page.locator("label", has_text="DryRun").click()
    page.click("#fire-button")

    assert re.search(r"Status Code\s+204", result_of(page))


def test_new_code_runs_after_deploying_and_a_mistake_in_it_is_shown_at_its_line(open_page: OpenPage) -> None:
    page = open_page("/?fn=echo")
    is_live(page)
    page.select_option("#fire-fn", "hello")
    expect(page.locator("#code-title")).to_have_text("hello")

    type_into_editor(page, "code-text", "def handler(event, context):\n    return {\n")
    page.keyboard.press("Control+s")
    expect(page.locator("#code-problem")).to_contain_text("Line 2")

    type_into_editor(page, "code-text", "def handler(event, context):\n    return 'changed'\n")
    page.keyboard.press("Control+s")
    expect(page.locator("#code-problem")).to_contain_text("Deployed")
    page.click("#fire-button")
    assert '"changed"' in result_of(page)

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Reset the sample").click()
    expect(page.locator("#code .cm-content")).to_contain_text("greeting")


def test_the_same_call_is_there_for_other_tools(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=hello")
    is_live(page)

    page.locator("#fire-calls > summary").click()

    for name, part in (("AWS CLI", "lambda invoke"), ("boto3", "client.invoke("), ("curl", "--aws-sigv4")):
        expect(page.locator(f'#fire-calls section[aria-label="{name}"]')).to_contain_text(part)


def test_an_event_is_saved_and_fired_again(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=hello")
    is_live(page)

    type_into_editor(page, "fire-payload", '{"name": "Grace"}')
    page.locator("summary", has_text="Save this event").click()
    page.fill("#fire-save-as", "grace")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#fire")).to_contain_text("Saved as grace")

    again = open_page("/fire/?fn=hello&event=grace")
    is_live(again)
    again.click("#fire-button")
    assert "Hello, Grace!" in result_of(again)


def test_without_scripts_firing_saving_and_deploying_work_by_plain_forms(open_page: OpenPage) -> None:
    page = open_page("/fire/?fn=hello", scripts=False)
    page.fill("#fire-payload", '{"name": "nobody\'s script"}')
    page.click("#fire-button")
    expect(page.locator("main")).to_contain_text("Hello, nobody's script!")
    assert re.search(r"Status Code\s+200", page.locator("main").inner_text())

    page = open_page("/functions/echo/events/?event=", scripts=False)
    page.fill("#event-name", "plain")
    page.fill("#event-payload", '{"plain": 1}')
    page.click("[data-save-button]")
    expect(page.locator("main")).to_contain_text("Delete plain")

    page = open_page("/functions/echo/code/", scripts=False)
    text = page.locator("#code-text").input_value()
    page.fill("#code-text", text + "// plain\n")
    page.click("[data-save-button]")
    expect(page.locator("#code-text")).to_have_value(text + "// plain\n")
