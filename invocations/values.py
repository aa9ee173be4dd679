"""The values that travel the path of an invocation, whoever sent it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import getrandbits
from typing import Any

from invocations import clock, fast_json
from invocations.arn import root_arn
from invocations.enums import InvocationState, InvocationType, LogType, PrincipalType, Station
from invocations.limits import LOG_RESULT

ERROR_NAME = 128
"""Characters kept of an exception's name."""
_UNTOLD = {"Function.Unknown", "Runtime.Unknown"}
"""What the platform calls an error whose type has no form that it knows."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a call."""

    account_id: str
    arn: str
    type: PrincipalType = PrincipalType.ROOT
    principal_id: str = ""
    """AWS's unique id: the account's for root, AIDA… for users, AROA…:session for role sessions."""
    access_key_id: str = ""
    role_arn: str | None = None
    """The role behind a session."""
    session_policies: tuple[str, ...] | None = None
    """Documents that narrow a session down; None where it was given none."""
    session_tags: tuple[tuple[str, str], ...] = ()
    """Names and values."""
    source_function_arn: str = ""
    """The function in whose execution environment a role's session is used."""
    session_began_at: int = 0
    """When a session's credentials were issued, epoch seconds; 0 for others."""

    @classmethod
    def root(cls, account_id: str, access_key_id: str = "") -> "Principal":
        """The account's root, who may do everything."""
        return cls(account_id, root_arn(account_id), PrincipalType.ROOT, account_id, access_key_id)

    @classmethod
    def service(cls, name: str) -> "Principal":
        """An AWS service, "sns.amazonaws.com": it belongs to no account."""
        return cls("", name, PrincipalType.AWS_SERVICE, name)

    @classmethod
    def anonymous(cls) -> "Principal":
        """Who signs nothing."""
        return cls("anonymous", "anonymous", PrincipalType.AWS_ACCOUNT, "ANONYMOUS_PRINCIPAL")

    def as_json(self) -> dict[str, Any]:
        """Its fields."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Principal":
        """What `as_json` gave."""
        policies = fields["session_policies"]
        exact = {
            "type": PrincipalType(fields["type"]),
            "session_policies": None if policies is None else tuple(policies),
            "session_tags": tuple((name, value) for name, value in fields.get("session_tags", ())),
        }
        return cls(**{**fields, **exact})


@dataclass(slots=True)
class InvokeRequest:
    """One Invoke, as any entrance builds it."""

    account_id: str
    """The account that owns the function."""
    function_name: str
    """The bare name: entrances resolve ARNs and `name:qualifier` before."""
    payload: bytes = b"{}"
    qualifier: str | None = None
    """As asked: version number, $LATEST, alias, or None."""
    invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE
    log_type: LogType = LogType.NONE
    client_context: str | None = None
    """Decoded JSON text."""
    request_id: str = field(default_factory=lambda: new_request_id())
    trace_id: str = field(default_factory=lambda: new_trace_id())
    """The X-Amzn-Trace-Id header: Root=1-…;Parent=…;Sampled=0."""
    source: str = "api"
    """The entrance: api, console, function-url, …"""
    replay_of: str | None = None
    """The request id of the invocation that this one repeats."""
    parent_request_id: str | None = None
    """The request id of the invocation whose record, message or call made this one."""
    source_ip: str = ""
    user_agent: str = ""
    """Of who sent it over HTTP: for the trail."""
    received_at: float = field(default_factory=clock.epoch)

    def as_json(self) -> dict[str, Any]:
        """All but the payload."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "payload"}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], payload: bytes) -> "InvokeRequest":
        """What `as_json` gave, with its payload."""
        invocation_type, log_type = InvocationType(fields["invocation_type"]), LogType(fields["log_type"])
        return cls(**{**fields, "invocation_type": invocation_type, "log_type": log_type}, payload=payload)


