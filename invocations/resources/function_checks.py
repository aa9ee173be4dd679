"""What AWS checks of a function's parameters beyond the shapes of its model, in AWS's words."""

import json
import re
from typing import Any

from invocations import limits
from invocations.arn import parse_function_name
from invocations.enums import LogFormat
from invocations.errors import (
    AccessDeniedException,
    CodeSigningConfigNotFoundException,
    InvalidParameterValueException,
    ResourceNotFoundException,
    ValidationException,
)
from invocations.execution.runtimes import RuntimeMissing, family_of, resolve
from invocations.models import LayerVersion
from invocations.region import REGION
from invocations.resources.role_trust import is_assumable_by_lambda
from invocations.values import Members

_LAYER_VERSION_ARN = re.compile(r"arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:(\d{12}):layer:([a-zA-Z0-9-_]+):(\d+)")
_VARIABLE_NAME = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")
_RESERVED_VARIABLES = frozenset(
    [
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    ]
)
RUNTIMES_OF_AWS = [
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "dotnet8",
    "dotnet10",
    "nodejs4.3-edge",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "provided",
    "provided.al2",
    "provided.al2023",
]
_RETIRED = frozenset(
    [
        "nodejs",
        "nodejs4.3",
        "nodejs6.10",
        "nodejs8.10",
        "nodejs10.x",
        "nodejs12.x",
        "nodejs14.x",
        "nodejs16.x",
        "java8",
        "python2.7",
        "python3.6",
        "python3.7",
        "python3.8",
        "dotnetcore1.0",
        "dotnetcore2.0",
        "dotnetcore2.1",
        "dotnetcore3.1",
        "dotnet6",
        "nodejs4.3-edge",
        "go1.x",
        "ruby2.5",
        "ruby2.7",
        "provided",
    ]
)


def new_name(function_name: str, account_id: str) -> str:
    """The bare name of a function to be made. Raises ValidationException, InvalidParameterValueException."""
    reference = parse_function_name(function_name)
    if reference is None or len(reference.name) > limits.FUNCTION_NAME_LENGTH or "." in reference.name:
        raise ValidationException(
            f"1 validation error detected: Value '{function_name}' at 'functionName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {limits.FUNCTION_NAME_LENGTH}"
            if reference is not None and len(reference.name) > limits.FUNCTION_NAME_LENGTH
            else f"1 validation error detected: Value '{function_name}' at 'functionName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: "
            r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
        )
    if reference.account_id is not None and reference.account_id != account_id:
        raise AccessDeniedException(None)
    if reference.region is not None and reference.region != REGION:
        raise ResourceNotFoundException(f"Functions from '{reference.region}' are not reachable in this region ('{REGION}')")
    return reference.name


def sizes(parameters: Members) -> None:
    """Bounds that the service keeps, narrower than those of its API's model, which serve other compute types too."""
    storage = parameters.get("EphemeralStorage", {}).get("Size")
    for place, value, bounds in (
        ("timeout", parameters.get("Timeout"), limits.TIMEOUT_SECONDS),
        ("memorySize", parameters.get("MemorySize"), limits.MEMORY_SIZE_MB),
        ("ephemeralStorage.size", storage, limits.EPHEMERAL_STORAGE_MB),
    ):
        if value is not None and value not in bounds:
            end = f"greater than or equal to {bounds[0]}" if value < bounds[0] else f"less than or equal to {bounds[-1]}"
            raise ValidationException(
                f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have value {end}"
            )


def package(parameters: Members) -> None:
    """Refuses container images, and asks for what a zip package needs."""
    code = parameters.get("Code", {})
    if parameters.get("PackageType") == "Image" or code.get("ImageUri"):
        raise InvalidParameterValueException(
            "Container images cannot run on this server: there is no container engine in it. Use PackageType Zip."
        )
    if not parameters.get("Runtime"):
        raise InvalidParameterValueException("Runtime is mandatory when creating functions with deployment packages.")
    if not parameters.get("Handler"):
        raise InvalidParameterValueException("Handler is mandatory when creating functions with deployment packages.")


