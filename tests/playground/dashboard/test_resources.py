"""Pages of resources without a browser: what they cost, what they refuse, what they keep for the drawer."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from invocations.models import Account
from invocations.resources import queues
from invocations.services import sqs

ACCOUNT = "000000000000"
ROOT = f"/w/{ACCOUNT}/resources/"
UNCHANGED = {"delay_seconds": "0", "receive_wait": "0", "retention": "345600", "maximum_size": "1048576"}
"""The attributes' form as it stands for a new queue."""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def visitor() -> Client:
    """Somebody on the pages of an account that has nothing yet."""
    Account.objects.create(account_id=ACCOUNT, seeded=True)
    return Client()


def cost(visitor: Client, path: str) -> int:
    """Database queries of one page."""
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", [ROOT, f"{ROOT}?view=topology", f"{ROOT}queues/", f"{ROOT}queues/q0/", f"{ROOT}queues/q0/?tab=attributes"])
def test_three_queues_more_cost_no_query_more(visitor: Client, path: str) -> None:
    queues.create(ACCOUNT, "q0")
    queues.create(ACCOUNT, "q1", redrive("q0"))
    one = cost(visitor, path)
    for name in ("q2", "q3", "q4"):
        queues.create(ACCOUNT, name, redrive("q0"))
    assert cost(visitor, path) == one


def test_the_topology_shows_each_place_with_its_counts_and_what_is_missing(visitor: Client) -> None:
    queues.create(ACCOUNT, "dlq")
    queues.create(ACCOUNT, "work", redrive("dlq"))
    queues.create(ACCOUNT, "other", redrive("dlq"))
    queues.create(ACCOUNT, "lonely")
    sqs.send_many(sqs.find(ACCOUNT, "dlq"), [sqs.Outgoing("dead")])
    page = visitor.get(f"{ROOT}?view=topology").content.decode()
    assert page.count(f'<a href="{ROOT}queues/dlq/">') == 2
    told = re.sub(r"<[^>]+>|\s+", " ", page)
    assert re.search(r"work +visible 0 · in flight 0 · delayed 0 +dead letters, after 2 receives.*?dlq +visible 1", told)
    assert re.search(r"Without an arrow: +default +lonely", told)
    queues.delete(ACCOUNT, "dlq")
    assert visitor.get(f"{ROOT}?view=topology").content.decode().count("does not exist") == 4  # twice drawn, twice in the table


def redrive(target: str) -> dict[str, str]:
    policy = {"deadLetterTargetArn": sqs.queue_arn(ACCOUNT, target), "maxReceiveCount": 2}
    return {"RedrivePolicy": json.dumps(policy)}


