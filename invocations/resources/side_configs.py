"""Small configurations that stand beside a function: loop detection, runtime updates, code signing."""

from invocations import catalogue
from invocations.errors import InvalidParameterValueException
from invocations.models import Function, FunctionVersion
from invocations.resources import function_checks, functions
from invocations.values import Members


def put_recursive_loop(account_id: str, name: str, recursive_loop: str) -> str:
    """PutFunctionRecursionConfig: "Allow" or "Terminate"."""
    function = functions.function_of(account_id, name)
    Function.objects.filter(pk=function.pk).update(recursive_loop=recursive_loop)
    catalogue.changed(account_id, name)
    return recursive_loop


def put_runtime_management(account_id: str, name: str, qualifier: str | None, config: Members) -> FunctionVersion:
    """PutRuntimeManagementConfig; stored, since the machine's interpreter is what it is."""
    if config["UpdateRuntimeOn"] == "Manual" and not config.get("RuntimeVersionArn"):
        raise InvalidParameterValueException("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
    version = functions.get(account_id, name, qualifier)
    version.stored_options["RuntimeManagementConfig"] = {key: value for key, value in config.items() if value}
    version.save(update_fields=["stored_options"])
    return version


def put_code_signing(account_id: str, name: str, arn: str) -> None:
    """PutFunctionCodeSigningConfig; an empty ARN takes it away. No configuration exists here, so none can be attached."""
    function = functions.function_of(account_id, name)
    function_checks.code_signing(arn)
    Function.objects.filter(pk=function.pk).update(code_signing_config_arn="")
