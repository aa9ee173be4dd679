"""Function URLs."""

from datetime import datetime

from invocations.models import FunctionUrl
from invocations.resources import function_urls
from playground.endpoint.operations.lambda_.common import Answer, name_and_qualifier, name_only, page
from playground.endpoint.registry import Call, operation
from playground.front_doors.addresses import address_of


def describe(url: FunctionUrl, call: Call) -> Answer:
    """FunctionUrlConfig. The address is the one for whoever asks."""
    return {
        "FunctionUrl": address_of(url.url_id, call.endpoint),
        "FunctionArn": url.arn,
        "AuthType": url.auth_type,
        "Cors": url.cors,
        "CreationTime": _nanoseconds(url.creation_time),
        "LastModifiedTime": _nanoseconds(url.last_modified_time),
        "InvokeMode": url.invoke_mode,
    }


def _nanoseconds(moment: datetime) -> str:
    """2025-11-24T22:09:04.123456000Z"""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"


@operation("lambda", "CreateFunctionUrlConfig")
def create_function_url_config(call: Call) -> Answer:
    """Unlike the others it says nothing of LastModifiedTime, nor of an InvokeMode that was not given."""
    answer = describe(function_urls.create(*name_and_qualifier(call), call.input), call)
    del answer["LastModifiedTime"]
    if "InvokeMode" not in call.input:
        del answer["InvokeMode"]
    return answer


@operation("lambda", "GetFunctionUrlConfig")
def get_function_url_config(call: Call) -> Answer:
    return describe(function_urls.get(*name_and_qualifier(call)), call)


@operation("lambda", "UpdateFunctionUrlConfig")
def update_function_url_config(call: Call) -> Answer:
    return describe(function_urls.update(*name_and_qualifier(call), call.input), call)


@operation("lambda", "DeleteFunctionUrlConfig")
def delete_function_url_config(call: Call) -> Answer:
    function_urls.delete(*name_and_qualifier(call))
    return {}


@operation("lambda", "ListFunctionUrlConfigs")
def list_function_url_configs(call: Call) -> Answer:
    account_id, name = name_only(call)
    rows, marker = page(function_urls.list_of(account_id, name), call)
    return {"FunctionUrlConfigs": [describe(row, call) for row in rows], "NextMarker": marker}
