"""IAM: the policy simulator, answered by the evaluator that decides real calls."""

from typing import Any

from invocations import identities
from invocations.errors import AwsError, aws_error
from invocations.identities import Document
from invocations.models import Group, Role, User
from invocations.policies import Context
from invocations.policies.context import Value
from invocations.resources import policy_holders, simulation
from invocations.resources.policy_documents import compiled
from invocations.resources.simulation import Simulation
from playground.endpoint.operations.iam.common import page
from playground.endpoint.registry import Call, operation

_KINDS: dict[str, type[User] | type[Role] | type[Group]] = {"user": User, "role": Role, "group": Group}


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> dict[str, Any]:
    """What a user, role or group may do, with more policies in addition if any are given."""
    arn = call.input["PolicySourceArn"]
    holder = _holder(call, arn)
    bounded = None if isinstance(holder, Group) else identities.boundary_of(holder)
    documents = [*identities.documents_of(holder), *_given(call, "PolicyInputList")]
    return _answer(call, documents, bounded, call.input.get("CallerArn") or arn)


@operation("iam", "SimulateCustomPolicy")
def simulate_custom_policy(call: Call) -> dict[str, Any]:
    """What the policies given would allow."""
    return _answer(call, _given(call, "PolicyInputList"), None, call.input.get("CallerArn") or call.principal.arn)


@operation("iam", "GetContextKeysForPrincipalPolicy")
def get_context_keys_for_principal_policy(call: Call) -> dict[str, Any]:
    """The context keys that the policies of a user, role or group ask for."""
    return _keys([*identities.documents_of(_holder(call, call.input["PolicySourceArn"])), *_given(call, "PolicyInputList")])


@operation("iam", "GetContextKeysForCustomPolicy")
def get_context_keys_for_custom_policy(call: Call) -> dict[str, Any]:
    """The context keys that the policies given ask for."""
    return _keys(_given(call, "PolicyInputList"))


def _answer(call: Call, documents: list[Document], boundary: Document | None, caller_arn: str) -> dict[str, Any]:
    given = call.input
    resource = given.get("ResourcePolicy")
    if resource and ":user/" not in caller_arn:
        raise aws_error("InvalidInput", "CallerArn must be the ARN of an IAM user when a ResourcePolicy is given.")
    caller = simulation.caller_of(caller_arn)
    owner = given.get("ResourceOwner") or caller.account_id
    simulated = Simulation(
        identity=documents,
        boundary=next(iter(_given(call, "PermissionsBoundaryPolicyInputList")), boundary),
        resource=Document("ResourcePolicy", "resource", resource) if resource else None,
        caller=caller,
        owner_account_id=owner.split(":")[4] if owner.count(":") >= 5 else owner,
        context=_context(given.get("ContextEntries") or ()),
    )
    asked = [(action, arn) for action in given["ActionNames"] for arn in given.get("ResourceArns") or ["*"]]
    found, more = page(asked, call)
    return {"EvaluationResults": [_result(simulated, action, arn) for action, arn in found], **more}


def _result(simulated: Simulation, action: str, arn: str) -> dict[str, Any]:
    if action.count(":") != 1:
        raise aws_error("InvalidInput", f"Invalid action name: {action}")
    verdict = simulated.ask(action, arn)
    decision = "allowed" if verdict.allowed else "explicitDeny" if verdict.is_explicit_deny else "implicitDeny"
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": arn,
        "EvalDecision": decision,
        "MatchedStatements": simulated.matched(verdict),
        "MissingContextValues": simulated.missing(verdict),
    }
    boundary = verdict.policies.boundary
    if boundary is not None:
        applying = [each.statement.effect for each in verdict.examined() if each.policy is boundary and each.mismatch is None]
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": "Allow" in applying and "Deny" not in applying}
    return result


def _given(call: Call, member: str) -> list[Document]:
    """Documents of the call, under the names by which AWS's answers know them: PolicyInputList.1."""
    return [Document(f"{member}.{number}", "none", text) for number, text in enumerate(call.input.get(member) or (), 1)]


def _context(entries: Any) -> Context:
    values: dict[str, Value] = {entry["ContextKeyName"]: _value(entry) for entry in entries if entry.get("ContextKeyName")}
    return Context.of(values)


def _value(entry: dict[str, Any]) -> Value:
    values = entry.get("ContextKeyValues") or []
    is_list = str(entry.get("ContextKeyType", "")).endswith("List")
    return values if is_list or len(values) != 1 else values[0]


def _keys(documents: list[Document]) -> dict[str, Any]:
    statements = [each for document in documents for each in compiled(document.text).statements]
    return {"ContextKeyNames": sorted({key for statement in statements for key in statement.context_keys()})}


def _holder(call: Call, arn: str) -> User | Role | Group:
    kind, _, path = arn.rpartition(":")[2].partition("/")
    if kind not in _KINDS or not arn.startswith(f"arn:aws:iam::{call.principal.account_id}:"):
        raise _invalid(arn)
    return policy_holders.get(_KINDS[kind], call.principal.account_id, path.rpartition("/")[2])


def _invalid(arn: str) -> AwsError:
    return aws_error("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
