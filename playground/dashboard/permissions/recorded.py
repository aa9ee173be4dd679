"""What was decided for calls that happened, and the question to ask again; what calls are made on behalf of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync

from invocations.enums import Station
from invocations.models import Bucket, Role, Rule, Topic, TrailEvent
from invocations.policies import Layer
from invocations.services.eventbridge.names import rule_arn
from invocations.services.s3.access import bucket_arn
from invocations.services.sns import topic_arn
from invocations.values import Step
from playground.dashboard import invocation_view
from playground.dashboard.api_call import ApiCall
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
    further: tuple[Asked, ...] = ()
    """What else the call needed: a function URL's needs two actions."""
    event_id: str = ""
    """Of a management call, by which the trail finds it."""
    new_session: ApiCall | None = None
    """What would help where the session's own policies stopped it."""


def asked_by(account_id: str, request_id: str) -> Asked | None:
    """The question of an invocation: of its refusal, of a delivery that was refused afterwards, or of what let it in."""
    view = async_to_sync(invocation_view.find)(account_id, request_id)
    step = None if view is None else _deciding(view)
    return None if view is None or step is None else _of_step(account_id, view, step)


def new_session(account_id: str, decision: Mapping[str, Any]) -> ApiCall | None:
    """What would help where the policies of a session stopped the call: another session; None where they did not."""
    _, _, names = str(decision["principal"]).partition(":assumed-role/")
    if decision["allowed"] or decision["layer"] != Layer.SESSION or not names:
        return None
    role, _, session = names.partition("/")
    found = Role.objects.of(account_id).filter(name=role).first()
    arn = found.arn if found is not None else f"arn:aws:iam::{account_id}:role/{role}"
    return ApiCall("sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": session})


def then(account_id: str, request_id: str) -> Then | None:
    """What was decided for an invocation; None where that is not known."""
    view = async_to_sync(invocation_view.find)(account_id, request_id) if request_id else None
    step = None if view is None else _deciding(view)
    if step is None:
        return None
    assert view is not None
    detail = step.detail
    if "decision" in detail:
        decision = detail["decision"]
        return Then(request_id, decision["allowed"], decision["reason"], step.at, new_session=new_session(account_id, decision))
    further = detail.get("further", ())
    reason = "; ".join(dict.fromkeys([detail.get("reason", ""), *(each["reason"] for each in further)]))
    return Then(request_id, True, reason, step.at, tuple(_of_yes(account_id, view, {**detail, **each}) for each in further))


def then_of_event(account_id: str, event_id: str) -> Then | None:
    """What was decided for a management call of the trail; None where the trail has no decision of it."""
    event = TrailEvent.objects.of(account_id).filter(event_id=event_id).first() if event_id else None
    if event is None or not event.decision:
        return None
    at = event.event_time.timestamp()
    decision = event.decision
    session = new_session(account_id, decision)
    return Then(event.request_id, decision["allowed"], decision["reason"], at, event_id=event_id, new_session=session)


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
    return _of_yes(account_id, view, step.detail)


def _of_yes(account_id: str, view: InvocationView, detail: Mapping[str, Any]) -> Asked:
    asked = function_call(account_id, detail["principal"], view.function_name, view.qualifier, detail.get("source_arn", ""))
    if "action" not in detail:
        return asked  # recorded before steps said what had been asked
    question = {"principal": detail["principal"], "action": detail["action"], "resource": asked.resource_text}
    return Asked.of_decision(account_id, {**question, "context": detail["context"]})
