"""One entry of the trail as the pages show it: a call of the API, or an invocation as the data event that it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape
from django.urls import reverse

from invocations.arn import function_arn
from invocations.models import Invocation, TrailEvent
from invocations.region import REGION
from invocations.trail import data_events, names
from invocations.trail.events import DENIED, short_name
from playground.dashboard.api_call import ApiCall
from playground.dashboard.call_as import Call, Form, forms
from playground.dashboard.chain import Effects, effects
from playground.dashboard.payload import Payload
from playground.dashboard.permissions.asked import Asked
from playground.dashboard.resources.registry import KINDS
from playground.endpoint.services import BY_NAME, model_of

_CLIENTS: Final = {
    "console.amazonaws.com": "page",
    "aws-cli": "AWS CLI",
    "boto3": "boto3",
    "botocore": "botocore",
    "aws-sdk-js": "SDK for JavaScript",
    "aws-sdk-go": "SDK for Go",
    "aws-sdk-java": "SDK for Java",
    "terraform": "Terraform",
    "curl": "curl",
    "mozilla": "browser",
}
"""What a user agent contains, in small letters -> what a person calls the client."""


@dataclass(frozen=True)
class Entry:
    """One call."""

    id: str
    """The event's; of an invocation its request id."""
    at: float
    record: Mapping[str, Any]
    """As CloudTrail has it."""
    state: str = ""
    """Of an invocation: what became of it."""
    decision: Mapping[str, Any] | None = None
    """Of a denied management call, where it was looked up."""
    invocation: Invocation | None = None

    @property
    def is_data(self) -> bool:
        """An invocation, or a call that carried messages."""
        return self.record["eventCategory"] == "Data"

    @cached_property
    def effects(self) -> Effects:
        """The invocations that it caused."""
        return effects(self.account_id, self.request_id)

    @property
    def is_injected(self) -> bool:
        """An invocation in which a fault of the account acted. (Lists have asked the database: they read no steps.)"""
        if self.invocation is None:
            return False
        known = getattr(self.invocation, "has_injected", None)
        return bool(known) if known is not None else any(step["detail"].get("injected") for step in self.invocation.steps)

    @property
    def row_id(self) -> str:
        """In the page."""
        return f"trail-{self.id}"

    @property
    def action(self) -> str:
        """The operation."""
        return names.operation_of(self.record["eventSource"], self.record["eventName"])

    @property
    def service(self) -> str:
        """lambda, sqs, …"""
        return str(self.record["eventSource"]).partition(".")[0]

    @property
    def who(self) -> str:
        """Who called, in a word or two."""
        identity = self.record["userIdentity"]
        match identity["type"]:
            case "Root":
                return "root"
            case "IAMUser":
                return f"user {identity['userName']}"
            case "AssumedRole":
                role, _, session = str(identity["arn"]).partition("assumed-role/")[2].rpartition("/")
                return f"role {role.rpartition('/')[2]}, session {session}" if role else str(identity["arn"])
            case "AWSService":
                return str(identity["invokedBy"])
            case "Unknown":
                return "unproven"
        return "nobody: not signed"

    @property
    def is_unproven(self) -> bool:
        """Whether it was refused before it was known who called."""
        return bool(self.record["userIdentity"]["type"] == "Unknown")

    @property
    def principal_arn(self) -> str:
        """The same as an ARN, or a service's name."""
        identity = self.record["userIdentity"]
        return str(identity.get("arn") or identity.get("invokedBy") or "*")

    @property
    def via(self) -> str:
        """What was called with: a client, a page, or a service."""
        if self.record["userIdentity"]["type"] == "AWSService":
            return "service"
        if self.invocation is not None and self.invocation.source == "function-url":
            return "function URL"
        if self.calling_function:
            return f"function {self.calling_function}"
        agent = str(self.record["userAgent"]).lower()
        return next((name for part, name in _CLIENTS.items() if part in agent), "SDK" if "sdk" in agent else "HTTP client")

    @property
    def calling_function(self) -> str:
        """The name of the function whose code called; empty where none did."""
        return short_name(str(self.record["userIdentity"].get("inScopeOf", {}).get("credentialsIssuedTo", ""))).partition(":")[0]

    @property
    def error(self) -> str:
        """The error's code; empty where there was none."""
        return str(self.record.get("errorCode", ""))

    @property
    def is_denied(self) -> bool:
        """Whether a policy was missing, or said no."""
        return self.error == DENIED

    @property
    def result(self) -> tuple[str, str]:
        """State and word."""
        if self.is_denied:
            return "rejected", "denied"
        if self.state:
            return self.state, ""
        return ("rejected", "refused") if self.error else ("succeeded", "succeeded")

    @property
    def request_id(self) -> str:
        """The call's."""
        return str(self.record["requestID"])

    @property
    def resource(self) -> str:
        """The ARN of what it was done to; empty for nothing in particular."""
        return str(next((each["ARN"] for each in self.record.get("resources", ())), ""))

    @property
    def resource_name(self) -> str:
        """The same in short; of an invocation with its qualifier."""
        name = short_name(self.resource) if self.resource else ""
        return f"{name}:{self.invocation.qualifier}" if self.invocation is not None and self.invocation.qualifier else name

    @property
    def account_id(self) -> str:
        """Whose trail it is in."""
        return str(self.record["recipientAccountId"])

    @cached_property
    def resource_url(self) -> str:
        """The page of what it was done to; empty where there is none, or where a refusal makes that likely."""
        if self.error and self.invocation is None:
            return ""
        parts = self.resource.split(":", 5)
        if len(parts) < 6 or parts[4] not in ("", self.account_id):
            return ""
        if parts[2] == "lambda" and parts[5].startswith("function:"):
            return reverse("function", args=[self.account_id, parts[5].split(":")[1]])
        kind = next((kind for kind in KINDS if kind.service == parts[2] and "/" not in parts[5]), None)
        return kind.url(self.account_id, parts[5]) if kind is not None else ""

    @property
    def decision_url(self) -> str:
        """Where the permission for it is explained."""
        if self.decision:
            return f"{Asked.of_decision(self.account_id, self.decision).url}&event={self.id}"
        action = "InvokeFunction" if self.invocation is not None else self.action
        asked = Asked(self.account_id, self.principal_arn, f"{self.service}:{action}", self._asked_for)
        return asked.url + (f"&call={self.request_id}" if self.invocation is not None else "")

    @property
    def _asked_for(self) -> str:
        if self.invocation is not None:
            row = self.invocation
            return function_arn(row.account_id, REGION, row.function_name, row.qualifier or None)
        return self.resource or "*"

    @cached_property
    def request(self) -> Payload:
        """requestParameters as JSON."""
        return _as_payload(self.record["requestParameters"])

    @cached_property
    def response(self) -> Payload:
        """responseElements as JSON."""
        return _as_payload(self.record["responseElements"])

    @cached_property
    def whole(self) -> Payload:
        """The record as JSON."""
        return _as_payload(self.record)

    def forms(self, endpoint_url: str) -> list[Form]:
        """The same call once more, as a shell or a program would make it; what the trail left out is left out."""
        if self.invocation is not None:
            row = self.invocation
            payload = bytes(row.request_payload).decode("utf-8", "replace")
            call = Call(row.account_id, row.function_name, payload, endpoint_url, row.qualifier, invocation_type=row.invocation_type)
            return forms(call)
        service = "cloudwatch" if self.service == "monitoring" else self.service
        model = model_of(service) if service in BY_NAME else None
        if model is None or self.action not in model.operation_names:
            return []
        members = members_of(model.operation_model(self.action).input_shape, self.record["requestParameters"])
        return ApiCall(service, self.action, members).forms(self.account_id, endpoint_url)


