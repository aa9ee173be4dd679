"""What the worker makes of a queued event when the service fails it, and when a delivery does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings

from invocations import account_clock, catalogue, clock, event_queue, store
from invocations.deliver import _version, deliver
from invocations.enums import Station
from invocations.errors import AwsError, ServiceException
from invocations.event_queue import QueuedEvent, TakenOver, Tried
from invocations.execution import dispatch
from invocations.models import Account, EventInvokeConfig, Function
from invocations.news import News
from invocations.record import Record
from invocations.resources import queues
from invocations.retry import Attempt
from invocations.services import sqs
from invocations.values import InvokeRequest, Principal
from tests.function_rows import a_function_row
from tests.invocations.snapshots import a_function

pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]

ACCOUNT, NAME = "313131313131", "orders"
Answer = Callable[[], AwsError | None]
"""What the service answers to a try; None: it goes away before it answers."""


@pytest.fixture(autouse=True)
def _a_function_and_a_clock_that_stands(redis_server: None) -> None:
    a_function_row(Account.objects.create(account_id=ACCOUNT), NAME)
    catalogue.changed(ACCOUNT, NAME)
    account_clock.set_paused(ACCOUNT, True)


async def queued(holder: str = "me", payload: bytes = b"{}") -> QueuedEvent:
    request = InvokeRequest(ACCOUNT, NAME, payload=payload)
    await event_queue.put(Record(request, Principal.root(ACCOUNT)))
    (event,) = await event_queue.claim(ACCOUNT, NAME, holder, 10)
    return event


async def with_service(answer: Answer, work: Callable[[], Awaitable[None]]) -> None:
    """Does *work* while something listens where the service does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meta, _ = await dispatch.read_frame(reader)
        error = answer()
        if error is not None:
            writer.write(dispatch.pack({"id": meta["id"], **dispatch.error_as_json(error)}))
            await writer.drain()
            await reader.read()
        writer.close()

    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    settings.SERVICE_SOCKET.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(serve, str(settings.SERVICE_SOCKET))
    try:
        async with asyncio.timeout(30):
            await work()
    finally:
        server.close()
        settings.SERVICE_SOCKET.unlink()


def tried(answer: Answer) -> tuple[QueuedEvent, float | None]:
    """One event as it is after a try that ended so, and when it is due."""

    async def work() -> None:
        await deliver(await queued(), News())

    asyncio.run(with_service(answer, work))
    ((event, due),) = event_queue.waiting(ACCOUNT, NAME)
    return event, due


def test_a_service_that_fails_is_backed_off_from_and_takes_no_attempt() -> None:
    event, due = tried(lambda: ServiceException("The service failed; its log says why."))
    assert due == pytest.approx(event.enqueued_at + 1)
    assert (event.runs, event.throttles, event.tried) == (0, 1, None)
    step = event.row["steps"][-1]
    assert (step["station"], step["outcome"]) == (Station.QUEUE, "retry")
    assert (step["detail"]["reason"], step["detail"]["error_code"]) == (str(Attempt.THROTTLED), "ServiceException")


def test_an_error_of_the_service_is_one_on_the_other_side_too() -> None:
    async def work() -> None:
        with pytest.raises(ServiceException, match="its log says why"):
            await dispatch.overview(ACCOUNT)

    asyncio.run(with_service(lambda: ServiceException("The service failed; its log says why."), work))


def test_what_another_has_taken_over_is_left_to_it() -> None:
    before = len(Record(InvokeRequest(ACCOUNT, NAME), Principal.root(ACCOUNT)).as_json()["steps"])
    event, due = tried(lambda: TakenOver("The event was taken over by another worker."))
    assert (due, event.holder, event.throttles, len(event.row["steps"])) == (None, "me", 0, before)


def test_nothing_is_asked_again_for_an_event_that_another_took_while_the_service_was_away() -> None:
    asked: list[str] = []

    def answer() -> AwsError | None:
        asked.append("once")
        store.connection().hset(*_holder_of_the_event(), "another")
        return None

    event, _ = tried(answer)
    assert (asked, event.holder) == (["once"], "another")


