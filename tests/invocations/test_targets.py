"""One message to whatever an ARN names, and what is told of one that cannot be sent."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from invocations import http_post, own_addresses, targets
from invocations.errors import AwsError, ServiceException
from invocations.outbox import Delivery
from invocations.resources import queues
from invocations.services import sqs

ACCOUNT = "111111111111"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none-here"


def send(target: str, body: str) -> str:
    return asyncio.run(targets.send(Delivery(ACCOUNT, target, body, "events", role_arn=ROLE)))


def test_what_breaks_its_sender_counts_as_a_failure_of_the_service() -> None:
    with pytest.raises(ServiceException, match="UnicodeEncodeError"):
        send(FUNCTION, "\ud800")


def test_an_arn_of_no_function_is_refused() -> None:
    with pytest.raises(AwsError, match="is not the ARN of a function"):
        send(f"{FUNCTION} of a name with blanks", "{}")


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
def test_a_queue_refuses_a_lone_surrogate_by_its_name() -> None:
    queues.create(ACCOUNT, "orders", {})
    with pytest.raises(AwsError, match="Invalid characters found"):
        send(sqs.queue_arn(ACCOUNT, "orders"), "\ud800")


@pytest.mark.usefixtures("redis_server")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", ["orders", "orders.fifo"])
def test_a_delivery_sent_again_is_the_same_message(queue: str) -> None:
    """As where its sender died before it could note the first."""
    queues.create(ACCOUNT, queue, {"FifoQueue": "true"} if queue.endswith(".fifo") else {})
    detail = {"message_group_id": "g", "message_deduplication_id": "d"} if queue.endswith(".fifo") else {}
    delivery = Delivery(ACCOUNT, sqs.queue_arn(ACCOUNT, queue), "{}", "lambda", role_arn=ROLE, detail=detail)
    first, again = asyncio.run(targets.send(delivery)), asyncio.run(targets.send(delivery))
    next_one = replace(delivery, delivery_id="another", detail=detail | {"message_deduplication_id": "e"} if detail else {})
    other = asyncio.run(targets.send(next_one))
    assert first == again
    received = sqs.receive(ACCOUNT, queue, maximum=10)
    assert [message.message_id for message in received] == [first, other]


def test_an_endpoint_that_hangs_stands_in_nobodys_way() -> None:
    async def work() -> str:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        asked, over = asyncio.Event(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await over.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        post = asyncio.create_task(http_post.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "{}", {}))
        try:
            async with asyncio.timeout(5):
                await asked.wait()
                return await asyncio.to_thread(str, "done")
        finally:
            over.set()
            server.close()
            await asyncio.gather(post, return_exceptions=True)

    assert asyncio.run(work()) == "done"


@pytest.mark.parametrize(("answered", "is_tried_again"), [(302, False), (404, False), (429, True), (500, True)])
def test_what_an_endpoint_answers_says_whether_it_is_asked_again(answered: int, is_tried_again: bool) -> None:
    async def work() -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"{}")
            writer.write(f"HTTP/1.1 {answered} As told\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".encode())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        with pytest.raises(AwsError, match=f"answered {answered}") as raised:
            await http_post.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "{}", {})
        server.close()
        return raised.value.http_status

    status = asyncio.run(work())
    assert (status >= 500 or status == 429) == is_tried_again


@pytest.mark.parametrize(
    ("url", "closed"),
    [
        ("http://localhost:4566/_playground/reset", True),
        ("http://localhost:4566/?Action=Publish", True),
        ("https://127.0.0.1:4443/", True),
        ("http://[::1]:8000/functions", True),
        ("http://localhost:6380/", True),
        ("http://localhost:4566/_playground/lambda-url/abc/", False),
        ("http://abc.lambda-url.us-east-1.localhost:4566/", False),
        ("https://abc.lambda-url.us-east-1.localhost:4443/_playground/reset", False),
        ("http://abc.lambda-url.us-east-1.example:4566/_playground/reset", True),
        ("http://abc.lambda-url.us-east-1.localhost:8000/", True),
        ("http://localhost:8001/hook", False),
    ],
)
def test_of_this_servers_own_addresses_function_urls_alone_are_posted_to(url: str, closed: bool, settings: Any) -> None:
    settings.PORT, settings.ENDPOINT_PORT, settings.HTTPS_PORT, settings.DOMAIN = 8000, 4566, 4443, ""
    settings.REDIS_URL = "redis://localhost:6380/0"
    parts = urlsplit(url)
    assert own_addresses.is_closed(parts, parts.port or 0) is closed


@pytest.mark.parametrize(
    ("redis_url", "engine", "host", "port", "ports"),
    [
        ("redis://localhost", "postgresql", "localhost", "", {6379, 5432}),
        ("rediss://localhost:7000/1", "postgresql", "db", "5555", {7000, 5555}),
        ("unix:///run/redis.sock", "postgresql", "/run/postgresql", "5432", set()),
        ("unix:///run/redis.sock", "sqlite3", "", "", set()),
    ],
)
def test_the_stores_ports_are_those_configured(redis_url: str, engine: str, host: str, port: str, ports: set[int]) -> None:
    database = {"ENGINE": f"django.db.backends.{engine}", "HOST": host, "PORT": port}
    assert own_addresses.store_ports(redis_url, database) == ports


def test_a_post_to_this_server_itself_is_a_delivery_that_failed(settings: Any) -> None:
    with pytest.raises(AwsError, match="itself"):
        asyncio.run(http_post.send(f"http://localhost:{settings.ENDPOINT_PORT}/_playground/reset", "{}", {}))
