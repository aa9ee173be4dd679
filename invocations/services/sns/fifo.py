"""FIFO topics: sequence numbers, and deduplication within five minutes of the account's clock.

A message counts as known only when it has been handed on to the subscribers. Where a process dies in between, the sender's
next try is handed on with the same id, and a FIFO queue that had it already drops it by its own deduplication.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from redis.commands.core import Script
from redis.exceptions import LockError

from invocations import clock, store
from invocations.services.sns.messages import Message
from invocations.services.sns.topic_config import TopicConfig
from invocations.values import new_request_id

_FOLDER: Final = Path(__file__).parent / "lua"
TURN_SECONDS: Final = 10.0
"""After which others publish to a topic where a publisher has died, or is as slow."""
_LOOK_SECONDS: Final = 0.005


@dataclass(frozen=True, slots=True)
class Claim:
    """A message's place in its topic."""

    message_id: str
    sequence_number: str
    is_duplicate: bool
    key: str


@contextmanager
def turn(topic: TopicConfig) -> Iterator[None]:
    """One publisher at a time, from its claim to the end of its handing on: so queues have the messages in the order of their
    numbers, and of two that are the same the second finds the first handed on."""
    lock = store.connection().lock(f"{topic.prefix}turn", timeout=TURN_SECONDS, sleep=_LOOK_SECONDS)
    lock.acquire()
    try:
        yield
    finally:
        with suppress(LockError):  # it took so long that others have the turn
            lock.release()


def claim(topic: TopicConfig, messages: Sequence[Message]) -> list[Claim]:
    """The place of each message; that of a duplicate, of one in the same batch too, is the first one's."""
    keys = [_key(topic, message) for message in messages]
    arguments = [part for key in keys for part in (new_request_id(), key)]
    found = _script("claim")(
        keys=[topic.prefix, store.clock_key(topic.account_id)], args=[f"{clock.epoch():.6f}", *arguments], client=store.connection()
    )
    return [
        Claim(message_id.decode(), sequence.decode(), bool(done) or key in keys[:number], key)
        for number, (key, (message_id, sequence, done)) in enumerate(zip(keys, found, strict=True))
    ]


def handed_on(topic: TopicConfig, claims: Sequence[Claim]) -> None:
    """From now on the same messages are duplicates."""
    _script("handed_on")(keys=[topic.prefix], args=[each.key for each in claims], client=store.connection())


def _key(topic: TopicConfig, message: Message) -> str:
    own = message.message_deduplication_id or message.content_hash
    return f"{message.message_group_id}\n{own}" if topic.deduplication_scope == "MessageGroup" else own


@cache
def _script(name: str) -> Script:
    return Script(store.connection(), (_FOLDER / f"{name}.lua").read_text())
