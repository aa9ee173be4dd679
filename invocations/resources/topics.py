"""Topics: what can be configured of them. The database holds it; what messages must know is copied to where they are."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction

from invocations import announce, clock
from invocations.errors import AwsError, aws_error
from invocations.models import Account, Subscription, Topic
from invocations.resources import topic_attributes
from invocations.services.sns import history, topic_config
from invocations.services.sns.arns import topic_arn
from invocations.services.sns.errors import invalid_parameter, topic_does_not_exist

PAGE: Final = 100
MOST_TAGS: Final = 50
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,256}")
_FIFO_NAME = re.compile(r"[a-zA-Z0-9_-]{1,251}\.fifo")
_FIFO_NAME_RULE: Final = (
    "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, "
    "and hyphens, and must be between 1 and 256 characters long."
)


def create(
    account_id: str,
    name: str,
    attributes: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    data_protection_policy: str = "",
) -> Topic:
    """Makes a topic; one that is there already with the same attributes and tags is given back. Raises what CreateTopic raises."""
    given = dict(attributes or {})
    is_fifo = given.pop("FifoTopic", "false").lower() == "true"
    _check_name(name, is_fifo)
    for attribute, value in given.items():
        topic_attributes.check(attribute, value, is_fifo=is_fifo)
    kept = {each: topic_attributes.normalized(each, value) for each, value in given.items() if value != ""}
    _check_tags(tags or {})
    row = Topic.objects.of(account_id).filter(name=name).first()
    if row is None:
        return _insert(account_id, name, kept, tags or {}, data_protection_policy)
    _check_same(row, kept, tags or {})
    return row


def _insert(account_id: str, name: str, attributes: Mapping[str, str], tags: Mapping[str, str], data_protection_policy: str) -> Topic:
    account, _ = Account.objects.get_or_create(account_id=account_id)
    try:
        with transaction.atomic():
            row = Topic.objects.create(
                account=account,
                name=name,
                attributes=dict(attributes),
                tags=dict(tags),
                data_protection_policy=data_protection_policy,
                created_at=clock.now(),
            )
    except IntegrityError:  # somebody was quicker
        row = get(account_id, name)
    put_in_force(row)
    return row


def _check_same(row: Topic, attributes: Mapping[str, str], tags: Mapping[str, str]) -> None:
    present = topic_attributes.all_of(row, 0, 0)
    if any(present.get(name) != value for name, value in attributes.items()):
        raise invalid_parameter("Attributes Reason: Topic already exists with different attributes")
    if any(row.tags.get(key) != value for key, value in tags.items()):
        raise invalid_parameter("Tags Reason: Topic already exists with different tags")


def get(account_id: str, name: str) -> Topic:
    """The topic's row. Raises NotFound."""
    row = Topic.objects.of(account_id).filter(name=name).first()
    if row is None:
        raise topic_does_not_exist()
    return row


def delete(account_id: str, name: str) -> None:
    """Deletes a topic with its subscriptions; one that is not there does no harm."""
    topic_config.forget(account_id, name)  # first: what dies between the two steps leaves a topic, not an orphan
    with transaction.atomic():
        row = Topic.objects.of(account_id).select_for_update().filter(name=name).first()
        if row is not None:
            row.delete()
    topic_config.forget(account_id, name)  # a publish may have restored it in between
    history.forget(account_id, name)
    _announce(account_id, name)


def list_all(account_id: str, next_token: str = "") -> tuple[list[Topic], str | None]:
    """By name, a hundred a page."""
    rows = Topic.objects.of(account_id).filter(name__gt=read_token(next_token)).order_by("name")
    return page(list(rows[: PAGE + 1]), lambda row: row.name)


def attributes_of(account_id: str, name: str) -> dict[str, str]:
    """GetTopicAttributes. Raises NotFound."""
    row = get(account_id, name)
    pending = list(row.subscriptions.values_list("pending_confirmation", flat=True))
    return topic_attributes.all_of(row, len(pending) - sum(pending), sum(pending))


def set_attribute(account_id: str, name: str, attribute: str, value: str) -> None:
    """Changes an attribute; an empty value takes it away. Raises what SetTopicAttributes raises."""
    get(account_id, name)
    topic_attributes.check(attribute, value, is_fifo=name.endswith(".fifo"))
    with transaction.atomic():
        row = locked(account_id, name)
        row.attributes[attribute] = topic_attributes.normalized(attribute, value)
        row.attributes = {each: text for each, text in row.attributes.items() if text != ""}
        save(row, "attributes")
    put_in_force(row)


def set_data_protection_policy(account_id: str, name: str, policy: str) -> None:
    """It is kept and given back; nothing is masked by it."""
    with transaction.atomic():
        row = locked(account_id, name)
        row.data_protection_policy = policy
        save(row, "data_protection_policy")


def tag(account_id: str, name: str, tags: Mapping[str, str]) -> None:
    """Adds tags, or changes their values."""
    with transaction.atomic():
        row = _tagged(account_id, name)
        _check_tags(row.tags | dict(tags))
        row.tags |= dict(tags)
        row.save(update_fields=["tags"])


