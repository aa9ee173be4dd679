"""Writes calls down before they are answered: what may be shown of them, and what they name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from invocations import catalogue, clock, fast_json
from invocations.arn import function_arn, layer_arn, parse_function_name
from invocations.enums import PrincipalType
from invocations.errors import AwsError
from invocations.region import REGION
from invocations.resources import access_keys
from invocations.services.eventbridge.names import DEFAULT_BUS
from invocations.trail import names, stream
from invocations.trail.events import Happened
from invocations.values import Principal, new_request_id
from playground.endpoint.registry import Call
from playground.endpoint.threads import in_thread
from playground.endpoint.wire import HttpRequest

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_LEFT_OUT: Final = frozenset({"Environment", "ZipFile", "SecretAccessKey", "SessionToken", "Payload", "Location"})
"""Members that CloudTrail does not have, or must not. A Location may be a signed link to code."""
_HIDDEN: Final = frozenset(
    {"Input", "InputTemplate", "HeaderParameters", "QueryStringParameters", "Password", "Token", "AuthenticateOnUnsubscribe"}
    | {"Detail", "Message", "MessageAttributes", "MessageBody", "Subject"}
)
_HIDDEN_IN: Final = frozenset({("TestEventPatternRequest", "Event")})
"""Members that are hidden in one shape alone."""
_ADDRESSES: Final = frozenset({"Endpoint"})
"""Members that may be web addresses: their query strings, which may hold keys, are not told."""
LARGEST: Final = 32 * 1024
"""Characters of the parameters, and of the response, as JSON; longer ones are left out as CloudTrail does."""
_INTERNAL: Final = "AWS Internal"

_ARN_TYPES: Final[Mapping[str, str]] = {
    "lambda:function": "AWS::Lambda::Function",
    "lambda:layer": "AWS::Lambda::LayerVersion",
    "lambda:event-source-mapping": "AWS::Lambda::EventSourceMapping",
    "sqs": "AWS::SQS::Queue",
    "sns": "AWS::SNS::Topic",
    "s3": "AWS::S3::Bucket",
    "iam:role": "AWS::IAM::Role",
    "iam:user": "AWS::IAM::User",
    "iam:group": "AWS::IAM::Group",
    "iam:policy": "AWS::IAM::Policy",
    "events:rule": "AWS::Events::Rule",
    "events:event-bus": "AWS::Events::EventBus",
    "events:archive": "AWS::Events::Archive",
    "scheduler:schedule": "AWS::Scheduler::Schedule",
    "scheduler:schedule-group": "AWS::Scheduler::ScheduleGroup",
    "logs:log-group": "AWS::Logs::LogGroup",
    "dynamodb:table": "AWS::DynamoDB::Table",
    "kinesis:stream": "AWS::Kinesis::Stream",
}
_NAMED: Final[Mapping[tuple[str, str], str]] = {
    ("sqs", "QueueName"): "arn:aws:sqs:{region}:{account}:{name}",
    ("s3", "Bucket"): "arn:aws:s3:::{name}",
    ("iam", "RoleName"): "arn:aws:iam::{account}:role/{name}",
    ("iam", "UserName"): "arn:aws:iam::{account}:user/{name}",
    ("iam", "GroupName"): "arn:aws:iam::{account}:group/{name}",
    ("events", "Rule"): "arn:aws:events:{region}:{account}:rule/{name}",
    ("events", "EventBusName"): "arn:aws:events:{region}:{account}:event-bus/{name}",
    ("events", "ArchiveName"): "arn:aws:events:{region}:{account}:archive/{name}",
    ("scheduler", "GroupName"): "arn:aws:scheduler:{region}:{account}:schedule-group/{name}",
    ("logs", "logGroupName"): "arn:aws:logs:{region}:{account}:log-group:{name}",
    ("dynamodb", "TableName"): "arn:aws:dynamodb:{region}:{account}:table/{name}",
    ("kinesis", "StreamName"): "arn:aws:kinesis:{region}:{account}:stream/{name}",
    ("lambda", "UUID"): "arn:aws:lambda:{region}:{account}:event-source-mapping:{name}",
}
_MOST_NAMED: Final = 8
UNPROVEN_A_SECOND: Final = 5
"""Calls of an account's keys with a wrong signature that are kept."""
_MOST_COUNTED: Final = 1000
_LONGEST_TOLD: Final = 128
"""Characters of what somebody unproven says."""


