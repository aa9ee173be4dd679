"""Functions: create, change, list, delete. What AWS refuses is refused here, whoever asks."""

import threading
import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet

from invocations import announce, catalogue, clock
from invocations.arn import LATEST, function_arn
from invocations.enums import LastUpdateStatus, LogFormat, PackageType, State
from invocations.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from invocations.models import Account, Function, FunctionVersion
from invocations.region import REGION
from invocations.resources import code_sources, dead_letter_config
from invocations.resources import function_checks as checks
from invocations.resources.options import STORED_MEMBERS
from invocations.values import Members

CREATING = "The function is being created."


def create(account_id: str, parameters: Members) -> FunctionVersion:
    """CreateFunction: $LATEST, Pending until it is prepared. With Publish, version 1 besides. Nothing is made if anything is wrong."""
    name = checks.new_name(parameters["FunctionName"], account_id)
    checks.package(parameters)
    checks.all_of(parameters)
    checks.role(account_id, parameters["Role"])
    checks.code_signing(parameters.get("CodeSigningConfigArn", ""))
    dead_letter_config.check(account_id, parameters, name, parameters["Role"])
    if Function.objects.of(account_id).filter(name=name).exists():
        raise ResourceConflictException(f"Function already exist: {name}")
    code = code_sources.store(account_id, parameters.get("Code", {}))
    fields = _configured(name, parameters, account_id) | {"code_sha256": code.sha256, "code_size": code.size}
    try:
        with transaction.atomic():
            account, _ = Account.objects.get_or_create(account_id=account_id)
            function = Function.objects.create(account=account, name=name, tags=checks.tags(parameters.get("Tags", {})))
            version = FunctionVersion.objects.create(
                function=function,
                package_type=PackageType.ZIP,
                role=parameters["Role"],
                architectures=parameters.get("Architectures") or ["x86_64"],
                **fields,
                **_fresh(State.PENDING, CREATING, "Creating"),
            )
    except IntegrityError:
        raise ResourceConflictException(f"Function already exist: {name}") from None
    _changed(function, "created")
    _prepare(version.pk)
    return version


def get(account_id: str, name: str, qualifier: str | None = None) -> FunctionVersion:
    """The version that *qualifier* (number, $LATEST, alias, None) names. Raises ResourceNotFoundException."""
    rows = FunctionVersion.objects.select_related("function").filter(function__account_id=account_id, function__name=name)
    asked = qualifier or LATEST
    version = rows.filter(version=asked).first()
    if version is None and qualifier:
        version = rows.filter(function__aliases__name=asked, version=_alias_target(account_id, name, asked)).first()
    if version is None:
        arn = function_arn(account_id, REGION, name, qualifier)
        raise ResourceNotFoundException(f"Function not found: {arn}")
    return version


def function_of(account_id: str, name: str) -> Function:
    """The function itself. Raises ResourceNotFoundException."""
    return get(account_id, name).function


def held(account_id: str, name: str) -> Function:
    """The same, held until the transaction ends: nothing is made of it that is deleted in this moment."""
    function = Function.objects.select_for_update().filter(account_id=account_id, name=name).first()
    if function is None:
        raise ResourceNotFoundException(f"Function not found: {function_arn(account_id, REGION, name)}")
    return function


def list_all(account_id: str, *, all_versions: bool = False) -> QuerySet[FunctionVersion]:
    """$LATEST of every function, or every version, by name."""
    rows = FunctionVersion.objects.select_related("function").filter(function__account_id=account_id)
    return (rows if all_versions else rows.filter(version=LATEST)).order_by("function__name", "pk")


def update_code(account_id: str, name: str, parameters: Members) -> FunctionVersion:
    """UpdateFunctionCode. With DryRun everything is checked and nothing changed."""
    current = get(account_id, name)
    code = code_sources.store(account_id, parameters)
    changes: dict[str, Any] = {"code_sha256": code.sha256, "code_size": code.size}
    if parameters.get("Architectures"):
        changes["architectures"] = parameters["Architectures"]
    if parameters.get("DryRun"):
        _check_revision(current, parameters)
        for field, value in changes.items():
            setattr(current, field, value)
        return current
    return _update(current, parameters, changes)