def of_event(row: TrailEvent, *, with_decision: bool = False) -> Entry:
    """A call with a row of its own."""
    return Entry(row.event_id, row.event_time.timestamp(), row.record, decision=row.decision if with_decision else None)


def of_invocation(row: Invocation) -> Entry:
    """An invocation."""
    return Entry(row.request_id, row.received_at.timestamp(), data_events.record_of(row), row.state, invocation=row)


def find(account_id: str, entry_id: str) -> Entry | None:
    """The entry with that id, or the one of a call with that request id."""
    ids = {"event_id": entry_id}, {"request_id": entry_id}
    for known in ids:
        event = TrailEvent.objects.of(account_id).filter(**known).first()
        if event is not None:
            return of_event(event, with_decision=True)
    row = Invocation.objects.of(account_id).filter(request_id=entry_id).first()
    return of_invocation(row) if row is not None else None


def members_of(shape: Shape | None, told: Any) -> Any:
    """requestParameters as boto3 takes them: the shape knows what the names begin with."""
    if isinstance(shape, StructureShape) and isinstance(told, Mapping):
        names_told = {name[:1].lower() + name[1:]: (name, inner) for name, inner in shape.members.items()}
        return {names_told[key][0]: members_of(names_told[key][1], value) for key, value in told.items() if key in names_told}
    if isinstance(shape, ListShape) and isinstance(told, list):
        return [members_of(shape.member, value) for value in told]
    if isinstance(shape, MapShape) and isinstance(told, Mapping):
        return {key: members_of(shape.value, value) for key, value in told.items()}
    return {} if told is None else told


def _as_payload(value: Any) -> Payload:
    return Payload(b"" if value is None else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