def untag(account_id: str, name: str, keys: Iterable[str]) -> None:
    """Takes tags away; those that are not there do no harm."""
    with transaction.atomic():
        row = _tagged(account_id, name)
        row.tags = {key: value for key, value in row.tags.items() if key not in set(keys)}
        row.save(update_fields=["tags"])


def tags_of(account_id: str, name: str) -> dict[str, str]:
    """ListTagsForResource. Raises ResourceNotFound."""
    row = Topic.objects.of(account_id).filter(name=name).first()
    if row is None:
        raise _no_resource()
    return dict(row.tags)


def add_permission(account_id: str, name: str, label: str, account_ids: Sequence[str], actions: Sequence[str]) -> None:
    """Adds a statement to the topic's policy. Raises InvalidParameter."""
    if any(not topic_attributes.shareable(action) for action in actions):
        raise invalid_parameter("Policy statement action out of service scope!")
    if any(not re.fullmatch(r"\d{12}", each) for each in account_ids):
        raise invalid_parameter("Policy Error: PrincipalNotFound")
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_all([f"arn:aws:iam::{each}:root" for each in account_ids])},
        "Action": _one_or_all([f"SNS:{action}" for action in actions]),
        "Resource": topic_arn(account_id, name),
    }
    with transaction.atomic():
        row = locked(account_id, name)
        policy = _policy_of(row)
        if any(each.get("Sid") == label for each in policy["Statement"]):
            raise invalid_parameter("Statement already exists")
        policy["Statement"].append(statement)
        row.attributes["Policy"] = json.dumps(policy)
        save(row, "attributes")
    put_in_force(row)


def remove_permission(account_id: str, name: str, label: str) -> None:
    """Takes a statement out of the topic's policy; one that is not there does no harm."""
    with transaction.atomic():
        row = locked(account_id, name)
        policy = _policy_of(row)
        policy["Statement"] = [each for each in policy["Statement"] if each.get("Sid") != label]
        if policy["Statement"]:
            row.attributes["Policy"] = json.dumps(policy)
        else:
            row.attributes.pop("Policy", None)
        save(row, "attributes")
    put_in_force(row)


def with_foreign_subscriptions(account_id: str) -> list[int]:
    """Keys of other accounts' topics to which this one subscribed: to be written anew when its subscriptions are gone."""
    rows = Subscription.objects.of(account_id).exclude(topic__account_id=account_id)
    return list(rows.values_list("topic_id", flat=True).distinct())


def rewrite(keys: Iterable[int]) -> None:
    """Brings what messages meet of these topics up to date."""
    for key in keys:
        with transaction.atomic():
            row = Topic.objects.select_for_update().filter(pk=key).first()
            if row is None:
                continue
            save(row)
        put_in_force(row)


def locked(account_id: str, name: str) -> Topic:
    """The row, held until the transaction ends: changes of a topic and its subscriptions come one after the other. Raises NotFound."""
    row = Topic.objects.of(account_id).select_for_update().filter(name=name).first()
    if row is None:
        raise topic_does_not_exist()
    return row


def save(row: Topic, *fields: str) -> None:
    """Saves a locked row under its next version."""
    row.version += 1
    row.save(update_fields=["version", *fields])


def put_in_force(row: Topic) -> topic_config.TopicConfig:
    """Brings what messages meet up to date, and pages too; to be called after each commit that changed a topic's version."""
    config = topic_config.write(row)
    _announce(row.account_id, row.name)
    return config


def page(rows: list[Any], key: Any) -> tuple[list[Any], str | None]:
    """A page of rows, of which one too many was fetched, and the token of the next."""
    shown = rows[:PAGE]
    return shown, base64.b64encode(str(key(shown[-1])).encode()).decode() if len(rows) > PAGE else None


def read_token(token: str) -> str:
    """What `page` put into a token. Raises InvalidParameter."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid_parameter("NextToken") from None


def _announce(account_id: str, name: str) -> None:
    announce.publish(account_id, [{"kind": "resource", "service": "sns", "name": name}])


def _tagged(account_id: str, name: str) -> Topic:
    row = Topic.objects.of(account_id).select_for_update().filter(name=name).first()
    if row is None:
        raise _no_resource()
    return row


def _no_resource() -> AwsError:
    return aws_error("ResourceNotFound", "Resource does not exist", 404)


def _check_name(name: str, is_fifo: bool) -> None:
    if is_fifo and not _FIFO_NAME.fullmatch(name):
        raise invalid_parameter(_FIFO_NAME_RULE)
    if not is_fifo and not _NAME.fullmatch(name):
        raise invalid_parameter("Topic Name")


def _check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise aws_error("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_parameter("Tags Reason: Tag keys must not begin with aws:")


def _policy_of(row: Topic) -> dict[str, Any]:
    text = row.attributes.get("Policy")
    policy: dict[str, Any] = json.loads(text) if text else topic_attributes.default_policy(row.account_id, row.name)
    if isinstance(policy.get("Statement"), dict):
        policy["Statement"] = [policy["Statement"]]
    return policy


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