@dataclass(slots=True)
class Attempt:
    """A call as far as it is known before its signature is looked at."""

    service: str
    operation: str
    access_key_id: str
    labels: Mapping[str, Any]
    """Members that stand in the path."""
    request: HttpRequest
    request_id: str

    async def keep(self, error: AwsError) -> None:
        """Writes down that it was refused, for the account of its key; some a second, so that a flood drives out nothing else."""
        account_id = await in_thread(access_keys.account_of, self.access_key_id)
        if account_id is None or not _may_keep(account_id, int(clock.epoch())):
            return
        principal = Principal(account_id, "", PrincipalType.UNKNOWN, "", self.access_key_id[:_LONGEST_TOLD])
        labels = {name: value for name, value in self.labels.items() if len(str(value)) <= _LONGEST_TOLD}
        agent = self.request.headers.get("user-agent", "")[:512]
        resources = resources_of(self.service, self.operation, labels, account_id)
        await stream.put(
            Happened(
                principal,
                self.service,
                self.operation,
                self.request_id,
                self.request.source_ip,
                agent,
                None,
                error=error,
                resources=resources,
            )
        )


_kept: dict[str, tuple[int, int]] = {}
"""Account -> a second, and how many unproven calls were kept in it."""


def _may_keep(account_id: str, second: int) -> bool:
    """Counts one; whether it is among the first of its second."""
    at, count = _kept.get(account_id, (0, 0))
    if len(_kept) > _MOST_COUNTED:
        _kept.clear()
    _kept[account_id] = (second, count + 1 if at == second else 1)
    return _kept[account_id][1] <= UNPROVEN_A_SECOND


@dataclass(slots=True)
class Heard:
    """One request as far as it has come: what the trail needs of it."""

    call: Call | None = None
    """None while it is not known who calls, and what for."""
    model: OperationModel | None = None
    output: Mapping[str, Any] | None = None
    error: AwsError | None = None
    attempt: Attempt | None = None
    """What was asked for with a key whose holder has not been proven yet."""
    is_unproven: bool = False
    """The signature was refused."""

    async def keep(self) -> None:
        """Writes it down where it is a management call, or carries messages and its account wants those. Raises RedisError."""
        call, model = self.call, self.model
        if call is None and self.is_unproven and self.attempt is not None and self.error is not None:
            await self.attempt.keep(self.error)
        if call is None or model is None:
            return
        caller = call.principal.account_id
        recipients = [account_id for account_id in (caller, *sorted(call.concerned)) if await _is_wanted(call, account_id)]
        if not recipients:
            return
        happened = Happened(
            call.principal,
            call.service,
            call.operation,
            call.request_id,
            call.source_ip or _INTERNAL,
            call.headers.get("user-agent", "")[:512],
            shown(model.input_shape, call.input),
            shown(model.output_shape, self.output),
            self.error,
            resources_of(call.service, call.operation, call.input, caller),
            shared_event_id=new_request_id() if call.concerned else "",
        )
        for account_id in recipients:
            await stream.put(happened if account_id == caller else replace(happened, recipient=account_id))


async def _is_wanted(call: Call, account_id: str) -> bool:
    """Whether it goes into the trail of an account: the caller's, or one whose resource it is about."""
    if names.is_management(call.service, call.operation):
        return True
    if not names.is_message(call.service, call.operation):
        return False
    return (await catalogue.account(account_id)).records_messages


