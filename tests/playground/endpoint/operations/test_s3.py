"""Buckets and their configuration through boto3 against a live server."""

import http.client
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.handlers import validate_bucket_name

from invocations.resources import buckets
from tests.playground.endpoint.conftest import Server

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT = "000000000000"
OTHER = "222222222222"


@pytest.fixture(scope="module")
def s3(server: Server) -> Any:
    return server.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    s3.create_bucket(Bucket="things")
    return "things"


def refusal(call: Any, **parameters: Any) -> tuple[str, str, int]:
    """(code, message, HTTP status) of a refused call."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_buckets_are_made_listed_and_deleted(s3: Any, server: Server) -> None:
    for name in ("zebra", "ant.of-1"):
        assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    server.client("s3", key=OTHER).create_bucket(Bucket="theirs")
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["ant.of-1", "zebra"]
    page = s3.list_buckets(MaxBuckets=1)
    assert [each["Name"] for each in page["Buckets"]] == ["ant.of-1"]
    assert [each["Name"] for each in s3.list_buckets(ContinuationToken=page["ContinuationToken"])["Buckets"]] == ["zebra"]
    assert s3.head_bucket(Bucket="zebra")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="zebra")["LocationConstraint"] is None
    s3.delete_bucket(Bucket="zebra")
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["ant.of-1"]
    assert refusal(s3.delete_bucket, Bucket="zebra") == ("NoSuchBucket", "The specified bucket does not exist", 404)


def test_a_name_is_taken_for_everybody(s3: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.create_bucket(Bucket="things")
    s3.create_bucket(Bucket="things")  # as in us-east-1, and nowhere else:
    code, message, status = refusal(server.client("s3", key=OTHER).create_bucket, Bucket="things")
    assert (code, status) == ("BucketAlreadyExists", 409)
    assert message.startswith("The requested bucket name is not available. The bucket namespace is shared by all users of the system.")
    monkeypatch.setattr(buckets, "REGION", "eu-west-1")
    elsewhere = {"LocationConstraint": "eu-west-1"}
    assert refusal(s3.create_bucket, Bucket="things", CreateBucketConfiguration=elsewhere) == (
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        409,
    )


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Capital", "under_score", "-start", "end-", "a..b", "192.168.5.4", "xn--a", "a-s3alias"])
def test_a_name_that_cannot_be_is_refused(server: Server, name: str) -> None:
    s3 = server.client("s3")
    s3.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    assert refusal(s3.create_bucket, Bucket=name) == ("InvalidBucketName", "The specified bucket is not valid.", 400)


def test_a_location_has_to_be_this_one(s3: Any) -> None:
    def create(location: str) -> tuple[str, str, int]:
        return refusal(s3.create_bucket, Bucket="things", CreateBucketConfiguration={"LocationConstraint": location})

    assert create("us-east-1")[::2] == ("InvalidLocationConstraint", 400)
    assert create("eu-west-1") == (
        "IllegalLocationConstraintException",
        "The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.",
        400,
    )


def test_another_account_gets_in_nowhere(s3: Any, server: Server, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"mine")
    stranger = server.client("s3", key=OTHER)
    for call, parameters in (
        (stranger.list_objects_v2, {}),
        (stranger.get_object, {"Key": "k"}),
        (stranger.put_object, {"Key": "k", "Body": b"theirs"}),
        (stranger.delete_bucket, {}),
        (stranger.get_bucket_policy, {}),
    ):
        assert refusal(call, Bucket=bucket, **parameters) == ("AccessDenied", "Access Denied", 403)
    assert refusal(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner=OTHER)[2] == 403
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=ACCOUNT)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"mine"


def test_a_bucket_with_objects_stays(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refusal(s3.delete_bucket, Bucket=bucket) == ("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


NOT_CONFIGURED = {
    "get_bucket_cors": "NoSuchCORSConfiguration",
    "get_bucket_lifecycle_configuration": "NoSuchLifecycleConfiguration",
    "get_bucket_website": "NoSuchWebsiteConfiguration",
    "get_bucket_replication": "ReplicationConfigurationNotFoundError",
    "get_object_lock_configuration": "ObjectLockConfigurationNotFoundError",
    "get_bucket_policy": "NoSuchBucketPolicy",
    "get_bucket_tagging": "NoSuchTagSet",
    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
}


@pytest.mark.parametrize(("call", "code"), NOT_CONFIGURED.items())
def test_what_is_not_configured_is_answered_as_aws_does(s3: Any, bucket: str, call: str, code: str) -> None:
    assert refusal(getattr(s3, call), Bucket=bucket)[::2] == (code, 404)
    assert refusal(getattr(s3, call), Bucket="nowhere")[0] == "NoSuchBucket"


def test_what_has_a_state_always(s3: Any, bucket: str) -> None:
    def of(answer: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    assert of(s3.get_bucket_versioning(Bucket=bucket)) == {}
    assert of(s3.get_bucket_logging(Bucket=bucket)) == {}
    assert of(s3.get_bucket_accelerate_configuration(Bucket=bucket)) == {}
    assert of(s3.get_bucket_notification_configuration(Bucket=bucket)) == {}
    assert of(s3.get_bucket_request_payment(Bucket=bucket)) == {"Payer": "BucketOwner"}
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == {"Rules": [rule]}
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [(grant["Grantee"]["ID"], grant["Permission"]) for grant in acl["Grants"]] == [(acl["Owner"]["ID"], "FULL_CONTROL")]


def test_versioning_is_stored(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert refusal(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": "On"})[0] == "MalformedXML"
    assert refusal(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={})[0] == "IllegalVersioningConfigurationException"


def test_tags_of_a_bucket(s3: Any, bucket: str) -> None:
    tags = [{"Key": "team", "Value": "a"}, {"Key": "cost centre", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    twice = {"TagSet": [tags[0], tags[0]]}
    assert refusal(s3.put_bucket_tagging, Bucket=bucket, Tagging=twice) == (
        "InvalidTag",
        "Cannot provide multiple Tags with the same key",
        400,
    )
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refusal(s3.get_bucket_tagging, Bucket=bucket)[0] == "NoSuchTagSet"


def test_a_policy_is_stored(s3: Any, bucket: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": True}
    root = json.dumps({"Statement": [statement | {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}]})
    s3.put_bucket_policy(Bucket=bucket, Policy=root)
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    foreign = json.dumps({"Statement": [statement | {"Resource": "arn:aws:s3:::other/*"}]})
    assert refusal(s3.put_bucket_policy, Bucket=bucket, Policy=foreign) == ("MalformedPolicy", "Policy has invalid resource", 400)
    assert refusal(s3.put_bucket_policy, Bucket=bucket, Policy="{")[0] == "MalformedPolicy"
    s3.delete_bucket_policy(Bucket=bucket)
    assert refusal(s3.get_bucket_policy, Bucket=bucket)[0] == "NoSuchBucketPolicy"


def test_what_is_not_here_says_so(s3: Any, bucket: str) -> None:
    code, message, status = refusal(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "i"}})
    assert (code, status) == ("NotImplemented", 501)
    assert "PutBucketWebsite" in message
    assert refusal(s3.create_bucket, Bucket="locked", ObjectLockEnabledForBucket=True)[0] == "NotImplemented"
    assert refusal(s3.create_bucket, Bucket="public", ACL="public-read")[0] == "AccessControlListNotSupported"


def test_an_error_is_aws_s_document(server: Server) -> None:
    address = server.client("s3").generate_presigned_url("get_object", {"Bucket": "nowhere", "Key": "k"})
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", address.removeprefix(server.url), headers={"host": f"localhost:{server.port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    assert (answer.status, answer.headers["content-type"]) == (404, "application/xml")
    assert body.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code>')
    assert "<BucketName>nowhere</BucketName>" in body
    assert f"<RequestId>{answer.headers['x-amz-request-id']}</RequestId>" in body
    assert f"<HostId>{answer.headers['x-amz-id-2']}</HostId></Error>" in body


def test_a_head_has_no_body(s3: Any, bucket: str) -> None:
    assert refusal(s3.head_bucket, Bucket="nowhere") == ("404", "Not Found", 404)
    assert refusal(s3.head_object, Bucket=bucket, Key="k") == ("404", "Not Found", 404)
