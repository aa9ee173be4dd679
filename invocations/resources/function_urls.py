"""Function URLs: one address for a function's $LATEST, and one for each alias."""

import re
import secrets
import string
from collections.abc import Mapping
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from invocations import announce, catalogue, clock, identities
from invocations.arn import LATEST, function_arn
from invocations.authorize import decide
from invocations.errors import ResourceConflictException, ResourceNotFoundException, ValidationException
from invocations.models import Function, FunctionUrl
from invocations.policies import parse
from invocations.region import REGION
from invocations.resources import function_policies
from invocations.values import Members, Principal

_QUALIFIER = re.compile(r"(?!^\d+$)^[0-9a-zA-Z-_]+$")
_ALPHABET = string.ascii_lowercase + string.digits
_ID_LENGTH = 32
PUBLIC_STATEMENTS: Final[Mapping[str, Members]] = {
    "lambda:InvokeFunctionUrl": {
        "StatementId": "FunctionURLAllowPublicAccess",
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": "NONE",
    },
    "lambda:InvokeFunction": {
        "StatementId": "FunctionURLInvokeAllowPublicAccess",
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "InvokedViaFunctionUrl": True,
    },
}
"""Action -> AddPermission's members of the statement that allows it to everybody, by AWS's own names."""
_PUBLIC_KEYS = {"lambda:functionurlauthtype": "NONE", "lambda:invokedviafunctionurl": "true"}


def create(account_id: str, name: str, qualifier: str | None, parameters: Members) -> FunctionUrl:
    """CreateFunctionUrlConfig. Raises ResourceConflictException where there is one already."""
    _check_qualifier(qualifier)
    function = _function_of(account_id, name, qualifier)
    now = clock.now()
    try:
        with transaction.atomic():
            found = FunctionUrl.objects.create(
                function=function,
                qualifier=qualifier or LATEST,
                url_id=new_url_id(),
                auth_type=parameters["AuthType"],
                cors=parameters.get("Cors") or None,
                invoke_mode=parameters.get("InvokeMode") or "BUFFERED",
                creation_time=now,
                last_modified_time=now,
            )
    except IntegrityError:
        arn = function_arn(account_id, REGION, name, qualifier)
        raise ResourceConflictException(
            f"Failed to create function url config for [functionArn = {arn}]. Error message:  FunctionUrlConfig exists for this "
            "Lambda function"
        ) from None
    _changed(function)
    return found


def auth_type_of(account_id: str, name: str, qualifier: str | None) -> str | None:
    """The AuthType of a URL; None where there is no such URL."""
    rows = FunctionUrl.objects.filter(function__account_id=account_id, function__name=name, qualifier=qualifier or LATEST)
    return rows.filter(alias_is_gone=False).values_list("auth_type", flat=True).first()


def update(account_id: str, name: str, qualifier: str | None, parameters: Members) -> FunctionUrl:
    """UpdateFunctionUrlConfig: what is not given stays; an empty Cors takes it away."""
    _check_qualifier(qualifier)
    with transaction.atomic():
        found = _find(account_id, name, qualifier, for_update=True)
        found.auth_type = parameters.get("AuthType") or found.auth_type
        found.invoke_mode = parameters.get("InvokeMode") or found.invoke_mode
        if parameters.get("Cors") is not None:
            found.cors = parameters["Cors"] or None
        found.last_modified_time = clock.now()
        found.save(update_fields=["auth_type", "invoke_mode", "cors", "last_modified_time"])
    _changed(found.function)
    return found


def get(account_id: str, name: str, qualifier: str | None) -> FunctionUrl:
    """GetFunctionUrlConfig. Raises ResourceNotFoundException."""
    _check_qualifier(qualifier)
    return _find(account_id, name, qualifier)


def delete(account_id: str, name: str, qualifier: str | None) -> None:
    """DeleteFunctionUrlConfig. Statements of the resource policy stay."""
    _check_qualifier(qualifier)
    found = _find(account_id, name, qualifier)
    found.delete()
    _changed(found.function)


def list_of(account_id: str, name: str) -> QuerySet[FunctionUrl]:
    """A function's URLs by qualifier."""
    function = _function_of(account_id, name, None)
    return function.urls.select_related("function").filter(alias_is_gone=False).order_by("qualifier")


def forbid(function: Function, alias_name: str) -> None:
    """What deleting an alias does to its URL: nobody may use it any more, and a new alias of that name gets another."""
    function.urls.filter(qualifier=alias_name).update(alias_is_gone=True)


def missing_public(url: FunctionUrl) -> list[str]:
    """The actions that the resource policy does not allow everybody on a URL of AuthType NONE."""
    stored = "" if url.qualifier == LATEST else url.qualifier
    row = url.function.policies.filter(qualifier=stored).first()
    policy = None if row is None else parse(row.document)
    everybody = Principal.anonymous()
    return [
        action
        for action in PUBLIC_STATEMENTS
        if not decide(
            everybody, identities.find(everybody), action, url.arn, url.function.account_id, resource_policy=policy, keys=_PUBLIC_KEYS
        ).allowed
    ]


def open_to_all(url: FunctionUrl) -> list[Members]:
    """Adds the statements that are missing, as AWS's console does; the members of AddPermission for each. Raises what that raises."""
    qualifier = None if url.qualifier == LATEST else url.qualifier
    added = [PUBLIC_STATEMENTS[action] for action in missing_public(url)]
    for members in added:
        function_policies.add(url.function.account_id, url.function.name, qualifier, members)
    return added


def new_url_id() -> str:
    """A random url id."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))


def _check_qualifier(qualifier: str | None) -> None:
    """Versions and $LATEST by name cannot have a URL. Raises ValidationException."""
    if qualifier is not None and _QUALIFIER.match(qualifier) is None:
        raise ValidationException(
            f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
        )


def _function_of(account_id: str, name: str, qualifier: str | None) -> Function:
    """The function, if it has that alias."""
    function = Function.objects.of(account_id).filter(name=name).first()
    if function is None or (qualifier is not None and not function.aliases.filter(name=qualifier).exists()):
        raise ResourceNotFoundException("Function does not exist")
    return function


def _find(account_id: str, name: str, qualifier: str | None, *, for_update: bool = False) -> FunctionUrl:
    rows = FunctionUrl.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
    rows = rows.select_for_update(of=("self",)) if for_update else rows
    found = rows.filter(qualifier=qualifier or LATEST, alias_is_gone=False).first()
    if found is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return found


def _changed(function: Function) -> None:
    catalogue.changed(function.account_id, function.name)
    announce.publish(function.account_id, [{"kind": "function", "function": function.name, "what": "updated"}])
