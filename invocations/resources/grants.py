"""What would allow what was refused: one statement more, where it goes, and the call that puts it there.

The permission explainer offers these; pages that connect two things of an account add what is missing by `ensure`, as AWS's
console does. A Deny and a boundary are not outweighed by one more statement: obstacles.py has the changes for those.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from invocations.arn import parse_function_name, role_name
from invocations.authorize import Sending, may_send_now
from invocations.enums import PrincipalType
from invocations.models import Bucket, FunctionPolicy, Queue, Role, Topic, User
from invocations.policies import Layer, Question, Verdict
from invocations.resources import buckets, event_buses, function_policies, policy_holders, queues, target_arns, topic_attributes, topics
from invocations.values import Principal

Policy = dict[str, Any]
Change = Callable[[Policy | None], Policy]
"""From a policy, None where there is none yet, to what it is to be."""
_NO_SID: Final = re.compile(r"[^a-zA-Z0-9]+")
_LONGEST_SID: Final = 80
_Holder = TypeVar("_Holder", Role, User)
_VERSION: Final = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Grant:
    """One change of one policy."""

    title: str
    """Whose policy is changed: "The policy of the queue orders"."""
    service: str
    operation: str
    members: Mapping[str, Any]
    """The call that changes it, as boto3 takes it."""
    before: Policy | None
    """None where there is no policy yet."""
    after: Policy
    apply: Callable[[], object]
    """Makes the change. Raises what the call raises."""
    consequence: str = ""
    """What else it changes, as a sentence."""


def ensure(sending: Sending) -> Grant | None:
    """Has what is missing added so that *sending* may happen; what that was, None where nothing was missing or nothing helps.

    Only in the account that sends: others' policies are not this account's to change.
    """
    verdict = may_send_now(sending)
    grant = next(iter(of(verdict, sending.principal.account_id)), None)
    if grant is not None:
        grant.apply()
    return grant


def of(verdict: Verdict, account_id: str) -> list[Grant]:
    """The changes in this account any of which takes the obstacle of a refusal away, the usual one first."""
    question = verdict.question
    if verdict.allowed or verdict.is_explicit_deny:
        return []
    found = []
    if verdict.layer is Layer.IDENTITY and question.principal.account_id == account_id:
        found.append(_to_identity(question))
    if verdict.layer in (Layer.RESOURCE, Layer.IDENTITY) and question.owner_account_id == account_id:
        is_needed = verdict.layer is Layer.RESOURCE or question.principal.account_id == account_id
        found.append(_to_resource(question) if is_needed else None)
    return [grant for grant in found if grant is not None]


def _to_identity(question: Question) -> Grant | None:
    """An inline policy of the user or role."""
    if question.principal.type is PrincipalType.IAM_USER:
        return _inline(User, question.principal.arn, question)
    return _inline(Role, question.principal.role_arn or "", question)


def _inline(kind: type[_Holder], arn: str, question: Question) -> Grant | None:
    account_id, name, word = question.principal.account_id, role_name(arn), kind.__name__
    holder = kind.objects.of(account_id).filter(name=name).first()
    if holder is None:
        return None
    policy_name = f"allow-{_sid(question.action)}"
    kept = holder.inline_policies.get(policy_name)
    before = read(kept or "")
    after = with_statement(before, {"Effect": "Allow", "Action": question.action, "Resource": question.resource})
    members = {f"{word}Name": name, "PolicyName": policy_name, "PolicyDocument": json.dumps(after)}
    apply = partial(policy_holders.put_policy, kind, account_id, name, policy_name, json.dumps(after))
    return Grant(f"The inline policy {policy_name} of the {word.lower()} {name}", "iam", f"Put{word}Policy", members, before, after, apply)


def _to_resource(question: Question) -> Grant | None:
    """A statement of the resource's own policy."""
    service = question.resource.split(":", 3)[2] if question.resource.count(":") >= 5 else ""
    if service == "lambda":
        return _to_function(question)
    return of_resource(question, lambda before: with_statement(before, _resource_statement(question, before)))


def of_resource(question: Question, change: Change) -> Grant | None:
    """A change of the policy of a queue, topic, event bus or bucket; None for others, and where there is no such resource."""
    service = question.resource.split(":", 3)[2] if question.resource.count(":") >= 5 else ""
    maker = _MAKERS.get(service)
    return None if maker is None else maker(question, change)


def _to_function(question: Question) -> Grant | None:
    reference = parse_function_name(question.resource)
    if reference is None or not target_arns.exists(question.owner_account_id, question.resource):
        return None
    owner, name, qualifier = question.owner_account_id, reference.name, reference.qualifier
    row = FunctionPolicy.objects.filter(function__account_id=owner, function__name=name, qualifier=qualifier or "").first()
    taken = [each["Sid"] for each in row.statements] if row else []
    conditions = {"SourceArn": "aws:sourcearn", "FunctionUrlAuthType": "lambda:functionurlauthtype"}
    given = {member: question.context.single(key) for member, key in conditions.items()}
    parameters: dict[str, Any] = {
        "StatementId": _free(_sid_of(question), taken),
        "Action": question.action,
        "Principal": _function_principal(question.principal),
        **{member: value for member, value in given.items() if value},
    }
    if (given["SourceArn"] or "").startswith("arn:aws:s3:"):
        parameters["SourceAccount"] = question.context.single("aws:sourceaccount")
    if question.action == "lambda:InvokeFunctionUrl":
        parameters.pop("SourceArn", None)
    else:
        parameters.pop("FunctionUrlAuthType", None)
    if question.context.single("lambda:invokedviafunctionurl") == "true" and question.action == "lambda:InvokeFunction":
        parameters["InvokedViaFunctionUrl"] = True
    before = row.document if row else None
    statement = function_policies.statement_of(question.resource, parameters)
    after = {"Version": _VERSION, "Id": "default", "Statement": [*(row.statements if row else []), statement]}
    named = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    return Grant(
        f"The policy of the function {name}" + (f":{qualifier}" if qualifier else ""),
        "lambda",
        "AddPermission",
        {**named, **parameters},
        before,
        after,
        partial(function_policies.add, owner, name, qualifier, parameters),
    )


