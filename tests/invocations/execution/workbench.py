"""Real sandboxes for tests: writes functions into folders, runs them, keeps one event loop for all."""

import asyncio
import itertools
import json
import stat
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from invocations.execution.environment import ExecutionEnvironment
from invocations.execution.sandboxes import Sandboxes
from invocations.execution.spec import EnvironmentSpec, RunEvent
from invocations.values import RunOutcome

T = TypeVar("T")
Code = str | Mapping[str, str | bytes]
ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
TRACE_ID = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class Workbench:
    """Sandboxes, a loop, and a folder for functions."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sandboxes: Sandboxes, folder: Path) -> None:
        self.loop = loop
        self.sandboxes = sandboxes
        self._folder = folder
        self._names = itertools.count()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    def tree(self, files: Mapping[str, str | bytes]) -> Path:
        """A folder with *files*; what begins with #! is made executable."""
        root = self._folder / f"tree-{next(self._names)}"
        for name, content in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
            if file.read_bytes().startswith(b"#!"):
                file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        return root

    def spec(self, code: Code, **changes: Any) -> EnvironmentSpec:
        """A Python function `index.handler`, or what *changes* make of it."""
        files: Mapping[str, str | bytes] = {"index.py": code} if isinstance(code, str) else code
        spec = EnvironmentSpec(
            account_id="000000000000",
            function_name="f",
            version="$LATEST",
            function_arn=ARN,
            revision_id=str(uuid.uuid4()),
            runtime="python3.11",
            handler="index.handler",
            memory_size_mb=128,
            timeout_seconds=10,
            ephemeral_storage_mb=512,
            variables=(),
            code_tree=self.tree(files),
            layer_trees=(),
            role_arn="arn:aws:iam::000000000000:role/f",
            log_group_name="/aws/lambda/f",
        )
        return replace(spec, **changes)

    def start(self, code: Code, **changes: Any) -> ExecutionEnvironment:
        return self.run(self.sandboxes.start(self.spec(code, **changes)))

    def invoke(self, environment: ExecutionEnvironment, payload: Any = None, **event: Any) -> RunOutcome:
        """Runs one event and waits until the environment can take another."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload or {}).encode()
        defaults: dict[str, Any] = {"request_id": str(uuid.uuid4()), "invoked_function_arn": ARN, "trace_id": TRACE_ID}
        outcome = self.run(environment.invoke(RunEvent(payload=body, **{**defaults, **event})))
        self.run(environment.ready())
        return outcome

    def call(self, code: Code, payload: Any = None, **changes: Any) -> Any:
        """What a new function answers to one event; an error of it fails the test."""
        environment = self.start(code, **changes)
        outcome = self.invoke(environment, payload)
        assert outcome.function_error is None, outcome.payload.decode() + "\n" + outcome.tail.decode()
        self.run(environment.close())
        return json.loads(outcome.payload)

    def fail(self, code: Code, payload: Any = None, **changes: Any) -> tuple[dict[str, Any], RunOutcome]:
        """The error that a new function answers with."""
        environment = self.start(code, **changes)
        outcome = self.invoke(environment, payload)
        assert outcome.function_error == "Unhandled", outcome.payload
        self.run(environment.close())
        return json.loads(outcome.payload), outcome

    def pause(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def tidy(self) -> None:
        """Ends what a test has left running."""
        self.run(self.sandboxes.end_all())


def texts(outcome: RunOutcome) -> list[str]:
    """The lines of its log."""
    return [line.text for line in outcome.log]


def printed(outcome: RunOutcome) -> list[str]:
    """The function's own lines."""
    platform = ("INIT_START", "START ", "END ", "REPORT ", "INIT_REPORT")
    return [text for text in texts(outcome) if not text.startswith(platform)]
