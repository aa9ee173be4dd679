"""`manage.py bench ui`: how quick the pages are for whoever looks at them, in the machine's Chromium. The worst of RUNS runs counts."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playground.bench.figures import percentile
from playground.bench.invoke import create
from playground.supervision.testing import browser_program
from playground.supervision.trial import Trial

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocketRoute

RUNS = 5
WATCHERS = 30
"""Other open pages while the states are measured."""
CUT_SECONDS = 30.0
KEYS = 50
"""Typed into the Filter lab, each after the answer to the one before."""

PRINTING = """
import time

def handler(event, context):
    for number in range(event["lines"]):
        print(f"{number} {time.time():.6f}", flush=True)
        if event["pause"]:
            time.sleep(event["pause"])
"""
"""Prints when it printed."""

_WATCH_LINES = """() => {
  window.late = new Map();
  new MutationObserver(() => {
    const now = Date.now() / 1000;
    for (const line of document.querySelectorAll(".log-pane .ln[data-i]:not([data-seen])")) {
      line.dataset.seen = "";
      const found = /(\\d+) (\\d{10}\\.\\d{6})/.exec(line.textContent);
      if (found) late.set(Number(found[1]), now - Number(found[2]));
    }
  }).observe(document.body, {childList: true, subtree: true});
}"""
_WATCH_END = """() => {
  window.ends = new Promise((tell) => new MutationObserver(() => {
    if (document.querySelector('.result[data-final="true"]')) tell(Date.now() / 1000);
  }).observe(document.body, {childList: true, subtree: true, attributes: true}));
}"""
_WATCH_LCP = """new PerformanceObserver((list) => { window.lcp = list.getEntries().at(-1).startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});"""
_OPEN_SOCKETS = """async ([address, count]) => {
  window.sockets = [];
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(address);
    let got = 0;
    socket.onmessage = () => socket.send(JSON.stringify({ack: (got += 1)}));
    await new Promise((opened) => { socket.onopen = opened; });
    sockets.push(socket);
  }
}"""

_TYPE = """async (bound) => {
  const isTold = () => document.getElementById("verdict-1").textContent.includes(`numeric > ${bound},`);
  const told = new Promise((tell) => new MutationObserver((_, observer) => {
    if (!isTold()) return;
    observer.disconnect();
    tell(performance.now());
  }).observe(document.getElementById("lab"), {childList: true, subtree: true, characterData: true}));
  const began = performance.now();
  playground.editors.setText(document.getElementById("lab-pattern"), `{"body": {"total": [{"numeric": [">", ${bound}]}]}}`);
  return (await told) - began;
}"""
"""Types a bound into the Filter lab's pattern; milliseconds until an event's verdict speaks of it."""

_HTML_TIME = """(() => {
  const {responseEnd, requestStart} = performance.getEntriesByType("navigation")[0];
  return responseEnd - requestStart;
})()"""
_NEWEST_LINE = r"""Number(/\d{10}\.\d{6}/.exec([...document.querySelectorAll(".log-pane .ln[data-i]")].at(-1).textContent)?.[0] ?? 0)"""

SCREENS = {
    "playground": "/",
    "functions": "/functions/",
    "function": "/functions/hello/",
    "fire": "/fire/?fn=hello",
    "invocations": "/invocations/",
    "invocation": "/invocations/{request_id}/",
    "filter lab": "/filters/",
    "settings": "/settings/",
    "clock": "/settings/clock/",
}


def measure(say: Callable[[str], None]) -> dict[str, Any]:
    """Figures for the goals that time: first invocation, log lines, states, pages, a cut socket."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise SystemExit("This needs the tests' packages: run python3 manage.py test --set-up-only first.") from None
    figures: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox", "--disable-gpu"])
        say("the first invocation on a fresh database")
        first = []
        for _ in range(RUNS):
            with Trial() as trial:
                first.append(_first_invocation(browser, trial))
        figures["first invocation"] = {name: round(max(each[name] for each in first), 2) for name in first[0]}
        with Trial() as trial:
            create(trial.boto3("lambda"), "printing", PRINTING, Timeout=60)
            create(trial.boto3("lambda"), "pausing", "import time\ndef handler(event, context):\n    time.sleep(0.3)\n")
            for name, event in (("20 lines/s", {"lines": 100, "pause": 0.05}), ("1,000 lines/s", {"lines": 5000, "pause": 0.001})):
                say(f"log lines, {name}")
                figures[f"log line to page, {name}"] = _worst([_log_lines(browser, trial, event) for _ in range(RUNS)])
            say("states")
            figures["state to page"] = _worst([_state(browser, trial) for _ in range(RUNS)])
            watchers = browser.new_page()
            watchers.goto(f"{trial.dashboard_url}/healthz")
            address = f"ws://localhost:{trial.port}/ws/w/000000000000/?topics=home&after=0-0"
            watchers.evaluate(_OPEN_SOCKETS, [address, WATCHERS])
            figures[f"state to page, {WATCHERS} others"] = _worst([_state(browser, trial) for _ in range(RUNS)])
            watchers.close()
            say("the Filter lab")
            figures["last key to the Filter lab's answer"] = _worst([_filter_lab(browser, trial) for _ in range(RUNS)])
            say("pages")
            figures |= _pages(browser, trial)
            say(f"a socket cut for {CUT_SECONDS:.0f} s")
            figures["after a cut, complete"] = _cut(browser, trial)
        browser.close()
    return figures