def update_configuration(account_id: str, name: str, parameters: Members) -> FunctionVersion:
    """UpdateFunctionConfiguration: what is not given stays."""
    current = get(account_id, name)
    checks.all_of(parameters)
    if "Role" in parameters:
        checks.role(account_id, parameters["Role"])
    dead_letter_config.check(account_id, parameters, name, parameters.get("Role") or current.role)
    return _update(current, parameters, _changes(current, parameters))


def delete(account_id: str, name: str, qualifier: str | None = None) -> None:
    """DeleteFunction: everything of it, or one version. Its log group stays."""
    if qualifier == LATEST:
        raise InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    if qualifier is not None and not (qualifier.isascii() and qualifier.isdecimal()):
        raise InvalidParameterValueException("Deletion of aliases is not currently supported.")
    if qualifier is None:
        with transaction.atomic():
            function = held(account_id, name)
            function.delete()
        _changed(function, "deleted")
        return
    with transaction.atomic():
        version = get(account_id, name, qualifier)
        held(account_id, name)
        _delete_version(version, qualifier)
    _changed(version.function, "updated")


def _delete_version(version: FunctionVersion, qualifier: str) -> None:
    function = version.function
    pointing = [alias.name for alias in function.aliases.all() if qualifier in {alias.function_version, *alias.additional_version_weights}]
    if pointing:
        listed = ", ".join(sorted(pointing))
        raise ResourceConflictException(f"Unable to delete version because the following aliases reference it: [{listed}]")
    version.delete()
    function.provisioned_concurrency_configs.filter(qualifier=qualifier).delete()
    function.event_invoke_configs.filter(qualifier=qualifier).delete()
    function.policies.filter(qualifier=qualifier).delete()


def make_ready(version: FunctionVersion) -> None:
    """Puts a change in force now, for a caller that goes on with it."""
    _make_ready(version.pk)


def finish_pending() -> None:
    """Makes ready what a process that died left Pending or InProgress; called when the service starts."""
    unfinished = FunctionVersion.objects.exclude(last_update_status=LastUpdateStatus.SUCCESSFUL)
    for primary_key in unfinished.values_list("pk", flat=True):
        _make_ready(primary_key)


def new_revision() -> str:
    """A RevisionId."""
    return str(uuid.uuid4())


def check_revision(current: str, given: str | None, api: str = "GetFunction/GetAlias") -> None:
    """Raises PreconditionFailedException where the caller knows an older revision."""
    if given and given != current:
        raise PreconditionFailedException(
            f"The Revision Id provided does not match the latest Revision Id. Call the {api} API to retrieve the latest Revision Id"
        )


def not_in_progress(version: FunctionVersion) -> None:
    """Raises ResourceConflictException while a change of $LATEST is being put in force."""
    if version.state == State.PENDING:
        raise ResourceConflictException(
            f"The operation cannot be performed at this time. The function is currently in the following state: {version.state}"
        )
    if version.last_update_status == LastUpdateStatus.IN_PROGRESS:
        raise ResourceConflictException(
            f"The operation cannot be performed at this time. An update is in progress for resource: {version.function.arn}"
        )


def _update(current: FunctionVersion, parameters: Members, changes: dict[str, Any]) -> FunctionVersion:
    with transaction.atomic():
        held(current.function.account_id, current.function.name)
        version = get(current.function.account_id, current.function.name, current.version)
        not_in_progress(version)
        _check_revision(version, parameters)
        for field, value in {**changes, **_fresh(State.ACTIVE)}.items():
            setattr(version, field, value)
        version.save()
    _changed(version.function, "updated")
    _prepare(version.pk)
    return version


def _check_revision(version: FunctionVersion, parameters: Members) -> None:
    check_revision(version.current_revision_id, parameters.get("RevisionId"))


