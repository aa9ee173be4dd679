"""The policy that is attached to a resource, its owner and its tags: the resource's side of a decision.

Read from the database once and kept, by ARN; a change is heard of by the message that also drops the catalogue's snapshots.
(A function on the path of an invocation has its policies in its own snapshot.)
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models, transaction
from django.db.models import signals
from django.dispatch import receiver

from invocations import announce, catalogue
from invocations.arn import LATEST, function_arn, parse_function_name
from invocations.models import Bucket, EventBus, Function, Queue, Topic
from invocations.policies import MalformedPolicy, Policy, parse
from invocations.region import REGION
from invocations.remembered import Remembered

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attached:
    """What a decision must know of a resource."""

    owner_account_id: str
    """Empty where there is no such resource and its ARN does not tell."""
    policy: Policy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    exists: bool = True


def remembered(arn: str) -> Attached | None:
    """What was looked up lately, without asking the database; None where it has to be asked."""
    return _remembered.get(arn)


def find(arn: str, *, fresh: bool = False) -> Attached:
    """The resource's side. Asks the database where it is not remembered, and always where it has to be *fresh*."""
    return _remembered.find(arn, fresh=fresh)


def _load(arn: str) -> Attached:
    parts = arn.split(":", 5)
    load = _LOADERS.get(parts[2])
    return Attached(parts[4], exists=False) if load is None else load(parts[4], parts[5], arn)


_remembered = Remembered(_load, most=8192)


def compiled(document: Mapping[str, Any] | str, arn: str) -> Policy | None:
    """A stored policy; None for an empty one. One that cannot be read (services check less than IAM does) says nothing."""
    if not document:
        return None
    try:
        body = json.loads(document) if isinstance(document, str) else document
        return parse({"Version": "2008-10-17", **body}) if body.get("Statement") else None
    except (MalformedPolicy, ValueError) as error:
        log.warning("the policy of %s is not read: %s", arn, error)
        return None


_ARNS: Final[Mapping[type[models.Model], str]] = {
    Queue: f"arn:aws:sqs:{REGION}:{{0.account_id}}:{{0.name}}",
    Topic: f"arn:aws:sns:{REGION}:{{0.account_id}}:{{0.name}}",
    EventBus: f"arn:aws:events:{REGION}:{{0.account_id}}:event-bus/{{0.name}}",
    Bucket: "arn:aws:s3:::{0.name}",
}


@receiver([signals.post_save, signals.post_delete])
def _row_changed(sender: type[models.Model], instance: Any, **_: Any) -> None:
    """Whoever saves or deletes such a row: all processes hear of it once that is committed."""
    form = _ARNS.get(sender)
    if form is not None:
        account_id, arn = instance.account_id, form.format(instance)
        transaction.on_commit(lambda: _changed(account_id, arn))


def _changed(account_id: str, arn: str) -> None:
    _forget(account_id, arn)
    catalogue.changed(account_id, arn)
    announce.publish(account_id, [{"kind": "permissions"}])


def _forget(account_id: str, name: str) -> None:
    """*name*: a function's, or the ARN of something else."""
    if name.startswith("arn:"):
        _remembered.forget(lambda arn: arn == name)
    elif name:
        changed = function_arn(account_id, REGION, name)
        _remembered.forget(lambda arn: arn == changed or arn.startswith(f"{changed}:"))


catalogue.on_change(_forget)


def _function(account_id: str, _: str, arn: str) -> Attached:
    reference = parse_function_name(arn)
    row = None if reference is None else Function.objects.of(account_id).filter(name=reference.name).first()
    if reference is None or row is None:
        return Attached(account_id, exists=False)
    qualifier = "" if reference.qualifier in (None, LATEST) else reference.qualifier
    policy = row.policies.filter(qualifier=qualifier).first()
    return Attached(account_id, None if policy is None else parse(policy.document), dict(row.tags))


def _queue(account_id: str, name: str, arn: str) -> Attached:
    row = Queue.objects.of(account_id).filter(name=name).first()
    if row is None:
        return Attached(account_id, exists=False)
    return Attached(account_id, compiled(row.attributes.get("Policy", ""), arn), dict(row.tags))


def _topic(account_id: str, name: str, arn: str) -> Attached:
    row = Topic.objects.of(account_id).filter(name=name).first()
    if row is None:
        return Attached(account_id, exists=False)
    return Attached(account_id, compiled(row.attributes.get("Policy", ""), arn), dict(row.tags))


def _bus(account_id: str, name: str, arn: str) -> Attached:
    """The bus named default is there without a row."""
    bare = name.removeprefix("event-bus/")
    row = EventBus.objects.of(account_id).filter(name=bare).first()
    if row is None:
        return Attached(account_id, exists=bare == "default")
    return Attached(account_id, compiled(row.policy, arn), dict(row.tags))


def _bucket(_: str, name: str, arn: str) -> Attached:
    """Names are everybody's: the ARN has no account."""
    row = Bucket.objects.filter(name=name).first()
    return Attached("", exists=False) if row is None else Attached(row.account_id, compiled(row.policy, arn), dict(row.tags))


_LOADERS: Final[Mapping[str, Callable[[str, str, str], Attached]]] = {
    "lambda": _function,
    "sqs": _queue,
    "sns": _topic,
    "events": _bus,
    "s3": _bucket,
}
"""Service part of the ARN -> what reads it, from account, the rest, and the whole."""
SERVICES: Final = frozenset(_LOADERS)
"""Services whose resources can have a policy here."""