def _first_invocation(browser: "Browser", trial: Trial) -> dict[str, float]:
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    page.goto(f"{trial.dashboard_url}/")
    ready = time.perf_counter()
    page.click("#fire-button")
    page.wait_for_selector('.result[data-final="true"]')
    done = time.perf_counter()
    context.close()
    return {"clicks": 1, "after_first_request_s": done - began, "after_ready_s": done - ready}


def _fire(page: "Page", trial: Trial, function: str, event: dict[str, Any], watch: str) -> None:
    page.goto(f"{trial.dashboard_url}/w/000000000000/fire/?fn={function}")
    page.wait_for_selector("#connection[data-connection=live]")
    page.evaluate("([id, text]) => playground.editors.setText(document.getElementById(id), text)", ["fire-payload", json.dumps(event)])
    page.evaluate(watch)
    page.click("#fire-button")


def _log_lines(browser: "Browser", trial: Trial, event: dict[str, Any]) -> dict[str, float]:
    context = browser.new_context()
    page = context.new_page()
    _fire(page, trial, "printing", event, _WATCH_LINES)
    page.wait_for_selector('.result[data-final="true"]', timeout=90_000)
    page.wait_for_timeout(500)
    late = page.evaluate("[...late.values()]")
    context.close()
    shown = {"p50_ms": percentile(late, 0.5) * 1000, "p95_ms": percentile(late, 0.95) * 1000}
    return shown | {"lines_lost": event["lines"] - len(late)}


def _state(browser: "Browser", trial: Trial) -> dict[str, float]:
    """From the end of the run, as the engine has it, to the result in the page."""
    context = browser.new_context()
    page = context.new_page()
    late = []
    for _ in range(5):
        _fire(page, trial, "pausing", {}, _WATCH_END)
        seen_at = page.evaluate("ends")
        request_id = page.locator("#fired-live").get_attribute("data-scope")
        record = page.evaluate(
            "async (url) => (await fetch(url)).json()", f"{trial.dashboard_url}/w/000000000000/invocations/{request_id}/files/record.json"
        )
        late.append(seen_at - record["ended_at"])
    context.close()
    return {"p50_ms": percentile(late, 0.5) * 1000, "p95_ms": percentile(late, 0.95) * 1000}


def _filter_lab(browser: "Browser", trial: Trial) -> dict[str, float]:
    """From a change of the pattern, as the last key makes one, to the verdict that follows from it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{trial.dashboard_url}/w/000000000000/filters/")
    page.wait_for_selector("#connection[data-connection=live]")
    late = [page.evaluate(_TYPE, 1000 + key) for key in range(KEYS)]
    context.close()
    return {"p50_ms": percentile(late, 0.5), "p95_ms": percentile(late, 0.95)}


def _pages(browser: "Browser", trial: Trial) -> dict[str, Any]:
    answer = trial.boto3("lambda").invoke(FunctionName="hello", Payload=b"{}")
    request_id = answer["ResponseMetadata"]["RequestId"]
    lcp, html = [], []
    for path in SCREENS.values():
        for _ in range(RUNS):
            context = browser.new_context()
            context.add_init_script(_WATCH_LCP)
            page = context.new_page()
            page.goto(f"{trial.dashboard_url}/w/000000000000{path.format(request_id=request_id)}")
            _until(page, "window.lcp ?? 0")
            lcp.append(page.evaluate("lcp"))
            timing = page.evaluate(_HTML_TIME)
            html.append(timing)
            context.close()
    return {
        "largest contentful paint": {"p95_ms": round(percentile(lcp, 0.95)), "worst_ms": round(max(lcp))},
        "HTML from the server": {"p95_ms": round(percentile(html, 0.95)), "worst_ms": round(max(html))},
    }


def _cut(browser: "Browser", trial: Trial) -> dict[str, float]:
    """100 lines/s go on behind a cut; from the socket's return until every line printed so far is there, in order."""
    context = browser.new_context()
    sockets: list[WebSocketRoute] = []
    is_cut = False

    def connect(socket: "WebSocketRoute") -> None:
        if is_cut:
            socket.close(code=1011)
        else:
            socket.connect_to_server()
            sockets.append(socket)

    context.route_web_socket("**/ws/**", connect)
    page = context.new_page()
    _fire(page, trial, "printing", {"lines": 4500, "pause": 0.01}, _WATCH_LINES)
    page.wait_for_selector(".log-pane .ln[data-i]")
    is_cut = True
    for socket in list(sockets):
        socket.close(code=1011)
    page.wait_for_selector("#connection[data-connection=offline]")
    page.wait_for_timeout(CUT_SECONDS * 1000)
    is_cut = False
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("#connection[data-connection=live]", timeout=90_000)
    back = time.perf_counter()
    newest = page.evaluate("Date.now() / 1000")
    _until(page, f"{_NEWEST_LINE} >= {newest}")
    caught_up = time.perf_counter() - back
    indexes = page.evaluate("[...document.querySelectorAll('.log-pane .ln[data-i]')].map((line) => Number(line.dataset.i))")
    context.close()
    return {"seconds": round(caught_up, 2), "in_order_and_whole": indexes == list(range(indexes[0], indexes[-1] + 1))}


def _until(page: "Page", expression: str) -> None:
    """Waits for something true. From here: the page's policy forbids what Playwright would do in it."""
    deadline = time.monotonic() + 30
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise TimeoutError(expression)
        time.sleep(0.005)


def _worst(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(max(each[name] for each in runs), 1) for name in runs[0]}
