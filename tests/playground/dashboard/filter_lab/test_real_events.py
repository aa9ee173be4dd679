"""Events of the account itself, as the lab's picker takes them."""

import pytest
from django.http import QueryDict
from django.test import Client

from invocations.models import Account
from invocations.resources import queues, topics
from invocations.services import eventbridge, sns, sqs
from playground.dashboard.filter_lab.lab import Lab

ACCOUNT = "444444444444"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture(autouse=True)
def _something_happened(redis_server: None) -> None:
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    queues.create(ACCOUNT, "orders")
    sqs.send_many(sqs.find(ACCOUNT, "orders"), [sqs.Outgoing('{"kind": "order"}')])
    topics.create(ACCOUNT, "news")
    attributes = {"kind": {"DataType": "String", "StringValue": "sale"}, "seal": {"DataType": "Binary", "BinaryValue": b"x"}}
    sns.publish(ACCOUNT, "news", '{"order": 7}', attributes=attributes)
    eventbridge.put_events(ACCOUNT, [{"Source": "shop", "DetailType": "Sold", "Detail": '{"order": 7}'}])


@pytest.mark.parametrize(
    ("mode", "name", "pattern"),
    [
        ("sqs", "orders", '{"body": {"kind": ["order"]}}'),
        ("events", "default", '{"source": ["shop"], "detail": {"order": [7]}}'),
        ("sns-attributes", "news", '{"kind": ["sale"]}'),
        ("sns-body", "news", '{"order": [7]}'),
    ],
)
def test_what_there_is_of_each_sort_is_offered_added_and_matched(mode: str, name: str, pattern: str) -> None:
    sent = QueryDict(mutable=True)
    sent.update({"mode": mode, "pattern": pattern, "event": "{}", "do": "add", "sample": f"real:{name}"})

    lab = Lab.read(sent, ACCOUNT)

    assert lab.real is not None
    assert name in lab.real[1]
    assert [event.verdict.word for event in lab.events][1:] == ["match"]


@pytest.mark.parametrize(
    ("mode", "name", "pattern", "matched"),
    [
        ("sqs", "orders", '{"body": {"kind": ["order"]}}', 1),
        ("events", "default", '{"source": ["other"]}', 0),
        ("sns-attributes", "news", '{"kind": ["sale"]}', 1),
        ("sns-body", "news", '{"order": [8]}', 0),
    ],
)
def test_a_pattern_is_run_on_the_last_records_of_what_is_chosen(mode: str, name: str, pattern: str, matched: int) -> None:
    sent = QueryDict(mutable=True)
    sent.update({"mode": mode, "pattern": pattern, "run": name})
    lab = Lab.read(sent, ACCOUNT)
    assert lab.run is not None
    assert (lab.run.matched, len(lab.run.records)) == (matched, 1)
    assert Lab.read(QueryDict(lab.query), ACCOUNT).run == lab.run


def test_as_many_records_are_run_as_there_are_but_no_more_than_two_hundred() -> None:
    sqs.send_many(sqs.find(ACCOUNT, "orders"), [sqs.Outgoing(f'{{"kind": "{number}"}}') for number in range(210)])
    eventbridge.put_events(ACCOUNT, [{"Source": "x", "DetailType": "t", "Detail": '{"a": "' + "x" * 66_000 + '"}'}])
    for query, count in (("mode=sqs&run=orders", 200), ("mode=events&run=default", 1)):  # a large event is kept only in part
        lab = Lab.read(QueryDict(query), ACCOUNT)
        assert lab.run is not None
        assert len(lab.run.records) == count
    newest = Lab.read(QueryDict("mode=sqs&run=orders"), ACCOUNT).run
    assert newest is not None
    assert [newest.records[at].excerpt for at in (0, -1)] == ['{"kind": "209"}', '{"kind": "10"}']


@pytest.mark.parametrize("query", ["mode=events&run=nobody", "mode=kinesis&run=orders", "mode=sqs&run=orders&pattern=%7B", "mode=sqs"])
def test_without_a_source_or_a_pattern_nothing_is_run(query: str) -> None:
    assert Lab.read(QueryDict(query), ACCOUNT).run is None


def test_what_has_none_is_a_sentence() -> None:
    sent = QueryDict("mode=events&do=add&sample=real%3Anobody")

    assert Lab.read(sent, ACCOUNT).problem == "nobody has none."


@pytest.mark.parametrize(
    ("mode", "into", "place"),
    [("events", "default", "buses/default/?"), ("sns-body", "news", "topics/news/?"), ("sns-attributes", "news", "topics/news/?")],
)
def test_a_pattern_leads_to_the_form_that_makes_something_of_it(mode: str, into: str, place: str) -> None:
    sent, visitor = {"mode": mode, "pattern": '{"a": ["&"]}', "do": "create", "into": into}, Client()
    answer = visitor.post(f"/w/{ACCOUNT}/filters/", sent)
    assert answer["Location"].startswith(f"/w/{ACCOUNT}/resources/{place}")
    page = visitor.get(answer["Location"]).content.decode()
    assert "{&quot;a&quot;: [&quot;&amp;&quot;]}</textarea>" in page
    assert ('<option value="MessageBody" selected>' in page) == (mode == "sns-body")

    assert visitor.post(f"/w/{ACCOUNT}/filters/", sent, headers={"HX-Request": "true"})["HX-Redirect"] == answer["Location"]
    assert "/filters/" in visitor.post(f"/w/{ACCOUNT}/filters/", sent | {"into": "nowhere"})["Location"]
