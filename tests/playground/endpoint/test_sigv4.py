"""Signatures, as boto3 makes them, and what is wrong with others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from invocations.models import AccessKey, Account
from playground.endpoint import sigv4
from playground.endpoint.refusals import Reason, Refused
from playground.endpoint.wire import HttpRequest
from tests.playground.endpoint.conftest import Server

pytestmark = pytest.mark.django_db(transaction=True)

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
INVALID_TOKEN = "The security token included in the request is invalid."


def refusal_of(call: Callable[[], Any]) -> tuple[str, int, str]:
    """Code, status and message of the error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"].get("Message", "")


def tampered(client: Any, change: Callable[[Any], None]) -> Any:
    """The client, whose requests are changed after they were signed."""

    def before_send(request: Any, **_: Any) -> None:
        change(request)

    client.meta.events.register("before-send", before_send)
    return client


def test_the_default_key_is_the_root_of_the_default_account(server: Server) -> None:
    identity = server.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:root")


def test_a_key_of_twelve_digits_is_the_root_of_that_account_which_begins_to_exist(server: Server) -> None:
    assert not Account.objects.filter(pk="111122223333").exists()
    assert server.client("sts", "111122223333").get_caller_identity()["Account"] == "111122223333"
    assert Account.objects.filter(pk="111122223333").exists()


def test_a_key_of_an_account_signs_with_its_own_secret(server: Server) -> None:
    Account.objects.create(account_id="444455556666")
    AccessKey.objects.create(account_id="444455556666", access_key_id="AKIAEXAMPLE000000001", secret_access_key="s3cret", user_name="ann")
    identity = server.client("sts", "AKIAEXAMPLE000000001", "s3cret").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::444455556666:user/ann"
    other = server.client("sts", "AKIAEXAMPLE000000001", "another")
    assert refusal_of(other.get_caller_identity) == ("SignatureDoesNotMatch", 403, MISMATCH)


def test_an_inactive_key_is_unknown(server: Server) -> None:
    Account.objects.create(account_id="444455556666")
    AccessKey.objects.create(account_id="444455556666", access_key_id="AKIAEXAMPLE000000002", secret_access_key="s", status="Inactive")
    client = server.client("sts", "AKIAEXAMPLE000000002", "s")
    assert refusal_of(client.get_caller_identity) == ("InvalidClientTokenId", 403, INVALID_TOKEN)


@pytest.mark.parametrize(
    ("service", "call", "code", "status", "message"),
    [
        ("lambda", "list_functions", "UnrecognizedClientException", 403, INVALID_TOKEN),
        ("logs", "describe_log_groups", "UnrecognizedClientException", 400, INVALID_TOKEN),
        ("iam", "list_roles", "InvalidClientTokenId", 403, INVALID_TOKEN),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
    ],
)
def test_an_unknown_key_is_refused_in_each_family_by_its_own_name(
    server: Server, service: str, call: str, code: str, status: int, message: str
) -> None:
    client = server.client(service, "AKIANOBODY0000000000")
    assert refusal_of(getattr(client, call)) == (code, status, message)


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("lambda", "list_functions", "InvalidSignatureException", 403),
        ("logs", "describe_log_groups", "InvalidSignatureException", 400),
        ("iam", "list_roles", "SignatureDoesNotMatch", 403),
        ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
    ],
)
def test_a_wrong_secret_is_refused_in_each_family_by_its_own_name(server: Server, service: str, call: str, code: str, status: int) -> None:
    client = server.client(service, "test", "wrong")
    assert refusal_of(getattr(client, call))[:2] == (code, status)


def test_nothing_can_be_changed_after_signing(server: Server, answer: Callable[..., Any]) -> None:
    calls = answer("lambda", "Invoke", {"StatusCode": 200, "Payload": b"null"})

    def body(request: Any) -> None:
        request.body = b'{"key": 2}'

    def header(request: Any) -> None:
        request.headers["X-Amz-Invocation-Type"] = b"Event"

    def path(request: Any) -> None:
        request.url = request.url.replace("/hello/", "/hallo/")

    def query(request: Any) -> None:
        request.url = request.url.replace("Qualifier=1", "Qualifier=2")

    def method(request: Any) -> None:
        request.method = "PUT"

    def unsigned_header(request: Any) -> None:
        request.headers["X-Amz-Client-Context"] = "e30="

    arguments = {"FunctionName": "hello", "Payload": b'{"key": 1}', "Qualifier": "1", "InvocationType": "RequestResponse"}
    assert server.client("lambda").invoke(**arguments)["Payload"].read() == b"null"
    for change in (body, header, path, query, method):
        client = tampered(server.client("lambda"), change)
        assert refusal_of(lambda client=client: client.invoke(**arguments)) == ("InvalidSignatureException", 403, MISMATCH), change
    client = tampered(server.client("lambda"), unsigned_header)
    assert refusal_of(lambda: client.invoke(**arguments)) == (
        "InvalidSignatureException",
        403,
        "'x-amz-client-context' must be a 'SignedHeader' in the AWS Authorization.",
    )
    assert len(calls) == 1


