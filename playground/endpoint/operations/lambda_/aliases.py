"""Aliases."""

from invocations.models import Alias
from invocations.resources import aliases
from playground.endpoint.operations.lambda_.common import Answer, name_only, page
from playground.endpoint.registry import Call, operation


def describe(alias: Alias) -> Answer:
    """AliasConfiguration."""
    answer: Answer = {
        "AliasArn": alias.arn,
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    }
    if alias.additional_version_weights:
        answer["RoutingConfig"] = {"AdditionalVersionWeights": alias.additional_version_weights}
    return answer


@operation("lambda", "CreateAlias")
def create_alias(call: Call) -> Answer:
    account_id, name = name_only(call)
    return describe(aliases.create(account_id, name, call.input))


@operation("lambda", "GetAlias")
def get_alias(call: Call) -> Answer:
    account_id, name = name_only(call)
    return describe(aliases.get(account_id, name, call.input["Name"]))


@operation("lambda", "UpdateAlias")
def update_alias(call: Call) -> Answer:
    account_id, name = name_only(call)
    return describe(aliases.update(account_id, name, call.input["Name"], call.input))


@operation("lambda", "DeleteAlias")
def delete_alias(call: Call) -> Answer:
    account_id, name = name_only(call)
    aliases.delete(account_id, name, call.input["Name"])
    return {}


@operation("lambda", "ListAliases")
def list_aliases(call: Call) -> Answer:
    account_id, name = name_only(call)
    rows, marker = page(aliases.list_of(account_id, name, call.input.get("FunctionVersion")), call)
    return {"Aliases": [describe(row) for row in rows], "NextMarker": marker}
