"""What takes away an obstacle that no further statement outweighs: a Deny, and a permissions boundary that does not allow.

A Deny is narrowed, so that it holds no more for what was asked, or taken out; a boundary gets the statement that it lacks. Each
change says what else it changes. Policies of AWS's and of other accounts are nobody's to change here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from invocations import identities
from invocations.enums import PrincipalType
from invocations.models import Group, Role, User
from invocations.policies import Layer, Question, Verdict, aws_managed, parse
from invocations.resources import grants, managed_policies, policy_holders
from invocations.resources.grants import Change, Grant, Policy

_NARROWED: Final = "{named} holds no more for {what}. For all else that it speaks of it stays.{whom}"
_TAKEN_OUT: Final = "All that {named} forbids is then decided by other statements: {of}.{whom}"
_ADDED: Final = "The boundary then lets {action} on {resource} through wherever another policy allows it.{whom}"


def of(verdict: Verdict, account_id: str) -> list[Grant]:
    """The changes in this account any of which takes the obstacle away, the smallest first."""
    if verdict.allowed:
        return []
    if verdict.is_explicit_deny:
        return _of_deny(verdict, account_id)
    if verdict.layer is Layer.BOUNDARY and verdict.question.principal.account_id == account_id:
        return _of_boundary(verdict)
    return []


def _of_deny(verdict: Verdict, account_id: str) -> list[Grant]:
    statement, question = verdict.statement, verdict.question
    assert statement is not None
    owner = question.owner_account_id if verdict.layer is Layer.RESOURCE else question.principal.account_id
    if owner != account_id:
        return []
    named = f"The statement {statement.sid or statement.position}"
    narrowed = narrow(statement.source, question, is_of_resource=verdict.layer is Layer.RESOURCE)
    found = []
    for smaller in ([narrowed] if narrowed is not None else []) + [None]:
        grant = _changed(verdict, partial(_with_statement, position=statement.position, statement=smaller))
        if grant is not None:
            found.append(_telling(grant, verdict, named, statement.source, smaller))
    return found


def narrow(statement: Mapping[str, Any], question: Question, *, is_of_resource: bool) -> Policy | None:
    """The Deny so that it does not hold for *question* and for as much else as can be; None where that cannot be written."""
    tried = [_without(statement, "Resource", question.resource), _without(statement, "Action", question.action)]
    if is_of_resource:
        tried = [_but_for_caller(statement, question), *tried]
    for candidate in filter(None, tried):
        (compiled,) = parse({"Version": "2012-10-17", "Statement": [candidate]}).statements
        if compiled.mismatch(question) is not None:
            return candidate
    return None


def _without(statement: Mapping[str, Any], element: str, value: str) -> Policy | None:
    """The statement with one value less: taken from a list, or excepted from everything."""
    if element not in statement:
        return None
    held = statement[element] if isinstance(statement[element], list) else [statement[element]]
    left = [each for each in held if each != value and (element == "Resource" or each.lower() != value.lower())]
    if left and len(left) < len(held):
        return {**statement, element: left}
    if "*" in held and value != "*":
        return {(f"Not{element}" if name == element else name): ([value] if name == element else each) for name, each in statement.items()}
    return None


def _but_for_caller(statement: Mapping[str, Any], question: Question) -> Policy | None:
    """The statement for everybody else: not for the caller's user or role, or for the service."""
    principal = question.principal
    if principal.type is PrincipalType.AWS_SERVICE:
        key, operator, value = "aws:PrincipalServiceName", "StringNotEqualsIfExists", principal.arn
    else:
        key, operator, value = "aws:PrincipalArn", "ArnNotEquals", principal.role_arn or principal.arn
    conditions = dict(statement.get("Condition", {}))
    if key in conditions.get(operator, {}):
        kept = conditions[operator][key]
        conditions[operator] = {**conditions[operator], key: [*(kept if isinstance(kept, list) else [kept]), value]}
    else:
        conditions[operator] = {**conditions.get(operator, {}), key: value}
    return {**statement, "Condition": conditions}


def _with_statement(before: Policy | None, *, position: int, statement: Policy | None) -> Policy:
    """The policy with another statement at *position*, from 1, or without it."""
    assert before is not None
    left = list(before["Statement"])
    left[position - 1 : position] = [statement] if statement is not None else []
    return {**before, "Statement": left}


def _changed(verdict: Verdict, change: Change) -> Grant | None:
    """The change of the policy that decided."""
    if verdict.layer is Layer.RESOURCE:
        grant = grants.of_resource(verdict.question, change)
        return grant if grant is not None and grant.after["Statement"] else None
    name = verdict.policy.name if verdict.policy is not None else ""
    account_id = verdict.question.principal.account_id
    if verdict.layer not in (Layer.IDENTITY, Layer.BOUNDARY):
        return None
    return _of_managed(account_id, name, change) if name.startswith("arn:") else _of_inline(verdict.question, name, change)


