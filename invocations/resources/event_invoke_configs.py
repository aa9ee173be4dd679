"""Configuration of asynchronous invocation, for a function's $LATEST, versions and aliases each."""

from django.db import transaction
from django.db.models import QuerySet

from invocations import announce, catalogue, clock
from invocations.arn import LATEST, function_arn, parse_function_name
from invocations.authorize import may_send, role_session
from invocations.delivery_rights import sendings_to
from invocations.destinations import key_prefix
from invocations.errors import InvalidParameterValueException, ResourceNotFoundException
from invocations.models import EventInvokeConfig, Function
from invocations.region import REGION
from invocations.resources import target_arns
from invocations.values import Members, Principal

_SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


def put(account_id: str, name: str, qualifier: str | None, parameters: Members) -> EventInvokeConfig:
    """PutFunctionEventInvokeConfig: what is not given goes back to its default."""
    _something_is_given(parameters)
    function = _qualified(account_id, name, qualifier)
    _check_destinations(function, qualifier, parameters)
    config = EventInvokeConfig(function=function, qualifier=qualifier or LATEST)
    _apply(config, parameters)
    fields = ("maximum_retry_attempts", "maximum_event_age_in_seconds", "on_success", "on_failure", "last_modified")
    with transaction.atomic():
        if Function.objects.select_for_update().filter(pk=function.pk).first() is None:  # it has just been deleted
            raise _no_such_function()
        kept, _ = EventInvokeConfig.objects.update_or_create(
            function=function, qualifier=config.qualifier, defaults={field: getattr(config, field) for field in fields}
        )
    _changed(function)
    return kept


def update(account_id: str, name: str, qualifier: str | None, parameters: Members) -> EventInvokeConfig:
    """UpdateFunctionEventInvokeConfig: what is not given stays, each destination for itself."""
    _something_is_given(parameters)
    function = _qualified(account_id, name, qualifier)
    with transaction.atomic():
        config = _find(account_id, name, qualifier, for_update=True)
        _check_destinations(function, qualifier, parameters)
        _apply(config, parameters)
        config.save()
    _changed(function)
    return config


def get(account_id: str, name: str, qualifier: str | None) -> EventInvokeConfig:
    """GetFunctionEventInvokeConfig. Raises ResourceNotFoundException where nothing was ever put."""
    return _find(account_id, name, qualifier)


def delete(account_id: str, name: str, qualifier: str | None) -> None:
    """DeleteFunctionEventInvokeConfig. Raises ResourceNotFoundException as `get` does."""
    config = _find(account_id, name, qualifier)
    config.delete()
    _changed(config.function)


def list_of(account_id: str, name: str) -> QuerySet[EventInvokeConfig]:
    """A function's configurations by qualifier."""
    function = Function.objects.of(account_id).filter(name=name).first()
    if function is None:
        raise _no_such_function()
    return function.event_invoke_configs.select_related("function").order_by("qualifier")


def _something_is_given(parameters: Members) -> None:
    if all(parameters.get(setting) is None for setting in _SETTINGS):
        raise InvalidParameterValueException("You must specify at least one of error handling or destination setting.")


def _qualified(account_id: str, name: str, qualifier: str | None) -> Function:
    """The function, if it has that version or alias."""
    function = Function.objects.of(account_id).filter(name=name).first()
    asked = qualifier or LATEST
    if function is None or not (function.versions.filter(version=asked).exists() or function.aliases.filter(name=asked).exists()):
        raise _no_such_function()
    return function


def _no_such_function() -> ResourceNotFoundException:
    return ResourceNotFoundException("The function doesn't exist.")


def _find(account_id: str, name: str, qualifier: str | None, *, for_update: bool = False) -> EventInvokeConfig:
    rows = EventInvokeConfig.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
    rows = rows.select_for_update(of=("self",)) if for_update else rows
    config = rows.filter(qualifier=qualifier or LATEST).first()
    if config is None:
        arn = function_arn(account_id, REGION, name, qualifier or LATEST)
        raise ResourceNotFoundException(f"The function {arn} doesn't have an EventInvokeConfig")
    return config


def _apply(config: EventInvokeConfig, parameters: Members) -> None:
    config.maximum_retry_attempts = parameters.get("MaximumRetryAttempts", config.maximum_retry_attempts)
    config.maximum_event_age_in_seconds = parameters.get("MaximumEventAgeInSeconds", config.maximum_event_age_in_seconds)
    destinations = parameters.get("DestinationConfig") or {}
    if "OnSuccess" in destinations:
        config.on_success = _destination(destinations, "OnSuccess")
    if "OnFailure" in destinations:
        config.on_failure = _destination(destinations, "OnFailure")
    config.last_modified = clock.now()


def _destination(destinations: Members, slot: str) -> str:
    arn: str = (destinations.get(slot) or {}).get("Destination") or ""
    return arn


def _check_destinations(function: Function, qualifier: str | None, parameters: Members) -> None:
    """Raises InvalidParameterValueException for a service that takes no records, a target that is not there, and one to which the
    execution role may not send. (Its words for that: as Terraform's Lambda resources expect them.)"""
    account_id, name = function.account_id, function.name
    given = parameters.get("DestinationConfig") or {}
    on_success, on_failure = _destination(given, "OnSuccess"), _destination(given, "OnFailure")
    services = target_arns.DESTINATION_SERVICES
    if (on_success and target_arns.service_of(on_success) not in services) or (
        on_failure and target_arns.service_of(on_failure) not in services | {"s3"}
    ):
        success = f"OnSuccess(destination={on_success})" if on_success else "null"
        failure = f"OnFailure(destination={on_failure})" if on_failure else "null"
        raise InvalidParameterValueException(
            f"The provided destination config DestinationConfig(onSuccess={success}, onFailure={failure}) is invalid."
        )
    for arn in filter(None, (on_success, on_failure)):
        if _is_function(arn, account_id, name):
            raise InvalidParameterValueException("You can't specify the function as a destination for itself.")
        if not target_arns.exists(account_id, arn):
            raise InvalidParameterValueException(f"The destination ARN {arn} is invalid.")
        for sending in sendings_to(arn, key_prefix(function.name), _session(function, qualifier)):
            if not may_send(sending).allowed:
                verb = sending.action.partition(":")[2]
                raise InvalidParameterValueException(f"The function's execution role does not have permissions to call {verb} on {arn}")


def _session(function: Function, qualifier: str | None) -> Principal:
    alias = function.aliases.filter(name=qualifier).first() if qualifier else None
    version = function.versions.get(version=alias.function_version if alias else qualifier or LATEST)
    return role_session(function.account_id, version.role, function.name)


def _is_function(arn: str, account_id: str, name: str) -> bool:
    """Whether *arn* names the function itself, by whatever qualifier."""
    reference = parse_function_name(arn)
    return reference is not None and (reference.account_id, reference.region, reference.name) == (account_id, REGION, name)


def _changed(function: Function) -> None:
    transaction.on_commit(lambda: _tell(function))


def _tell(function: Function) -> None:
    catalogue.changed(function.account_id, function.name)
    announce.publish(function.account_id, [{"kind": "function", "function": function.name, "what": "updated"}])
