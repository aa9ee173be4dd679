"""Which accounts the worker looks at."""

import asyncio

import pytest

from invocations import store
from invocations.resources import queues
from invocations.services import sqs
from invocations.ticker import Ticker

IDLE, WAITING = "111111111111", "222222222222"
pytestmark = [pytest.mark.usefixtures("redis_server"), pytest.mark.django_db(transaction=True)]


def looked_at() -> set[str]:
    return {member.decode() for member in store.connection().smembers(store.DUE_ACCOUNTS)}


def test_an_account_for_which_nothing_waits_is_looked_at_no_more_until_something_does() -> None:
    for account_id in (IDLE, WAITING):
        queues.create(account_id, "q", {})
    assert not {IDLE, WAITING} & looked_at()
    sqs.send_many(sqs.find(WAITING, "q"), [sqs.Outgoing("later", delay_seconds=900)])
    store.connection().sadd(store.DUE_ACCOUNTS, IDLE)
    assert not asyncio.run(Ticker({}, {})._look({IDLE, WAITING}))
    assert WAITING in looked_at()
    assert IDLE not in looked_at()
    sqs.send_many(sqs.find(IDLE, "q"), [sqs.Outgoing("now")])
    assert IDLE not in looked_at()
    sqs.receive(IDLE, "q", visibility_timeout=60)
    assert IDLE in looked_at()
