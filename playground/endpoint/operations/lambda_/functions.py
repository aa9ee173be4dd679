"""Functions: create, read, change, list, delete."""

from invocations.resources import concurrency, functions, naming, versions
from invocations.resources.function_configuration import describe
from playground.endpoint.operations.lambda_.common import Answer, download_address, name_and_qualifier, name_only, owner_of, page
from playground.endpoint.registry import Call, operation


@operation("lambda", "CreateFunction")
def create_function(call: Call) -> Answer:
    account_id = call.principal.account_id
    version = functions.create(account_id, call.input)
    if call.input.get("Publish"):
        functions.make_ready(version)
        version = versions.publish(account_id, version.function.name, {"Description": version.description})
    return describe(version)


@operation("lambda", "GetFunction")
def get_function(call: Call) -> Answer:
    account_id, name, qualifier = name_and_qualifier(call)
    version = functions.get(account_id, name, qualifier)
    answer: Answer = {
        "Configuration": describe(version, qualifier),
        "Code": {"RepositoryType": "S3", "Location": download_address(call, version.code_sha256)},
    }
    if version.function.tags:
        answer["Tags"] = version.function.tags
    reserved = version.function.reserved_concurrent_executions
    if reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return answer


@operation("lambda", "GetFunctionConfiguration")
def get_function_configuration(call: Call) -> Answer:
    account_id, name, qualifier = name_and_qualifier(call)
    return describe(functions.get(account_id, name, qualifier), qualifier)


@operation("lambda", "UpdateFunctionCode")
def update_function_code(call: Call) -> Answer:
    account_id, name = name_only(call)
    version = functions.update_code(account_id, name, call.input)
    if call.input.get("Publish") and not call.input.get("DryRun"):
        functions.make_ready(version)
        version = versions.publish(account_id, name, {})
    return describe(version)


@operation("lambda", "UpdateFunctionConfiguration")
def update_function_configuration(call: Call) -> Answer:
    account_id, name = name_only(call)
    return describe(functions.update_configuration(account_id, name, call.input))


@operation("lambda", "ListFunctions")
def list_functions(call: Call) -> Answer:
    is_all = call.input.get("FunctionVersion") == "ALL"
    rows, marker = page(functions.list_all(call.principal.account_id, all_versions=is_all), call)
    return {"Functions": [describe(row, row.version if is_all else None) for row in rows], "NextMarker": marker}


@operation("lambda", "DeleteFunction")
def delete_function(call: Call) -> Answer:
    functions.delete(*name_and_qualifier(call))
    return {}


@operation("lambda", "PublishVersion")
def publish_version(call: Call) -> Answer:
    account_id, name = name_only(call)
    return describe(versions.publish(account_id, name, call.input))


@operation("lambda", "ListVersionsByFunction")
def list_versions_by_function(call: Call) -> Answer:
    account_id, name = name_only(call)
    rows, marker = page(versions.list_of(account_id, name), call)
    return {"Versions": [describe(row, row.version) for row in rows], "NextMarker": marker}


@operation("lambda", "PutFunctionConcurrency")
def put_function_concurrency(call: Call) -> Answer:
    account_id, name = _unqualified(call)
    return {"ReservedConcurrentExecutions": concurrency.put(account_id, name, call.input["ReservedConcurrentExecutions"])}


@operation("lambda", "GetFunctionConcurrency")
def get_function_concurrency(call: Call) -> Answer:
    account_id, name = name_only(call)
    return {"ReservedConcurrentExecutions": concurrency.get(account_id, name)}


@operation("lambda", "DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call) -> Answer:
    concurrency.delete(*name_only(call))
    return {}


def _unqualified(call: Call) -> tuple[str, str]:
    account_id = owner_of(call)
    name, qualifier = naming.resolve(call.input["FunctionName"], None, account_id)
    if qualifier is not None:
        raise concurrency.only_unqualified()
    return account_id, name
