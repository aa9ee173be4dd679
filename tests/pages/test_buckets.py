"""Buckets as a person uses them: made, filled, looked into, emptied and deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import BUSY, Site
from tests.pages.test_functions import submit

OpenPage = Callable[..., Page]
FILES = f"/resources/buckets/files-{BUSY}/"


@pytest.fixture
def s3(site: Site) -> Any:
    """boto3 for the busy account's buckets."""
    site.requests  # noqa: B018  # the busy account is there
    return site.client(service="s3")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_bucket_is_made_filled_emptied_and_deleted(open_page: OpenPage, tmp_path: Path, s3: Any, scripts: bool) -> None:
    name = f"made-{scripts}-{BUSY}".lower()
    page = open_page("/resources/buckets/", scripts=scripts)
    page.fill("#id_name", name.removesuffix(f"-{BUSY}"))
    page.check("#id_has_account")
    submit(page.get_by_role("button", name="Create bucket"))
    expect(page.get_by_text(f"Created the bucket {name}.")).to_be_visible()

    submit(page.get_by_role("button", name="Put hello.txt"))
    expect(page.get_by_text("Uploaded hello.txt.")).to_be_visible()
    expect(page.locator("pre.pretty")).to_have_text("Hello!")

    (tmp_path / "a b.json").write_text('{"a": [1, 2]}')
    page.set_input_files("#id_file", tmp_path / "a b.json")
    page.fill("#id_key", "folder/")
    submit(page.get_by_role("button", name="Upload"))
    expect(page.get_by_role("navigation", name="Folders")).to_contain_text("folder")
    expect(page.locator(".objects tbody a")).to_have_text(["a b.json"])
    found = s3.get_object(Bucket=name, Key="folder/a b.json")
    assert (found["Body"].read(), found["ContentType"]) == (b'{"a": [1, 2]}', "application/json")

    submit(page.get_by_role("button", name="Delete", exact=True))
    expect(page.get_by_text("Deleted folder/a b.json.")).to_be_visible()
    submit(page.get_by_role("link", name="Properties"))
    page.fill("#empty-confirm", name)
    submit(page.get_by_role("button", name=f"Empty {name}"))
    expect(page.get_by_text("Deleted 1 object.")).to_be_visible()
    submit(page.get_by_role("link", name="Properties"))
    page.fill("#delete-confirm", name)
    submit(page.get_by_role("button", name=f"Delete {name}"))
    expect(page.get_by_text(f"Deleted the bucket {name}.")).to_be_visible()


def test_what_is_stored_is_text_here_and_never_a_page(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{FILES}?key=page.html")
    expect(page.locator("pre.pretty")).to_have_text("<script>document.title = 'taken over'</script>")
    assert "taken over" not in page.title()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "saved")
    assert download.value.suggested_filename == "page.html"
    assert (tmp_path / "saved").read_bytes() == b"<script>document.title = 'taken over'</script>"
    answer = page.request.get(page.url.replace("key=", "download&key="))
    headers = answer.headers
    assert (headers["content-type"], headers["x-content-type-options"]) == ("application/octet-stream", "nosniff")
    assert (headers["content-disposition"], headers["content-security-policy"]) == (
        'attachment; filename="page.html"',
        "sandbox; default-src 'none'",
    )


def test_what_comes_into_a_bucket_is_there_at_once(open_page: OpenPage, s3: Any) -> None:
    bucket = f"live-{BUSY}"
    s3.create_bucket(Bucket=bucket)
    page = open_page(f"/resources/buckets/{bucket}/")
    expect(page.get_by_text("This bucket is empty.")).to_be_visible()
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"1")
    expect(page.locator(".objects tbody a")).to_have_text(["a/"])
    s3.put_object(Bucket=bucket, Key="c", Body=b"1")
    expect(page.locator(".objects tbody a")).to_have_text(["a/", "c"])
    s3.delete_object(Bucket=bucket, Key="c")
    expect(page.locator(".objects tbody a")).to_have_text(["a/"])


def test_a_record_leads_to_its_invocation_and_is_replayed(open_page: OpenPage, site: Site) -> None:
    page = open_page(f"{FILES}?prefix=aws/lambda/&key=aws/lambda/record.json")
    expect(page.locator(".notice.in-panel")).to_contain_text(
        "The invocation record of an asynchronous invocation of failing: RetriesExhausted"
    )
    expect(page.locator("#replay-fn")).to_have_value("failing")
    assert page.get_by_role("link", name="Invocation ", exact=False).last.get_attribute("href") == (
        f"/w/{BUSY}/invocations/{site.requests['failed']}/"
    )
    page.select_option("#replay-fn", "echo")
    submit(page.get_by_role("button", name="Replay…"))
    expect(page.locator("#fire-fn")).to_have_value("echo")
    assert '"parcel": 7' in page.content().replace("&quot;", '"')
