"""What pages show of a topic: its last messages with what each subscriber got, and the e-mails that nobody sends."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Final, cast

from invocations import fast_json, store
from invocations.services.sns.envelopes import Issued
from invocations.services.sns.outcomes import Fate, Outcome
from invocations.services.sns.topic_config import TopicConfig, prefix_of

KEPT_MESSAGES: Final = 200
SHOWN_MESSAGES: Final = 50
KEPT_MAILS: Final = 100
LONGEST_SHOWN: Final = 4096
"""Characters of a message's body."""
OUTCOME_SECONDS: Final = 86_400
"""How long it is known what became of a delivery that waited in the outbox."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail in a topic's inbox."""

    message_id: str
    at: str
    """ISO 8601, on the account's clock."""
    address: str
    subject: str
    body: str
    subscription_id: str
    token: str = ""
    """Of one that asks to confirm the subscription."""


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A message that was published."""

    message_id: str
    at: str
    subject: str
    body: str
    is_cut: bool
    """The body is longer than shown."""
    attributes: dict[str, list[str]]
    """Type and value; of a binary one how long it is."""
    message_group_id: str
    sequence_number: str
    outcomes: list[Outcome]
    parent_request_id: str = ""
    """Of the call, or of the invocation, that published it."""


def record(topic: TopicConfig, issued: Sequence[Issued], outcomes: Sequence[Sequence[Outcome]], mails: Sequence[Mail]) -> None:
    """Remembers messages and what came of each; the oldest go."""
    entries = [fast_json.dumps(_entry(each, came)) for each, came in zip(issued, outcomes, strict=True)]
    with store.connection().pipeline(transaction=False) as pipeline:
        if entries:
            pipeline.lpush(f"{topic.prefix}recent", *entries)
            pipeline.ltrim(f"{topic.prefix}recent", 0, KEPT_MESSAGES - 1)
        if mails:
            pipeline.lpush(f"{topic.prefix}inbox", *[fast_json.dumps(asdict(mail)) for mail in mails])
            pipeline.ltrim(f"{topic.prefix}inbox", 0, KEPT_MAILS - 1)
        pipeline.hincrby(_pulse_key(topic.account_id), topic.name, 1)
        pipeline.execute()


def recent(account_id: str, topic_name: str, limit: int = SHOWN_MESSAGES) -> list[PastMessage]:
    """The last messages, the newest first."""
    found = cast("list[bytes]", store.connection().lrange(f"{prefix_of(account_id, topic_name)}recent", 0, limit - 1))
    entries = [fast_json.loads(each) for each in found]
    messages = [PastMessage(**{**entry, "outcomes": [Outcome(**each) for each in entry["outcomes"]]}) for entry in entries]
    settled = _settled(account_id, [each.delivery_id for message in messages for each in message.outcomes if each.delivery_id])
    for message in messages:
        message.outcomes[:] = [settled[each.delivery_id](each) if each.delivery_id in settled else each for each in message.outcomes]
    return messages


async def note_outcome(account_id: str, topic_name: str, delivery_id: str, fate: Fate, reason: str = "") -> None:
    """Remembers what became of a message that waited in the outbox; to be called before it leaves it."""
    async with store.async_connection().pipeline(transaction=False) as pipeline:
        pipeline.set(_outcome_key(account_id, delivery_id), fast_json.dumps([str(fate), reason]), ex=OUTCOME_SECONDS)
        pipeline.hincrby(_pulse_key(account_id), topic_name, 1)
        await pipeline.execute()


def pulse(account_id: str, topic_name: str = "") -> str:
    """A text that differs once something was published, or came of it: to one topic, or to any of the account."""
    client = store.connection()
    return repr(client.hget(_pulse_key(account_id), topic_name) if topic_name else sorted(client.hgetall(_pulse_key(account_id)).items()))


def forget(account_id: str, topic_name: str) -> None:
    """A deleted topic's pulse."""
    store.connection().hdel(_pulse_key(account_id), topic_name)


def _settled(account_id: str, delivery_ids: Sequence[str]) -> dict[str, Callable[[Outcome], Outcome]]:
    """Delivery id -> the outcome as it is now, of those that were tried."""
    keys = [_outcome_key(account_id, each) for each in delivery_ids]
    kept = cast("list[bytes | None]", store.connection().mget(keys)) if keys else []
    found = {delivery_id: fast_json.loads(text) for delivery_id, text in zip(delivery_ids, kept, strict=True) if text is not None}
    return {delivery_id: partial(replace, fate=fate, reason=reason) for delivery_id, (fate, reason) in found.items()}


def _pulse_key(account_id: str) -> str:
    return f"sns-pulse:{account_id}"


def _outcome_key(account_id: str, delivery_id: str) -> str:
    return f"sns-outcome:{account_id}:{delivery_id}"


def inbox(account_id: str, topic_name: str, limit: int = KEPT_MAILS) -> list[Mail]:
    """The e-mails to a topic's subscribers, the newest first."""
    found = cast("list[bytes]", store.connection().lrange(f"{prefix_of(account_id, topic_name)}inbox", 0, limit - 1))
    return [Mail(**fast_json.loads(each)) for each in found]


def _entry(issued: Issued, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    message = issued.message
    return {
        "message_id": issued.message_id,
        "at": issued.timestamp,
        "subject": message.subject or "",
        "body": message.body[:LONGEST_SHOWN],
        "is_cut": len(message.body) > LONGEST_SHOWN,
        "attributes": {
            name: [attribute["DataType"], attribute.get("StringValue") or f"{len(attribute['BinaryValue'])} bytes"]
            for name, attribute in message.attributes.items()
        },
        "message_group_id": message.message_group_id,
        "sequence_number": issued.sequence_number,
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "parent_request_id": issued.parent_request_id,
    }
