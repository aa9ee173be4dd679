"""Configuration of asynchronous invocation."""

from invocations.models import EventInvokeConfig
from invocations.resources import event_invoke_configs
from playground.endpoint.operations.lambda_.common import Answer, name_and_qualifier, name_only, page
from playground.endpoint.registry import Call, operation


def describe(config: EventInvokeConfig) -> Answer:
    """FunctionEventInvokeConfig. What was never set is left out; the two destinations are always there, maybe empty."""
    return {
        "LastModified": config.last_modified,
        "FunctionArn": config.arn,
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumEventAgeInSeconds": config.maximum_event_age_in_seconds,
        "DestinationConfig": {"OnSuccess": _destination(config.on_success), "OnFailure": _destination(config.on_failure)},
    }


def _destination(arn: str) -> Answer:
    return {"Destination": arn} if arn else {}


@operation("lambda", "PutFunctionEventInvokeConfig")
def put_function_event_invoke_config(call: Call) -> Answer:
    return describe(event_invoke_configs.put(*name_and_qualifier(call), call.input))


@operation("lambda", "UpdateFunctionEventInvokeConfig")
def update_function_event_invoke_config(call: Call) -> Answer:
    return describe(event_invoke_configs.update(*name_and_qualifier(call), call.input))


@operation("lambda", "GetFunctionEventInvokeConfig")
def get_function_event_invoke_config(call: Call) -> Answer:
    return describe(event_invoke_configs.get(*name_and_qualifier(call)))


@operation("lambda", "DeleteFunctionEventInvokeConfig")
def delete_function_event_invoke_config(call: Call) -> Answer:
    event_invoke_configs.delete(*name_and_qualifier(call))
    return {}


@operation("lambda", "ListFunctionEventInvokeConfigs")
def list_function_event_invoke_configs(call: Call) -> Answer:
    account_id, name = name_only(call)
    rows, marker = page(event_invoke_configs.list_of(account_id, name), call)
    return {"FunctionEventInvokeConfigs": [describe(row) for row in rows], "NextMarker": marker}
