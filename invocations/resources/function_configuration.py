"""FunctionConfiguration: a version as AWS answers it."""

import hashlib
from typing import Any

from invocations import clock
from invocations.arn import LATEST, function_arn, layer_arn
from invocations.models import FunctionVersion, LayerVersion
from invocations.region import REGION


def describe(version: FunctionVersion, qualifier: str | None = None) -> dict[str, Any]:
    """Members of FunctionConfiguration. *qualifier* is what the caller asked by, and ends the FunctionArn where there was one."""
    function = version.function
    shown = qualifier or (None if version.version == LATEST else version.version)
    stored = dict(version.stored_options)
    answer: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": function_arn(function.account_id, REGION, function.name, shown),
        "Runtime": version.runtime or None,
        "Role": version.role,
        "Handler": version.handler or None,
        "CodeSize": version.code_size,
        "Description": version.description,
        "Timeout": version.timeout,
        "MemorySize": version.memory_size,
        "LastModified": clock.last_modified(version.last_modified),
        "CodeSha256": version.code_sha256,
        "Version": version.version,
        "TracingConfig": stored.pop("TracingConfig", {"Mode": "PassThrough"}),
        "RevisionId": version.current_revision_id,
        "State": version.state,
        "LastUpdateStatus": version.last_update_status,
        "PackageType": version.package_type,
        "Architectures": version.architectures,
        "EphemeralStorage": {"Size": version.ephemeral_storage_size},
        "SnapStart": stored.pop("SnapStart", {"ApplyOn": "None", "OptimizationStatus": "Off"}),
        "RuntimeVersionConfig": {"RuntimeVersionArn": runtime_version_arn(version.runtime)},
        "LoggingConfig": version.logging_config,
        **_reasons(version),
    }
    if version.environment:
        answer["Environment"] = {"Variables": version.environment}
    if version.dead_letter_target_arn:
        answer["DeadLetterConfig"] = {"TargetArn": version.dead_letter_target_arn}
    if version.layers:
        answer["Layers"] = [_layer(arn) for arn in version.layers]
    stored.pop("RuntimeManagementConfig", None)
    vpc = stored.pop("VpcConfig", None)
    if vpc and (vpc.get("SubnetIds") or vpc.get("SecurityGroupIds")):
        answer["VpcConfig"] = {"VpcId": "vpc-00000000", "Ipv6AllowedForDualStack": False, **vpc}
    return answer | {name: value for name, value in stored.items() if value}


def runtime_version_arn(runtime: str) -> str:
    """The ARN of a runtime's version: always the same for the same runtime."""
    return f"arn:aws:lambda:{REGION}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"


def _reasons(version: FunctionVersion) -> dict[str, str]:
    reasons = {
        "StateReason": version.state_reason,
        "StateReasonCode": version.state_reason_code,
        "LastUpdateStatusReason": version.last_update_status_reason,
        "LastUpdateStatusReasonCode": version.last_update_status_reason_code,
    }
    return {name: reason for name, reason in reasons.items() if reason}


def _layer(arn: str) -> dict[str, Any]:
    *_, account_id, _, name, number = arn.split(":")
    row = LayerVersion.objects.of(account_id).filter(name=name, version=number).first()
    size = row.code_size if row else 0
    return {"Arn": layer_arn(account_id, REGION, name, int(number)), "CodeSize": size}
