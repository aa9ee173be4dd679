"""When a page connects two things, what is missing for it in a policy is added and told, as AWS's console does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from invocations import identities
from invocations.delivery_rights import ACTIONS, sendings_of
from invocations.destinations import key_prefix
from invocations.errors import AwsError
from invocations.models import FunctionVersion
from invocations.outbox import Delivery
from invocations.region import REGION
from invocations.resources import grants
from invocations.services.eventbridge.names import rule_arn
from invocations.services.scheduler.names import schedule_arn
from invocations.services.sns import topic_arn
from invocations.targets import service_of
from invocations.values import Members
from playground.dashboard import console_trail
from playground.dashboard.api_call import ApiCall
from playground.dashboard.changes import sentence


@contextmanager
def all_or_nothing(account_id: str) -> Iterator[None]:
    """What is granted within stays only if the change for which it is granted is made too."""
    try:
        with transaction.atomic():
            yield
    except AwsError:
        identities.changed_on_commit(account_id)  # it may be remembered already
        raise


def subscriber(account_id: str, topic: str, *target_arns: str) -> str:
    """A topic's subscriber, and its dead-letter queue: sentences for the page, empty where nothing was missing."""
    return _allow([Delivery(account_id, arn, "", "sns", topic_arn(account_id, topic)) for arn in target_arns])


def rule_target(account_id: str, bus: str, rule: str, target: Members) -> str:
    """A rule's target and its dead-letter queue. (A bus of the same account needs no permission.)"""
    origin = rule_arn(account_id, bus, rule)
    arns = [target["Arn"], *filter(None, [target.get("DeadLetterConfig", {}).get("Arn")])]
    return _allow([Delivery(account_id, arn, "", "events", origin) for arn in arns if ":event-bus/" not in arn])


def schedule_target(account_id: str, group: str, name: str, target: Members) -> str:
    """A schedule's target and its dead-letter queue, for its role."""
    origin = schedule_arn(account_id, group, name)
    arns = [target["Arn"], *filter(None, [target.get("DeadLetterConfig", {}).get("Arn")])]
    return _allow([Delivery(account_id, arn, "", "scheduler", origin, target["RoleArn"]) for arn in arns])


def destinations(version: FunctionVersion, *target_arns: str) -> str:
    """A version's destinations and dead-letter queue, for its execution role."""
    function = version.function
    origin = f"arn:aws:lambda:{REGION}:{function.account_id}:function:{function.name}:{version.version}"
    anywhere = {"key": f"{key_prefix(function.name)}*"}
    return _allow([Delivery(function.account_id, arn, "", "lambda", origin, version.role, anywhere) for arn in target_arns if arn])


def _allow(deliveries: list[Delivery]) -> str:
    """Only what is missing is added. What cannot be is told by whatever is refused then."""
    told = []
    for sending in [each for delivery in deliveries if service_of(delivery.target) in ACTIONS for each in sendings_of(delivery)]:
        try:
            grant = grants.ensure(sending)
        except AwsError as error:
            told.append(f"The permission could not be added: {sentence(error)}")
            continue
        if grant is not None:
            console_trail.note(ApiCall(grant.service, grant.operation, dict(grant.members)))
            told.append(f"{grant.title} lets it in now.")
    return " ".join(dict.fromkeys(told))
