"""What an execution environment is made from, and what it is handed to run."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from invocations import clock
from invocations.enums import InitializationType, LogFormat
from invocations.values import LogLine


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """All that makes an environment; two equal specs may share environments."""

    account_id: str
    function_name: str
    version: str
    function_arn: str
    """Unqualified."""
    revision_id: str
    runtime: str
    handler: str
    memory_size_mb: int
    timeout_seconds: int
    ephemeral_storage_mb: int
    variables: tuple[tuple[str, str], ...]
    code_tree: Path
    layer_trees: tuple[Path, ...]
    """In the order of the configuration: a later layer's files win."""
    role_arn: str
    log_format: LogFormat = LogFormat.TEXT
    application_log_level: str | None = None
    system_log_level: str | None = None
    log_group_name: str = ""
    initialization_type: InitializationType = InitializationType.ON_DEMAND
    fails_init: bool = False
    """A fault set on purpose: its runtime is killed in every init."""


@dataclass(slots=True)
class RunEvent:
    """One event for one environment."""

    request_id: str
    payload: bytes
    invoked_function_arn: str
    trace_id: str
    client_context: str | None = None
    """JSON text."""
    on_log: Callable[[list[LogLine]], None] | None = None
    """Called on the loop with each batch of lines as they come, the START and REPORT lines among them."""
    on_chunk: Callable[[bytes], Awaitable[None]] | None = None
    """Asks for a streamed response: awaited per chunk, in order. The outcome's payload is then empty, or the error met midway."""
    on_content_type: Callable[[str], None] | None = None
    """Called before the first chunk."""
    crashes: bool = False
    """A fault set on purpose: the runtime is killed in place of being handed the event."""


@dataclass(frozen=True, slots=True)
class RuntimeCommand:
    """What starts the runtime inside the sandbox."""

    argv: Sequence[str]
    variables: Mapping[str, str]


def log_stream_name(spec: EnvironmentSpec, environment_id: str) -> str:
    """YYYY/MM/DD/[version]<32 hex>"""
    return f"{clock.now():%Y/%m/%d}/[{spec.version}]{environment_id}"


def new_environment_id() -> str:
    """32 hexadecimal digits."""
    return uuid.uuid4().hex
