"""What a function's Permissions tab shows: who else may call it, by its resource policies, and what its execution role may do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms

from invocations import identities
from invocations.arn import LATEST, role_name
from invocations.authorize import Sending, role_session
from invocations.delivery_rights import ACTIONS, sendings_to
from invocations.destinations import key_prefix
from invocations.models import Function, FunctionPolicy, FunctionVersion, Role
from invocations.targets import service_of
from playground.dashboard.arns import name_of
from playground.dashboard.forms import StyledForm
from playground.dashboard.permissions import principals, recorded
from playground.dashboard.permissions.asked import Asked
from playground.dashboard.web import DashboardRequest

_NARROW: Final = {"aws:sourcearn", "aws:sourceaccount", "aws:principalorgid"}
"""Conditions that keep a statement for everybody from being public."""
FUNCTION_ACTIONS: Final = ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:GetFunction", "lambda:*")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement of the resource policy."""

    sid: str
    who: str
    may: str
    conditions: Sequence[tuple[str, str]]
    """(key, value)"""
    is_public: bool
    text: str
    explainer: str


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """One policy of the execution role."""

    name: str
    kind: str
    says: Sequence[str]
    """A line a statement."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something the role must be allowed for what is configured."""

    what: str
    target: str
    action: str
    allowed: bool
    reason: str
    explainer: str


class AddPermissionForm(StyledForm):
    """AddPermission."""

    principal = forms.CharField(
        label="Who", max_length=256, help_text="A service (sns.amazonaws.com), an account, the ARN of a user or role, or * for everybody."
    )
    action = forms.ChoiceField(label="May", choices=[(each, each) for each in FUNCTION_ACTIONS])
    source_arn = forms.CharField(
        label="Only on behalf of (source ARN)", required=False, max_length=512, help_text="Of the topic, rule or bucket; * may stand in it."
    )
    source_account = forms.CharField(
        label="Only for the account", required=False, max_length=12, help_text="With buckets, whose ARNs name none."
    )

    AWS_NAMES: Final = {"principal": "principal", "sourceArn": "source_arn", "sourceAccount": "source_account"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="grant-%s", **kwargs)
        self.fields["principal"].widget.attrs["list"] = "grant-principals"
        self.fields["source_arn"].widget.attrs["list"] = "grant-sources"

    def parameters(self, taken: Sequence[str]) -> dict[str, Any]:
        """As the API takes them, with a StatementId made of who and what for, that is not *taken*."""
        data = self.cleaned_data
        who = data["principal"].partition(".amazonaws")[0].rpartition(":")[2].replace("*", "everybody")
        parts = [who, data["source_arn"].rpartition(":")[2].rpartition("/")[2] or data["action"].partition(":")[2].replace("*", "all")]
        stem = "".join(character if character.isascii() and character.isalnum() else "-" for character in "-".join(parts)).strip("-")[:80]
        sid = next(each for each in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if each not in taken)
        given = {"StatementId": sid, "Action": data["action"], "Principal": data["principal"]}
        more = {"SourceArn": data["source_arn"], "SourceAccount": data["source_account"]}
        return {**given, **{name: value for name, value in more.items() if value}}


def qualifier_of(request: DashboardRequest, function: Function) -> str:
    """What the address or the form names, if there is such a one; "" for the function without a qualifier."""
    asked = request.POST.get("qualifier") or request.GET.get("qualifier") or ""
    return asked if asked in _qualifiers(function) else ""


def context(request: DashboardRequest, version: FunctionVersion) -> dict[str, Any]:
    """Everything of one qualifier, and of the role."""
    function = version.function
    qualifier = qualifier_of(request, function)
    policies = {policy.qualifier: policy for policy in function.policies.select_related("function")}
    rows = [_row(function, qualifier, each) for each in policies[qualifier].statements] if qualifier in policies else []
    account_id = function.account_id
    return {
        "policy_qualifiers": [(each, each in policies) for each in _qualifiers(function)],
        "policy_qualifier": qualifier,
        "statements": rows,
        "is_public": any(row.is_public for row in rows),
        "grant_form": AddPermissionForm(),
        "grant_principals": principals.choices(account_id),
        "grant_sources": recorded.sources(account_id),
        "ask_url": _ask_url(function, qualifier),
        **_role_context(version),
        "needs": _needs(version),
    }