def _configured(name: str, parameters: Members, account_id: str) -> dict[str, Any]:
    """Columns of a new version; what is not given has Lambda's default."""
    defaults = FunctionVersion(
        function=Function(account_id=account_id, name=name),
        logging_config={"LogFormat": LogFormat.TEXT, "LogGroup": f"/aws/lambda/{name}"},
        stored_options={"TracingConfig": {"Mode": "PassThrough"}, "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}},
    )
    kept = {"logging_config": defaults.logging_config, "stored_options": defaults.stored_options}
    return kept | _changes(defaults, parameters, but={"role"})


def _changes(current: FunctionVersion, parameters: Members, but: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """Columns that *parameters* sets, by the AWS names of UpdateFunctionConfiguration."""
    columns = {
        "Description": "description",
        "Runtime": "runtime",
        "Handler": "handler",
        "Role": "role",
        "Timeout": "timeout",
        "MemorySize": "memory_size",
        "Layers": "layers",
    }
    changes = {column: parameters[name] for name, column in columns.items() if name in parameters and column not in but}
    if "Environment" in parameters:
        changes["environment"] = dict(parameters["Environment"].get("Variables", {}))
    if "EphemeralStorage" in parameters:
        changes["ephemeral_storage_size"] = parameters["EphemeralStorage"]["Size"]
    if "DeadLetterConfig" in parameters:
        changes["dead_letter_target_arn"] = parameters["DeadLetterConfig"].get("TargetArn", "")
    if "LoggingConfig" in parameters:
        changes["logging_config"] = checks.logging_config(current.function.name, parameters["LoggingConfig"], current.logging_config)
    stored = {name: parameters[name] for name in STORED_MEMBERS if name in parameters}
    if "SnapStart" in stored:
        stored["SnapStart"] = {"ApplyOn": stored["SnapStart"].get("ApplyOn", "None"), "OptimizationStatus": "Off"}
    if stored:
        changes["stored_options"] = {**current.stored_options, **stored}
    return changes


def _fresh(state: State, reason: str = "The function is being updated.", code: str = "Updating") -> dict[str, Any]:
    """Columns of a version whose change is not yet in force."""
    is_new = state is State.PENDING
    return {
        "state": state,
        "state_reason": reason if is_new else "",
        "state_reason_code": code if is_new else "",
        "last_update_status": LastUpdateStatus.IN_PROGRESS,
        "last_update_status_reason": reason,
        "last_update_status_reason_code": code,
        "last_modified": clock.now(),
        "revision_id": new_revision(),
        "policy_revision_id": "",
    }


def _prepare(primary_key: int) -> None:
    """Puts a committed change in force, soon and aside: the answer to the caller still says InProgress."""
    transaction.on_commit(lambda: threading.Timer(0.02, _make_ready_in_thread, [primary_key]).start())


def _make_ready_in_thread(primary_key: int) -> None:
    try:
        _make_ready(primary_key)
    finally:
        connection.close()


def _make_ready(primary_key: int) -> None:
    ready = {
        "state": State.ACTIVE,
        "state_reason": "",
        "state_reason_code": "",
        "last_update_status": LastUpdateStatus.SUCCESSFUL,
        "last_update_status_reason": "",
        "last_update_status_reason_code": "",
        "revision_id": new_revision(),
        "policy_revision_id": "",
    }
    if FunctionVersion.objects.filter(pk=primary_key).update(**ready):
        function = Function.objects.filter(versions__pk=primary_key).first()
        if function is not None:
            _changed(function, "updated")


def _changed(function: Function, what: str) -> None:
    catalogue.changed(function.account_id, function.name)
    announce.publish(function.account_id, [{"kind": "function", "function": function.name, "what": what}])


def _alias_target(account_id: str, name: str, alias: str) -> str | None:
    found = Function.objects.of(account_id).filter(name=name, aliases__name=alias)
    return found.values_list("aliases__function_version", flat=True).first()


def commonest_runtime() -> str | None:
    """The runtime that most functions of this server have; None where there is no function."""
    counted = FunctionVersion.objects.filter(version=LATEST).values_list("runtime").annotate(many=Count("pk")).order_by("-many", "runtime")
    first = counted.first()
    return first[0] if first else None
