"""The function URL as a lane of the fire panel: which ways can be combined, and what the HTTP client got."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from invocations import clock
from invocations.models import Account, Function, FunctionUrl, Invocation
from invocations.resources import function_urls
from playground.dashboard import invocation_models, lanes, url_lane, url_metrics
from playground.dashboard.fire_panel import panel
from playground.dashboard.invocation_models import ASYNC, DRY, SYNC, URL, Model
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.url_forms import RequestForm
from tests.function_rows import a_function_row
from tests.playground.dashboard.records import record, step

ACCOUNT = "000000000000"
CALLED = (step("accept", 0, "ok"), step("run", 2, "success"))


def view(response: object = None, **columns: object) -> InvocationView:
    fields = {"source": "function-url", "response_payload": json.dumps(response).encode()}
    return InvocationView.from_record(record(*CALLED) | fields | columns)


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("sync", [SYNC]),
        ("url", [URL]),
        ("dry", [DRY]),
        ("sync,url,async", [SYNC, URL, ASYNC]),
        ("sync,async", [SYNC, ASYNC]),
        ("sync,dry", []),
        ("sync,sync", []),
        ("sync,", []),
        ("", []),
        ("sqs", []),
    ],
)
def test_which_ways_can_be_combined(text: str, models: list[Model]) -> None:
    assert invocation_models.parse(text) == models
    assert all(text in {value for value, *_ in invocation_models.choices(text)} for _ in models)


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (view({"statusCode": 418, "body": "tea"}), 418),
        (view({"order": 42}), 200),
        (view({"statusCode": "no"}), 502),
        (view({"errorType": "KeyError"}, function_error="Unhandled", state="function error"), 502),
        (view(state="rejected", status_code=403), 403),
        (view(state="rejected", status_code=404), 403),
        (view(state="throttled", status_code=429), 429),
        (view(http_status=201), 201),
    ],
)
def test_what_the_client_got(shown: InvocationView, status: int) -> None:
    assert url_lane.status_of(shown) == status


def test_lanes_are_told_apart_by_how_they_were_called() -> None:
    shown = lanes.of_views(ACCOUNT, [view({"statusCode": 201}), view(source="api")])
    assert [lane.model for lane in shown.lanes] == [URL, SYNC]
    assert (shown.models, shown.first) == ("url,sync", shown.lanes[1].view)
    assert shown.lanes[0].answer.startswith("HTTP 201 after")
    missing = lanes.of_views(ACCOUNT, [view(source="api"), URL])
    assert (missing.runs.partition(".")[2], missing.lanes[1].view) == ("url", None)


@pytest.mark.parametrize(("field", "value"), [("origin", "https://a.example\nX-Own: 1"), ("headers", "X-Own: a\x01b")])
def test_a_header_that_is_no_single_line_is_refused_by_the_form(field: str, value: str) -> None:
    form = RequestForm({"method": "GET", "path": "/", field: value})
    assert list(form.errors) == [field]


@pytest.mark.django_db
def test_a_url_has_the_metrics_of_its_own_requests() -> None:
    account, _ = Account.objects.get_or_create(account_id=ACCOUNT)
    function = Function.objects.create(account=account, name="counted")
    url = FunctionUrl(function=function, qualifier="$LATEST", url_id="u", auth_type="NONE")
    assert url_metrics.of(url) == url_metrics.UrlMetrics()

    def called(number: int, response: bytes, **columns: object) -> None:
        at = clock.now() - timedelta(minutes=number)
        known = {"function_name": "counted", "source": "function-url", "state": "succeeded", "status_code": 200, "steps": []}
        known |= {"received_at": at, "ended_at": at + timedelta(milliseconds=20), "request_payload": b"", "response_payload": response}
        Invocation.objects.create(account=account, request_id=f"counted-{number}", **(known | columns))

    called(1, b"", http_status=404)
    called(2, b'"fine"')
    called(3, b"{}", function_error="Unhandled")  # from before the status was kept
    called(4, b"", state="rejected", status_code=403)
    called(5, b'"by its alias"', qualifier="live")
    called(6, b'"by Invoke"', source="api")
    called(61, b'"long ago"')
    assert url_metrics.of(url) == url_metrics.UrlMetrics(4, 2, 1, 20.0)


@pytest.mark.django_db
def test_a_function_without_a_url_is_told_how_to_get_one() -> None:
    account, _ = Account.objects.get_or_create(account_id=ACCOUNT)
    Function.objects.create(account=account, name="urlless")
    filled = panel(ACCOUNT, "http://localhost:4566", {"fn": "urlless", "models": "url", "payload": "{}"})
    assert not filled.check()
    assert filled.problem == "urlless has no function URL. Its URL tab makes one."
    assert filled.calls == []


@pytest.mark.django_db
def test_a_lane_leads_to_the_dead_letter_queue_of_the_version_that_ran() -> None:
    account, _ = Account.objects.get_or_create(account_id=ACCOUNT)
    version = a_function_row(account, "lettered")
    version.dead_letter_target_arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"
    version.save()
    event = view(invocation_type="Event", source="api", function_name="lettered", qualifier="", executed_version="$LATEST")
    (lane,) = lanes.of_views(ACCOUNT, [event]).lanes
    assert [place.name for place in lane.failures] == ["dead"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
def test_a_function_in_a_vpc_says_so_on_its_urls_tab(client: Client) -> None:
    account, _ = Account.objects.get_or_create(account_id=ACCOUNT, defaults={"seeded": True})
    version = a_function_row(account, "inside")
    function_urls.create(ACCOUNT, "inside", None, {"AuthType": "NONE"})
    said = "it cannot be used from within a private VPC"
    page = f"/w/{ACCOUNT}/functions/inside/url/"
    assert said not in client.get(page).content.decode()
    version.stored_options = {"VpcConfig": {"SubnetIds": ["subnet-1"]}}
    version.save()
    assert said in client.get(page).content.decode()
