"""The Function URL tab: a URL made, opened, called, and taken away; and what a browser makes of its CORS."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import Browser, Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_functions import OpenPage, made, submit

__all__ = ["made"]


def send(page: Page, **fields: str) -> str:
    """Fills in the client and sends; what came back."""
    for name, value in fields.items():
        field = page.locator(f"#client [name={name}]")
        if name in ("method", "sign_as"):
            field.select_option(label=value)
        else:
            field.fill(value)
    submit(page.get_by_role("button", name="Send"))
    return page.locator("#answer").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_url_is_made_opened_called_and_deleted(open_page: OpenPage, site: Site, made: str, scripts: bool) -> None:
    page = open_page(f"/functions/{made}/url/", scripts=scripts)
    submit(page.get_by_role("button", name="Create the URL"))
    assert "403 Forbidden" in send(page)
    submit(page.get_by_role("button", name="Add the public statements"))
    expect(page.locator("main")).to_contain_text("Everybody may call it")

    shown = send(page, method="POST", path="/a?b=1", headers="X-Own: <b>1</b>", body='{"c": 2}', origin="https://app.example")

    assert "POST /a?b=1 HTTP/1.1" in shown
    assert "HTTP/1.1 200 OK" in shown
    assert '"x-own":"<b>1</b>"' in shown
    assert "A page of https://app.example may not read this: there is no Access-Control-Allow-Origin." in shown
    curl = page.locator("#client pre").inner_text()
    assert curl.startswith("curl -i -X POST")
    assert "--data-raw '{\"c\": 2}'" in curl
    page.get_by_role("link", name="See the invocation").click()
    expect(page.locator("main")).to_contain_text("an HTTP client")

    page = open_page(f"/functions/{made}/url/", scripts=scripts)
    submit(page.get_by_role("button", name="Delete the URL"))
    expect(page.locator("main")).to_contain_text("has no URL")
    with pytest.raises(ClientError, match="does not exist"):
        site.client().get_function_url_config(FunctionName=made)


def test_a_signed_call_has_its_signature_and_its_caller(open_page: OpenPage, site: Site, made: str) -> None:
    site.client().create_function_url_config(FunctionName=made, AuthType="AWS_IAM")
    page = open_page(f"/functions/{made}/url/")
    assert "403 Forbidden" in send(page, sign_as="nobody")

    shown = send(page, sign_as="the account's root")

    assert "Authorization: AWS4-HMAC-SHA256" in shown
    assert f'"userArn":"arn:aws:iam::{BUSY}:root"' in shown


def test_cors_is_saved_and_what_aws_refuses_stands_at_its_field(open_page: OpenPage, site: Site, made: str) -> None:
    page = open_page(f"/functions/{made}/url/")
    page.check("#id_has_cors")
    page.fill("#id_allow_origins", "https://a.example, https://*.b.example")
    page.fill("#id_max_age", "86401")
    submit(page.get_by_role("button", name="Create the URL"))
    expect(page.locator(".field", has=page.locator("#id_max_age")).locator(".errors")).to_contain_text("less than or equal to 86400")
    page.fill("#id_max_age", "60")
    submit(page.get_by_role("button", name="Create the URL"))

    cors = site.client().get_function_url_config(FunctionName=made)["Cors"]
    assert cors == {"AllowOrigins": ["https://a.example", "https://*.b.example"], "MaxAge": 60, "AllowCredentials": False}
    page.uncheck("#id_has_cors")
    submit(page.get_by_role("button", name="Save"))
    assert "Cors" not in site.client().get_function_url_config(FunctionName=made)


HTML = (
    "def handler(e, c):\n    return {'statusCode': 200, 'headers': {'content-type': 'text/html'}, 'body': '<script>top.x = 1</script>'}\n"
)


def test_a_functions_page_is_shown_in_a_frame_of_its_own_origin_that_may_do_nothing(open_page: OpenPage, site: Site, made: str) -> None:
    site.create(BUSY, f"{made}-html"[-60:], HTML)
    name = f"{made}-html"[-60:]
    site.client().create_function_url_config(FunctionName=name, AuthType="NONE")
    page = open_page(f"/functions/{name}/url/")
    submit(page.get_by_role("button", name="Add the public statements"))

    send(page)

    frame = page.locator("iframe")
    assert frame.get_attribute("sandbox") == ""
    assert ".lambda-url.us-east-1.localhost:" in (frame.get_attribute("src") or "")


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def another_site() -> Iterator[str]:
    """An origin that is neither the dashboard nor the endpoint."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


FETCH = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.status, await answer.text(), answer.headers.get("x-own")];
  } catch (error) { return "blocked"; }
}"""
WITH_CREDENTIALS = {"credentials": "include"}
POST = {"method": "POST", "body": "{}", "headers": {"Content-Type": "application/json"}}


def test_a_page_of_another_site_sees_cors_work_and_fail(browser: Browser, site: Site, made: str, another_site: str) -> None:
    client, name = site.client(), f"{made}-cors"[-60:]
    site.create(BUSY, name, "def handler(e, c):\n    return {'statusCode': 200, 'headers': {'x-own': '1'}, 'body': 'in'}\n")
    address = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    common = {"FunctionName": name, "Principal": "*"}
    client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE", **common)
    client.add_permission(StatementId="invoke", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **common)
    page = browser.new_page()
    page.goto(another_site)

    def fetched(options: Any, **cors: Any) -> Any:
        client.update_function_url_config(FunctionName=name, Cors=cors)
        return page.evaluate(FETCH, [address, options])

    assert fetched({}) == "blocked"
    assert fetched({}, AllowOrigins=["*"]) == [200, "in", None]
    assert fetched({}, AllowOrigins=[another_site], ExposeHeaders=["x-own"]) == [200, "in", "1"]
    assert fetched({}, AllowOrigins=["https://elsewhere.example"]) == "blocked"
    assert fetched(WITH_CREDENTIALS, AllowOrigins=["*"], AllowCredentials=True) == "blocked"
    assert fetched(WITH_CREDENTIALS, AllowOrigins=[another_site], AllowCredentials=True) == [200, "in", None]
    assert fetched(POST, AllowOrigins=[another_site], AllowMethods=["POST"]) == "blocked"
    assert fetched(POST, AllowOrigins=[another_site], AllowMethods=["POST"], AllowHeaders=["content-type"])[:2] == [200, "in"]
    assert fetched({"method": "PUT"}, AllowOrigins=[another_site], AllowMethods=["POST"]) == "blocked"
    page.close()
