"""Uploads in parts through boto3 against a live server."""

import base64
import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_s3 import bucket, refusal, s3

__all__ = ["bucket", "s3"]

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

MB = 1024 * 1024
FIRST, LAST = b"1" * (5 * MB), b"last"


class Parts:
    """An upload under way."""

    def __init__(self, s3: Any, bucket: str, **options: Any) -> None:
        self.s3 = s3
        begun = s3.create_multipart_upload(Bucket=bucket, Key="k", **options)
        self.named = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
        self.parts: list[dict[str, Any]] = []

    def put(self, number: int, body: bytes, **options: Any) -> dict[str, Any]:
        answer = self.s3.upload_part(PartNumber=number, Body=body, **self.named, **options)
        checksums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"], **checksums})
        return self.parts[-1]

    def complete(self, *parts: dict[str, Any], **options: Any) -> Any:
        return self.s3.complete_multipart_upload(MultipartUpload={"Parts": list(parts or self.parts)}, **self.named, **options)

    def refused(self, *parts: dict[str, Any], **options: Any) -> tuple[str, str, int]:
        return refusal(self.complete_as_told, parts=parts, options=options)

    def complete_as_told(self, parts: tuple[dict[str, Any], ...], options: dict[str, Any]) -> Any:
        return self.s3.complete_multipart_upload(MultipartUpload={"Parts": list(parts)}, **self.named, **options)


def files() -> int:
    """How many files there are behind the default account's objects and parts."""
    return len(list(Path(settings.DATA_DIR, "s3", "blobs", "000000000000").glob("*/*")))


def test_parts_become_an_object(s3: Any, bucket: str, server: Server) -> None:
    upload = Parts(s3, bucket, ContentType="text/plain", Metadata={"a": "1"}, Tagging="t=1")
    before = files()
    upload.put(3, LAST)
    upload.put(1, b"an older one")
    upload.put(1, FIRST)
    upload.put(7, b"not wanted")
    assert files() == before + 3
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    answer = upload.complete(upload.parts[2], upload.parts[0])
    md5s = hashlib.md5(FIRST).digest() + hashlib.md5(LAST).digest()
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-2"'
    assert answer["Location"] == f"{server.url}/{bucket}/k"
    found = s3.get_object(Bucket=bucket, Key="k")
    assert found["Body"].read() == FIRST + LAST
    assert (found["ContentType"], found["Metadata"], found["TagCount"], found["ETag"]) == ("text/plain", {"a": "1"}, 1, answer["ETag"])
    assert files() == before + 2
    assert s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={5 * MB - 2}-{5 * MB + 1}")["Body"].read() == b"11la"
    part = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert (part["Body"].read(), part["PartsCount"], part["ContentRange"]) == (LAST, 2, f"bytes {5 * MB}-{5 * MB + 3}/{5 * MB + 4}")
    assert refusal(s3.get_object, Bucket=bucket, Key="k", PartNumber=3)[::2] == ("InvalidPartNumber", 416)
    s3.delete_object(Bucket=bucket, Key="k")
    assert files() == before


