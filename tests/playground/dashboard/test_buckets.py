"""Pages of buckets without a browser: what they cost, what they refuse."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invocations.models import Account
from invocations.resources import buckets
from invocations.services import s3
from playground.dashboard import bucket_objects

ACCOUNT = "000000000000"
ROOT = f"/w/{ACCOUNT}/resources/"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def visitor() -> Iterator[Client]:
    """Somebody on the pages of an account that has nothing yet."""
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    yield Client()
    shutil.rmtree(Path(settings.DATA_DIR, "s3"), ignore_errors=True)


def cost(visitor: Client, path: str) -> int:
    """Database queries of one page."""
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}buckets/", f"{ROOT}buckets/b0x/?prefix=a/&key=a/0", f"{ROOT}buckets/b0x/?tab=properties"])
def test_three_more_cost_no_query_more(visitor: Client, path: str) -> None:
    def fill(number: int) -> None:
        buckets.create(ACCOUNT, f"b{number}x")
        s3.put_object(ACCOUNT, "b0x", f"a/{number}", b"{}")

    fill(0)
    one = cost(visitor, path)
    for number in (1, 2, 3):
        fill(number)
    assert cost(visitor, path) == one


def test_a_long_folder_comes_in_pages(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = buckets.create(ACCOUNT, "things")
    monkeypatch.setattr(bucket_objects, "SHOWN", 2)
    for key in ("f/a", "f/b/1", "f/b/2", "f/c"):
        s3.put_object(ACCOUNT, "things", key, b"")
    first = bucket_objects.folder(bucket, "f/", "")
    assert [line.name for line in first.lines] == ["b/", "a"]
    second = bucket_objects.folder(bucket, "f/", "f/b/")
    assert (first.later, [line.name for line in second.lines], second.later) == ("prefix=f%2F&after=f%2Fb%2F", ["c"], "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"key": "k"}, "Choose a file, or type the content."),
        ({"key": "folder/", "text": "x"}, "A text has no name of its own"),
        ({"key": "k", "text": "x", "file": SimpleUploadedFile("f", b"y")}, "There can be a file or a text, not both."),
        ({"key": "k" * 1025, "text": "x"}, "at most 1024 characters"),
        ({"key": "ü" * 600, "text": "x"}, "Your key is too long (KeyTooLongError)"),
    ],
)
def test_what_cannot_be_uploaded(visitor: Client, typed: dict[str, object], said: str) -> None:
    buckets.create(ACCOUNT, "things")
    answer = visitor.post(f"{ROOT}buckets/things/upload/", typed)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_what_cannot_be_done(visitor: Client) -> None:
    buckets.create(ACCOUNT, "things")
    s3.put_object(ACCOUNT, "things", "k", b"")
    for change, typed, said in (
        ("empty", {"confirm": "other"}, "Nothing was deleted: type things to confirm."),
        ("delete", {"confirm": "things"}, "The bucket you tried to delete is not empty (BucketNotEmpty)"),
        ("abort-upload", {"key": "k", "upload": "none"}, "The specified upload does not exist."),
    ):
        answer = visitor.post(f"{ROOT}buckets/things/{change}/", typed)
        assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert visitor.get(f"{ROOT}buckets/things/?key=no&download").status_code == 404
    assert visitor.get(f"{ROOT}buckets/things/?tab=no").status_code == 404
    taken = visitor.post(f"{ROOT}buckets/", {"name": "Things"})
    assert (taken.status_code, "The specified bucket is not valid. (InvalidBucketName)" in taken.content.decode()) == (422, True)


def test_an_event_comes_from_json_alone(visitor: Client) -> None:
    buckets.create(ACCOUNT, "things")
    s3.put_object(ACCOUNT, "things", "event.json", b'{"a": 1}')
    s3.put_object(ACCOUNT, "things", "text", b"no JSON")
    fire = f"/w/{ACCOUNT}/fire/?bucket=things&key="
    assert "{\n  &quot;a&quot;: 1\n}" in visitor.get(f"{fire}event.json").content.decode()
    for key in ("text", "nothing"):
        assert f"The bucket things has no object {key} that could be an event." in visitor.get(fire + key).content.decode()


def test_a_made_up_record_is_shown_like_any_other(visitor: Client) -> None:
    buckets.create(ACCOUNT, "things")
    s3.put_object(ACCOUNT, "things", "k", b'{"requestContext": {"requestId": "../a/b"}, "requestPayload": 1}')
    page = visitor.get(f"{ROOT}buckets/things/?key=k").content.decode()
    assert "invocation record" in page
    assert "/invocations/../" not in page
