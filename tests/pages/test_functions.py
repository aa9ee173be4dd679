"""Everything that can be done with a function, done on its pages."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_playground import result_of, type_into_editor
from tests.pages.visitor import is_live

OpenPage = Callable[..., Page]


def submit(button: Locator) -> None:
    """Sends a plain form, and waits for the page that answers it."""
    with button.page.expect_navigation():
        button.click()


@pytest.fixture
def made(site: Site, request: pytest.FixtureRequest) -> str:
    """A function of the test's own."""
    name = re.sub(r"\W", "-", request.node.name)[-60:]
    site.requests  # noqa: B018  # the busy account is there
    site.create(BUSY, name)
    return name


@pytest.mark.parametrize("runtime", ["python3.12", "nodejs20.x", "provided.al2023"])
def test_a_new_function_runs_at_once(open_page: OpenPage, runtime: str) -> None:
    name = "new-" + re.sub(r"\W", "", runtime)
    page = open_page("/functions/")
    page.fill("#id_name", name)
    page.select_option("#id_runtime", runtime)
    submit(page.get_by_role("button", name="Create function"))
    expect(page.locator("h1")).to_have_text(name)

    page.get_by_role("link", name="Fire", exact=True).click()
    is_live(page)
    page.click("#fire-button")
    shown = result_of(page)
    assert re.search(r"Status Code\s+200", shown)
    assert re.search(r"Function Error\s+none", shown)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("not a name", "failed to satisfy constraint"), ("hello", "Function already exist: hello"), ("x" * 64 + "y", "at most 64")],
)
def test_a_name_that_aws_refuses_is_refused_in_its_words(open_page: OpenPage, name: str, sentence: str) -> None:
    page = open_page("/functions/")
    page.evaluate("document.querySelector('#id_name').removeAttribute('maxlength')")
    page.fill("#id_name", name)
    submit(page.get_by_role("button", name="Create function"))

    expect(page.locator("#new")).to_contain_text(sentence)
    expect(page.locator("#id_name")).to_have_value(name)


def test_code_is_changed_file_by_file(open_page: OpenPage, made: str) -> None:
    page = open_page(f"/functions/{made}/code/")
    type_into_editor(page, "code-text", "import other\n\ndef handler(event, context):\n    return other.WORD\n")
    submit(page.locator("[data-save-button]"))
    expect(page.locator(".files")).to_contain_text("app.py")

    page.fill("#code-path", "other.py")
    type_into_editor(page, "code-text", "WORD = 'from another file'\n")
    submit(page.locator("[data-save-button]"))
    expect(page.locator(".files a")).to_have_count(2)

    page.get_by_role("link", name="Fire", exact=True).click()
    is_live(page)
    page.click("#fire-button")
    assert "from another file" in result_of(page)

    page = open_page(f"/functions/{made}/code/?file=other.py")
    submit(page.get_by_role("button", name="Remove other.py"))
    expect(page.locator(".files a")).to_have_count(1)


def test_a_syntax_error_is_shown_at_its_line_and_not_deployed(open_page: OpenPage, made: str) -> None:
    page = open_page(f"/functions/{made}/code/")
    type_into_editor(page, "code-text", "def handler(event, context):\n    return event +\n")
    submit(page.locator("[data-save-button]"))

    expect(page.locator(".notice.bad")).to_contain_text("Line 2")
    expect(page.locator(".cm-content")).to_contain_text("event +")
    page = open_page(f"/functions/{made}/code/")
    expect(page.locator(".cm-content")).not_to_contain_text("event +")


def test_an_archive_goes_up_and_comes_down(open_page: OpenPage, made: str, tmp_path: Path) -> None:
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", "from package.inner import handler\n")
        zipped.writestr("package/inner.py", "def handler(event, context):\n    return 'packed'\n")
    page = open_page(f"/functions/{made}/code/")
    page.set_input_files("#code-archive", archive)
    submit(page.get_by_role("button", name="Upload and deploy"))
    page.get_by_role("link", name="package").click()
    page.get_by_role("link", name="inner.py").click()
    expect(page.locator("#code-path")).to_have_value("package/inner.py")

    with page.expect_download() as started:
        page.get_by_role("link", name="Download zip").click()
    assert zipfile.ZipFile(started.value.path()).namelist() == ["app.py", "package/inner.py"]

    (tmp_path / "no.zip").write_bytes(b"no archive")
    page.set_input_files("#code-archive", tmp_path / "no.zip")
    submit(page.get_by_role("button", name="Upload and deploy"))
    expect(page.locator(".notice.bad")).to_contain_text("Could not unzip uploaded file")


def test_configuration_is_saved_and_checked(open_page: OpenPage, site: Site, made: str) -> None:
    page = open_page(f"/functions/{made}/config/")
    page.fill("#id_timeout", "7")
    page.fill("#id_memory_size", "256")
    page.fill("#id_environment", "STAGE=dev\nNOTE=a=b")
    submit(page.locator("[data-save-button]"))
    expect(page.locator("#id_timeout")).to_have_value("7")
    configuration = site.client().get_function_configuration(FunctionName=made)
    assert (configuration["Timeout"], configuration["MemorySize"]) == (7, 256)
    assert configuration["Environment"]["Variables"] == {"STAGE": "dev", "NOTE": "a=b"}

    page.fill("#id_timeout", "901")
    submit(page.locator("[data-save-button]"))
    expect(page.locator(".errors, .notice.bad").first).to_contain_text("less than or equal to 900")
    page.fill("#id_timeout", "7")
    page.fill("#id_environment", "no equals sign")
    submit(page.locator("[data-save-button]"))
    expect(page.locator("main")).to_contain_text("Line 1 has no equals sign")
    assert site.client().get_function_configuration(FunctionName=made)["Timeout"] == 7


