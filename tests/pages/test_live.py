"""Five seconds of traffic: everything arrives, nothing moves, and nothing that a person holds is touched."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.pages.site import BUSY, Site
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]
SECONDS = 5.0


@contextmanager
def traffic(site: Site, name: str = "chatty", payload: bytes = b'{"lines": 20}') -> Iterator[list[str]]:
    """Invocations one after another, as long as the block runs; their request ids."""
    ids: list[str] = []
    stop = threading.Event()

    def invoke() -> None:
        while not stop.is_set():
            ids.append(site.invoke(name, payload))
            stop.wait(0.05)

    thread = threading.Thread(target=invoke)
    thread.start()
    try:
        yield ids
    finally:
        stop.set()
        thread.join()


def test_nothing_moves_while_others_invoke(open_page: OpenPage, site: Site) -> None:
    pages = [open_page(path) for path in ("/", "/invocations/", "/invocations/?fn=hello", "/fire/?fn=hello", "/invocations/{succeeded}/")]
    for page in pages:
        is_live(page)
    pages[0].wait_for_timeout(300)  # the headers made room for the word "live"
    before = [page.evaluate("measures.seen.shift") for page in pages]

    with traffic(site, "hello", b"{}") as ids:
        pages[0].wait_for_timeout(SECONDS * 1000)

    for shown_at in (f"#recent-{ids[-1]}", f"#invocation-{ids[-1]}"):
        expect(pages[shown_at.startswith("#invocation")].locator(shown_at)).to_be_visible()
    assert [page.evaluate("measures.seen.shift") for page in pages] == before, [page.evaluate("measures.seen.shifts") for page in pages]


def test_the_log_of_a_running_function_comes_line_by_line_and_moves_nothing(open_page: OpenPage, site: Site) -> None:
    code = (
        "import time\n\ndef handler(event, context):\n    for number in range(150):\n"
        "        print(f'line {number}', flush=True)\n        time.sleep(0.02)\n"
    )
    site.create(BUSY, "stream", code, Timeout=20)
    page = open_page("/fire/?fn=stream")
    is_live(page)
    page.click("#fire-button")
    page.wait_for_selector("#fired-live")
    pane = page.locator(".log-pane")
    expect(pane).to_contain_text("line 5")
    assert "line 149" not in pane.inner_text()
    before = page.evaluate("measures.seen.shift")
    expect(pane).to_contain_text("line 140", timeout=30_000)

    assert page.evaluate("measures.seen.shift") - before == 0, page.evaluate("measures.seen.shifts")
    expect(pane).to_contain_text("REPORT", timeout=30_000)
    numbers = [int(line.split()[1]) for line in pane.inner_text().splitlines() if line.strip().startswith("line ")]
    assert numbers == list(range(150))


def test_new_invocations_appear_on_every_list(open_page: OpenPage, site: Site) -> None:
    lists = open_page("/invocations/")
    home = open_page("/")
    is_live(lists)
    is_live(home)

    request_id = site.invoke("hello", b'{"name": "live"}')

    expect(lists.locator(f"#invocation-{request_id}")).to_contain_text("succeeded")
    expect(home.locator(f"#recent-{request_id}")).to_contain_text("succeeded")


def test_what_a_person_holds_stays_as_it_is(open_page: OpenPage, site: Site) -> None:
    page = open_page("/invocations/?fn=hello")
    is_live(page)
    page.fill("#filter-q", "hel")
    page.evaluate("document.querySelector('#filter-q').setSelectionRange(1, 2)")
    page.evaluate("scrollTo(0, 40)")
    held = """() => { const field = document.querySelector("#filter-q");
        return [field.value, field.selectionStart, field.selectionEnd, document.activeElement.id, scrollY]; }"""
    before = page.evaluate(held)

    with traffic(site, "hello", b"{}") as ids:
        page.wait_for_timeout(SECONDS * 1000)

    assert len(ids) > 5
    assert page.evaluate(held) == before


def test_an_opened_part_stays_open_through_the_end_of_the_invocation(open_page: OpenPage, site: Site) -> None:
    site.create(BUSY, "waits", "import time\n\ndef handler(event, context):\n    time.sleep(2)\n    return 'late'\n", Timeout=10)
    page = open_page("/fire/?fn=waits")
    is_live(page)
    page.click("#fire-button")
    page.wait_for_selector("#fired-live")
    page.locator("#fired-live .stop > summary").first.click()

    page.wait_for_selector('.result[data-final="true"]')

    assert page.locator("#fired-live .stop").first.get_attribute("open") is not None


def test_a_paused_page_stands_still_and_catches_up(open_page: OpenPage, site: Site) -> None:
    page = open_page("/invocations/")
    is_live(page)
    page.locator("main").click(position={"x": 4, "y": 4})
    page.keyboard.press("p")
    expect(page.locator("#connection")).to_contain_text("paused")

    request_id = site.invoke("hello", b"{}")
    time.sleep(1)
    assert page.locator(f"#invocation-{request_id}").count() == 0

    page.keyboard.press("p")
    expect(page.locator(f"#invocation-{request_id}")).to_be_visible()


def test_a_cut_socket_heals_and_nothing_is_missing(open_page: OpenPage, site: Site) -> None:
    wire = Wire()
    page = open_page("/invocations/?fn=hello", prepare=wire.hold)
    is_live(page)
    wire.cut()
    page.wait_for_selector("#connection[data-connection=offline]")
    assert page.locator("#rows tr").count() > 0, "what was there stays"
    ids = [site.invoke("hello", b"{}") for _ in range(10)]

    wire.is_cut = False
    page.wait_for_selector("#connection[data-connection=live]", timeout=60_000)

    for request_id in ids:
        expect(page.locator(f"#invocation-{request_id}")).to_have_count(1)


class Wire:
    """What a page's socket goes through, and somebody trips over."""

    def __init__(self) -> None:
        self.is_cut = False
        self._sockets: list[WebSocketRoute] = []

    def hold(self, context: BrowserContext) -> None:
        """From now on all sockets of the context go through here."""
        context.route_web_socket("**/ws/**", self._connect)

    def cut(self) -> None:
        """Ends the sockets there are, and refuses others."""
        self.is_cut = True
        for socket in self._sockets:
            socket.close(code=1011)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close(code=1011)
        else:
            socket.connect_to_server()
            self._sockets.append(socket)