@dataclass(slots=True)
class Step:
    """What one station did: the record, the timeline, the diagram and the trail are views of a list of these."""

    station: Station
    at: float
    """Epoch seconds when the station was reached."""
    outcome: str
    """"ok", "refused", "failed", "running", or the station's own word, e.g. "cold", "warm"."""
    duration_ms: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    """JSON-able facts that the pages show."""

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Step":
        """What `as_json` gave."""
        return cls(Station(fields["station"]), fields["at"], fields["outcome"], fields["duration_ms"], fields["detail"])

    def as_json(self) -> dict[str, Any]:
        """The step as it is stored and announced."""
        return {
            "station": str(self.station),
            "at": self.at,
            "outcome": self.outcome,
            "duration_ms": self.duration_ms,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a function's log."""

    at: float
    """Epoch seconds."""
    text: str
    """Without its newline."""


@dataclass(slots=True)
class RunOutcome:
    """What one run of one version came to. A failing function is an outcome, not an exception."""

    payload: bytes
    """The function's response, or its error as JSON."""
    status: str = "success"
    """As platform.report has it: success, failure (init), error, timeout."""
    function_error: str | None = None
    """"Unhandled" when the function failed."""
    error_type: str | None = None
    content_type: str = "application/json"
    started_at: float = 0.0
    """Epoch seconds when the runtime was handed the event."""
    duration_ms: float = 0.0
    billed_duration_ms: int = 0
    init_duration_ms: float | None = None
    """Only on a cold start."""
    max_memory_used_mb: int = 0
    environment_id: str = ""
    initialization_type: str = "on-demand"
    log_stream_name: str = ""
    log: list[LogLine] = field(default_factory=list)
    """Every line from START (or INIT_START) to REPORT."""
    start_line: int = 0
    """Index of START in the log: the lines before it, of the Init phase, are not part of LogResult."""

    @property
    def tail(self) -> bytes:
        """START … REPORT of this invoke, last 4 KB, as LogType=Tail returns them."""
        parts: list[bytes] = []
        size = 0
        for index in range(len(self.log) - 1, self.start_line - 1, -1):
            part = self.log[index].text.encode() + b"\n"
            parts.append(part)
            size += len(part)
            if size >= LOG_RESULT:
                break
        return b"".join(reversed(parts))[-LOG_RESULT:]

    @property
    def error_name(self) -> str:
        """What a person calls the error: the platform's type, or the exception's where the platform knows none. Empty without one."""
        if self.error_type not in _UNTOLD:
            return self.error_type or ""
        try:
            told = fast_json.loads(self.payload)
        except ValueError:
            return self.error_type
        name = told.get("errorType") if isinstance(told, dict) else None
        return name[:ERROR_NAME] if isinstance(name, str) and name else self.error_type

    @property
    def state(self) -> InvocationState:
        """The word the pages use for it."""
        if self.status == "timeout":
            return InvocationState.TIMED_OUT
        return InvocationState.FUNCTION_ERROR if self.function_error else InvocationState.SUCCEEDED


@dataclass(slots=True)
class InvokeResult:
    """The answer to one Invoke that was not refused."""

    status_code: int
    request_id: str
    executed_version: str | None = None
    payload: bytes = b""
    function_error: str | None = None
    log_result: bytes | None = None
    """Raw bytes; the wire carries them in base64."""
    trace_id: str = ""
    content_type: str = "application/json"


def new_trace_id() -> str:
    """A fresh X-Ray trace header: epoch in hex, 96 random bits, 64 random bits for the parent."""
    unique = f"{getrandbits(160):040x}"
    return f"Root=1-{int(clock.epoch()):08x}-{unique[:24]};Parent={unique[24:]};Sampled=0"


def new_request_id() -> str:
    """A random UUID (version 4), without the system call of `uuid.uuid4`: nothing is protected by it."""
    digits = f"{getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


Members = Mapping[str, Any]
"""Members of an AWS shape by their AWS names, as boto3 takes and gives them."""