def all_of(parameters: Members) -> None:
    """Every check that creating and updating share."""
    if "Runtime" in parameters:
        runtime(parameters["Runtime"])
    sizes(parameters)
    variables(parameters.get("Environment", {}).get("Variables", {}))
    layers(parameters.get("Layers", []))
    config = parameters.get("LoggingConfig", {})
    if config.get("LogFormat", LogFormat.TEXT) != LogFormat.JSON and {"ApplicationLogLevel", "SystemLogLevel"} & config.keys():
        raise InvalidParameterValueException(
            "To configure ApplicationLogLevel or SystemLogLevel, set LogFormat to JSON in the logging configuration."
        )


def runtime(name: str) -> None:
    """Refuses what AWS does not know or no longer takes, and what cannot run on this machine."""
    if name not in RUNTIMES_OF_AWS:
        listed = ", ".join(known for known in RUNTIMES_OF_AWS if known not in _RETIRED)
        raise InvalidParameterValueException(
            f"Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{listed}] or be a valid ARN"
        )
    if name in _RETIRED:
        raise InvalidParameterValueException(
            f"The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
    try:
        family_of(name)
        resolve(name)
    except RuntimeMissing as error:
        raise InvalidParameterValueException(str(error)) from None


def variables(given: Members) -> None:
    """Names that AWS allows, and no more than 4 KB."""
    reserved = sorted(_RESERVED_VARIABLES & given.keys())
    if reserved:
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains "
            f"reserved keys that are currently not supported for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    for name in given:
        if not _VARIABLE_NAME.fullmatch(name):
            raise ValidationException(
                f"1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy "
                f"constraint: [Member must satisfy regular expression pattern: {_VARIABLE_NAME.pattern}]"
            )
    measured = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > limits.ENVIRONMENT_VARIABLES:
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded "
            f"the 4KB limit. String measured: {measured}"
        )


def layers(arns: list[str]) -> None:
    """At most five, each there, none twice over."""
    if len(arns) > limits.LAYERS:
        raise InvalidParameterValueException(f"Cannot reference more than {limits.LAYERS} layers.")
    seen: set[str] = set()
    for arn in arns:
        match = _LAYER_VERSION_ARN.fullmatch(arn)
        if match is None:
            raise ValidationException(
                f"1 validation error detected: Value '[{arn}]' at 'layers' failed to satisfy constraint: Member must satisfy "
                f"constraint: [Member must satisfy regular expression pattern: {_LAYER_VERSION_ARN.pattern}]"
            )
        account_id, name, number = match.groups()
        if not LayerVersion.objects.of(account_id).filter(name=name, version=number, is_deleted=False).exists():
            raise InvalidParameterValueException(f"Layer version {arn} does not exist.")
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise InvalidParameterValueException(
                f"Two different versions of the same layer are not allowed to be referenced in the same function. {arn}"
            )
        seen.add(layer)


def role(account_id: str, arn: str) -> None:
    """A role that exists here must let Lambda assume it; one that does not is taken as it is."""
    if not is_assumable_by_lambda(account_id, arn):
        raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")


def code_signing(arn: str) -> None:
    """No code signing configuration exists here, so none can be attached."""
    if arn:
        raise CodeSigningConfigNotFoundException(
            "The code signing configuration cannot be found. Check that the provided configuration is not deleted."
        )


def tags(given: Members) -> dict[str, str]:
    """Tags within AWS's bounds."""
    if len(given) > limits.TAGS:
        raise InvalidParameterValueException("Number of tags exceeds resource tag limit.")
    for name in given:
        if name.lower().startswith("aws:"):
            raise InvalidParameterValueException("aws: prefixed tag key names are not allowed for external use.")
    return dict(given)


def logging_config(function_name: str, given: Members, current: Members) -> dict[str, Any]:
    """LoggingConfig as AWS answers it: JSON has levels, text has none."""
    merged = {"LogFormat": current.get("LogFormat", LogFormat.TEXT), "LogGroup": current.get("LogGroup", f"/aws/lambda/{function_name}")}
    merged |= {name: value for name, value in given.items() if name in {"LogFormat", "LogGroup"} and value}
    if merged["LogFormat"] == LogFormat.JSON:
        for level in ("ApplicationLogLevel", "SystemLogLevel"):
            merged[level] = given.get(level) or current.get(level) or "INFO"
    return merged