@pytest.mark.parametrize(
    "name",
    ["a:b", "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST", "x~y", "white space", "per%cent", "plus+", "ü"],
)
def test_names_with_all_sorts_of_characters_are_verified_and_arrive_as_sent(server: Server, answer: Callable[..., Any], name: str) -> None:
    calls = answer("scheduler", "GetSchedule", {})
    for _ in range(2):  # the second time from caches
        try:
            server.client("scheduler").get_schedule(Name=name, GroupName=name)
        except ClientError as error:  # AWS allows but few characters in this one: then the message shows what arrived
            assert f"Value '{name}' at 'name'" in error.response["Error"]["Message"]  # noqa: PT017
    assert all(call.input == {"Name": name, "GroupName": name} for call in calls)


def signed(
    url: str, *, at: datetime, method: str = "GET", region: str = "us-east-1", service: str = "lambda", key: str = "test"
) -> AWSRequest:
    """A request signed at *at*, by the default key."""
    request = AWSRequest(method, url, headers={"X-Amz-Date": at.strftime("%Y%m%dT%H%M%SZ")})
    auth = SigV4Auth(Credentials(key, "test"), service, region)
    request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    auth._inject_signature_to_request(request, signature)
    return request


def sent(request: AWSRequest) -> tuple[int, dict[str, str], bytes]:
    prepared = request.prepare()
    reply = urllib3.request(prepared.method, prepared.url, headers=dict(prepared.headers.items()), body=prepared.body, retries=False)
    return reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.data


def test_a_signature_holds_for_five_minutes(server: Server, answer: Callable[..., Any]) -> None:
    answer("lambda", "ListFunctions", {"Functions": []})
    url, now = f"{server.url}/2015-03-31/functions", datetime.now(UTC)
    assert sent(signed(url, at=now - timedelta(minutes=4)))[0] == 200
    assert sent(signed(url, at=now + timedelta(minutes=4)))[0] == 200
    status, headers, body = sent(signed(url, at=now - timedelta(minutes=6)))
    assert (status, headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert b"Signature expired: " in body
    assert b" is now earlier than " in body
    status, headers, body = sent(signed(url, at=now + timedelta(minutes=6)))
    assert (status, headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert b"Signature not yet current: " in body
    assert b" is still later than " in body


def test_the_scope_must_name_the_region_and_the_service(server: Server) -> None:
    client = server.client("lambda", region_name="eu-west-1")
    assert refusal_of(client.list_functions) == (
        "InvalidSignatureException",
        403,
        "Credential should be scoped to a valid Region, not 'eu-west-1'.",
    )
    request = signed(f"{server.url}/2015-03-31/functions", at=datetime.now(UTC), service="codecommit")
    status, _, body = sent(request)
    assert (status, body) == (403, b'{"message":"Credential should be scoped to correct service: \'lambda\'."}')


def test_unsigned_calls_lack_a_token(server: Server) -> None:
    reply = urllib3.request("GET", f"{server.url}/2015-03-31/functions")
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    assert reply.json() == {"message": "Missing Authentication Token"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = urllib3.request("POST", server.url, headers=form, body="Action=ListRoles&Version=2010-05-08")
    assert (reply.status, b"<Code>MissingAuthenticationToken</Code>" in reply.data) == (403, True)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
        ),
        ("AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=00", None),
        (
            "Bearer abc",
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): ",
        ),
        ("AWS4-HMAC-SHA256 Credential", "Invalid key=value pair (missing equal-sign) in Authorization header"),
    ],
)
def test_a_malformed_header_is_an_incomplete_signature(server: Server, header: str, message: str | None) -> None:
    headers = {"Authorization": header, "X-Amz-Date": "20260101T000000Z"}
    reply = urllib3.request("GET", f"{server.url}/2015-03-31/functions", headers=headers)
    assert (reply.status, reply.headers["x-amzn-errortype"]) == (400, "IncompleteSignatureException")
    assert message is None or reply.json()["message"].startswith(message)


def test_a_header_in_unusual_order_is_read_too(server: Server, answer: Callable[..., Any]) -> None:
    answer("lambda", "ListFunctions", {"Functions": []})
    request = signed(f"{server.url}/2015-03-31/functions", at=datetime.now(UTC))
    algorithm, _, rest = request.headers["Authorization"].partition(" ")
    parts = [part.strip() for part in rest.split(",")]
    del request.headers["Authorization"]
    request.headers["Authorization"] = f"{algorithm} {','.join(reversed(parts))}"
    assert sent(request)[0] == 200


def presigned(server: Server, *, expires: int, at: datetime, service: str = "sts") -> str:
    request = AWSRequest("GET", f"{server.url}/?Action=GetCallerIdentity&Version=2011-06-15")
    auth = SigV4QueryAuth(Credentials("test", "test"), service, "us-east-1", expires=expires)
    request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    auth._inject_signature_to_request(request, signature)
    return str(request.url)


