"""Provisioned concurrency."""

from invocations.arn import function_arn
from invocations.models import ProvisionedConcurrencyConfig
from invocations.region import REGION
from invocations.resources import provisioned_concurrency
from playground.endpoint.operations.lambda_.common import Answer, name_and_qualifier, name_only, page
from playground.endpoint.registry import Call, operation


def describe(config: ProvisionedConcurrencyConfig) -> Answer:
    """How far a configuration has come."""
    return {
        "RequestedProvisionedConcurrentExecutions": config.requested,
        "AvailableProvisionedConcurrentExecutions": config.available,
        "AllocatedProvisionedConcurrentExecutions": config.allocated,
        "Status": config.status,
        "StatusReason": config.status_reason or None,
        "LastModified": config.last_modified.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }


@operation("lambda", "PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(call: Call) -> Answer:
    requested = call.input["ProvisionedConcurrentExecutions"]
    config = provisioned_concurrency.put(*name_and_qualifier(call), requested)
    return describe(config) | {"AvailableProvisionedConcurrentExecutions": 0, "AllocatedProvisionedConcurrentExecutions": 0}


@operation("lambda", "GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(call: Call) -> Answer:
    return describe(provisioned_concurrency.get(*name_and_qualifier(call)))


@operation("lambda", "DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(call: Call) -> Answer:
    provisioned_concurrency.delete(*name_and_qualifier(call))
    return {}


@operation("lambda", "ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(call: Call) -> Answer:
    account_id, name = name_only(call)
    rows, marker = page(provisioned_concurrency.list_of(account_id, name), call)
    items = [{"FunctionArn": function_arn(account_id, REGION, name, row.qualifier), **describe(row)} for row in rows]
    return {"ProvisionedConcurrencyConfigs": items, "NextMarker": marker}