def test_versions_are_published_and_shared_by_an_alias(open_page: OpenPage, site: Site, made: str) -> None:
    page = open_page(f"/functions/{made}/versions/")
    page.fill("#version-description", "first")
    submit(page.get_by_role("button", name="Publish version"))
    expect(page.get_by_role("region", name="Versions")).to_contain_text("first")
    site.client().update_function_configuration(FunctionName=made, Timeout=4)
    site.client().get_waiter("function_updated_v2").wait(FunctionName=made)
    submit(page.get_by_role("button", name="Publish version"))

    page.fill("#id_name", "live")
    page.select_option("#id_function_version", "1")
    page.select_option("#id_additional_version", "2")
    page.fill("#id_weight", "25")
    assert page.locator("[data-slider-of=id_weight]").input_value() == "25"
    submit(page.get_by_role("button", name="Save alias"))
    expect(page.get_by_role("region", name="Aliases")).to_contain_text("25 % version 2")
    assert site.client().get_alias(FunctionName=made, Name="live")["RoutingConfig"]["AdditionalVersionWeights"] == {"2": 0.25}

    page.get_by_role("link", name="Change live").click()
    expect(page.locator("#id_weight")).to_have_value("25")
    page.locator("[data-slider-of=id_weight]").fill("40")
    expect(page.locator("#id_weight")).to_have_value("40")
    submit(page.get_by_role("button", name="Save alias"))
    expect(page.get_by_role("region", name="Aliases")).to_contain_text("40 % version 2")

    submit(page.get_by_role("button", name="Delete version 2"))
    expect(page.locator(".notice.bad")).to_contain_text("ResourceConflictException")
    submit(page.get_by_role("button", name="Delete alias live"))
    expect(page.locator("main")).to_contain_text("No alias yet")


def test_concurrency_is_reserved_and_provisioned(open_page: OpenPage, site: Site, made: str) -> None:
    site.client().publish_version(FunctionName=made)
    page = open_page(f"/functions/{made}/concurrency/")
    page.fill("#id_reserved", "0")
    submit(page.get_by_role("button", name="Save").first)
    expect(page.locator("main")).to_contain_text("Every invocation is throttled")
    expect(page.locator(".page-head")).to_contain_text("throttled")

    page.fill("#id_reserved", "901")
    submit(page.get_by_role("button", name="Save").first)
    expect(page.locator(".errors, .notice.bad").first).to_contain_text("below its minimum value of [100]")

    page.fill("#id_reserved", "2")
    submit(page.get_by_role("button", name="Save").first)
    page.select_option("#id_qualifier", "1")
    page.fill("#id_count", "1")
    submit(page.get_by_role("button", name="Save").last)
    expect(page.get_by_role("region", name="Provisioned concurrency")).to_contain_text("1")


def test_test_events_are_kept_and_exported(open_page: OpenPage, made: str) -> None:
    page = open_page(f"/functions/{made}/events/")
    page.fill("#event-name", "büro")
    type_into_editor(page, "event-payload", '{"desk": 4}')
    submit(page.locator("[data-save-button]"))
    expect(page.locator(".files")).to_contain_text("büro")

    with page.expect_download() as started:
        page.get_by_role("link", name="Export as JSON").click()
    assert json.loads(Path(started.value.path()).read_bytes()) == {"büro": {"desk": 4}}

    type_into_editor(page, "event-payload", "{")
    submit(page.locator("[data-save-button]"))
    expect(page.locator("main")).to_contain_text("JSON")
    page = open_page(f"/functions/{made}/events/")
    submit(page.get_by_role("button", name="Delete büro"))
    expect(page.locator("main")).to_contain_text("No event is saved yet")


def test_a_function_is_deleted_only_by_its_name(open_page: OpenPage, site: Site, made: str) -> None:
    page = open_page(f"/functions/{made}/config/")
    submit(page.get_by_role("button", name=f"Delete {made}"))
    expect(page.locator(".notice.bad")).to_contain_text("type")
    page.fill("#delete-confirm", made)
    submit(page.get_by_role("button", name=f"Delete {made}"))

    expect(page.locator("h1")).to_have_text("Functions")
    assert made not in {each["FunctionName"] for each in site.client().list_functions()["Functions"]}


def test_an_uploaded_name_cannot_leave_the_code(open_page: OpenPage, made: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("../outside.py", "x = 1\n")
    (tmp_path / "evil.zip").write_bytes(buffer.getvalue())
    page = open_page(f"/functions/{made}/code/")
    page.set_input_files("#code-archive", tmp_path / "evil.zip")
    submit(page.get_by_role("button", name="Upload and deploy"))

    expect(page.locator(".notice.bad")).to_be_visible()
    expect(page.locator(".files a")).to_have_count(1)