def test_a_queue_with_a_dead_letter_queue_is_made_at_once_and_its_arrow_is_in_the_list(visitor: Client) -> None:
    typed = {"name": "work", "is_fifo": "on", "has_dead_letter_queue": "on", "maximum_receives": "5"}
    answer = visitor.post(f"{ROOT}queues/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"{ROOT}queues/work.fifo/")
    assert json.loads(queues.get(ACCOUNT, "work.fifo").attributes["RedrivePolicy"]) == {
        "deadLetterTargetArn": sqs.queue_arn(ACCOUNT, "work-dlq.fifo"),
        "maxReceiveCount": 5,
    }
    listed = re.sub(r"<[^>]+>|\s+", " ", visitor.get(f"{ROOT}queues/").content.decode())
    assert re.search(r"work\.fifo +0 +0 +0 +work-dlq\.fifo +after 5 receives", listed)


def test_what_aws_refuses_is_said_in_its_words_with_its_name_and_nothing_typed_is_lost(visitor: Client) -> None:
    answer = visitor.post(f"{ROOT}queues/", {"name": "no spaces", "maximum_receives": "3"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length (InvalidParameterValue" in page
    assert 'value="no spaces"' in page


def test_a_sentence_is_told_once_and_the_call_stays_in_the_drawer(visitor: Client) -> None:
    queues.create(ACCOUNT, "orders")
    sent = visitor.post(f"{ROOT}queues/orders/send/", {"body": "it's one", "copies": "1", "attributes": "Kind=a b\nCount:Number=2"})
    assert sent.status_code == 302
    first, second = (visitor.get(f"{ROOT}queues/orders/").content.decode() for _ in range(2))
    assert [bool(re.search(r"Sent [0-9a-f-]{36}", page)) for page in (first, second)] == [True, False]
    for page in (first, second):
        assert "aws --endpoint-url http://testserver:4566 sqs send-message" in page.replace("&#x27;", "'")
        assert "client.send_message(" in page
        assert "X-Amz-Target: AmazonSQS.SendMessage" in page
    (message,) = sqs.peek(ACCOUNT, "orders")
    assert message.attributes == {
        "Kind": {"DataType": "String", "StringValue": "a b"},
        "Count": {"DataType": "Number", "StringValue": "2"},
    }


def test_looking_takes_nothing_from_anybody(visitor: Client) -> None:
    queues.create(ACCOUNT, "orders")
    sqs.send(ACCOUNT, "orders", "one")
    (message,) = sqs.peek(ACCOUNT, "orders")
    for _ in range(3):
        assert visitor.get(f"{ROOT}queues/orders/?message={message.message_id}").status_code == 200
    (received,) = sqs.receive(ACCOUNT, "orders")
    assert received.system["ApproximateReceiveCount"] == "1"


def test_a_consumer_receives_and_deletes_from_the_page(visitor: Client) -> None:
    queues.create(ACCOUNT, "orders")
    sqs.send(ACCOUNT, "orders", "one")
    sqs.send(ACCOUNT, "orders", "two")
    visitor.post(f"{ROOT}queues/orders/receive/", {"maximum": "2", "visibility_timeout": ""})
    assert sqs.counts(ACCOUNT, "orders").in_flight == 2
    one, two = (message.message_id for message in sqs.peek(ACCOUNT, "orders"))

    assert visitor.post(f"{ROOT}queues/orders/delete-message/", {"message": one}).status_code == 302
    assert visitor.post(f"{ROOT}queues/orders/give-back/", {"message": two}).status_code == 302
    assert [(message.body, message.state) for message in sqs.peek(ACCOUNT, "orders")] == [("two", "available")]

    again = visitor.post(f"{ROOT}queues/orders/delete-message/", {"message": two})
    assert again.status_code == 422
    assert b"was not received here" in again.content


def test_one_message_is_moved_to_the_dead_letter_queue_and_back_by_hand(visitor: Client) -> None:
    queues.create(ACCOUNT, "dead")
    queues.create(ACCOUNT, "orders", redrive("dead"))
    for body in ("one", "two", "held"):
        sqs.send(ACCOUNT, "orders", body)
    one, two, held = (message.message_id for message in sqs.peek(ACCOUNT, "orders"))

    answer = visitor.post(f"{ROOT}queues/orders/dead-letter/", {"message": two})
    assert answer.status_code == 302
    page = visitor.get(answer["Location"]).content.decode()
    assert f"Moved {two} from orders to here." in page
    assert '<option value="">the queue it came from</option>' in page
    assert [message.message_id for message in sqs.peek(ACCOUNT, "dead")] == [two]

    assert visitor.post(f"{ROOT}queues/dead/move-back/", {"message": two}).status_code == 302
    assert [message.body for message in sqs.peek(ACCOUNT, "orders")] == ["one", "held", "two"]
    again = visitor.post(f"{ROOT}queues/dead/move-back/", {"message": two})
    assert (again.status_code, "is not in the queue any more" in again.content.decode()) == (422, True)

    assert [message.message_id for message in sqs.receive(ACCOUNT, "orders", maximum=1)] == [one]
    in_flight = visitor.post(f"{ROOT}queues/orders/dead-letter/", {"message": one})
    assert (in_flight.status_code, "The message is in flight" in in_flight.content.decode()) == (422, True)
    assert "Move to dead" not in visitor.get(f"{ROOT}queues/orders/?message={one}").content.decode()
    assert "Move to dead" in visitor.get(f"{ROOT}queues/orders/?message={held}").content.decode()


@pytest.mark.parametrize(
    ("change", "typed", "said"),
    [
        ("dead-letter", {"message": "gone"}, "The message is not in the queue any more."),
        ("move-back", {"message": "gone", "destination": "arn:aws:sqs:us-east-1:111111111111:other"}, "Choose one of the queues"),
        ("send", {"body": "x", "attributes": "no sign", "copies": "1"}, "Line 1 has no equals sign"),
        ("send", {"body": "x", "delay_seconds": "901", "copies": "1"}, "DelaySeconds must be &gt;= 0 and &lt;= 900"),
        ("receive", {"maximum": "11"}, "Must be between 1 and 10, if provided. (InvalidParameterValue"),
        ("attributes", {"visibility_timeout": "43201"}, "Invalid value for the parameter VisibilityTimeout. (InvalidAttributeValue)"),
        ("purge", {"confirm": "other"}, "type orders to confirm"),
        ("move", {}, "Source queue must be configured as a Dead Letter Queue"),
        ("cancel-move", {"task": "none"}, "Task does not exist. (ResourceNotFoundException)"),
        ("delete", {"confirm": ""}, "type orders to confirm"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(visitor: Client, change: str, typed: dict[str, str], said: str) -> None:
    queues.create(ACCOUNT, "orders")
    sqs.send(ACCOUNT, "orders", "kept")
    answer = visitor.post(f"{ROOT}queues/orders/{change}/", (UNCHANGED if change == "attributes" else {}) | typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert [message.body for message in sqs.peek(ACCOUNT, "orders")] == ["kept"]


def test_only_attributes_that_were_changed_are_set(visitor: Client) -> None:
    queues.create(ACCOUNT, "dead")
    queues.create(ACCOUNT, "orders", {"VisibilityTimeout": "7"})
    typed = UNCHANGED | {"visibility_timeout": "9"}
    typed |= {"dead_letter_queue": sqs.queue_arn(ACCOUNT, "dead"), "maximum_receives": "4"}

    answer = visitor.post(f"{ROOT}queues/orders/attributes/", typed)
    assert answer.status_code == 302, answer.content.decode()
    assert set(queues.get(ACCOUNT, "orders").attributes) == {"VisibilityTimeout", "RedrivePolicy"}
    assert b"Changed RedrivePolicy, VisibilityTimeout." in visitor.get(f"{ROOT}queues/orders/?tab=attributes").content

    typed["dead_letter_queue"] = ""
    visitor.post(f"{ROOT}queues/orders/attributes/", typed)
    assert queues.get(ACCOUNT, "orders").attributes == {"VisibilityTimeout": "9"}


def test_unknown_kinds_names_tabs_and_changes_are_not_found(visitor: Client) -> None:
    queues.create(ACCOUNT, "orders")
    for path in ("nothing/", "queues/nobody/", "queues/orders/?tab=no"):
        assert visitor.get(ROOT + path).status_code == 404
    assert visitor.post(f"{ROOT}queues/orders/explode/").status_code == 404
    assert visitor.get(f"{ROOT}queues/orders/purge/").status_code == 405


def test_the_palette_finds_kinds_and_names(visitor: Client) -> None:
    queues.create(ACCOUNT, "orders")
    found = visitor.get(f"/w/{ACCOUNT}/palette/?q=order").content.decode()
    assert f"{ROOT}queues/orders/" in found
    assert f"{ROOT}queues/" in visitor.get(f"/w/{ACCOUNT}/palette/?q=queue").content.decode()


def test_the_event_of_a_message_fills_the_fire_panel(visitor: Client) -> None:
    queues.create(ACCOUNT, "dead")
    record = {
        "requestContext": {"requestId": "r", "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:hello:1", "condition": "x"},
        "requestPayload": {"name": "Ada"},
        "responsePayload": None,
    }
    sent = sqs.send(ACCOUNT, "dead", json.dumps(record))
    page = visitor.get(f"/w/{ACCOUNT}/fire/?queue=dead&message={sent.message_id}&fn=echo").content.decode()
    assert "{\n  &quot;name&quot;: &quot;Ada&quot;\n}</textarea>" in page

    gone = visitor.get(f"/w/{ACCOUNT}/fire/?queue=dead&message=gone&fn=echo").content.decode()
    assert "The message gone is not in the queue dead any more." in gone