def _qualifiers(function: Function) -> list[str]:
    versions = function.versions.exclude(version=LATEST).order_by("-pk").values_list("version", flat=True)
    return ["", *function.aliases.order_by("name").values_list("name", flat=True), *versions]


def _ask_url(function: Function, qualifier: str) -> str:
    resource = function.arn + (f":{qualifier}" if qualifier else "")
    return Asked(function.account_id, "sns.amazonaws.com", "lambda:InvokeFunction", resource).url


def _row(function: Function, qualifier: str, statement: Mapping[str, Any]) -> StatementRow:
    principal = statement["Principal"]
    names = [principal] if isinstance(principal, str) else [each for values in principal.values() for each in _listed(values)]
    conditions = [
        (key, ", ".join(_listed(value))) for operator in statement.get("Condition", {}).values() for key, value in operator.items()
    ]
    source = next((value for key, value in conditions if key.lower() == "aws:sourcearn"), "")
    resource = function.arn + (f":{qualifier}" if qualifier else "")
    asker = Asked(function.account_id, names[0], statement["Action"].replace("lambda:*", "lambda:InvokeFunction"), resource, source)
    return StatementRow(
        sid=statement["Sid"],
        who="everybody" if "*" in names else ", ".join(names),
        may=statement["Action"],
        conditions=conditions,
        is_public="*" in names and not any(key.lower() in _NARROW for key, _ in conditions),
        text=json.dumps(statement, indent=2),
        explainer=asker.url,
    )


def _role_context(version: FunctionVersion) -> dict[str, Any]:
    account_id = version.function.account_id
    role = Role.objects.of(account_id).filter(name=role_name(version.role)).first()
    exists = role is not None and role.arn == version.role
    documents = identities.documents_of(role) if role is not None and exists else []
    boundary = identities.boundary_of(role) if role is not None and exists else None
    return {
        "role_exists": exists,
        "role_policies": [RolePolicy(each.name, each.kind, _says(each.text)) for each in documents],
        "role_boundary": boundary.name if boundary is not None else "",
    }


def _says(document: str) -> list[str]:
    """A policy, a line a statement: "Allow sqs:SendMessage on arn:…"."""
    try:
        found = json.loads(document).get("Statement", [])
    except ValueError:
        return []
    lines = []
    for each in [found] if isinstance(found, dict) else found:
        actions = each.get("Action") or [f"anything but {name}" for name in _listed(each.get("NotAction", []))]
        resources = each.get("Resource") or each.get("NotResource", [])
        condition = " under conditions" if each.get("Condition") else ""
        lines.append(f"{each['Effect']} {', '.join(_listed(actions))} on {', '.join(_listed(resources))}{condition}")
    return lines


def _needs(version: FunctionVersion) -> list[Need]:
    """Destinations of every qualifier, and the dead-letter queue of $LATEST."""
    function = version.function
    wanted = [("Dead-letter queue", version.dead_letter_target_arn)]
    for config in function.event_invoke_configs.order_by("qualifier"):
        of = "" if config.qualifier == LATEST else f" of {config.qualifier}"
        wanted += [(f"On success{of}", config.on_success), (f"On failure{of}", config.on_failure)]
    session, prefix = role_session(function.account_id, version.role, function.name), key_prefix(function.name)
    owed = [(what, arn) for what, arn in wanted if service_of(arn) in ACTIONS]
    return [_need(function.account_id, what, sending) for what, arn in owed for sending in sendings_to(arn, prefix, session)]


def _need(account_id: str, what: str, sending: Sending) -> Need:
    asked = Asked(account_id, sending.principal.arn, sending.action, sending.resource or sending.target_arn)
    verdict = asked.verdict
    return Need(what, name_of(sending.target_arn), sending.action, verdict.allowed, verdict.reason, asked.url)


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def taken_sids(function: Function, qualifier: str) -> list[str]:
    """StatementIds of a qualifier's policy."""
    row = FunctionPolicy.objects.filter(function=function, qualifier=qualifier).first()
    return [each["Sid"] for each in row.statements] if row is not None else []
