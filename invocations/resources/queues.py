"""Queues: what can be configured of them. The database holds it; what messages must know is copied to where they are."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import IntegrityError, transaction

from invocations import announce, clock
from invocations.errors import AwsError
from invocations.models import Account, Queue
from invocations.resources import queue_attributes
from invocations.services import sqs
from invocations.services.sqs import calls, queue_config
from invocations.services.sqs.errors import invalid_parameter, invalid_value, missing_parameter, queue_does_not_exist, sqs_error
from invocations.services.sqs.queue_config import DEFAULTS, FIFO_DEFAULTS, QueueConfig, parse_queue_arn, queue_arn

MOST_LISTED: Final = 1000
MOST_TAGS: Final = 50

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"[a-zA-Z0-9_-]{1,75}\.fifo")


def create(account_id: str, name: str, attributes: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None) -> Queue:
    """Makes a queue; one that is there already with the same attributes is given back. Raises what CreateQueue raises."""
    given = dict(attributes or {})
    is_fifo = given.get("FifoQueue", "").lower() == "true"
    _check_name(name, is_fifo)
    if "FifoQueue" in given and not is_fifo:
        raise queue_attributes.unknown("FifoQueue")
    queue_attributes.check(given, is_fifo=is_fifo)
    queue_attributes.check_combination(given)
    _check_tags(tags or {})
    existing = Queue.objects.of(account_id).filter(name=name).first()
    if existing is None:
        _check_dead_letter_queue(account_id, name, given)
        existing = _insert(account_id, name, queue_attributes.normalized({k: v for k, v in given.items() if v != ""}), tags or {})
    for attribute, value in given.items():
        if not queue_attributes.is_same(attribute, value, existing.attributes):
            message = f"A queue already exists with the same name and a different value for attribute {attribute}"
            raise sqs_error("QueueNameExists", message)
    return existing


def _insert(account_id: str, name: str, attributes: Mapping[str, str], tags: Mapping[str, str]) -> Queue:
    now = clock.now()
    account, _ = Account.objects.get_or_create(account_id=account_id)
    try:
        with transaction.atomic():
            row = Queue.objects.create(
                account=account, name=name, attributes=dict(attributes), tags=dict(tags), created_at=now, last_modified=now
            )
    except IntegrityError:  # somebody was quicker
        row = get(account_id, name)
    _announce(queue_config.write(row))
    return row


def get(account_id: str, name: str) -> Queue:
    """The queue's row. Raises QueueDoesNotExist."""
    row = Queue.objects.of(account_id).filter(name=name).first()
    if row is None:
        raise queue_does_not_exist()
    return row


def delete(account_id: str, name: str) -> None:
    """Deletes a queue with its messages. Raises QueueDoesNotExist."""
    row = get(account_id, name)
    config = queue_config.write(row)
    calls.remove(config)  # first: what dies between the two steps leaves an empty queue, not an orphan
    row.delete()
    _announce(config)


def list_all(account_id: str, prefix: str = "", max_results: int | None = None, next_token: str = "") -> tuple[list[str], str | None]:
    """Names in their order, and the token of the next page if *max_results* left any out."""
    if max_results is not None and not 1 <= max_results <= MOST_LISTED:
        raise invalid_value(max_results, "MaxResults", f"MaxResults must be an integer between 1 and {MOST_LISTED}.")
    rows = Queue.objects.of(account_id).filter(name__startswith=prefix).order_by("name").values_list("name", flat=True)
    return _page(rows, max_results, next_token)


def dead_letter_sources(account_id: str, name: str, max_results: int | None = None, next_token: str = "") -> tuple[list[str], str | None]:
    """Names of the queues whose redrive policy leads to this one, by pages. Raises QueueDoesNotExist."""
    return _page(_sources_of(get(account_id, name)), max_results, next_token)


def is_dead_letter_queue(account_id: str, name: str) -> bool:
    """Whether some queue's redrive policy leads to it."""
    return bool(_sources_of(get(account_id, name)))


def attributes_of(account_id: str, name: str, names: Iterable[str]) -> dict[str, str]:
    """GetQueueAttributes: those of *names* ("All" for each) that the queue has. Raises InvalidAttributeName."""
    wanted = set(names)
    for each in wanted:
        if each not in queue_attributes.READABLE:
            raise queue_attributes.unknown(each)
    row = get(account_id, name)
    if not wanted:
        return {}
    values: dict[str, str] = {**DEFAULTS, **(FIFO_DEFAULTS if row.name.endswith(".fifo") else {}), **row.attributes}
    values |= {
        "QueueArn": queue_arn(account_id, name),
        "CreatedTimestamp": str(int(row.created_at.timestamp())),
        "LastModifiedTimestamp": str(int(row.last_modified.timestamp())),
    }
    if wanted & {"All", *queue_attributes.COUNTS}:
        counts = sqs.counts(account_id, name)
        values |= zip(queue_attributes.COUNTS, map(str, (counts.available, counts.in_flight, counts.delayed)), strict=True)
    return {each: value for each, value in values.items() if "All" in wanted or each in wanted}


