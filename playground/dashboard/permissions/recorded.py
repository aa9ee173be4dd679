"""What was decided for calls that happened, and the question to ask again; what calls are made on behalf of."""

from dataclasses import dataclass

from asgiref.sync import async_to_sync

from invocations.enums import Station
from invocations.models import Bucket, Rule, Topic
from invocations.services.eventbridge.names import rule_arn
from invocations.services.s3.access import bucket_arn
from invocations.services.sns import topic_arn
from invocations.values import Step
from playground.dashboard import invocation_view
from playground.dashboard.invocation_view import InvocationView
from playground.dashboard.permissions.asked import Asked, function_call

_MOST = 100


@dataclass(frozen=True, slots=True)
class Then:
    """What was decided when the call was made."""

    request_id: str
    allowed: bool
    reason: str
    at: float


def asked_by(account_id: str, request_id: str) -> Asked | None:
    """The question of an invocation: of its refusal, of a delivery that was refused afterwards, or of what let it in."""
    view = async_to_sync(invocation_view.find)(account_id, request_id)
    step = None if view is None else _deciding(view)
    return None if view is None or step is None else _of_step(account_id, view, step)


def then(account_id: str, request_id: str) -> Then | None:
    """What was decided for an invocation; None where that is not known."""
    view = async_to_sync(invocation_view.find)(account_id, request_id) if request_id else None
    step = None if view is None else _deciding(view)
    if step is None:
        return None
    decision = step.detail.get("decision") or {"allowed": True, "reason": step.detail.get("reason", "")}
    return Then(request_id, decision["allowed"], decision["reason"], step.at)


def sources(account_id: str) -> list[str]:
    """ARNs on whose behalf services call: topics, rules and buckets of the account."""
    topics = [topic_arn(account_id, name) for name in Topic.objects.of(account_id).values_list("name", flat=True)[:_MOST]]
    rules = [rule_arn(account_id, bus, name) for bus, name in Rule.objects.of(account_id).values_list("bus_name", "name")[:_MOST]]
    buckets = [bucket_arn(name) for name in Bucket.objects.of(account_id).values_list("name", flat=True)[:_MOST]]
    return [*sorted(topics), *sorted(rules), *sorted(buckets)]


def _deciding(view: InvocationView) -> Step | None:
    refused = next((step for step in view.steps if "decision" in step.detail), None)
    return refused or next((step for step in view.steps if step.station is Station.AUTHORIZE and "principal" in step.detail), None)


def _of_step(account_id: str, view: InvocationView, step: Step) -> Asked:
    if "decision" in step.detail:
        return Asked.of_decision(account_id, step.detail["decision"])
    return function_call(account_id, step.detail["principal"], view.function_name, view.qualifier, step.detail.get("source_arn", ""))
