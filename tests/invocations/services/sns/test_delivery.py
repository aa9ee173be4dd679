"""What a topic owes, sent: to a web address on this machine, with its retries, and at last to the dead-letter queue."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from invocations import account_clock, outbox, store
from invocations.outbox_sender import send_one
from invocations.services import sns, sqs
from tests.invocations.services.sns.topics_of_tests import ACCOUNT, a_queue, a_topic, fates, queue_arn, subscribe

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


class Subscriber(ThreadingHTTPServer):
    """An HTTP endpoint that answers as it is told, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        """Statuses to answer with, one after the other; 200 when there are none left."""
        self.received: list[tuple[dict[str, str], str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?a=b"


class _Handler(BaseHTTPRequestHandler):
    server: Subscriber

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with Subscriber() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send_all(target: str) -> int:
    """Sends what is due; how many that were."""

    async def send() -> int:
        claimed = await outbox.QUEUE.claim(ACCOUNT, target, "test", 10, 30.0)
        for each in claimed:
            await send_one(each)
        await store.async_connection().aclose()
        return len(claimed)

    return asyncio.run(send())


def test_an_endpoint_confirms_and_is_told(subscriber: Subscriber) -> None:
    row = subscribe(a_topic(), "http", subscriber.url, confirmed=False)
    assert send_all(subscriber.url) == 1
    headers, body = subscriber.received[0]
    assert (headers["x-amz-sns-message-type"], json.loads(body)["Token"]) == ("SubscriptionConfirmation", row.token)
    subscribe("orders", "http", subscriber.url)
    published = sns.publish(ACCOUNT, "orders", "höllo")
    assert fates("orders") == [(subscriber.url, "queued")]
    send_all(subscriber.url)
    headers, body = subscriber.received[-1]
    assert (headers["x-amz-sns-message-id"], headers["content-type"]) == (published.message_id, "text/plain; charset=UTF-8")
    assert json.loads(body)["Message"] == "höllo"
    assert fates("orders") == [(subscriber.url, "delivered")]


def test_an_endpoint_in_trouble_is_tried_again_and_then_its_dead_letter_queue_has_the_message(subscriber: Subscriber) -> None:
    a_topic(DeliveryPolicy='{"http": {"defaultHealthyRetryPolicy": {"numRetries": 1}}}')
    a_queue("dead")
    subscribe("orders", "http", subscriber.url, RedrivePolicy=json.dumps({"deadLetterTargetArn": queue_arn("dead")}))
    send_all(subscriber.url)
    subscriber.answers = [503, 500]
    sns.publish(ACCOUNT, "orders", "hello")
    send_all(subscriber.url)
    assert fates("orders") == [(subscriber.url, "waiting to retry")]
    assert send_all(subscriber.url) == 0
    account_clock.skip_to_next(ACCOUNT)
    assert send_all(subscriber.url) == 1
    assert fates("orders") == [(subscriber.url, "dead-lettered")]
    (letter,) = sqs.peek(ACCOUNT, "dead")
    assert (json.loads(letter.body)["Message"], letter.attributes) == ("hello", {})


def test_an_endpoint_that_refuses_is_not_tried_again(subscriber: Subscriber) -> None:
    subscribe(a_topic(), "http", subscriber.url)
    send_all(subscriber.url)
    subscriber.answers = [403]
    sns.publish(ACCOUNT, "orders", "hello")
    send_all(subscriber.url)
    assert fates("orders") == [(subscriber.url, "dropped")]
    assert outbox.waiting(ACCOUNT, subscriber.url) == []
