"""One question, as the explainer's address has it: who, what, on which resource, and what else is known of the call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from invocations import attached_policies, identities
from invocations.arn import LATEST, account_in, function_arn, parse_function_name
from invocations.attached_policies import Attached
from invocations.authorize import decide, source_keys
from invocations.models import FunctionUrl
from invocations.policies import Verdict
from invocations.policies.context import Value
from invocations.region import REGION
from invocations.values import Principal
from playground.dashboard.permissions import principals

ACTIONS: Final = (
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:GetFunction",
    "lambda:UpdateFunctionCode",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sns:Publish",
    "events:PutEvents",
    "s3:PutObject",
    "s3:GetObject",
)
"""What the picker offers; any other may be typed."""
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_SHORT: Final = {
    "lambda": f"arn:aws:lambda:{REGION}:{{0}}:function:{{1}}",
    "sqs": f"arn:aws:sqs:{REGION}:{{0}}:{{1}}",
    "sns": f"arn:aws:sns:{REGION}:{{0}}:{{1}}",
    "events": f"arn:aws:events:{REGION}:{{0}}:event-bus/{{1}}",
    "s3": "arn:aws:s3:::{1}",
}
"""Service of the action -> the ARN of a resource of the account that is named without one."""
_OF_PRINCIPAL: Final = ("aws:principal", "aws:user", "aws:currenttime", "aws:epochtime", "aws:resourceaccount", "aws:source")
"""What the keys of a recorded context begin with that come by themselves again."""


@dataclass(frozen=True)
class Asked:
    """The question as it stands in the form."""

    account_id: str
    principal_text: str
    action: str
    resource_text: str
    source_arn: str = ""
    """On behalf of which topic, rule or bucket a service calls."""
    context_text: str = ""
    """Further condition keys, key=value, one a line."""

    @classmethod
    def read(cls, sent: QueryDict, account_id: str) -> "Asked":
        """From an address or a form."""
        names = ("principal", "action", "resource", "source", "context")
        given = [sent.get(name, "").replace("\0", "").replace("\r\n", "\n").strip()[:2000] for name in names]
        return cls(account_id, *given)

    @classmethod
    def of_decision(cls, account_id: str, decision: Mapping[str, Any]) -> "Asked":
        """The question of a decision that was recorded (Verdict.as_json)."""
        context: Mapping[str, Any] = decision.get("context", {})
        kept = {key: value for key, value in context.items() if not key.startswith(_OF_PRINCIPAL) and isinstance(value, str)}
        lines = [f"{key}={value}" for key, value in sorted({**kept, **_ip(context)}.items())]
        return cls(
            account_id, decision["principal"], decision["action"], decision["resource"], context.get("aws:sourcearn", ""), "\n".join(lines)
        )

    @property
    def query(self) -> str:
        """As the address has it."""
        given = {"principal": self.principal_text, "action": self.action, "resource": self.resource_text}
        more = {"source": self.source_arn, "context": self.context_text}
        return urlencode({**given, **{name: value for name, value in more.items() if value}})

    @property
    def url(self) -> str:
        """The explainer's page of it."""
        return f"{reverse('permissions', args=[self.account_id])}?{self.query}"

    @cached_property
    def principal(self) -> Principal | None:
        """Who asks; None where the text means nobody."""
        found = principals.read(self.principal_text)
        return found if found is not None or ":" in self.principal_text else principals.read(f"{self.principal_text}.amazonaws.com")

    @property
    def resource(self) -> str:
        """An ARN, or "*"; a name of one of the account's own resources stands for its ARN. Empty where it is none."""
        if self.resource_text == "*":
            return "*"
        text, form = self.resource_text, _SHORT.get(self.action.partition(":")[0])
        if text.startswith("arn:"):
            return text if text.count(":") >= 5 else ""
        return form.format(self.account_id, text) if form and text else ""

    @property
    def policy_arn(self) -> str:
        """Of what has the policy: of an object it is the bucket."""
        return self.resource.partition("/")[0] if self.resource.startswith("arn:aws:s3:::") else self.resource

    @property
    def problem(self) -> str:
        """Why it cannot be answered yet; empty where it can."""
        if not (self.principal_text and self.action and self.resource_text):
            return "Choose who, what and which resource."
        if self.principal is None:
            return f"“{self.principal_text}” is nobody: name a user's or role's ARN, an account, a service such as sns.amazonaws.com, or *."
        if not _ACTION.fullmatch(self.action):
            return f"“{self.action}” is no action: write service:Operation."
        if not self.resource:
            return f"“{self.resource_text}” is no ARN, and no name of a function, queue, topic, event bus or bucket."
        return ""

    @property
    def is_foreign(self) -> bool:
        """Whether who asks belongs to another account, whose policies are not shown here."""
        return self.principal is not None and self.principal.account_id not in ("", "anonymous", self.account_id)

    @cached_property
    def keys(self) -> dict[str, Value]:
        """The request context, beside what the principal brings."""
        lines = [line.partition("=") for line in self.context_text.splitlines() if "=" in line]
        typed: dict[str, Value] = {key.strip().lower(): value.strip() for key, _, value in lines}
        source = source_keys(self.source_arn, "" if self.source_arn.count(":::") == 0 else self.account_id)
        return {**self._url_keys(), **source, **typed}

    def _url_keys(self) -> dict[str, Value]:
        """What a call of the function's URL brings: its auth type."""
        reference = parse_function_name(self.resource) if self.action == "lambda:InvokeFunctionUrl" else None
        if reference is None:
            return {}
        rows = FunctionUrl.objects.filter(function__account_id=self.account_id, function__name=reference.name)
        auth_type = rows.filter(qualifier=reference.qualifier or LATEST).values_list("auth_type", flat=True).first()
        return {"lambda:functionurlauthtype": auth_type} if auth_type else {}

    @cached_property
    def verdict(self) -> Verdict:
        """The answer by the policies as they are now; another account's own policies are taken to allow it."""
        assert self.principal is not None
        identity, attached = identities.find(self.principal, fresh=True), self.attached
        if self.is_foreign:
            identity = replace(identity, policies=(), boundary=None, session=None, is_unrestricted=True)
        resource = self.resource.removesuffix(f":{LATEST}") if ":function:" in self.resource else self.resource
        owner = attached.owner_account_id or self.account_id
        tags = {f"aws:resourcetag/{name.lower()}": value for name, value in attached.tags.items()}
        return decide(self.principal, identity, self.action, resource, owner, resource_policy=attached.policy, keys={**tags, **self.keys})

    @cached_property
    def attached(self) -> Attached:
        """The resource's side. Of services whose resources have no policies here, and of "*", that is the owner alone."""
        if self.resource == "*" or self.resource.split(":", 3)[2] not in attached_policies.SERVICES:
            return Attached(account_in(self.resource) or self.account_id)
        return attached_policies.find(self.policy_arn, fresh=True)

    @property
    def is_missing(self) -> bool:
        """Whether there is no such resource."""
        return not self.attached.exists


def _ip(context: Mapping[str, Any]) -> dict[str, str]:
    """The address of the caller, which a condition may ask for."""
    found = context.get("aws:sourceip")
    return {"aws:sourceip": found} if isinstance(found, str) else {}


def function_call(account_id: str, principal: str, name: str, qualifier: str | None, source_arn: str = "") -> Asked:
    """The question of an invocation, whatever was decided."""
    plain = None if qualifier in (None, "", LATEST) else qualifier
    return Asked(account_id, principal, "lambda:InvokeFunction", function_arn(account_id, REGION, name, plain), source_arn)
