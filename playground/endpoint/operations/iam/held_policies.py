"""IAM: policies attached to and put into roles, users and groups; boundaries and tags. The operations differ in a word only."""

from typing import Any

from invocations.models import Group, Role, User
from invocations.resources import policy_holders
from playground.endpoint.operations.iam.common import encoded, page, tag_list, tags_in
from playground.endpoint.registry import Call, operation


def _of(kind: Any, call: Call) -> tuple[Any, str, str]:
    return kind, call.principal.account_id, call.input[f"{kind.__name__}Name"]


def _register(kind: type[Role] | type[User] | type[Group]) -> None:
    """What all three kinds have."""
    word = kind.__name__

    def of(call: Call) -> tuple[Any, str, str]:
        return _of(kind, call)

    @operation("iam", f"Attach{word}Policy")
    def attach(call: Call) -> dict[str, Any]:
        policy_holders.attach(*of(call), call.input["PolicyArn"])
        return {}

    @operation("iam", f"Detach{word}Policy")
    def detach(call: Call) -> dict[str, Any]:
        policy_holders.detach(*of(call), call.input["PolicyArn"])
        return {}

    @operation("iam", f"ListAttached{word}Policies")
    def list_attached(call: Call) -> dict[str, Any]:
        arns = [arn for arn in policy_holders.get(*of(call)).attached_policy_arns if _is_under(arn, call.input.get("PathPrefix") or "/")]
        found, more = page(arns, call)
        return {"AttachedPolicies": [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in found], **more}

    @operation("iam", f"Put{word}Policy")
    def put(call: Call) -> dict[str, Any]:
        policy_holders.put_policy(*of(call), call.input["PolicyName"], call.input["PolicyDocument"])
        return {}

    @operation("iam", f"Get{word}Policy")
    def get(call: Call) -> dict[str, Any]:
        name = call.input["PolicyName"]
        document = encoded(policy_holders.inline_policy(*of(call), name))
        return {f"{word}Name": call.input[f"{word}Name"], "PolicyName": name, "PolicyDocument": document}

    @operation("iam", f"Delete{word}Policy")
    def delete(call: Call) -> dict[str, Any]:
        policy_holders.delete_policy(*of(call), call.input["PolicyName"])
        return {}

    @operation("iam", f"List{word}Policies")
    def list_inline(call: Call) -> dict[str, Any]:
        found, more = page(sorted(policy_holders.get(*of(call)).inline_policies), call)
        return {"PolicyNames": found, **more}


def _register_caller(kind: type[Role] | type[User]) -> None:
    """What groups have not."""
    word = kind.__name__

    def of(call: Call) -> tuple[Any, str, str]:
        return _of(kind, call)

    @operation("iam", f"Put{word}PermissionsBoundary")
    def put_boundary(call: Call) -> dict[str, Any]:
        policy_holders.put_boundary(*of(call), call.input["PermissionsBoundary"])
        return {}

    @operation("iam", f"Delete{word}PermissionsBoundary")
    def delete_boundary(call: Call) -> dict[str, Any]:
        policy_holders.put_boundary(*of(call), "")
        return {}

    @operation("iam", f"Tag{word}")
    def tag(call: Call) -> dict[str, Any]:
        policy_holders.change_tags(*of(call), tags_in(call))
        return {}

    @operation("iam", f"Untag{word}")
    def untag(call: Call) -> dict[str, Any]:
        policy_holders.change_tags(*of(call), {}, call.input["TagKeys"])
        return {}

    @operation("iam", f"List{word}Tags")
    def list_tags(call: Call) -> dict[str, Any]:
        found, more = page(tag_list(policy_holders.get(*of(call)).tags), call)
        return {"Tags": found, **more}


def _is_under(arn: str, path_prefix: str) -> bool:
    return f"/{arn.partition(':policy/')[2]}".startswith(path_prefix)


_register(Role)
_register(User)
_register(Group)
_register_caller(Role)
_register_caller(User)
