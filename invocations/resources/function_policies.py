"""Resource policies of functions, versions and aliases: who else may call them."""

import json
import re
from typing import Any, Final

from django.db import transaction

from invocations import announce, catalogue, limits
from invocations.arn import LATEST, function_arn
from invocations.errors import (
    InvalidParameterValueException,
    PolicyLengthExceededException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from invocations.models import Alias, Function, FunctionPolicy, FunctionVersion
from invocations.region import REGION
from invocations.resources import functions
from invocations.values import Members

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com)")
_ACCOUNT = re.compile(r"\d{12}")
_IDENTITY = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|user/[\w+=,.@/-]+|role/[\w+=,.@/-]+)"
    r"|sts::\d{12}:(assumed-role/[\w+=,.@/-]+|federated-user/[\w+=,.@-]+))"
)
_CONDITIONS: Final = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}
"""Member of AddPermission -> operator and key, spelt as AWS spells them: Terraform reads them back."""


def add(account_id: str, name: str, qualifier: str | None, parameters: Members) -> dict[str, Any]:
    """AddPermission: the statement as it now stands in the policy. Raises what AddPermission raises."""
    if qualifier == LATEST:
        raise InvalidParameterValueException("We currently do not support adding policies for $LATEST.")
    with transaction.atomic():
        locked = _locked(account_id, name)
        owner = _owner(account_id, name, qualifier, missing="Function not found: {arn}")
        function = locked or functions.held(account_id, name)
        functions.check_revision(owner.current_revision_id, parameters.get("RevisionId"))
        statement = statement_of(function_arn(account_id, REGION, name, qualifier), parameters)
        stored = qualifier or ""
        policy = function.policies.filter(qualifier=stored).first() or FunctionPolicy(function=function, qualifier=stored)
        sid = statement["Sid"]
        if any(each["Sid"] == sid for each in policy.statements):
            message = (
                f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
            )
            raise ResourceConflictException(message)
        policy.statements = [*policy.statements, statement]
        _check_length(policy)
        policy.save()
        _new_revision(owner)
    _changed(function)
    return statement


def remove(account_id: str, name: str, qualifier: str | None, sid: str, revision_id: str | None = None) -> None:
    """RemovePermission; with its last statement the policy goes. Raises what RemovePermission raises."""
    with transaction.atomic():
        function = _locked(account_id, name)
        owner = _owner(account_id, name, qualifier, missing="No policy found for: {arn}")
        assert function is not None
        policy = function.policies.filter(qualifier=_stored(qualifier)).first()
        if policy is None:
            raise ResourceNotFoundException("No policy is associated with the given resource.")
        left = [each for each in policy.statements if each["Sid"] != sid]
        if len(left) == len(policy.statements):
            raise ResourceNotFoundException(f"Statement {sid} is not found in resource policy.")
        functions.check_revision(owner.current_revision_id, revision_id, "GetPolicy")
        policy.statements = left
        if left:
            policy.save(update_fields=["statements"])
        else:
            policy.delete()
        _new_revision(owner)
    _changed(function)


def get(account_id: str, name: str, qualifier: str | None) -> tuple[FunctionPolicy, str]:
    """GetPolicy: the policy, and the RevisionId. Raises ResourceNotFoundException."""
    owner = _owner(account_id, name, qualifier, missing="Function not found: {arn}")
    policy = FunctionPolicy.objects.select_related("function").filter(function=owner.function_id, qualifier=_stored(qualifier)).first()
    if policy is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return policy, owner.current_revision_id


def statement_of(resource_arn: str, parameters: Members) -> dict[str, Any]:
    """The statement that AddPermission's members make. Raises InvalidParameterValueException for a principal that is none."""
    statement = {
        "Sid": parameters["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(parameters["Principal"]),
        "Action": parameters["Action"],
        "Resource": resource_arn,
    }
    conditions: dict[str, dict[str, str]] = {}
    for member, (operator, key) in _CONDITIONS.items():
        value = parameters.get(member)
        if value not in (None, "", False):
            conditions.setdefault(operator, {})[key] = "true" if value is True else value
    return statement | {"Condition": conditions} if conditions else statement


def as_json(value: Any) -> str:
    """JSON as AWS writes policies: without spaces."""
    return json.dumps(value, separators=(",", ":"))


def _principal(text: str) -> str | dict[str, str]:
    if text == "*":
        return "*"
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _IDENTITY.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise InvalidParameterValueException("The provided principal was invalid. Please check the principal and try again.")


def _owner(account_id: str, name: str, qualifier: str | None, *, missing: str) -> FunctionVersion | Alias:
    """The version or alias whose RevisionId counts; of a function without qualifier it is $LATEST's. *missing*: AWS's sentence where
    there is none, with {arn}."""
    asked = qualifier or LATEST
    versions = FunctionVersion.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
    found: FunctionVersion | Alias | None = versions.filter(version=asked).first()
    if found is None and qualifier:
        rows = Alias.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
        found = rows.filter(name=qualifier).first()
    if found is None:
        arn = function_arn(account_id, REGION, name, qualifier)
        if qualifier and not qualifier.isdigit() and versions.exists():
            raise ResourceNotFoundException(f"Cannot find alias arn: {arn}")
        raise ResourceNotFoundException(missing.format(arn=arn))
    return found


def _locked(account_id: str, name: str) -> Function | None:
    return Function.objects.of(account_id).select_for_update().filter(name=name).first()


def _stored(qualifier: str | None) -> str:
    return "" if qualifier is None or qualifier == LATEST else qualifier


def _check_length(policy: FunctionPolicy) -> None:
    size = len(as_json(policy.document).encode())
    if size > limits.POLICY_DOCUMENT:
        message = f"The final policy size ({size}) is bigger than the limit ({limits.POLICY_DOCUMENT})."
        raise PolicyLengthExceededException(message)


def _new_revision(owner: FunctionVersion | Alias) -> None:
    """A change of the policy is a new revision of what it belongs to; code and configuration stay, and so do environments."""
    if isinstance(owner, Alias):
        Alias.objects.filter(pk=owner.pk).update(revision_id=functions.new_revision())
    else:
        FunctionVersion.objects.filter(pk=owner.pk).update(policy_revision_id=functions.new_revision())


def _changed(function: Function) -> None:
    catalogue.changed(function.account_id, function.name)
    announce.publish(function.account_id, [{"kind": "function", "function": function.name, "what": "updated"}])
