"""Lists of objects through boto3 against a live server."""

from typing import Any

import pytest

from tests.playground.endpoint.operations.test_s3 import bucket, refusal, s3

__all__ = ["bucket", "s3"]

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

KEYS = ["a", "b/1", "b/2", "b/c/3", "d e+ü", "z"]


@pytest.fixture
def full(s3: Any, bucket: str) -> str:
    for key in reversed(KEYS):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


def keys(page: dict[str, Any]) -> list[str]:
    return [each["Key"] for each in page.get("Contents", [])]


def prefixes(page: dict[str, Any]) -> list[str]:
    return [each["Prefix"] for each in page.get("CommonPrefixes", [])]


def test_all_keys_in_the_order_of_their_bytes(s3: Any, full: str) -> None:
    page = s3.list_objects_v2(Bucket=full)
    assert (keys(page), page["KeyCount"], page["IsTruncated"], page["MaxKeys"], page["Name"]) == (KEYS, 6, False, 1000, full)
    first = page["Contents"][0]
    assert (first["Size"], first["StorageClass"], first["ETag"]) == (1, "STANDARD", '"0cc175b9c0f1b6a831c399e269772661"')
    assert "Owner" not in first
    assert s3.list_objects_v2(Bucket=full, FetchOwner=True)["Contents"][0]["Owner"]["ID"]


def test_folders(s3: Any, full: str) -> None:
    for call in (s3.list_objects_v2, s3.list_objects):
        page = call(Bucket=full, Delimiter="/")
        assert (keys(page), prefixes(page)) == (["a", "d e+ü", "z"], ["b/"])
        page = call(Bucket=full, Delimiter="/", Prefix="b/")
        assert (keys(page), prefixes(page)) == (["b/1", "b/2"], ["b/c/"])
        page = call(Bucket=full, Prefix="nothing")
        assert (keys(page), prefixes(page), page["IsTruncated"]) == ([], [], False)


def test_pages_with_tokens(s3: Any, full: str) -> None:
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=full, Delimiter="/", PaginationConfig={"PageSize": 1}))
    assert [keys(page) + prefixes(page) for page in pages] == [["a"], ["b/"], ["d e+ü"], ["z"]]
    assert keys(s3.list_objects_v2(Bucket=full, StartAfter="b/2")) == ["b/c/3", "d e+ü", "z"]
    assert s3.list_objects_v2(Bucket=full, MaxKeys=0)["KeyCount"] == 0


def test_pages_with_markers(s3: Any, full: str) -> None:
    pages = list(s3.get_paginator("list_objects").paginate(Bucket=full, PaginationConfig={"PageSize": 4}))
    assert [keys(page) for page in pages] == [KEYS[:4], KEYS[4:]]
    page = s3.list_objects(Bucket=full, Delimiter="/", MaxKeys=2)
    assert (keys(page), prefixes(page), page["NextMarker"]) == (["a"], ["b/"], "b/")
    assert keys(s3.list_objects(Bucket=full, Delimiter="/", Marker="b/")) == ["d e+ü", "z"]


def test_pages_of_versions(s3: Any, full: str) -> None:
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=full, PaginationConfig={"PageSize": 4}))
    assert [[each["Key"] for each in page["Versions"]] for page in pages] == [KEYS[:4], KEYS[4:]]


def test_what_a_list_refuses(s3: Any, full: str) -> None:
    assert refusal(s3.list_objects_v2, Bucket=full, ContinuationToken="ü")[:2] == (
        "InvalidArgument",
        "The continuation token provided is incorrect",
    )
    assert refusal(s3.list_objects_v2, Bucket=full, MaxKeys=-1)[:2] == (
        "InvalidArgument",
        "Argument maxKeys must be an integer between 0 and 2147483647",
    )
    assert refusal(s3.list_objects_v2, Bucket=full, EncodingType="base64")[0] == "InvalidArgument"
    assert refusal(s3.list_objects_v2, Bucket="nowhere")[0] == "NoSuchBucket"
