"""Objects through boto3 against a live server."""

import base64
import hashlib
import http.client
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from invocations.services.s3.crc import CRC32C, CRC64NVME, Crc, Polynomial
from tests.playground.endpoint.conftest import Server
from tests.playground.endpoint.operations.test_s3 import OTHER, bucket, refusal, s3

__all__ = ["bucket", "s3"]

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

BODY = b"0123456789"
ETAG = f'"{hashlib.md5(BODY).hexdigest()}"'


def base64_of(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def crc_of(polynomial: Polynomial, data: bytes) -> str:
    crc = Crc(polynomial)
    crc.update(data)
    return base64_of(crc.digest())


CHECKSUMS = {
    "CRC32": base64_of(zlib.crc32(BODY).to_bytes(4, "big")),
    "CRC32C": crc_of(CRC32C, BODY),
    "CRC64NVME": crc_of(CRC64NVME, BODY),
    "SHA1": base64_of(hashlib.sha1(BODY).digest()),
    "SHA256": base64_of(hashlib.sha256(BODY).digest()),
}


def fetch(server: Server, address: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of a presigned address, whatever host it names: names below localhost lead nowhere from Python."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request(method, f"{parts.path}?{parts.query}", body, {"host": parts.netloc, **headers})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_page_in_a_bucket_does_not_speak_for_the_endpoint(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="page", Body=b"<script>", ContentType="text/html")
    plain, asked = s3.get_object(Bucket=bucket, Key="page"), s3.get_object(Bucket=bucket, Key="page", ResponseContentType="image/svg+xml")
    assert (plain["ContentType"], asked["ContentType"]) == ("text/html", "image/svg+xml")
    for answer in (plain, asked):
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert headers["content-security-policy"] == "sandbox allow-scripts allow-forms allow-popups allow-modals"
        assert headers["x-content-type-options"] == "nosniff"


def test_an_object_is_given_back_as_it_was_put(s3: Any, bucket: str) -> None:
    put = s3.put_object(
        Bucket=bucket,
        Key="a b/ü+%.txt",
        Body=BODY,
        ContentType="text/plain",
        CacheControl="max-age=60",
        ContentDisposition="attachment",
        ContentLanguage="en",
        Metadata={"Colour": "blue", "empty": ""},
        Tagging="team=a&kind=record",
        StorageClass="STANDARD_IA",
    )
    assert put["ETag"] == ETAG
    for call in (s3.get_object, s3.head_object):
        found = call(Bucket=bucket, Key="a b/ü+%.txt")
        assert (found["ContentLength"], found["ETag"], found["ContentType"]) == (10, ETAG, "text/plain")
        assert (found["CacheControl"], found["ContentDisposition"], found["ContentLanguage"]) == ("max-age=60", "attachment", "en")
        assert (found["Metadata"], found["StorageClass"], found["AcceptRanges"]) == (
            {"colour": "blue", "empty": ""},
            "STANDARD_IA",
            "bytes",
        )
        assert abs(found["LastModified"] - datetime.now(UTC)) < timedelta(seconds=5)
        assert "ContentEncoding" not in found
    assert s3.get_object(Bucket=bucket, Key="a b/ü+%.txt")["Body"].read() == BODY
    assert s3.get_object(Bucket=bucket, Key="a b/ü+%.txt")["TagCount"] == 2


def test_keys_may_hold_nearly_anything(s3: Any, bucket: str) -> None:
    keys = ["/", "a//b", "/a", "a/", "../a", "a?b=c&d", "a#b", "日本語/ö", "a\nb", " ", "'\"<>&", "%2F"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys} == dict(zip(keys, keys, strict=True))
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == sorted(keys, key=str.encode)
    assert refusal(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"") == ("KeyTooLongError", "Your key is too long", 400)


def test_an_object_without_anything_told_of_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="empty")
    found = s3.get_object(Bucket=bucket, Key="empty")
    assert (found["Body"].read(), found["ContentLength"], found["ContentType"], found["Metadata"]) == (b"", 0, "binary/octet-stream", {})


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_is_verified_and_given_back(s3: Any, bucket: str, algorithm: str) -> None:
    name, value = f"Checksum{algorithm}", CHECKSUMS[algorithm]
    assert s3.put_object(Bucket=bucket, Key="k", Body=BODY, **{name: value})[name] == value
    assert s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[name] == value
    assert name not in s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", Range="bytes=0-3")
    wrong = base64_of(bytes(len(base64.b64decode(value))))
    assert refusal(s3.put_object, Bucket=bucket, Key="other", Body=BODY, **{name: wrong}) == (
        "BadDigest",
        f"The {algorithm} you specified did not match the calculated checksum.",
        400,
    )
    assert refusal(s3.put_object, Bucket=bucket, Key="other", Body=BODY, **{name: "AAAA"})[0] == "InvalidRequest"
    assert refusal(s3.head_object, Bucket=bucket, Key="other")[2] == 404


def test_checksums_at_the_end_of_a_body_sent_in_chunks(s3: Any, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, ContentEncoding="gzip", ChecksumAlgorithm="SHA256")
    assert put["ChecksumSHA256"] == CHECKSUMS["SHA256"]
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    found = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (found["Body"].read(), found["ContentEncoding"], found["ChecksumSHA256"]) == (BODY, "gzip", CHECKSUMS["SHA256"])


def test_the_md5_of_a_body_is_verified(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ContentMD5=base64_of(hashlib.md5(BODY).digest()))
    wrong = base64_of(hashlib.md5(b"other").digest())
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=BODY, ContentMD5=wrong) == (
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
        400,
    )
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=BODY, ContentMD5="x") == (
        "InvalidDigest",
        "The Content-MD5 you specified was invalid.",
        400,
    )


