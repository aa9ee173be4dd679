"""Account settings, and the small configurations that Terraform and other tools read or write beside a function."""

from invocations.resources import account_settings, functions, side_configs
from playground.endpoint.operations.lambda_.common import Answer, name_and_qualifier, name_only
from playground.endpoint.registry import Call, operation


@operation("lambda", "GetAccountSettings")
def get_account_settings(call: Call) -> Answer:
    return account_settings.describe(call.principal.account_id)


@operation("lambda", "PutFunctionRecursionConfig")
def put_function_recursion_config(call: Call) -> Answer:
    account_id, name = name_only(call)
    return {"RecursiveLoop": side_configs.put_recursive_loop(account_id, name, call.input["RecursiveLoop"])}


@operation("lambda", "GetFunctionRecursionConfig")
def get_function_recursion_config(call: Call) -> Answer:
    return {"RecursiveLoop": functions.function_of(*name_only(call)).recursive_loop}


@operation("lambda", "PutRuntimeManagementConfig")
def put_runtime_management_config(call: Call) -> Answer:
    account_id, name, qualifier = name_and_qualifier(call)
    config = {"UpdateRuntimeOn": call.input["UpdateRuntimeOn"], "RuntimeVersionArn": call.input.get("RuntimeVersionArn")}
    version = side_configs.put_runtime_management(account_id, name, qualifier, config)
    return config | {"FunctionArn": version.function.arn}


@operation("lambda", "GetRuntimeManagementConfig")
def get_runtime_management_config(call: Call) -> Answer:
    version = functions.get(*name_and_qualifier(call))
    config = version.stored_options.get("RuntimeManagementConfig", {"UpdateRuntimeOn": "Auto"})
    return {**config, "FunctionArn": version.function.arn}


@operation("lambda", "GetFunctionCodeSigningConfig")
def get_function_code_signing_config(call: Call) -> Answer:
    function = functions.function_of(*name_only(call))
    if not function.code_signing_config_arn:
        return {}
    return {"CodeSigningConfigArn": function.code_signing_config_arn, "FunctionName": function.name}


@operation("lambda", "PutFunctionCodeSigningConfig")
def put_function_code_signing_config(call: Call) -> Answer:
    account_id, name = name_only(call)
    side_configs.put_code_signing(account_id, name, call.input["CodeSigningConfigArn"])
    return {"CodeSigningConfigArn": call.input["CodeSigningConfigArn"], "FunctionName": name}


@operation("lambda", "DeleteFunctionCodeSigningConfig")
def delete_function_code_signing_config(call: Call) -> Answer:
    account_id, name = name_only(call)
    side_configs.put_code_signing(account_id, name, "")
    return {}
