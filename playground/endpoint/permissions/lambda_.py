"""Lambda: what its operations ask permission for.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Lambda".
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from invocations.arn import function_arn, parse_function_name
from invocations.enums import PrincipalType
from invocations.policies.context import Value
from invocations.region import REGION
from invocations.resources import function_urls
from playground.endpoint.permissions.asked import NOTHING, Asked, account_of, arn, pass_role
from playground.endpoint.registry import Call

_AUTH_TYPE: Final = "lambda:functionurlauthtype"
INVOKES: Final = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"})
"""They ask on their way, where the refusal is recorded."""
_WITHOUT_RESOURCE: Final = frozenset(
    {"ListFunctions", "GetAccountSettings", "ListLayers", "ListLayerVersions", "ListEventSourceMappings", "ListCodeSigningConfigs"}
)
_QUALIFIED: Final = frozenset(
    {"GetFunction", "GetFunctionConfiguration", "DeleteFunction", "GetPolicy", "AddPermission", "RemovePermission"}
    | {f"{verb}ProvisionedConcurrencyConfig" for verb in ("Get", "Put", "Delete")}
    | {f"{verb}FunctionEventInvokeConfig" for verb in ("Get", "Put", "Update", "Delete")}
    | {f"{verb}FunctionUrlConfig" for verb in ("Create", "Get", "Update", "Delete")}
    | {f"{verb}RuntimeManagementConfig" for verb in ("Get", "Put")}
)
"""Operations on a version or alias where the call names one."""
ON_URLS: Final = frozenset({"GetFunctionUrlConfig", "UpdateFunctionUrlConfig", "DeleteFunctionUrlConfig"})
"""Operations on a URL that exists: unless they name an AuthType, the URL's own counts, which the database tells."""


def questions(call: Call) -> Iterable[Asked]:
    """The function, layer or mapping that a call is about; to give a function a role or layers asks for these too."""
    name, given = call.operation, call.input
    if name in INVOKES:
        return NOTHING
    if "LayerName" in given or name == "GetLayerVersionByArn":
        return [_on_layer(call)]
    if "UUID" in given:
        return [Asked(f"lambda:{name}", arn(call, "lambda", f"event-source-mapping:{given['UUID']}"))]
    if name == "CreateEventSourceMapping":
        return [Asked("lambda:CreateEventSourceMapping", keys=_function_key(call))]
    if name in _WITHOUT_RESOURCE:
        return [Asked(f"lambda:{name}")]
    if "Resource" in given:
        owner, whole = account_of(given["Resource"]), given["Resource"]
        return [Asked(f"lambda:{name}", whole, owner, whole if _is_function(whole) else "")]
    asked = _on_function(call)
    return NOTHING if asked is None else [asked, *_passed(given)]


def _on_function(call: Call) -> Asked | None:
    """None for a name that is none: the operation refuses it."""
    name, given = call.operation, call.input
    reference = parse_function_name(given.get("FunctionName", ""))
    if reference is None:
        return None
    owner = reference.account_id or call.principal.account_id
    qualifier = (reference.qualifier or given.get("Qualifier")) if name in _QUALIFIED else None
    whole = function_arn(owner, REGION, reference.name, qualifier)
    # Functions' policies have no Deny (AddPermission cannot add one), so what they say is nothing to their own account's root.
    is_own_root = call.principal.type is PrincipalType.ROOT and call.principal.account_id == owner
    keys = _keys(given)
    if name in ON_URLS and _AUTH_TYPE not in keys:
        auth_type = function_urls.auth_type_of(owner, reference.name, qualifier)
        keys |= {_AUTH_TYPE: auth_type} if auth_type is not None else {}
    return Asked(f"lambda:{name}", whole, owner, "" if is_own_root else whole, keys=keys)


def _keys(given: Mapping[str, Any]) -> dict[str, Value]:
    keys: dict[str, Value] = {}
    if "Principal" in given:
        keys["lambda:principal"] = given["Principal"]
    for member in ("FunctionUrlAuthType", "AuthType"):
        if given.get(member):
            keys[_AUTH_TYPE] = given[member]
    if given.get("Layers"):
        keys["lambda:layer"] = list(given["Layers"])
    for member, key in (("SubnetIds", "lambda:subnetids"), ("SecurityGroupIds", "lambda:securitygroupids")):
        if given.get("VpcConfig", {}).get(member):
            keys[key] = list(given["VpcConfig"][member])
    return keys


def _passed(given: Mapping[str, Any]) -> list[Asked]:
    layers = [each for each in given.get("Layers") or () if isinstance(each, str) and each.startswith("arn:")]
    used = [Asked("lambda:GetLayerVersion", layer, account_of(layer)) for layer in layers]
    return [*pass_role(given.get("Role"), "lambda.amazonaws.com"), *used]


def _on_layer(call: Call) -> Asked:
    """A layer's name may be its ARN; whatever account that names, layers are the caller's own here."""
    given, name = call.input, call.operation
    if name == "GetLayerVersionByArn":
        return Asked("lambda:GetLayerVersion", given["Arn"])
    bare = given["LayerName"].rpartition(":layer:")[2]
    version = given.get("VersionNumber")
    if name == "ListLayerVersions":
        return Asked("lambda:ListLayerVersions")
    return Asked(f"lambda:{name}", arn(call, "lambda", f"layer:{bare}" + (f":{version}" if version is not None else "")))


def _function_key(call: Call) -> dict[str, Value]:
    reference = parse_function_name(call.input.get("FunctionName", ""))
    if reference is None:
        return {}
    owner = reference.account_id or call.principal.account_id
    return {"lambda:functionarn": function_arn(owner, REGION, reference.name, reference.qualifier)}


def _is_function(whole: str) -> bool:
    return ":function:" in whole
