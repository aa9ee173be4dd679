"""A list while a burst comes in: drawn in parts of which each is small, with nothing lost, moved or out of order."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.site import Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]
BURST = 150
AT_ONCE = 12
"""New rows in one part: lists.js."""

HEAR = """(rows) => {
    const list = document.querySelector("#list"), [topic] = list.dataset.topics.split(" ");
    document.dispatchEvent(new CustomEvent("playground:rows", { detail: { list, topic, rows } }));
}"""
ROW = """(id) => {
    const row = document.querySelector("#rows tr:last-child").cloneNode(true);
    row.id = id;
    for (const time of row.querySelectorAll("time")) { delete time.dataset.isLocal; time.textContent = "UTC"; }
    return row.outerHTML;
}"""
WATCH = """() => {
    window.parts = [];
    const added = (records) => records.flatMap((record) => [...record.addedNodes]).filter((node) => node.nodeType === 1);
    const watched = { childList: true, subtree: true };
    new MutationObserver((records) => parts.push(added(records).length)).observe(document.querySelector("#rows"), watched);
}"""

IN_SIGHT = """() => [...document.querySelectorAll("#rows > tr:not([hidden])")]
    .filter((row) => row.getBoundingClientRect().top < innerHeight).length"""


def test_a_burst_is_drawn_in_small_parts_and_a_change_redraws_one_cell(open_page: OpenPage, site: Site, account_id: str) -> None:
    site.create(account_id, "listed")
    first = site.invoke("listed", b"{}", account_id)
    page = open_page("/invocations/", account_id, timezone_id="Asia/Tokyo")
    is_live(page)
    rows = page.locator("#rows > tr")
    expect(rows).to_have_count(1)
    page.wait_for_timeout(300)  # the header made room for the word "live"
    before = page.evaluate("measures.seen.shift")
    page.evaluate("document.querySelector('#rows input').checked = true")
    page.evaluate(WATCH)

    page.evaluate(HEAR, [{"id": f"burst-{n}", "html": page.evaluate(ROW, f"burst-{n}"), "is_new": True} for n in range(BURST)])

    expect(rows).to_have_count(BURST + 1)
    assert page.evaluate("[...document.querySelectorAll('#rows > tr')].map((row) => row.id)") == [
        *(f"burst-{n}" for n in reversed(range(BURST))),
        f"invocation-{first}",
    ]
    parts = page.evaluate("parts")
    in_sight = page.evaluate(IN_SIGHT)
    assert len(parts) >= BURST / AT_ONCE
    assert max(parts) <= in_sight + AT_ONCE + 1
    assert page.evaluate("measures.seen.shift") == before, page.evaluate("measures.seen.shifts")
    height = page.evaluate("document.documentElement.scrollHeight")
    expect(page.locator("#rows > tr[hidden]")).to_have_count(0)
    assert abs(page.evaluate("document.documentElement.scrollHeight") - height) < 3
    assert rows.last.locator("input").is_checked()
    assert "UTC" not in page.locator("#rows").inner_text()

    row = page.locator("#burst-149")
    page.locator("#burst-148 a").focus()
    page.evaluate("parts.length = 0")
    page.evaluate(HEAR, [{"id": "burst-149", "html": page.evaluate(ROW, "burst-149").replace("succeeded", "timed out"), "is_new": True}])

    expect(row).to_contain_text("timed out")
    assert page.evaluate("parts") == [1]
    expect(page.locator("#burst-148 a")).to_be_focused()

    page.evaluate("document.querySelector('#burst-0').hidden = true")
    page.evaluate(HEAR, [{"id": "burst-0", "html": page.evaluate(ROW, "burst-0").replace("succeeded", "timed out"), "is_new": True}])
    expect(page.locator("#burst-0[hidden]")).to_contain_text("timed out")

    page.evaluate(HEAR, [{"id": "late", "html": page.evaluate(ROW, "late"), "is_new": True}])
    page.get_by_role("button", name="1 new").click()
    expect(rows.first.locator("a")).to_be_focused()
    expect(rows.first).to_have_id("late")