def test_what_complete_refuses(s3: Any, bucket: str) -> None:
    upload = Parts(s3, bucket)
    one, two = upload.put(1, b"too small"), upload.put(2, LAST)
    assert upload.refused(two, one) == (
        "InvalidPartOrder",
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        400,
    )
    assert upload.refused(one, two) == ("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400)
    code, message, _ = upload.refused(one | {"ETag": two["ETag"]})
    assert (code, message[:55]) == ("InvalidPart", "One or more of the specified parts could not be found. ")
    assert upload.refused(one | {"PartNumber": 5})[0] == "InvalidPart"
    assert upload.refused()[0] == "MalformedXML"
    upload.complete(one)
    assert upload.refused(one)[::2] == ("NoSuchUpload", 404)


def test_conditions_on_completion(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"there")
    upload = Parts(s3, bucket)
    part = upload.put(1, LAST)
    assert upload.refused(part, IfNoneMatch="*")[::2] == ("PreconditionFailed", 412)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"there"
    upload.complete(part)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == LAST


def test_checksums_of_a_whole(s3: Any, bucket: str) -> None:
    upload = Parts(s3, bucket, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    upload.put(1, FIRST, ChecksumAlgorithm="CRC32")
    upload.put(2, LAST, ChecksumAlgorithm="CRC32")
    whole = base64.b64encode(zlib.crc32(FIRST + LAST).to_bytes(4, "big")).decode()
    assert upload.refused(*upload.parts, ChecksumCRC32="AAAAAA==")[0] == "BadDigest"
    assert upload.complete(ChecksumCRC32=whole, ChecksumType="FULL_OBJECT")["ChecksumCRC32"] == whole
    found = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (found["ChecksumCRC32"], found["ChecksumType"]) == (whole, "FULL_OBJECT")


def test_checksums_of_checksums(s3: Any, bucket: str) -> None:
    upload = Parts(s3, bucket, ChecksumAlgorithm="SHA256")
    upload.put(1, FIRST, ChecksumAlgorithm="SHA256")
    upload.put(2, LAST, ChecksumAlgorithm="SHA256")
    code, message, _ = upload.refused({name: upload.parts[0][name] for name in ("PartNumber", "ETag")})
    assert (code, message) == (
        "InvalidRequest",
        "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. "
        "It was missing for part 1 in the request.",
    )
    assert refusal(s3.upload_part, PartNumber=3, Body=b"", ChecksumAlgorithm="SHA1", **upload.named)[:2] == (
        "InvalidRequest",
        "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: sha1",
    )
    digests = hashlib.sha256(FIRST).digest() + hashlib.sha256(LAST).digest()
    composite = base64.b64encode(hashlib.sha256(digests).digest()).decode() + "-2"
    assert upload.complete()["ChecksumSHA256"] == composite
    impossible = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"}
    assert refusal(s3.create_multipart_upload, Bucket=bucket, Key="k", **impossible)[0] == "InvalidRequest"


def test_parts_copied_from_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="from", Body=FIRST + LAST)
    upload, source = Parts(s3, bucket), {"Bucket": bucket, "Key": "from"}

    def copy(number: int, **options: Any) -> dict[str, Any]:
        answer = s3.upload_part_copy(PartNumber=number, CopySource=source, **upload.named, **options)["CopyPartResult"]
        return {"PartNumber": number} | {name: value for name, value in answer.items() if name == "ETag" or name.startswith("Checksum")}

    parts = [copy(1), copy(2, CopySourceRange=f"bytes={5 * MB}-{5 * MB + 3}")]
    upload.complete(*parts)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == FIRST + LAST + LAST
    for wrong in ("bytes=0-", f"bytes=0-{6 * MB}"):
        again = Parts(s3, bucket)
        refused = refusal(s3.upload_part_copy, PartNumber=1, CopySource=source, CopySourceRange=wrong, **again.named)
        assert refused[::2] == ("InvalidArgument", 400)


def test_uploads_and_parts_are_listed(s3: Any, bucket: str) -> None:
    upload = Parts(s3, bucket)
    for number in (1, 2, 3):
        upload.put(number, LAST)
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [(each["Key"], each["UploadId"]) for each in listed] == [("k", upload.named["UploadId"])]
    pages = list(s3.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 2}, **upload.named))
    assert [[(part["PartNumber"], part["Size"]) for part in page["Parts"]] for page in pages] == [[(1, 4), (2, 4)], [(3, 4)]]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_uploads_of_one_key_are_listed_by_pages_too(s3: Any, bucket: str, size: int) -> None:
    keys = ["a", "k", "k", "k", "k/1", "k/1", "z"]
    ids = [s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys]

    def listed(**options: str) -> list[dict[str, Any]]:
        paginator = s3.get_paginator("list_multipart_uploads")
        return list(paginator.paginate(Bucket=bucket, PaginationConfig={"PageSize": size}, **options))

    found = [upload for page in listed() for upload in page.get("Uploads", [])]
    assert [upload["Key"] for upload in found] == keys
    assert {upload["UploadId"] for upload in found} == set(ids)
    pages = listed(Delimiter="/")
    assert [upload["Key"] for page in pages for upload in page.get("Uploads", [])] == ["a", "k", "k", "k", "z"]
    assert [prefix["Prefix"] for page in pages for prefix in page.get("CommonPrefixes", [])] == ["k/"]


def test_an_upload_is_aborted(s3: Any, bucket: str) -> None:
    before, upload = files(), Parts(s3, bucket)
    upload.put(1, LAST)
    s3.abort_multipart_upload(**upload.named)
    assert (files(), "Uploads" in s3.list_multipart_uploads(Bucket=bucket)) == (before, False)
    message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    assert refusal(s3.abort_multipart_upload, **upload.named) == ("NoSuchUpload", message, 404)
    assert refusal(s3.upload_part, PartNumber=1, Body=b"", **upload.named)[0] == "NoSuchUpload"
    assert refusal(s3.list_parts, **upload.named)[0] == "NoSuchUpload"
    for number in (0, 10_001):
        other = Parts(s3, bucket)
        assert refusal(s3.upload_part, PartNumber=number, Body=b"", **other.named)[:2] == (
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
        )
