"""The trail's page: one order of time over calls and invocations, filters, links, and what it asks of the database."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invocations import clock, store
from invocations.arn import LATEST
from invocations.authorize import Sending, may_send_now, refused
from invocations.enums import PrincipalType
from invocations.errors import AccessDeniedException, AwsError
from invocations.models import Account, Alias, Invocation, TrailEvent
from invocations.resources import accounts, function_urls, trail_events
from invocations.trail.events import Happened, row_of
from invocations.trail.stream import parse
from invocations.values import Principal
from playground.dashboard import fragments, trail_list
from playground.dashboard.trail_entry import find
from playground.dashboard.trail_list import Filters
from tests.function_rows import a_function_row

ACCOUNT = "000000000000"
NOW = clock.now()
ADA = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", PrincipalType.IAM_USER, "AIDAX", "AKIAX")
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:parcels"

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _account() -> None:
    Account.objects.get_or_create(account_id=ACCOUNT)


def call(operation: str, second: float, error: AwsError | None = None, **fields: Any) -> TrailEvent:
    """A management call of SQS, so many seconds after the first."""
    known = {"principal": Principal.root(ACCOUNT, "test"), "user_agent": "aws-cli/2", "request_parameters": {"queueName": "parcels"}}
    happened = Happened(
        **{
            **known,
            "service": "sqs",
            "operation": operation,
            "request_id": f"{operation}-{second}",
            "source_ip": "127.0.0.1",
            "error": error,
            "resources": [("AWS::SQS::Queue", QUEUE)],
            **fields,
        }
    )
    return TrailEvent.objects.create(**parse(row_of(happened)) | {"event_time": NOW + timedelta(seconds=second)})


def invocation(request_id: str, second: float, **fields: Any) -> Invocation:
    known: dict[str, Any] = {
        "function_name": "orders",
        "invocation_type": "RequestResponse",
        "source": "api",
        "state": "succeeded",
        "status_code": 200,
        "principal_arn": f"arn:aws:iam::{ACCOUNT}:root",
        "caller": {"type": "Root", "account_id": ACCOUNT},
        "request_payload": b"{}",
        "response_payload": b"{}",
        "steps": [],
    }
    at = NOW + timedelta(seconds=second)
    return Invocation.objects.create(account_id=ACCOUNT, request_id=request_id, received_at=at, ended_at=at, **(known | fields))


def told(query: str = "", before: str = "", size: int = 50) -> list[str]:
    filters = Filters.parse(dict(part.split("=") for part in query.split("&") if part))
    return [entry.request_id for entry in trail_list.page(ACCOUNT, filters, before, size).entries]


def test_calls_and_invocations_stand_in_one_order_and_stretches_leave_nothing_out() -> None:
    for second in (1, 1, 3, 4):
        call("CreateQueue", second)
    for number, second in enumerate((1, 2, 4)):
        invocation(f"run-{number}", second)
    whole = told()
    assert whole == ["CreateQueue-4", "run-2", "CreateQueue-3", "run-1", "CreateQueue-1", "CreateQueue-1", "run-0"]
    stretches, before = [], ""
    while True:
        found = trail_list.page(ACCOUNT, Filters(), before, 2)
        stretches += [entry.request_id for entry in found.entries]
        before = found.older
        if not before:
            break
    assert stretches == whole


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["denied-run", "run", "DeleteQueue-3", "ListQueues-2", "CreateQueue-1"]),
        ("show=management", ["DeleteQueue-3", "ListQueues-2", "CreateQueue-1"]),
        ("show=changes", ["DeleteQueue-3", "CreateQueue-1"]),
        ("show=data", ["denied-run", "run"]),
        ("service=lambda", ["denied-run", "run"]),
        ("service=sqs", ["DeleteQueue-3", "ListQueues-2", "CreateQueue-1"]),
        ("result=ok", ["run", "ListQueues-2", "CreateQueue-1"]),
        ("result=denied", ["denied-run", "DeleteQueue-3"]),
        ("result=error", ["denied-run", "DeleteQueue-3"]),
        ("q=ada", ["denied-run", "DeleteQueue-3"]),
        ("q=parcels", ["DeleteQueue-3", "ListQueues-2", "CreateQueue-1"]),
        ("q=invoke", ["denied-run", "run"]),
        ("q=nothing", []),
        ("since=24h&result=nonsense", ["denied-run", "run", "DeleteQueue-3", "ListQueues-2", "CreateQueue-1"]),
    ],
)
def test_filters_choose(query: str, wanted: list[str]) -> None:
    call("CreateQueue", 1)
    call("ListQueues", 2)
    call("DeleteQueue", 3, AccessDeniedException("no"), principal=ADA)
    invocation("run", 4)
    invocation("denied-run", 5, status_code=403, error_code="AccessDeniedException", principal_arn=ADA.arn, caller={"type": "IAMUser"})
    assert told(query) == wanted


def test_an_entry_says_who_did_what_by_what_and_leads_on() -> None:
    error = AccessDeniedException("no")
    error.detail = {"decision": {"reason": "because no identity-based policy allows it", "action": "sqs:DeleteQueue", "resource": QUEUE}}
    row = call("DeleteQueue", 1, error, principal=ADA)
    entry = find(ACCOUNT, row.event_id)
    assert entry is not None
    assert find(ACCOUNT, row.request_id) == entry
    assert (entry.who, entry.action, entry.service, entry.via, entry.result) == (
        "user ada",
        "DeleteQueue",
        "sqs",
        "AWS CLI",
        ("rejected", "denied"),
    )
    assert (entry.resource_name, entry.resource_url) == ("parcels", "")  # what was refused may not be there
    made = find(ACCOUNT, call("CreateQueue", 1).event_id)
    assert made is not None
    assert made.resource_url == f"/w/{ACCOUNT}/resources/queues/parcels/"
    assert [form.id for form in entry.forms("http://localhost:4566")] == ["cli", "boto3", "curl"]

    run = invocation("11111111-1111-4111-a111-111111111111", 2, qualifier="live", source="function-url")
    entry = find(ACCOUNT, run.request_id)
    assert entry is not None
    assert (entry.who, entry.action, entry.via, entry.resource_name) == ("root", "Invoke", "function URL", "orders:live")
    assert "orders" in entry.forms("http://localhost:4566")[0].text


def test_a_call_can_be_made_again_from_what_its_record_kept() -> None:
    members = {"FunctionName": "orders", "Tags": {"Team": "blue"}, "VpcConfig": {"SubnetIds": ["s-1"]}}
    parameters = {"functionName": "orders", "tags": {"Team": "blue"}, "vpcConfig": {"subnetIds": ["s-1"]}, "unknown": 1}
    row = call("CreateFunction", 1, service="lambda", request_parameters=parameters)
    entry = find(ACCOUNT, row.event_id)
    assert entry is not None
    text = next(form.text for form in entry.forms("http://localhost:4566") if form.id == "boto3")
    assert all(f"    {name}={value!r},\n" in text for name, value in members.items())


def test_what_was_written_is_told_to_the_lists_that_want_it() -> None:
    row, run = call("CreateQueue", 1), invocation("run", 2)
    event = {"kind": "trail", "events": [row.event_id], "invocations": [run.request_id]}
    rows = fragments.trail_rows(ACCOUNT, [event], "")
    assert [each["id"] for each in rows] == [f"trail-{row.event_id}", "trail-run"]
    assert [each["id"] for each in fragments.trail_rows(ACCOUNT, [event], "show=data")] == ["trail-run"]
    assert fragments.trail_rows(ACCOUNT, [{"kind": "invocation"}], "") == []


def test_the_page_asks_as_much_for_three_rows_as_for_one(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    counts = []
    for rows in (1, 3):
        while TrailEvent.objects.count() < rows:
            call("CreateQueue", 1)
            invocation(f"run-{TrailEvent.objects.count()}", 2)
        with CaptureQueriesContext(connection) as asked:
            assert b"CreateQueue" in client.get(f"/w/{ACCOUNT}/trail/").content
        counts.append(len(asked))
    assert counts[0] == counts[1] < 6


def test_an_empty_trail_has_a_line_to_copy(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    page = client.get(f"/w/{ACCOUNT}/trail/").content.decode()
    assert "aws --endpoint-url http://testserver:4566 lambda list-functions" in page
    assert "No such entry" in client.get(f"/w/{ACCOUNT}/trail/?event=gone").content.decode()


def test_a_nul_in_a_question_is_as_if_it_were_not_there(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    row = call("CreateQueue", 1)
    assert Filters.parse({"q": "par\0cels"}).q == "parcels"
    page = client.get(f"/w/{ACCOUNT}/trail/?q=par%00cels&event={row.event_id}%00").content.decode()
    assert "No such entry" not in page
    assert "CreateQueue" in page
    assert client.get(f"/w/{ACCOUNT}/invocations/a%00b/").status_code == 404


def test_events_are_forgotten_after_ninety_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail_events, "MOST_KEPT", 2)
    for second in (-91 * 86_400, 1, 2, 3):
        call("CreateQueue", second)
    trail_events.expire()
    assert told() == ["CreateQueue-3", "CreateQueue-2"]


def noted() -> list[dict[str, Any]]:
    return [json.loads(fields[b"trail"])["record"] for _, fields in store.connection().xrange(store.TRAIL_KEY)]


def test_what_is_done_on_a_page_is_in_the_trail(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    address = f"/w/{ACCOUNT}/resources/queues/"
    assert client.post(address, {"name": "made-here"}).status_code == 302
    client.post(f"{address}made-here/purge/", {"confirm": "made-here"})
    assert client.post(f"{address}made-here/delete/", {"confirm": "no"}).status_code == 422
    client.post(f"{address}made-here/delete/", {"confirm": "made-here"})
    client.post(f"/w/{ACCOUNT}/functions/chatty/delete/", {"confirm": "chatty"})
    records = noted()
    told = [(record["eventName"], record["userIdentity"]["type"], record["sessionCredentialFromConsole"]) for record in records]
    assert [name for name, *_ in told] == ["CreateQueue", "PurgeQueue", "DeleteQueue", "DeleteFunction20150331"]
    assert {each[1:] for each in told} == {("Root", "true")}
    assert records[0]["resources"][0]["ARN"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:made-here"


def test_calls_of_a_functions_page_are_in_the_trail_with_what_they_set(client: Client) -> None:
    function = a_function_row(accounts.ensure(ACCOUNT), "told").function
    function_urls.create(ACCOUNT, "told", None, {"AuthType": "NONE"})
    Alias.objects.create(function=function, name="live", function_version=LATEST)
    address = f"/w/{ACCOUNT}/functions/told/"
    forms = [
        ("url/open/", {}),
        ("url/open/", {}),  # nothing is missing any more
        ("concurrency/reserve/", {"reserved": "7"}),
        ("concurrency/reserve/", {"reserved": ""}),
        ("aliases/save/", {"name": "live", "function_version": LATEST, "description": "now"}),
    ]
    assert {client.post(address + path, sent).status_code for path, sent in forms} == {302}
    told = [(record["eventName"].partition("20")[0], record["requestParameters"]) for record in noted()]
    assert [name for name, _ in told] == ["AddPermission"] * 2 + ["PutFunctionConcurrency", "DeleteFunctionConcurrency", "UpdateAlias"]
    assert [sent["action"] for _, sent in told[:2]] == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    assert told[2][1]["reservedConcurrentExecutions"] == 7
    assert (told[4][1]["functionVersion"], told[4][1]["routingConfig"]) == (LATEST, {"additionalVersionWeights": {}})


def test_a_denied_calls_explainer_says_what_was_decided_then_and_leads_back(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    verdict = may_send_now(Sending(ADA, "sqs:DeleteQueue", QUEUE))
    event = call("DeleteQueue", 1, refused(verdict, ACCOUNT), principal=ADA)
    entry = find(ACCOUNT, event.event_id)
    assert entry is not None
    page = client.get(entry.decision_url).content.decode()
    assert "<strong>denied</strong>: no identity-based policy allows sqs:DeleteQueue." in page
    assert f"/trail/?event={event.event_id}#entry" in page


def test_what_a_fault_did_is_marked_in_the_list_and_beside_it(client: Client) -> None:
    accounts.ensure(ACCOUNT)
    invocation("struck", 1, steps=[{"station": "run", "detail": {"injected": True, "fault": "throttle"}}])
    invocation("plain", 2, steps=[{"station": "run", "detail": {"error_message": '"injected": true'}}])
    entries = trail_list.page(ACCOUNT, Filters()).entries
    assert [(entry.id, entry.is_injected) for entry in entries] == [("plain", False), ("struck", True)]
    assert client.get(f"/w/{ACCOUNT}/trail/?event=struck").content.decode().count(">injected<") == 2


def test_a_call_leads_to_what_it_caused_and_each_of_these_leads_back(client: Client) -> None:
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
    publish = call("Publish", 1, service="sns", request_id="publish-1", resources=[("AWS::SNS::Topic", arn)])
    invocation("run-1", 2, parent_request_id="publish-1", source="sns")
    invocation("run-2", 3, parent_request_id="run-1", source="lambda")
    unknown = invocation("run-3", 4, parent_request_id="not-kept", source="events")
    assert publish.category == "data"
    assert [told("show=data"), told("show=management")] == [["run-3", "run-2", "run-1", "publish-1"], []]

    def page(path: str) -> str:
        return client.get(f"/w/{ACCOUNT}/{path}").content.decode()

    entry = page(f"trail/?event={publish.event_id}")
    assert "Invocations that it caused" in entry
    assert f"/w/{ACCOUNT}/invocations/run-1/" in entry.partition("Invocations that it caused")[2].partition("</ul>")[0]
    link = f'href="/w/{ACCOUNT}/trail/?event=publish-1#entry">Publish</a>'
    assert [page(f"invocations/run-{number}/").count(link) for number in (1, 2)] == [2, 1]  # in the head and the chain; in the chain
    assert "a call that the trail does not record" in page(f"invocations/{unknown.request_id}/")
    assert f"/w/{ACCOUNT}/invocations/run-2/" in page("trail/?event=run-1").partition("Invocations that it caused")[2].partition("</ul>")[0]


def test_messages_are_recorded_by_a_button_and_no_more_by_the_same(client: Client) -> None:
    def wanted() -> bool:
        return Account.objects.get(pk=ACCOUNT).records_messages

    for record, word in (("yes", "Record messages no more"), ("no", "Record messages too")):
        answer = client.post(f"/w/{ACCOUNT}/trail/messages/", {"record": record}, follow=True)
        assert word in answer.content.decode()
        assert wanted() is (record == "yes")