@pytest.mark.parametrize(
    ("asked", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=-100", BODY, "bytes 0-9/10"),
    ],
)
def test_a_range(s3: Any, bucket: str, asked: str, body: bytes, content_range: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    found = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert (found["Body"].read(), found["ContentRange"], found["ResponseMetadata"]["HTTPStatusCode"]) == (body, content_range, 206)
    head = s3.head_object(Bucket=bucket, Key="k", Range=asked)
    assert (head["ContentLength"], head["ContentRange"]) == (len(body), content_range)


@pytest.mark.parametrize("asked", ["bytes=3-1", "lines=1-2", "bytes=a-b", "bytes=0-1,4-5"])
def test_a_range_that_cannot_be_read_means_everything(s3: Any, bucket: str, asked: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    found = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert (found["Body"].read(), found["ResponseMetadata"]["HTTPStatusCode"]) == (BODY, 200)


def test_a_range_beyond_the_end_is_refused(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    for key, asked in (("k", "bytes=10-"), ("k", "bytes=-0"), ("empty", "bytes=0-")):
        assert refusal(s3.get_object, Bucket=bucket, Key=key, Range=asked) == (
            "InvalidRange",
            "The requested range is not satisfiable",
            416,
        )


def test_conditions_for_reading(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(hours=1)
    for good in ({"IfMatch": ETAG}, {"IfNoneMatch": '"other"'}, {"IfModifiedSince": past}, {"IfUnmodifiedSince": future}):
        assert s3.get_object(Bucket=bucket, Key="k", **good)["Body"].read() == BODY
    for failed in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": past}):
        assert refusal(s3.get_object, Bucket=bucket, Key="k", **failed) == (
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
        )
    for same in ({"IfNoneMatch": ETAG}, {"IfModifiedSince": future}):
        assert refusal(s3.get_object, Bucket=bucket, Key="k", **same) == ("304", "Not Modified", 304)
        assert refusal(s3.head_object, Bucket=bucket, Key="k", **same)[2] == 304
    s3.get_object(Bucket=bucket, Key="k", IfMatch=ETAG, IfUnmodifiedSince=past)  # the ETag decides alone


def test_conditions_for_writing(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, IfNoneMatch="*")
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"x", IfNoneMatch="*")[::2] == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"x", IfMatch='"other"')[::2] == ("PreconditionFailed", 412)
    assert refusal(s3.put_object, Bucket=bucket, Key="new", Body=b"x", IfMatch=ETAG)[::2] == ("NoSuchKey", 404)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == BODY
    s3.put_object(Bucket=bucket, Key="k", Body=b"new", IfMatch=ETAG)
    assert refusal(s3.delete_object, Bucket=bucket, Key="k", IfMatch=ETAG)[0] == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new"


def test_objects_are_deleted(s3: Any, bucket: str) -> None:
    for key in ("a", "b", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert s3.delete_object(Bucket=bucket, Key="a")["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.delete_object(Bucket=bucket, Key="a")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}, {"Key": "nothing"}, {"Key": "c", "VersionId": "v" * 32}]})
    assert [each["Key"] for each in answer["Deleted"]] == ["b", "nothing"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("c", "NoSuchVersion")]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert ("Deleted" in quiet, s3.list_objects_v2(Bucket=bucket)["KeyCount"]) == (False, 0)
    assert refusal(s3.delete_objects, Bucket=bucket, Delete={"Objects": []})[0] == "MalformedXML"


def test_an_object_is_copied_with_what_is_known_of_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="from ü", Body=BODY, ContentType="text/plain", Metadata={"a": "1"}, Tagging="t=1")
    source = {"Bucket": bucket, "Key": "from ü"}
    assert s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]["ETag"] == ETAG
    s3.copy_object(
        Bucket=bucket, Key="other", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"}, TaggingDirective="REPLACE"
    )
    s3.delete_object(**source)
    copy, other = (s3.get_object(Bucket=bucket, Key=key) for key in ("copy", "other"))
    assert (copy["Body"].read(), copy["ContentType"], copy["Metadata"], copy["TagCount"]) == (BODY, "text/plain", {"a": "1"}, 1)
    assert (other["Body"].read(), other["ContentType"], other["Metadata"]) == (BODY, "binary/octet-stream", {"b": "2"})
    assert "TagCount" not in other


def test_copies_that_cannot_be(s3: Any, bucket: str, server: Server) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    here = {"Bucket": bucket, "Key": "k"}
    assert refusal(s3.copy_object, CopySource=here, **here)[0] == "InvalidRequest"
    s3.copy_object(CopySource=here, MetadataDirective="REPLACE", **here)
    assert refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "no"})[0] == "NoSuchKey"
    assert refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource={"Bucket": "no", "Key": "no"})[0] == "NoSuchBucket"
    assert refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource="things")[0] == "InvalidArgument"
    assert refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource=here, CopySourceIfNoneMatch=ETAG)[::2] == ("PreconditionFailed", 412)
    stranger = server.client("s3", key=OTHER)
    stranger.create_bucket(Bucket="theirs")
    assert refusal(stranger.copy_object, Bucket="theirs", Key="c", CopySource=here)[::2] == ("AccessDenied", 403)


