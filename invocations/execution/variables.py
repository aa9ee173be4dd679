"""The environment variables a function sees (Developer Guide, "Defined runtime environment variables")."""

from collections.abc import Mapping
from datetime import timedelta

from invocations.credentials import issue_session
from invocations.enums import LogFormat
from invocations.execution.runtimes import Family, Locations, RuntimeChoice
from invocations.execution.spec import EnvironmentSpec
from invocations.region import REGION

SESSION_LIFETIME = timedelta(hours=12)
"""Longer than any environment lives: it never has to fetch new credentials."""
XRAY_DAEMON = "169.254.100.1"

SYSTEM = {
    "TZ": ":UTC",
    "LANG": "en_US.UTF-8",
    "SHLVL": "0",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": f"{XRAY_DAEMON}:2000",
    "_AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON,
    "_AWS_XRAY_DAEMON_PORT": "2000",
}


def system_variables(family: Family, choice: RuntimeChoice, locations: Locations, runtime_api: str) -> dict[str, str]:
    """Those that depend on no function: a prepared runtime starts with them."""
    at = locations
    libraries = [f"{at.lang}/lib"] if choice.prefix else []
    libraries += ["/lib64", "/usr/lib64", at.runtime, f"{at.runtime}/lib", at.task, f"{at.task}/lib", f"{at.opt}/lib"]
    return {
        **SYSTEM,
        "PATH": f"{at.lang}/bin:/usr/local/bin:/usr/bin:/bin:{at.opt}/bin",
        "LD_LIBRARY_PATH": ":".join(libraries),
        "LAMBDA_TASK_ROOT": at.task,
        "LAMBDA_RUNTIME_DIR": at.runtime,
        "PWD": at.task,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        **family.variables(choice, at),
    }


def function_variables(spec: EnvironmentSpec, log_stream_name: str, endpoint: str) -> dict[str, str]:
    """Those of one function: the user's own, then what Lambda reserves."""
    credentials = issue_session(spec.account_id, spec.role_arn, spec.function_name, SESSION_LIFETIME, source_function_arn=spec.function_arn)
    reserved = {
        "_HANDLER": spec.handler,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": spec.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_size_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream_name,
        "AWS_LAMBDA_INITIALIZATION_TYPE": str(spec.initialization_type),
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
    }
    if spec.log_format is LogFormat.JSON:
        reserved |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.application_log_level or "INFO"}
    # where SDKs send their calls; unlike the others this may be set by the user
    return {"AWS_ENDPOINT_URL": endpoint, **dict(spec.variables), **reserved}


def needs_fresh_start(family: Family, variables: Mapping[str, str]) -> bool:
    """True when the function sets what an interpreter reads only while it starts."""
    return any(name.startswith(family.START_UP_VARIABLES) for name in variables)
