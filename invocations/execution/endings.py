"""How a runtime can end, and what Lambda says of it."""

import errno
import os
from dataclasses import dataclass

from invocations.execution.sandbox import RuntimeExit


@dataclass(frozen=True, slots=True)
class InitFailure:
    """Why an init came to nothing."""

    status: str
    """error or timeout"""
    error_type: str
    payload: bytes
    """The error as the runtime reported it; empty when it did not."""
    exit: RuntimeExit | None = None


def exit_text(end: RuntimeExit, killed_for: str) -> tuple[str, str]:
    """What Lambda says of a runtime that is gone, and the error's type."""
    if end.errno == errno.ENOENT:
        return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]", "Runtime.InvalidEntrypoint"
    if end.errno:
        return f"fork/exec bootstrap: {os.strerror(end.errno).lower()}", "Runtime.InvalidEntrypoint"
    if end.signal or killed_for:
        name = {9: "killed", 11: "segmentation fault", 6: "aborted", 15: "terminated"}.get(end.signal or 9, f"signal {end.signal}")
        return f"Runtime exited with error: signal: {name}", "Runtime.ExitError"
    if end.exit_status:
        return f"Runtime exited with error: exit status {end.exit_status}", "Runtime.ExitError"
    return "Runtime exited without providing a reason", "Runtime.ExitError"