def test_tags_of_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    tags = [{"Key": "team", "Value": "a"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    eleven = {"TagSet": [{"Key": str(number), "Value": ""} for number in range(11)]}
    assert refusal(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging=eleven)[:2] == (
        "BadRequest",
        "Object tags cannot be greater than 10",
    )


def test_attributes_of_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm="SHA256")
    found = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "Checksum", "StorageClass"])
    assert (found["ETag"], found["ObjectSize"], found["StorageClass"]) == (ETAG.strip('"'), 10, "STANDARD")
    assert found["Checksum"] == {"ChecksumSHA256": CHECKSUMS["SHA256"], "ChecksumType": "FULL_OBJECT"}
    assert refusal(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=[])[::2] == ("InvalidRequest", 400)
    unknown = refusal(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=["Colour"])
    assert unknown == ("InvalidArgument", "Invalid attribute name specified.", 400)


def test_what_would_be_ignored_is_refused(s3: Any, bucket: str) -> None:
    def put(**options: Any) -> str:
        return refusal(s3.put_object, Bucket=bucket, Key="k", Body=b"", **options)[0]

    assert put(ACL="public-read") == "AccessControlListNotSupported"
    assert put(ObjectLockLegalHoldStatus="ON") == "InvalidRequest"
    assert put(StorageClass="CHEAP") == "InvalidStorageClass"
    assert put(Tagging="aws:a=1") == "InvalidTag"
    assert put(Metadata={"a": "x" * 2048}) == "MetadataTooLarge"
    assert refusal(s3.get_object, Bucket=bucket, Key="k", VersionId="x")[0] == "NoSuchKey"


