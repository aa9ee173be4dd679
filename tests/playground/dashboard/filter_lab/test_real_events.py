"""Events of the account itself, as the lab's picker takes them."""

import pytest
from django.http import QueryDict

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


def test_what_has_none_is_a_sentence() -> None:
    sent = QueryDict("mode=events&do=add&sample=real%3Anobody")

    assert Lab.read(sent, ACCOUNT).problem == "nobody has none."
