"""Who may call a function URL: signatures, policies of both sides, and CORS on the wire."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from playground.supervision.trial import Trial
from tests.playground.endpoint.operations.iam_names import Caller, a_user, allow, deny
from tests.playground.front_doors.urls_of_tests import FORBIDDEN, Answer, Url, keys, loaded, returning, url_of

OTHER = "777788889999"
EVENT = Path(__file__).parents[2] / "events" / "function_url_iam.json"
CONTEXT = "def handler(event, context):\n    return event['requestContext']\n"
BOTH = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
FORBIDDEN_ANSWER = (403, FORBIDDEN, "AccessDeniedException")


@pytest.fixture(scope="module")
def closed(stack: Trial) -> Url:
    """A URL of AuthType AWS_IAM that returns its request context."""
    return url_of(stack, CONTEXT, "AWS_IAM")


def told(answer: Answer) -> tuple[int, bytes, str | None]:
    return answer.status, answer.body, answer.header("x-amzn-errortype")


def call(url: Url, credentials: Credentials, **options: Any) -> Answer:
    """One GET, signed."""
    path, headers = url.signed(credentials, **options)
    return url.send("GET", path, headers=headers)


def credentials_of(caller: Caller) -> Credentials:
    found = caller._keys
    return keys(found["aws_access_key_id"] or "", found["aws_secret_access_key"] or "", found["aws_session_token"])


def test_a_url_of_auth_type_none_needs_both_public_statements(stack: Trial) -> None:
    url = url_of(stack, returning("in"), is_open=False)
    client, name = stack.boto3("lambda"), url.function_name
    assert told(url.send()) == FORBIDDEN_ANSWER
    client.add_permission(
        FunctionName=name, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE"
    )
    assert told(url.send()) == FORBIDDEN_ANSWER
    client.add_permission(
        FunctionName=name, StatementId="invoke", Action="lambda:InvokeFunction", Principal="*", InvokedViaFunctionUrl=True
    )
    assert url.send().body == b"in"

    client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")

    assert told(url.send()) == FORBIDDEN_ANSWER
    _, stranger = a_user(stack, account=OTHER)
    assert told(call(url, credentials_of(stranger))) == FORBIDDEN_ANSWER  # a statement for NONE does not open it


def test_a_statement_for_another_auth_type_opens_nothing(stack: Trial) -> None:
    url = url_of(stack, returning("in"), is_open=False)
    common = {"FunctionName": url.function_name, "Principal": "*"}
    client = stack.boto3("lambda")
    client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM", **common)
    client.add_permission(StatementId="invoke", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **common)

    assert told(url.send()) == FORBIDDEN_ANSWER


@pytest.mark.parametrize("query", [False, True])
def test_a_signed_request_has_its_caller_in_the_event(closed: Url, stack: Trial, query: bool) -> None:
    name, ada = a_user(stack, allow(*BOTH))

    context = loaded(call(closed, credentials_of(ada), path="/a%20b/?x=1&y=%2F", query=query))

    user_id = context["authorizer"]["iam"]["userId"]
    assert user_id.startswith("AIDA")
    wanted = EVENT.read_text().replace("USER-ID", user_id).replace("USER-NAME", name)
    wanted = wanted.replace("ACCESS-KEY", ada._keys["aws_access_key_id"] or "")
    assert (context["accountId"], context["authorizer"]) == ("000000000000", json.loads(wanted)["authorizer"])


def test_the_path_form_is_signed_as_it_is_sent(closed: Url, stack: Trial) -> None:
    by_path = Url(stack, closed.function_name, f"http://localhost:{stack.endpoint_port}/_playground/lambda-url/{closed.url_id}/")

    assert call(by_path, keys(), path="/x").status == 200


def test_unsigned_tampered_expired_and_unknown_are_refused(closed: Url, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(closed.send()) == FORBIDDEN_ANSWER
    path, headers = closed.signed(keys(), "POST", "/", b"one")
    assert closed.send("POST", path, b"one", headers).status == 200
    tampered = closed.send("POST", path, b"two", headers)
    assert (tampered.status, tampered.header("x-amzn-errortype")) == (403, "InvalidSignatureException")
    assert loaded(tampered)["Message"].startswith("The request signature we calculated does not match the signature you provided.")
    assert closed.send("POST", "/another", b"one", headers).status == 403
    wrong = call(closed, keys("test", "wrong"))
    assert wrong.header("x-amzn-errortype") == "InvalidSignatureException"
    unknown = call(closed, keys("AKIAUNKNOWN", "x"))
    assert (unknown.status, unknown.header("x-amzn-errortype")) == (403, "UnrecognizedClientException")
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_: datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=16))
    expired = call(closed, keys())
    assert (expired.status, expired.header("x-amzn-errortype")) == (403, "InvalidSignatureException")
    assert loaded(expired)["Message"].startswith("Signature expired: ")


def test_identity_policies_decide_within_the_account(closed: Url, stack: Trial) -> None:
    _, nobody = a_user(stack)
    _, half = a_user(stack, allow("lambda:InvokeFunctionUrl"))
    _, other_half = a_user(stack, allow("lambda:InvokeFunction"))
    _, denied = a_user(stack, allow(*BOTH), deny("lambda:InvokeFunction", Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}))
    _, narrow = a_user(stack, allow(*BOTH, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}))
    for caller in (nobody, half, other_half, denied, narrow):
        assert told(call(closed, credentials_of(caller))) == FORBIDDEN_ANSWER
    _, allowed = a_user(stack, allow(*BOTH, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}))
    assert call(closed, credentials_of(allowed)).status == 200


def test_another_account_needs_both_sides(stack: Trial) -> None:
    url = url_of(stack, CONTEXT, "AWS_IAM")
    _, eve = a_user(stack, allow(*BOTH), account=OTHER)
    _, bob = a_user(stack, account=OTHER)
    assert told(call(url, credentials_of(eve))) == FORBIDDEN_ANSWER
    client, common = stack.boto3("lambda"), {"FunctionName": url.function_name, "Principal": OTHER}
    client.add_permission(StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM", **common)
    client.add_permission(StatementId="invoke", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **common)

    assert loaded(call(url, credentials_of(eve)))["accountId"] == OTHER
    assert told(call(url, credentials_of(bob))) == FORBIDDEN_ANSWER


def test_a_page_of_another_site_cannot_use_the_keys_that_everybody_knows(closed: Url, stack: Trial) -> None:
    path, headers = closed.signed(keys())
    from_a_page = {**headers, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert closed.send("GET", path, headers=from_a_page).status == 403
    _, ada = a_user(stack, allow(*BOTH))
    path, headers = closed.signed(credentials_of(ada))
    assert closed.send("GET", path, headers={**headers, "Origin": "https://app.example"}).status == 200


def test_a_refused_call_is_in_the_journal_with_its_decision(closed: Url, stack: Trial) -> None:
    _, nobody = a_user(stack)
    answer = call(closed, credentials_of(nobody))

    assert answer.status == 403
    address = f"{stack.dashboard_url}/w/000000000000/invocations/{answer.header('x-amzn-requestid')}/files/record.json"
    with urllib.request.urlopen(address) as record:
        step = json.load(record)["steps"][-1]
    assert (step["station"], step["outcome"]) == ("authorize", "refused")
    assert step["detail"]["decision"]["action"] == "lambda:InvokeFunctionUrl"


def test_the_decision_for_an_open_url_is_asked_again_as_it_was(stack: Trial) -> None:
    url = url_of(stack, returning("in"))
    call_id = url.send().header("x-amzn-requestid")
    address = f"{stack.dashboard_url}/w/000000000000/permissions/?call={call_id}"

    def page() -> str:
        with urllib.request.urlopen(address) as response:
            text: str = response.read().decode()
        return text

    shown = page()
    assert 'data-allowed="true"' in shown
    assert "lambda:functionurlauthtype=NONE" in shown
    assert "allows lambda:InvokeFunctionUrl; statement" in shown
    assert "allows lambda:InvokeFunction. <a" in shown
    stack.boto3("lambda").delete_function_url_config(FunctionName=url.function_name)
    for statement in json.loads(stack.boto3("lambda").get_policy(FunctionName=url.function_name)["Policy"])["Statement"]:
        stack.boto3("lambda").remove_permission(FunctionName=url.function_name, StatementId=statement["Sid"])
    shown = page()
    assert 'data-allowed="false"' in shown
    assert 'name="fix"' not in shown  # it was allowed: nothing is to be mended


CORS = {
    "AllowOrigins": ["https://app.example", "https://*.shop.example"],
    "AllowMethods": ["POST"],
    "AllowHeaders": ["content-type"],
    "ExposeHeaders": ["x-own"],
    "MaxAge": 300,
}
ASKING = {"Access-Control-Request-Method": "POST"}


def test_a_preflight_is_answered_without_invoking_and_without_a_signature(stack: Trial) -> None:
    url = url_of(stack, "raise RuntimeError('it must not run')\n", "AWS_IAM", Cors=CORS)

    answer = url.send("OPTIONS", "/any", headers={"Origin": "https://a.shop.example", **ASKING})

    assert (answer.status, answer.body) == (200, b"")
    found = {name: value for name, value in answer.headers if name.startswith("access-control-")}
    assert found == {
        "access-control-allow-origin": "https://a.shop.example",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "300",
    }
    refused = url.send("OPTIONS", "/any", headers={"Origin": "https://evil.example", **ASKING})
    assert [name for name, _ in refused.headers if name.startswith("access-control-")] == []


def test_the_functions_own_cors_headers_stand_beside_the_configured_ones(stack: Trial) -> None:
    own = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*", "x-own": "1"}, "body": json.dumps("x")}
    url = url_of(stack, returning(own), Cors=CORS)

    answer = url.send("GET", "/", headers={"Origin": "https://app.example"})

    assert answer.all("access-control-allow-origin") == ["*", "https://app.example"]
    assert answer.header("access-control-expose-headers") == "x-own"
    assert url.send("GET", "/").all("access-control-allow-origin") == ["*"]


def test_without_cors_options_reaches_the_function(stack: Trial) -> None:
    url = url_of(stack, CONTEXT)

    answer = url.send("OPTIONS", "/", headers={"Origin": "https://app.example", **ASKING})

    assert loaded(answer)["http"]["method"] == "OPTIONS"


def test_calls_refused_for_their_signature_are_invocations_that_say_why(closed: Url, stack: Trial) -> None:
    refused = {
        "The request is not signed, and the AuthType of the function URL is AWS_IAM.": closed.send("POST", "/", b"{}"),
        "The request signature we calculated does not match": call(closed, keys("test", "wrong")),
        "The security token included in the request is invalid": call(closed, keys("AKIAUNKNOWN", "x")),
    }
    for reason, answer in refused.items():
        page = f"{stack.dashboard_url}/w/000000000000/invocations/{answer.header('x-amzn-requestid')}/raw/"
        with urllib.request.urlopen(page) as shown:
            text = shown.read().decode()
        assert reason in text
        assert "rejected" in text
