"""The Filter lab: answers while one types, fixes by a button, the state in the address; all of it without scripts as well."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_playground import type_into_editor
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


def test_the_answer_follows_the_keys_and_the_address_follows_the_answer(open_page: OpenPage) -> None:
    page = open_page("/filters/")
    is_live(page)
    small = page.locator("#verdict-2")
    expect(small).to_contain_text("body.total: numeric > 1000, got 742")

    type_into_editor(page, "lab-pattern", '{"body": {"total": [{"numeric": [">", 700]}]}}')
    expect(small).to_contain_text("body.total: numeric > 700, got 742")
    expect(page.locator("#lab-summary")).to_contain_text("2 of 3 match")
    expect(page).to_have_url(re.compile(r"pattern=.*700.*&event=sample%3Asqs-order&event=sample%3Asqs-small-order"))

    again = open_page(page.url.partition("/w/111111111111")[2])
    expect(again.locator("#lab-summary")).to_contain_text("2 of 3 match")
    expect(again.locator(".cm-content")).to_contain_text("700")


def test_a_pattern_is_run_on_the_records_of_a_queue_and_nothing_moves(open_page: OpenPage, site: Site, account_id: str) -> None:
    sqs = site.client(account_id, "sqs")
    url = sqs.create_queue(QueueName="runs")["QueueUrl"]
    for body in ('{"total": 5}', '{"total": 50}', "plain"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    page = open_page("/filters/?pattern={{%22body%22:{{%22total%22:[{{%22numeric%22:[%22>%22,10]}}]}}}}", account_id)
    is_live(page)
    before = page.evaluate("measures.seen.shift")
    page.locator("#lab-run").select_option("runs")
    result = page.locator("#lab-run-result")
    expect(result).to_contain_text("1 of 3 match")
    expect(result.get_by_role("row", name="body.total numeric > 10 got 5")).to_be_visible()
    assert page.evaluate("measures.seen.shift") - before == 0, page.evaluate("measures.seen.shifts")
    type_into_editor(page, "lab-pattern", '{"body": {"total": [{"numeric": [">", 1]}]}}')
    expect(result).to_contain_text("2 of 3 match")
    expect(page).to_have_url(re.compile(r"&run=runs&"))


def test_an_event_is_edited_and_its_name_says_so(open_page: OpenPage) -> None:
    page = open_page("/filters/?mode=sns-body")
    is_live(page)
    page.locator("summary", has_text="Event 3 as JSON").click()
    page.fill("#lab-event-3", '{"kind": "order", "customer": {"country": "at"}}')

    expect(page.locator("#verdict-3")).to_contain_text('customer.country: "AT" or "CH" or "DE", got "at", which differs in case')
    expect(page.locator("#verdict-3 h3")).to_have_text("Event 3")
    expect(page.locator("#lab-event-3")).to_be_focused()
    assert page.locator("details.lab-event").nth(2).get_attribute("open") is not None


def test_fixes_are_applied_by_their_buttons(open_page: OpenPage) -> None:
    page = open_page("/filters/?mode=sns-body&pattern={{%22kind%22:%22Order%22}}&event={{%22kind%22:%22order%22}}")
    is_live(page)
    expect(page.locator("#pattern-told")).to_contain_text(
        'InvalidParameter: Invalid parameter: FilterPolicy: "kind" must be an object or an array'
    )
    expect(page.locator("#pattern-told")).to_contain_text("line 1, column 10")

    page.get_by_role("button", name='Brackets around "Order"').click()
    expect(page.locator("#verdict-1")).to_contain_text('kind: "Order", got "order", which differs in case')
    page.get_by_role("button", name='"order" instead of "Order"').click()

    expect(page.locator("#verdict-1")).to_contain_text("match")
    expect(page.locator("#lab .cm-content")).to_have_text('{"kind":["order"]}')
    expect(page).to_have_url(re.compile(r"pattern=%7B%22kind%22%3A%5B%22order%22%5D%7D"))


def test_events_are_added_and_removed_and_another_use_is_chosen(open_page: OpenPage) -> None:
    page = open_page("/filters/")
    is_live(page)
    page.select_option("#lab-sample", "sqs-quoted")
    page.click("#lab-add")
    expect(page.locator("#verdict-4")).to_contain_text('body.total: numeric > 1000, got "1742", a string')
    expect(page.locator("#lab-add")).to_be_focused()
    page.get_by_role("button", name="Remove Order of 1742").click()
    expect(page.locator("#verdict-1 h3")).to_have_text("Order of 742")

    page.select_option("#lab-mode", "events")
    expect(page.locator("#verdict-1")).to_contain_text('source: "aws.s3", got "aws.s3"')
    expect(page.locator("#lab .cm-content")).to_contain_text("Object Created")


def test_messages_of_a_real_queue_are_tried_and_stay_where_they_are(open_page: OpenPage, site: Site) -> None:
    site.delay_messages(BUSY, "lab-queue", 0)
    page = open_page("/filters/?event={{}}")
    is_live(page)
    page.select_option("#lab-sample", "real:lab-queue")
    page.click("#lab-add")

    expect(page.locator("#verdict-2")).to_contain_text("body is not JSON, but the pattern looks into it → record dropped")
    sqs = site.client(BUSY, "sqs")
    received = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="lab-queue")["QueueUrl"], AttributeNames=["All"])
    assert received["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "1"


def test_operators_complete_themselves_in_a_value_list(open_page: OpenPage) -> None:
    page = open_page("/filters/?mode=sns-body&pattern={{}}&event={{%22a%22:%22xyz%22}}")
    is_live(page)
    page.locator("#lab .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type('{"a": [{"pre')
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("prefix")
    page.wait_for_timeout(100)  # the list takes no key in its first moment, so that nothing typed on is taken for a choice
    page.keyboard.press("Enter")
    page.keyboard.type("xy")

    expect(page.locator("#verdict-1")).to_contain_text('a: prefix "xy", got "xyz"')
    expect(page.locator("#lab .cm-content")).to_have_text('{"a": [{"prefix": "xy"}]}')


def test_a_rule_is_made_of_a_pattern_and_tried_again(open_page: OpenPage) -> None:
    page = open_page("/filters/?mode=events&pattern={{%22source%22:[%22lab%22]}}")
    is_live(page)
    page.select_option("#lab-into", "default")
    page.get_by_role("button", name="Create a rule from it").click()
    expect(page.locator("#rule-event_pattern")).to_have_value('{"source":["lab"]}')
    page.fill("#rule-name", "from-the-lab")
    page.get_by_role("button", name="Create rule").click()

    page.get_by_role("link", name="Try it in the Filter lab").click()
    expect(page.locator("#lab .cm-content")).to_contain_text('"source"')
    expect(page.locator("#lab-mode")).to_have_value("events")


def test_g_l_leads_there(open_page: OpenPage) -> None:
    page = open_page("/functions/")
    is_live(page)
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.locator("h1")).to_have_text("Filter lab")


def test_without_scripts_it_answers_by_a_button(open_page: OpenPage) -> None:
    page = open_page("/filters/", scripts=False)
    page.fill("#lab-pattern", '{"body": {"kind": "order"}}')
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#pattern-told")).to_contain_text("Invalid filter pattern definition.")
    page.get_by_role("button", name='Brackets around "order"').click()
    expect(page.locator("main")).to_contain_text("2 of 3 match")
    assert "pattern=" in page.url

    page.select_option("#lab-mode", "kinesis")
    page.get_by_role("button", name="Switch").click()
    expect(page.locator("main")).to_contain_text("Click in the shop")
    page.get_by_role("button", name="Add event").click()
    expect(page.locator("textarea[name=event]")).to_have_count(4)


def test_what_is_too_long_for_an_address_is_answered_all_the_same(open_page: OpenPage) -> None:
    page = open_page("/filters/?mode=sns-body&event={{}}", scripts=False)
    page.fill("#lab-event-1", '{"kind": "order", "long": "' + "x" * 20_000 + '"}')
    page.get_by_role("button", name="Check").click()

    expect(page.locator("main")).to_contain_text("too long for a link")
    expect(page.locator("#verdict-1")).to_contain_text('kind: "order", got "order"')
