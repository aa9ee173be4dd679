"""Objects as destinations and function code use them; and the files behind them."""

import hashlib
import time
from typing import Any

import pytest

from invocations import maintenance
from invocations.errors import AwsError
from invocations.resources import buckets
from invocations.services import s3
from invocations.services.s3 import blobs
from tests.invocations.services.s3.buckets_of_tests import ACCOUNT, OTHER, a_bucket, files, get, incoming, put

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(AwsError) as raised:
        call(*arguments)
    return raised.value.code


def test_what_was_put_is_found_again() -> None:
    a_bucket()
    row = s3.put_object(ACCOUNT, "things", "a/b.json", b'{"a": 1}', content_type="application/json", metadata={"kind": "record"})
    found, reader = s3.get_object(ACCOUNT, "things", "a/b.json")
    assert reader.read() == b'{"a": 1}'
    assert (found.key, found.size, found.content_type, found.metadata) == ("a/b.json", 8, "application/json", {"kind": "record"})
    assert (found.etag, found.pk) == (hashlib.md5(b'{"a": 1}').hexdigest(), row.pk)


def test_what_is_not_there_is_said() -> None:
    a_bucket()
    assert refusal(s3.get_object, ACCOUNT, "nothing", "k") == "NoSuchBucket"
    assert refusal(s3.get_object, ACCOUNT, "things", "k") == "NoSuchKey"
    assert refusal(s3.put_object, ACCOUNT, "nothing", "k", b"") == "NoSuchBucket"
    assert refusal(s3.put_object, ACCOUNT, "things", "k" * 1025, b"") == "KeyTooLongError"
    assert (files(), incoming()) == (set(), set())


def test_another_account_s_bucket_is_out_of_reach() -> None:
    a_bucket()
    put("k", b"secret")
    for call in (s3.get_object, s3.delete_object):
        assert refusal(call, OTHER, "things", "k") == "AccessDenied"
    assert refusal(s3.put_object, OTHER, "things", "k", b"mine") == "AccessDenied"
    assert get("k") == b"secret"


def test_the_bytes_of_an_object_go_with_it() -> None:
    a_bucket()
    put("k", b"first")
    first = files()
    put("k", b"second")
    assert (len(files()), files() & first) == (1, set())
    s3.delete_object(ACCOUNT, "things", "k")
    assert files() == set()


def test_an_empty_object_has_no_file() -> None:
    a_bucket()
    put("empty")
    assert (get("empty"), files()) == (b"", set())


def test_who_reads_an_object_reads_on_though_it_is_replaced() -> None:
    a_bucket()
    put("k", b"old")
    _, reader = s3.get_object(ACCOUNT, "things", "k")
    put("k", b"new")
    assert (reader.read(), get("k")) == (b"old", b"new")


def test_a_sweep_takes_what_no_row_names_and_only_after_an_hour() -> None:
    a_bucket()
    put("kept", b"kept")
    kept = files()
    blobs.receive([b"orphan"]).keep(ACCOUNT)
    left_behind = blobs.receive([b"half"])
    later = time.time() + blobs.UNREFERENCED_SECONDS + 60
    assert blobs.sweep(buckets.referenced_blobs, time.time()) == 0
    assert (len(files()), incoming()) == (2, {left_behind.path})
    assert blobs.sweep(buckets.referenced_blobs, later) == 2
    assert (files(), incoming(), get("kept")) == (kept, set(), b"kept")


def test_maintenance_leaves_what_is_there() -> None:
    a_bucket()
    put("kept", b"kept")
    maintenance.run()
    assert get("kept") == b"kept"