def _of_managed(account_id: str, arn: str, change: Change) -> Grant | None:
    """A new version of a customer's policy, as its default; where nothing would be left, none."""
    text = None if aws_managed.find(arn) is not None else identities.managed_document(account_id, arn)
    if text is None:
        return None
    before = grants.read(text)
    after = change(before)
    if not after["Statement"]:
        return None
    members = {"PolicyArn": arn, "PolicyDocument": json.dumps(after), "SetAsDefault": True}
    apply = partial(managed_policies.create_version, account_id, arn, json.dumps(after), set_as_default=True)
    return Grant(f"The managed policy {arn.rpartition('/')[2]}", "iam", "CreatePolicyVersion", members, before, after, apply)


def _of_inline(question: Question, name: str, change: Change) -> Grant | None:
    """Another text of an inline policy, or none where no statement would be left."""
    caller = identities.holder_of(question.principal)
    group, _, inner = name.rpartition("/")
    holder: Role | User | Group | None = caller
    if group:
        holder = Group.objects.of(question.principal.account_id).filter(name=group).first()
    if holder is None or inner not in holder.inline_policies:
        return None
    kind: Any = type(holder)
    word = type(holder).__name__
    before = grants.read(holder.inline_policies[inner])
    after, title = change(before), f"The inline policy {inner} of the {word.lower()} {holder.name}"
    members: dict[str, Any] = {f"{word}Name": holder.name, "PolicyName": inner}
    if not after["Statement"]:
        delete: Callable[[], object] = partial(policy_holders.delete_policy, kind, holder.account_id, holder.name, inner)
        return Grant(title, "iam", f"Delete{word}Policy", members, before, {}, delete)
    put: Callable[[], object] = partial(policy_holders.put_policy, kind, holder.account_id, holder.name, inner, json.dumps(after))
    return Grant(title, "iam", f"Put{word}Policy", members | {"PolicyDocument": json.dumps(after)}, before, after, put)


def _of_boundary(verdict: Verdict) -> list[Grant]:
    boundary, question = verdict.policies.boundary, verdict.question
    if boundary is None:
        return []
    statement = {"Effect": "Allow", "Action": question.action, "Resource": question.resource}
    grant = _of_managed(question.principal.account_id, boundary.name, lambda before: grants.with_statement(before, statement))
    if grant is None:
        return []
    told = _ADDED.format(action=question.action, resource=question.resource, whom=_others(question, boundary.name))
    return [replace(grant, consequence=told)]


def _telling(grant: Grant, verdict: Verdict, named: str, source: Mapping[str, Any], smaller: Policy | None) -> Grant:
    """The grant with the sentence that says what else changes."""
    question = verdict.question
    whom = _others(question, verdict.policy.name if verdict.policy is not None and verdict.layer is not Layer.RESOURCE else "")
    if smaller is None:
        actions, resources = (_words(source, element) for element in ("Action", "Resource"))
        told = _TAKEN_OUT.format(named=named.lower(), of=f"{actions} on {resources or 'this resource'}", whom=whom)
        return replace(grant, consequence=told)
    what = question.principal.role_arn or question.principal.arn
    if smaller.get("Condition") == source.get("Condition"):
        what = question.resource if smaller.get("Action") == source.get("Action") else question.action
    return replace(grant, consequence=_NARROWED.format(named=named, what=what, whom=whom))


def _words(statement: Mapping[str, Any], element: str) -> str:
    name = element if element in statement else f"Not{element}"
    held = statement.get(name, [])
    return ("all but " if name != element else "") + ", ".join(held if isinstance(held, list) else [held])


def _others(question: Question, policy: str) -> str:
    """Whom else a policy holds for: those to whom it is attached, whose boundary it is, or who are in its group."""
    account_id, own = question.principal.account_id, question.principal.role_arn or question.principal.arn
    found: list[Role | User | Group] = []
    if policy.startswith("arn:"):
        found = [
            holder
            for held in (*managed_policies.holders(account_id, policy), *managed_policies.bounded(account_id, policy))
            for holder in held
        ]
    elif "/" in policy:
        group = Group.objects.of(account_id).filter(name=policy.partition("/")[0]).first()
        found = [*group.users.order_by("name")] if group is not None else []
    names = [f"{type(each).__name__.lower()} {each.name}" for each in dict.fromkeys(found) if each.arn != own]
    return f" It changes this for others too: {', '.join(names[:8])}{' and more' if len(names) > 8 else ''}." if names else ""