def set_attributes(account_id: str, name: str, attributes: Mapping[str, str]) -> None:
    """Changes some attributes; an empty policy takes it away. Raises what SetQueueAttributes raises."""
    get(account_id, name)
    is_fifo = name.endswith(".fifo")
    if not attributes:
        raise missing_parameter("Attribute.Name")
    if "FifoQueue" in attributes:
        if not is_fifo:
            raise queue_attributes.unknown("FifoQueue")
        if attributes["FifoQueue"].lower() != "true":
            message = "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."
            raise sqs_error("InvalidAttributeValue", message)
    queue_attributes.check(attributes, is_fifo=is_fifo)
    _check_dead_letter_queue(account_id, name, attributes)
    before = sqs.find(account_id, name)
    with transaction.atomic():
        row = locked(account_id, name)
        merged = row.attributes | queue_attributes.normalized(attributes)
        if merged.get("KmsMasterKeyId") and attributes.get("SqsManagedSseEnabled") == "true":
            queue_attributes.check(merged | attributes, is_fifo=is_fifo)
        queue_attributes.check_combination(merged)
        row.attributes = {each: value for each, value in merged.items() if value != ""}
        row.last_modified = clock.now()
        row.save(update_fields=["attributes", "last_modified"])
    _announce(before, queue_config.write(row))


def tag(account_id: str, name: str, tags: Mapping[str, str]) -> None:
    """Adds tags, or changes their values."""
    with transaction.atomic():
        row = locked(account_id, name)
        _check_tags(row.tags | dict(tags))
        row.tags |= dict(tags)
        row.save(update_fields=["tags"])


def untag(account_id: str, name: str, keys: Iterable[str]) -> None:
    """Takes tags away; those that are not there do no harm."""
    with transaction.atomic():
        row = locked(account_id, name)
        row.tags = {key: value for key, value in row.tags.items() if key not in set(keys)}
        row.save(update_fields=["tags"])


def queue_of_arn(arn: str, parameter: str) -> tuple[str, str]:
    """(account id, name) of the existing queue that a move task's parameter names. Raises ResourceNotFoundException."""
    found = parse_queue_arn(arn)
    if found is None:
        form = "arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
        raise invalid_parameter(f"You must use this format to specify the {parameter}: {form}")
    if not Queue.objects.of(found[0]).filter(name=found[1]).exists():
        message = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise sqs_error("ResourceNotFoundException", message, 404)
    return found


def restore_all() -> None:
    """Writes every queue's configuration to where messages meet it: for the start of a service whose Redis may be new."""
    for row in Queue.objects.all():
        queue_config.write(row)


def _announce(*configs: QueueConfig) -> None:
    """Tells pages of queues that changed, and of their dead-letter queues, which show where messages come from."""
    account_id = configs[0].account_id
    names = {config.name for config in configs} | {config.dead_letter_queue for config in configs} - {""}
    announce.publish(account_id, [{"kind": "resource", "service": "sqs", "name": name} for name in sorted(names)])


def _check_name(name: str, is_fifo: bool) -> None:
    if is_fifo and not _FIFO_NAME.fullmatch(name):
        raise invalid_parameter(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix and be 1 to 80 in length."
        )
    if not is_fifo and not _NAME.fullmatch(name):
        raise invalid_parameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise invalid_parameter(f"Too many tags added for queue. The limit is {MOST_TAGS} tags.")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise invalid_value(key, "TagKey", "Tag keys must be between 1 and 128 characters in length and not begin with aws:.")
        if len(value) > 256:
            raise invalid_value(value, "TagValue", "Tag values must be between 0 and 256 characters in length.")


def _check_dead_letter_queue(account_id: str, name: str, attributes: Mapping[str, str]) -> None:
    text = attributes.get("RedrivePolicy")
    if not text:
        return

    def refused(reason: str) -> AwsError:
        return invalid_value(text, "RedrivePolicy", reason)

    owner, target = queue_attributes.check_redrive_policy(text)
    row = Queue.objects.of(owner).filter(name=target).first() if owner == account_id else None
    if row is None:
        raise refused("Dead letter target does not exist.")
    if name.endswith(".fifo") != target.endswith(".fifo"):
        raise refused("Dead-letter queue must be same type of queue as the source.")
    if not queue_attributes.allows_source(row.attributes.get("RedriveAllowPolicy", ""), queue_arn(account_id, name)):
        raise refused("The redrive allow policy of the dead-letter queue does not allow this source queue.")


def _sources_of(row: Queue) -> list[str]:
    arn = queue_arn(row.account_id, row.name)
    return [
        each.name
        for each in Queue.objects.of(row.account_id).filter(attributes__has_key="RedrivePolicy").order_by("name")
        if json.loads(each.attributes["RedrivePolicy"]).get("deadLetterTargetArn") == arn
    ]


def locked(account_id: str, name: str) -> Queue:
    """The queue's row, kept from others until the transaction ends. Raises QueueDoesNotExist."""
    row = Queue.objects.of(account_id).select_for_update().filter(name=name).first()
    if row is None:
        raise queue_does_not_exist()
    return row


def _page(names: Iterable[str], limit: int | None, token: str) -> tuple[list[str], str | None]:
    try:
        after = base64.b64decode(token, validate=True).decode() if token else ""
    except (binascii.Error, UnicodeDecodeError):
        raise invalid_value(token, "NextToken", "Invalid or expired next token.") from None
    left = [name for name in names if name > after]
    page = left[: limit or MOST_LISTED]
    more = limit is not None and len(left) > len(page)
    return page, base64.b64encode(page[-1].encode()).decode() if more else None