def shown(shape: Shape | None, members: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Members as a record shows them: names begin small, and secrets, code and payloads are not there. None where there is nothing."""
    if shape is None or not members:
        return None
    told: dict[str, Any] = _told(shape, members)
    if not told:
        return None
    size = len(fast_json.dumps(told))
    if size > LARGEST:
        return {"omitted": True, "originalSize": size, "reason": "The value is larger than the trail keeps."}
    return told


def _told(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = {name: (shape.members[name], inner) for name, inner in value.items() if name in shape.members and name not in _LEFT_OUT}
        return {
            name[:1].lower() + name[1:]: HIDDEN if _is_hidden(shape, name, inner_shape) else _told_member(name, inner_shape, inner)
            for name, (inner_shape, inner) in members.items()
            if inner is not None and inner_shape.type_name != "blob"
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [_told(shape.member, inner) for inner in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {str(key): HIDDEN if _is_sensitive(shape.value) else _told(shape.value, inner) for key, inner in value.items()}
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value if isinstance(value, str | int | float | bool) else str(value)


def _told_member(name: str, shape: Shape, value: Any) -> Any:
    if name in _ADDRESSES and isinstance(value, str):
        return value.partition("?")[0]
    return _told(shape, value)


def _is_hidden(shape: Shape, name: str, member: Shape) -> bool:
    return name in _HIDDEN or (shape.name, name) in _HIDDEN_IN or _is_sensitive(member)


def _is_sensitive(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive"))


def resources_of(service: str, operation: str, members: Mapping[str, Any], account_id: str) -> list[tuple[str, str]]:
    """(type, ARN) of what a call names, the first most to the point."""
    found: list[str] = []
    if (service, operation) == ("events", "PutEvents"):
        buses = [entry.get("EventBusName") or DEFAULT_BUS for entry in members.get("Entries", ())]
        found += [arn for bus in buses for arn in _arns(service, operation, "EventBusName", bus, account_id)]
    for name, value in members.items():
        if isinstance(value, str) and value:
            found += _arns(service, operation, name, value, account_id)
    typed = [(_type_of(arn), arn) for arn in dict.fromkeys(found)]
    return [(kind, arn) for kind, arn in typed if kind][:_MOST_NAMED]


def _arns(service: str, operation: str, name: str, value: str, account_id: str) -> list[str]:
    template = _NAMED.get((service, name))
    if service == "lambda" and name == "FunctionName":
        reference = parse_function_name(value)
        return [] if reference is None else [function_arn(reference.account_id or account_id, REGION, reference.name, reference.qualifier)]
    if value.startswith("arn:"):
        return [value] if value.count(":") >= 5 and len(value) < 1024 else []
    if service == "lambda" and name == "LayerName":
        return [layer_arn(account_id, REGION, value)]
    if service == "sqs" and name == "QueueUrl":
        owner, _, queue = value.rpartition("/")
        return [f"arn:aws:sqs:{REGION}:{owner.rpartition('/')[2] or account_id}:{queue}"]
    if name == "Name":
        template = _name_template(service, operation)
    return [] if template is None else [template.format(region=REGION, account=account_id, name=value)]


def _name_template(service: str, operation: str) -> str | None:
    match service:
        case "sns":
            return "arn:aws:sns:{region}:{account}:{name}"
        case "events":
            kind = "event-bus" if "EventBus" in operation else "rule"
            return f"arn:aws:events:{{region}}:{{account}}:{kind}/{{name}}"
        case "scheduler":
            kind = "schedule-group" if "Group" in operation else "schedule/default"
            return f"arn:aws:scheduler:{{region}}:{{account}}:{kind}/{{name}}"
    return None


def _type_of(arn: str) -> str:
    _, _, service, _, _, rest = arn.split(":", 5)
    kind = rest.replace("/", ":").partition(":")[0]
    return _ARN_TYPES.get(service) or _ARN_TYPES.get(f"{service}:{kind}", "")