def _of_queue(question: Question, change: Change) -> Grant | None:
    owner, name = question.owner_account_id, question.resource.rpartition(":")[2]
    row = Queue.objects.of(owner).filter(name=name).first()
    if row is None:
        return None
    before = read(row.attributes.get("Policy", ""))
    after = change(before)
    attributes = {"Policy": json.dumps(after)}
    members = {"QueueUrl": name, "Attributes": attributes}
    apply = partial(queues.set_attributes, owner, name, attributes)
    return Grant(f"The policy of the queue {name}", "sqs", "SetQueueAttributes", members, before, after, apply)


def _of_topic(question: Question, change: Change) -> Grant | None:
    owner, name = question.owner_account_id, question.resource.rpartition(":")[2]
    row = Topic.objects.of(owner).filter(name=name).first()
    if row is None:
        return None
    before = read(row.attributes.get("Policy", "")) or topic_attributes.default_policy(owner, name)
    after = change(before)
    members = {"TopicArn": question.resource, "AttributeName": "Policy", "AttributeValue": json.dumps(after)}
    apply = partial(topics.set_attribute, owner, name, "Policy", json.dumps(after))
    return Grant(f"The policy of the topic {name}", "sns", "SetTopicAttributes", members, before, after, apply)


def _of_bus(question: Question, change: Change) -> Grant | None:
    owner, name = question.owner_account_id, question.resource.rpartition("/")[2]
    before = event_buses.get(owner, name).policy or None
    after = change(before)
    members = {"EventBusName": name, "Policy": json.dumps(after)}
    apply = partial(event_buses.put_permission, owner, members)
    return Grant(f"The policy of the event bus {name}", "events", "PutPermission", members, before, after, apply)


def _of_bucket(question: Question, change: Change) -> Grant | None:
    name = question.resource.partition(":::")[2].partition("/")[0]
    row = Bucket.objects.of(question.owner_account_id).filter(name=name).first()
    if row is None:
        return None
    before = read(row.policy)
    after = change(before)
    members = {"Bucket": name, "Policy": json.dumps(after)}
    apply = partial(buckets.set_policy, row, json.dumps(after))
    return Grant(f"The policy of the bucket {name}", "s3", "PutBucketPolicy", members, before, after, apply)


_MAKERS: Final[Mapping[str, Callable[[Question, Change], Grant | None]]] = {
    "sqs": _of_queue,
    "sns": _of_topic,
    "events": _of_bus,
    "s3": _of_bucket,
}
"""Service part of the resource's ARN -> what makes a change of its policy."""


def _resource_statement(question: Question, before: Policy | None) -> Policy:
    sids = [str(each.get("Sid")) for each in (before or {}).get("Statement", [])]
    statement: Policy = {
        "Sid": _free(_sid_of(question), sids),
        "Effect": "Allow",
        "Principal": _principal(question.principal),
        "Action": question.action,
        "Resource": question.resource,
    }
    source = question.context.single("aws:sourcearn")
    return statement | ({"Condition": {"ArnEquals": {"aws:SourceArn": source}}} if source else {})


def with_statement(before: Policy | None, statement: Policy) -> Policy:
    """The policy with one statement more."""
    policy = before or {"Version": _VERSION, "Statement": []}
    return {**policy, "Statement": [*policy["Statement"], statement]}


def read(text: str | Policy) -> Policy | None:
    """A stored policy, its statements as a list."""
    policy: Policy = json.loads(text) if isinstance(text, str) and text else text or {}
    statements = policy.get("Statement")
    return {**policy, "Statement": [statements] if isinstance(statements, dict) else statements or []} if policy else None


def _principal(principal: Principal) -> str | dict[str, str]:
    """As a policy's Principal element names it: a session by its role."""
    match principal.type:
        case PrincipalType.AWS_SERVICE:
            return {"Service": principal.arn}
        case PrincipalType.AWS_ACCOUNT:
            return "*"
    return {"AWS": principal.role_arn or principal.arn}


def _function_principal(principal: Principal) -> str:
    """As AddPermission takes it."""
    match principal.type:
        case PrincipalType.AWS_ACCOUNT:
            return "*"
        case PrincipalType.ROOT:
            return principal.account_id
    return principal.role_arn or principal.arn


def _sid_of(question: Question) -> str:
    """Of who is let in, and for what: sns-orders, events-large-parcels, user-ada-InvokeFunction."""
    principal, source = question.principal, question.context.single("aws:sourcearn") or ""
    who = principal.arn.partition(".")[0] if principal.type is PrincipalType.AWS_SERVICE else (principal.role_arn or principal.arn)
    parts = [who.rpartition(":")[2], re.split(r"[:/]", source)[-1] if source else question.action.partition(":")[2]]
    return _sid("-".join(parts))


def _sid(text: str) -> str:
    return _NO_SID.sub("-", text).strip("-")[:_LONGEST_SID]


def _free(sid: str, taken: list[str]) -> str:
    """*sid*, or with the first number behind it that makes it one of its own."""
    number, found = 1, sid
    while found in taken:
        number += 1
        found = f"{sid}-{number}"
    return found