def test_an_event_that_grew_too_old_while_the_service_was_away_is_not_tried() -> None:
    asked: list[str] = []

    def answer() -> AwsError | None:
        asked.append("once")
        store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(account_clock.now(ACCOUNT) + 21_601))
        return None

    async def work() -> None:
        await deliver(await queued(), News())

    asyncio.run(with_service(answer, work))
    assert (asked, event_queue.count(ACCOUNT, NAME)) == (["once"], 0)


def _holder_of_the_event() -> tuple[str, str]:
    ((event, _),) = event_queue.waiting(ACCOUNT, NAME)
    return f"events:{ACCOUNT}:item:{event.request_id}", "holder"


def test_where_the_alias_is_gone_the_newest_code_says_where_a_dead_letter_goes() -> None:
    function = a_function()
    request = InvokeRequest(ACCOUNT, NAME, qualifier="gone")
    event = QueuedEvent(request, Principal.root(ACCOUNT), Record(request, Principal.root(ACCOUNT)).as_json())
    assert _version(event, function) is function.versions["$LATEST"]


def test_a_delivery_that_was_made_is_not_made_again_because_of_the_next() -> None:
    queues.create(ACCOUNT, "first", {})

    async def work() -> list[dict[str, Any]]:
        asked, over = asyncio.Event(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.set()
            await over.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        event = await queued()
        event.condition = "RetriesExhausted"
        endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        event.deliveries = [_sending("OnFailure", sqs.queue_arn(ACCOUNT, "first")), _sending("DeadLetterQueue", endpoint)]
        dying = asyncio.create_task(deliver(event, News()))
        async with asyncio.timeout(30):
            await asyncio.wait([dying, asyncio.create_task(asked.wait())], return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        over.set()
        server.close()
        found = await event_queue.find_async(ACCOUNT, event.request_id)
        assert found is not None
        return found.deliveries

    (left,) = asyncio.run(work())
    assert left["kind"] == "DeadLetterQueue"
    assert sqs.counts(ACCOUNT, "first").available == 1


def test_what_a_bucket_is_owed_is_stored_before_it_is_sent() -> None:
    """Its key has the time in it: after a death between the two, the record would lie there twice."""
    function = Function.objects.get()
    EventInvokeConfig.objects.create(function=function, qualifier="$LATEST", on_failure="arn:aws:s3:::not-there", last_modified=clock.now())
    catalogue.changed(ACCOUNT, NAME)

    async def work() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        event = await queued()
        event.tried = Tried(Attempt.REFUSED, 404, "ResourceNotFoundException", "gone")
        dying = asyncio.create_task(deliver(event, News()))
        async with asyncio.timeout(30):
            while not (stored := await event_queue.find_async(ACCOUNT, event.request_id)) or not stored.deliveries:
                await asyncio.sleep(0)
        dying.cancel()
        store.connection().hset(store.clock_key(ACCOUNT), "shown", repr(account_clock.now(ACCOUNT) + 5))
        again = await event_queue.find_async(ACCOUNT, event.request_id)
        assert again is not None
        owed = again.deliveries
        await deliver(again, News())
        left = await event_queue.find_async(ACCOUNT, event.request_id)
        assert left is not None
        return owed, left.deliveries

    (owed,), (left,) = asyncio.run(work())
    assert (left["failures"], left["detail"]["key"], left["body"]) == (1, owed["detail"]["key"], owed["body"])


def _sending(kind: str, arn: str) -> dict[str, Any]:
    return {"kind": kind, "arn": arn, "body": "{}", "detail": {}, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/none-here", "failures": 0}


def test_a_refusal_keeps_its_headers_on_the_way_from_the_service() -> None:
    refusal = ServiceException("injected")
    refusal.headers["x-playground-injected"] = "service-exception"

    async def ask() -> None:
        with pytest.raises(AwsError) as raised:
            await dispatch.invoke(InvokeRequest(ACCOUNT, NAME, payload=b"{}"), Principal.root(ACCOUNT))
        assert raised.value.headers == {"x-playground-injected": "service-exception"}

    asyncio.run(with_service(lambda: refusal, ask))