def test_a_presigned_address_works_until_it_expires(server: Server) -> None:
    now = datetime.now(UTC)
    reply = urllib3.request("GET", presigned(server, expires=60, at=now - timedelta(seconds=50)))
    assert (reply.status, b"<Account>000000000000</Account>" in reply.data) == (200, True)
    reply = urllib3.request("GET", presigned(server, expires=60, at=now - timedelta(seconds=61)))
    assert (reply.status, b"<Code>SignatureDoesNotMatch</Code>" in reply.data, b"Signature expired: " in reply.data) == (403, True, True)
    assert urllib3.request("GET", presigned(server, expires=60, at=now) + "&Extra=1").status == 403
    assert urllib3.request("GET", presigned(server, expires=700_000, at=now)).status == 400


def test_a_presigned_address_is_of_no_use_to_other_sites_pages(server: Server) -> None:
    address = presigned(server, expires=60, at=datetime.now(UTC))
    assert urllib3.request("GET", address, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert urllib3.request("GET", address, headers={"Origin": "https://evil.example"}).status == 403
    assert urllib3.request("GET", address, headers={"Sec-Fetch-Site": "none"}).status == 200


def test_temporary_credentials_speak_for_their_role(server: Server) -> None:
    role = "arn:aws:iam::000000000000:role/service/reader"
    issued = server.client("sts").assume_role(RoleArn=role, RoleSessionName="me")
    given = issued["Credentials"]
    key, secret, token = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    identity = server.client("sts", key, secret, aws_session_token=token).get_caller_identity()
    assert identity["Arn"] == issued["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/reader/me"
    assert identity["UserId"] == issued["AssumedRoleUser"]["AssumedRoleId"]
    wrong = [
        server.client("lambda", key, secret),
        server.client("lambda", key, secret, aws_session_token=token[:-4] + "AAAA"),
        server.client("lambda", "ASIAAAAAAAAAAAAAAAAA", secret, aws_session_token=token),
    ]
    for client in wrong:
        assert refusal_of(client.list_functions) == ("UnrecognizedClientException", 403, INVALID_TOKEN)
    wrong_secret = server.client("lambda", key, "x", aws_session_token=token)
    assert refusal_of(wrong_secret.list_functions)[0] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/", "/"),
        ("/a//b/./c/../d/", "/a/b/d/"),
        ("/functions/arn%3Aaws%3Alambda/x", "/functions/arn%253Aaws%253Alambda/x"),
        ("/..", "/"),
    ],
)
def test_the_canonical_path_is_normalised_and_encoded_once_more(path: str, canonical: str) -> None:
    assert sigv4.canonical_path(path) == canonical


def test_the_canonical_path_of_s3_stays_as_the_client_meant_it() -> None:
    assert sigv4.canonical_path("/bucket//a%20b/../c+%2B", True) == "/bucket//a%20b/../c%2B%2B"


def test_the_canonical_query_is_encoded_and_sorted() -> None:
    assert sigv4.canonical_query("b=2&a=x%20y&acl&A=%c3%bc&X-Amz-Signature=0") == "A=%C3%BC&a=x%20y&acl=&b=2"


def test_the_content_hash_given_has_to_be_true(server: Server) -> None:
    request = AWSRequest("GET", f"{server.url}/2015-03-31/functions", headers={"X-Amz-Content-SHA256": "0" * 64})
    auth = SigV4Auth(Credentials("test", "test"), "lambda", "us-east-1")
    auth.payload = lambda _request: "0" * 64  # type: ignore[method-assign]
    auth.add_auth(request)
    status, headers, body = sent(request)
    assert (status, headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert b"'x-amz-content-sha256' header does not match" in body


@pytest.mark.parametrize("word", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_bodies_without_a_hash_are_taken_by_s3_alone(word: str) -> None:
    def check(service: str) -> None:
        made = AWSRequest("POST", "http://localhost/x", data=b"signed", headers={"X-Amz-Content-SHA256": word})
        auth = SigV4Auth(Credentials("test", "test"), service, "us-east-1")
        auth.payload = lambda _request: word  # type: ignore[method-assign]
        auth.add_auth(made)
        headers = {name.lower(): value for name, value in made.headers.items()} | {"host": "localhost"}
        request = HttpRequest("POST", "/x", "", headers, b"another")
        claim = sigv4.read(request)
        assert claim is not None
        sigv4.check_signature(claim, request, "test", is_s3=service == "s3")

    check("s3")
    with pytest.raises(Refused, check=lambda refused: refused.reason is Reason.CONTENT_MISMATCH):
        check("lambda")


def test_a_signature_that_is_no_text_of_ascii_does_not_confuse() -> None:
    header = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request,SignedHeaders=host,Signature=\xff"
    request = HttpRequest("GET", "/", "", {"authorization": header, "x-amz-date": "20260101T000000Z", "host": "localhost"})
    claim = sigv4.read(request)
    assert claim is not None
    with pytest.raises(Refused):
        sigv4.check_signature(claim, request, "test")