def test_an_object_has_one_version(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == BODY
    assert refusal(s3.get_object, Bucket=bucket, Key="k", VersionId="v" * 32)[::2] == ("NoSuchVersion", 404)
    assert refusal(s3.get_object, Bucket=bucket, Key="k", VersionId="x")[0] == "InvalidArgument"
    version = s3.list_object_versions(Bucket=bucket)["Versions"][0]
    assert (version["Key"], version["VersionId"], version["IsLatest"]) == ("k", "null", True)


SIGNATURES = {"version 2": {}, "version 4": {"signature_version": "s3v4"}}
STYLES = ["path", "virtual"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("signature", SIGNATURES)
def test_presigned_addresses(server: Server, bucket: str, style: str, signature: str) -> None:
    config = Config(s3={"addressing_style": style}, **SIGNATURES[signature])
    client = server.client("s3", config=config)
    host = f"{bucket}.localhost" if style == "virtual" else "localhost"
    named = {"Bucket": bucket, "Key": "a b/ü"}
    to_put = client.generate_presigned_url("put_object", named | {"ContentType": "text/plain"})
    assert urlsplit(to_put).hostname == host
    assert fetch(server, to_put, "PUT", BODY, **{"content-type": "text/plain"}) == (200, b"")
    to_get = client.generate_presigned_url("get_object", named | {"ResponseContentType": "text/csv"})
    assert fetch(server, to_get) == (200, BODY)
    other_key = to_get.replace("/a%20b/", "/other/")
    status, body = fetch(server, other_key)
    assert (status, b"<Code>SignatureDoesNotMatch</Code>" in body) == (403, True)


def test_a_presigned_address_runs_out(server: Server, s3: Any, bucket: str) -> None:
    status, body = fetch(server, s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=-1))
    assert (status, b"<Message>Request has expired</Message>" in body) == (403, True)


def test_a_presigned_address_is_not_for_other_sites_pages(server: Server, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    address = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    assert fetch(server, address)[0] == 200
    assert fetch(server, address, origin="https://example.com")[0] == 403
    assert fetch(server, address, **{"sec-fetch-site": "cross-site"})[0] == 403


@pytest.mark.parametrize("host", ["things.localhost", "things.s3.localhost", "things.s3.us-east-1.localhost"])
def test_a_bucket_in_the_host_s_name(server: Server, s3: Any, bucket: str, host: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/b", Body=BODY)
    assert fetch(server, signed_for(f"{host}:{server.port}", "/a/b")) == (200, BODY)
    assert b"<Key>a/b</Key>" in fetch(server, signed_for(f"{host}:{server.port}", "/"))[1]
    assert fetch(server, signed_for(f"s3.localhost:{server.port}", f"/{bucket}/a/b")) == (200, BODY)


def signed_for(host: str, path: str) -> str:
    request = AWSRequest("GET", f"http://{host}{path}")
    S3SigV4QueryAuth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    assert request.url is not None
    return str(request.url)


def test_a_body_is_refused_before_it_is_sent_where_the_key_is_wrong(server: Server, bucket: str) -> None:
    client = server.client("s3", secret="wrong")
    assert refusal(client.put_object, Bucket=bucket, Key="k", Body=bytes(3 * 1024 * 1024))[::2] == ("SignatureDoesNotMatch", 403)
    unsigned = http.client.HTTPConnection("127.0.0.1", server.port)
    unsigned.request("PUT", "/things/k", bytes(1024 * 1024), {"host": f"localhost:{server.port}"})
    assert unsigned.getresponse().status == 403


def test_a_changed_body_is_found_out(server: Server, bucket: str) -> None:
    client = server.client("s3", config=Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"}))

    def change(request: Any, **_: Any) -> None:
        request.body = b"9876543210"

    client.meta.events.register("before-send.s3.PutObject", change)
    assert refusal(client.put_object, Bucket=bucket, Key="k", Body=BODY)[::2] == ("XAmzContentSHA256Mismatch", 400)
