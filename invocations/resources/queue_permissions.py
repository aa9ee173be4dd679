"""Who else may use a queue: AddPermission and RemovePermission, which write statements of its policy."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from invocations import clock
from invocations.models import Queue
from invocations.resources.queues import locked
from invocations.services.sqs.errors import invalid_value, sqs_error
from invocations.services.sqs.queue_config import queue_arn

MOST_ACTIONS: Final = 7

_LABEL = re.compile(r"[a-zA-Z0-9_-]{1,80}")
_SHAREABLE: Final = frozenset(
    {"*", "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl"}
    | {"ListDeadLetterSourceQueues", "PurgeQueue"}
)
"""Actions that AddPermission takes."""


def add(account_id: str, name: str, label: str, account_ids: Sequence[str], actions: Sequence[str]) -> None:
    """Adds a statement to the queue's policy. Raises InvalidParameterValue, OverLimit."""
    if not _LABEL.fullmatch(label):
        raise invalid_value(label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
    if len(actions) > MOST_ACTIONS:
        raise sqs_error("OverLimit", f"{len(actions)} Actions were found, maximum allowed is {MOST_ACTIONS}.", 403)
    for action in actions:
        if action not in _SHAREABLE:
            reason = "Please refer to the appropriate WSDL for a list of valid actions. "
            raise invalid_value(f"SQS:{action}", "ActionName", reason)
    for each in account_ids:
        if not re.fullmatch(r"\d{12}", each):
            raise invalid_value([each], "PrincipalId", "Unable to verify.")
    arn = queue_arn(account_id, name)
    principals = [f"arn:aws:iam::{each}:root" for each in account_ids]
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_all(principals)},
        "Action": _one_or_all([f"SQS:{action}" for action in actions]),
        "Resource": arn,
    }
    with transaction.atomic():
        row = locked(account_id, name)
        policy = _policy_of(row)
        if any(each.get("Sid") == label for each in policy["Statement"]):
            raise invalid_value(label, "Label", "Already exists.")
        policy["Statement"].append(statement)
        _save_policy(row, policy)


def remove(account_id: str, name: str, label: str) -> None:
    """Takes a statement out of the queue's policy; with the last one the policy goes. Raises InvalidParameterValue."""
    with transaction.atomic():
        row = locked(account_id, name)
        policy = _policy_of(row)
        left = [each for each in policy["Statement"] if each.get("Sid") != label]
        if len(left) == len(policy["Statement"]):
            raise invalid_value(label, "Label", "can't find label.")
        _save_policy(row, policy | {"Statement": left})


def _policy_of(row: Queue) -> dict[str, Any]:
    empty = {"Version": "2008-10-17", "Id": f"{queue_arn(row.account_id, row.name)}/SQSDefaultPolicy", "Statement": []}
    policy: dict[str, Any] = empty | json.loads(row.attributes.get("Policy", "{}"))
    if isinstance(policy["Statement"], dict):
        policy["Statement"] = [policy["Statement"]]
    return policy


def _save_policy(row: Queue, policy: Mapping[str, Any]) -> None:
    if policy["Statement"]:
        row.attributes["Policy"] = json.dumps(policy)
    else:
        row.attributes.pop("Policy", None)
    row.last_modified = clock.now()
    row.save(update_fields=["attributes", "last_modified"])


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
