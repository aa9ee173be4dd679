"""An execution environment: its phases from Init to Shutdown, one invocation at a time in between.

The outcome of an invocation is final when the runtime's response arrives, and its caller is answered then. The environment can
be used again only when the runtime has asked for the next event: await `ready` before the next `invoke`.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from invocations import clock, limits
from invocations.enums import EnvironmentPhase, InitializationType
from invocations.execution.endings import InitFailure, exit_text
from invocations.execution.freezing import Freezer
from invocations.execution.memory import MemoryMeter
from invocations.execution.output import Output
from invocations.execution.report import Report, billed_duration_ms
from invocations.execution.runtime_api import RuntimeApi, error_json, next_head
from invocations.execution.sandbox import RuntimeExit, Sandbox
from invocations.execution.spec import EnvironmentSpec, RunEvent, RuntimeCommand, log_stream_name
from invocations.execution.streaming import ResponseStream
from invocations.values import LogLine, RunOutcome

log = logging.getLogger(__name__)

KILL_SECONDS = 5.0
"""How long the processes of a failed runtime may take to be gone before the whole environment counts as broken."""

_MOVES = {
    EnvironmentPhase.STARTING: {EnvironmentPhase.INIT, EnvironmentPhase.SHUTDOWN},
    EnvironmentPhase.INIT: {EnvironmentPhase.READY, EnvironmentPhase.SHUTDOWN},
    EnvironmentPhase.READY: {EnvironmentPhase.INVOKE, EnvironmentPhase.SHUTDOWN},
    EnvironmentPhase.INVOKE: {EnvironmentPhase.READY, EnvironmentPhase.SHUTDOWN},
    EnvironmentPhase.SHUTDOWN: set[EnvironmentPhase](),
}


@dataclass(slots=True)
class _Run:
    """The invocation under way."""

    event: RunEvent
    done: asyncio.Future[RunOutcome]
    started_at: float
    """Epoch."""
    began: float
    """Monotonic."""
    stream: ResponseStream | None = None
    content_type: str = "application/json"


class ExecutionEnvironment:
    """One sandbox with one runtime in it."""

    def __init__(
        self,
        spec: EnvironmentSpec,
        environment_id: str,
        sandbox: Sandbox,
        command: RuntimeCommand,
        report: Report,
        meter: MemoryMeter,
        *,
        on_phase: Callable[["ExecutionEnvironment"], None] | None = None,
        on_log: Callable[[list[LogLine]], None] | None = None,
        on_closed: Callable[["ExecutionEnvironment"], None] | None = None,
    ) -> None:
        self.spec = spec
        self.environment_id = environment_id
        self.log_stream_name = log_stream_name(spec, environment_id)
        self.phase = EnvironmentPhase.STARTING
        self.born = self.last_used = clock.monotonic()
        self.init_duration_ms: float | None = None
        self.init_error: InitFailure | None = None
        """Set when the init of a new environment failed. The first invocation then tries once more, as on AWS."""
        self.meter = meter
        self.sandbox = sandbox
        self._command = command
        self._report = report
        self._on_phase = on_phase
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._api = RuntimeApi(self)
        self._servers: list[asyncio.Server] = []
        self._output = Output(sandbox.log_descriptor, on_log)
        self._init_began = 0.0
        self._initializing: asyncio.Future[InitFailure | None] | None = None
        self._is_first = True
        self._run: _Run | None = None
        self._is_running = False
        """A runtime is there, initialised, not known to be dead."""
        self._down = asyncio.Event()
        """Set when no process of a runtime is left."""
        self._down.set()
        self._killed_for = ""
        self._settled = asyncio.Event()
        self._settled.set()
        self._when_settled: Callable[[ExecutionEnvironment], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._freezer = Freezer(sandbox)
        sandbox.on_exit = self._exited
        sandbox.on_end = self._sandbox_ended

    # ---- life

    @property
    def is_usable(self) -> bool:
        """True while another invocation may be tried here."""
        return self.phase is not EnvironmentPhase.SHUTDOWN and self.sandbox.is_alive

    @property
    def is_busy(self) -> bool:
        """True while function code may be running."""
        return self._run is not None or self._initializing is not None or not self._settled.is_set()

    async def open(self, endpoint: Callable[[], asyncio.Protocol] | None, init_timeout: timedelta = limits.INIT_TIMEOUT) -> Self:
        """Serves the sandbox's sockets and does the Init phase; a failed init is kept in `init_error`."""
        runtime_listener, endpoint_listener = self.sandbox.listeners
        self.sandbox.listeners = []
        self._servers.append(await self._loop.create_server(self._api.connection, sock=runtime_listener))
        if endpoint is None:
            endpoint_listener.close()
        else:
            self._servers.append(await self._loop.create_server(endpoint, sock=endpoint_listener))
        self._move(EnvironmentPhase.INIT)
        self._output.add(self._report.init_start())
        allowed = init_timeout.total_seconds()
        if self.spec.initialization_type is not InitializationType.ON_DEMAND:
            allowed = max(limits.PROVISIONED_INIT_TIMEOUT.total_seconds(), self.spec.timeout_seconds)
        self.init_error = await self._initialize(allowed)
        self.init_duration_ms = (clock.monotonic() - self._init_began) * 1000
        failure = self.init_error
        status, error_type = (failure.status, failure.error_type or None) if failure else ("success", None)
        if failure is not None and failure.status == "timeout":
            error_type = None
        self._output.add(self._report.init_done(self.init_duration_ms, "init", status, error_type))
        self.meter.sample()
        if self.phase is EnvironmentPhase.INIT:
            self._move(EnvironmentPhase.READY)
            if self._is_running:
                self._freezer.freeze_soon()
        return self

    async def close(self) -> None:
        """Kills everything inside and takes the environment away."""
        if self.phase is EnvironmentPhase.SHUTDOWN:
            return
        self._move(EnvironmentPhase.SHUTDOWN)
        if self._timer is not None:
            self._timer.cancel()
        self._freezer.cancel()
        self._fail_all(RuntimeExit(self.sandbox.generation, signal=9))
        self._output.stop()
        for server in self._servers:
            server.close()
        self._api.reset()
        await self.sandbox.close()
        if self._on_closed is not None:
            self._on_closed(self)

    async def ready(self) -> bool:
        """Waits until the environment can take another invocation; False when it never will."""
        if not self._settled.is_set():
            await self._settled.wait()
        return self.is_usable

    def when_settled(self, callback: Callable[["ExecutionEnvironment"], None]) -> None:
        """Has *callback* called once the present invocation is over in every respect; at once when it is. One at a time."""
        if self._settled.is_set():
            callback(self)
        else:
            self._when_settled = callback

    # ---- init

    async def _initialize(self, allowed_seconds: float) -> InitFailure | None:
        """Starts the runtime and waits for its first *next*. None, or what went wrong; then no process of it is left."""
        self._api.reset()
        self._initializing = self._loop.create_future()
        self._init_began = clock.monotonic()
        self._down.clear()
        self._killed_for = ""
        self._freezer.forget()
        self.sandbox.start(self._command.argv, self._command.variables)
        if self.spec.fails_init:
            self.sandbox.kill_runtime()
        timer = self._loop.call_later(allowed_seconds, self._init_timed_out)
        try:
            failure = await self._initializing
        finally:
            timer.cancel()
            self._initializing = None
        if failure is not None:
            self._output.finish()
            await self._kill()
        self._is_running = failure is None
        return failure

    def _init_timed_out(self) -> None:
        self._init_ends(InitFailure("timeout", "Sandbox.Timedout", b""))

    def _init_ends(self, failure: InitFailure | None) -> None:
        if self._initializing is not None and not self._initializing.done():
            self._initializing.set_result(failure)

    async def _kill(self) -> None:
        """Ends the runtime with all its processes; /tmp stays."""
        self._is_running = False
        if self._down.is_set() or not self.sandbox.is_alive:
            return
        self.sandbox.kill_runtime()
        try:
            await asyncio.wait_for(self._down.wait(), KILL_SECONDS)
        except TimeoutError:
            log.warning("environment %s: its processes could not be killed", self.environment_id)
            self._has_settled()
            await self.close()

    # ---- invoke

    async def invoke(self, event: RunEvent) -> RunOutcome:
        """Runs one event; what the function does, fails or not, is in the outcome. The run goes on if the caller is cancelled."""
        self._move(EnvironmentPhase.INVOKE)
        self._freezer.thaw()
        now = clock.monotonic()
        run = self._run = _Run(event, self._loop.create_future(), clock.epoch(), now)
        self._settled.clear()
        if event.on_chunk is not None:
            run.stream = ResponseStream(event.on_chunk, event.on_content_type)
        self._output.begin(event.on_log)
        self._output.add(self._report.start(event.request_id, event.trace_id))
        self._timer = self._loop.call_later(self.spec.timeout_seconds, self._timed_out, run)
        if not self._hand_over(run):
            self._loop.create_task(self._initialize_and_run(run))
        return await run.done

    def _hand_over(self, run: _Run) -> bool:
        event = run.event
        if event.crashes and self._is_running:
            self.sandbox.kill_runtime()
            return True
        head = next_head(event, deadline_ms=int((run.started_at + self.spec.timeout_seconds) * 1000))
        return self._is_running and self._api.hand_over(event.request_id, head, event.payload)

    async def _initialize_and_run(self, run: _Run) -> None:
        """A suppressed init: the runtime starts again inside the invocation, in its time."""
        await self._kill()
        if self._run is not run or self._initializing is not None:
            return
        began = clock.monotonic()
        failure = await self._initialize(float(self.spec.timeout_seconds) + KILL_SECONDS)
        if self._run is not run:
            return
        if failure is None:
            if not self._hand_over(run):
                self._fail_run(run, RuntimeExit(self.sandbox.generation, signal=9))
            return
        self._output.add(self._report.init_done((clock.monotonic() - began) * 1000, "invoke", failure.status, failure.error_type))
        if failure.exit is not None:
            self._fail_run(run, failure.exit)
        else:
            self._finish(run, failure.payload, "error", failure.error_type, is_platform_fault=True)
        self._settle()

    def _timed_out(self, run: _Run) -> None:
        if run is not self._run:
            # The response has been given, and the runtime has still not asked for more.
            self._loop.create_task(self._reset())
            return
        seconds = float(self.spec.timeout_seconds)
        self._output.finish()
        self._output.add(self._report.timed_out(run.event.request_id, seconds))
        message = f"RequestId: {run.event.request_id} Error: Task timed out after {seconds:.2f} seconds"
        self._finish(run, error_json("Sandbox.Timedout", message), "timeout", "Sandbox.Timedout", is_platform_fault=True)
        self._init_ends(InitFailure("timeout", "Sandbox.Timedout", b""))
        self._loop.create_task(self._reset())

    async def _reset(self) -> None:
        await self._kill()
        self._settle()

    def kill_for_memory(self) -> None:
        """The function uses more than MemorySize: the kernel would have killed it."""
        self._killed_for = "memory"
        self.sandbox.kill_runtime()

    def _finish(
        self,
        run: _Run,
        payload: bytes,
        status: str,
        error_type: str | None,
        *,
        content_type: str = "application/json",
        is_platform_fault: bool = False,
    ) -> None:
        """Writes END and REPORT and lets the caller have the outcome."""
        self._run = None
        duration_ms = (clock.monotonic() - run.began) * 1000
        if status == "timeout":
            duration_ms = self.spec.timeout_seconds * 1000.0
        init_ms = self.init_duration_ms if self._is_first and self.init_error is None else None
        is_billed = self.spec.initialization_type is InitializationType.ON_DEMAND
        billed_ms = billed_duration_ms(duration_ms, self.init_duration_ms if self._is_first and is_billed else None)
        peak_mb = min(self.meter.peak_mb, self.spec.memory_size_mb)
        closing = self._report.end(
            run.event.request_id,
            duration_ms=duration_ms,
            billed_ms=billed_ms,
            peak_mb=peak_mb,
            init_ms=init_ms,
            status=status,
            error_type=error_type,
            produced_bytes=len(payload),
            is_platform_fault=is_platform_fault,
        )
        book = self._output.end(closing)
        outcome = RunOutcome(
            payload=payload,
            status=status,
            function_error=None if status == "success" else "Unhandled",
            error_type=error_type,
            content_type=content_type,
            started_at=run.started_at,
            duration_ms=duration_ms,
            billed_duration_ms=billed_ms,
            init_duration_ms=self.init_duration_ms if self._is_first else None,
            max_memory_used_mb=peak_mb,
            environment_id=self.environment_id,
            initialization_type=str(self.spec.initialization_type),
            log_stream_name=self.log_stream_name,
            log=book.lines,
            start_line=book.start_line,
        )
        self._is_first = False
        if run.stream is None:
            if not run.done.done():
                run.done.set_result(outcome)
        else:
            self._loop.create_task(run.stream.finish(outcome, run.done))

    # ---- what the runtime says (RuntimeListener)

    def runtime_is_ready(self) -> None:
        """It asked for the next event."""
        if self._initializing is not None:
            self._init_ends(None)
        elif self._run is None and not self._settled.is_set():
            self._settle()

    def runtime_responded(self, body: bytes, content_type: str) -> None:
        """The function's whole response."""
        run = self._run
        if run is None or self._over_memory():
            return
        self._output.finish()
        if run.stream is not None:
            run.stream.put_whole(body, content_type)
            body = b""
        self._finish(run, body, "success", None, content_type=content_type)

    def runtime_response_too_large(self) -> None:
        """The response went over 6 MB."""
        message = f"Response payload size exceeded maximum allowed payload size ({limits.SYNC_PAYLOAD_WITH_ALLOWANCE} bytes)."
        self.runtime_failed("Function.ResponseSizeTooLarge", error_json("Function.ResponseSizeTooLarge", message))

    def runtime_failed(self, error_type: str, body: bytes) -> None:
        """The function's error."""
        run = self._run
        if run is None or self._over_memory():
            return
        self._output.finish()
        self._finish(run, body, "error", error_type)

    def runtime_failed_init(self, error_type: str, body: bytes) -> None:
        """Init could not be done."""
        self._init_ends(InitFailure("error", error_type, body))

    def runtime_streams(self, content_type: str) -> bool:
        """A streamed response begins."""
        if self._run is None or self._run.stream is None:
            return False
        self._run.content_type = content_type
        self._run.stream.begin(content_type)
        return True

    def runtime_streamed(self, chunk: bytes, source: asyncio.ReadTransport) -> None:
        """A chunk of it."""
        if self._run is not None and self._run.stream is not None:
            self._run.stream.put(chunk, source)

    def runtime_streamed_all(self, error_type: str | None, error: bytes) -> None:
        """Its end."""
        run = self._run
        if run is None:
            return
        self._output.finish()
        self._finish(run, error, "error" if error_type else "success", error_type, content_type=run.content_type)

    # ---- what the sandbox says

    def _exited(self, end: RuntimeExit) -> None:
        """The runtime and everything it started are gone."""
        if end.generation != self.sandbox.generation:
            return
        self.meter.ended(end.peak_kb)
        is_unexpected = self._is_running or self._initializing is not None
        self._is_running = False
        self._down.set()
        if is_unexpected:
            self._fail_all(end)

    def _sandbox_ended(self) -> None:
        """Somebody killed the supervisor, or the host ran out of memory."""
        self._is_running = False
        self._down.set()
        self._fail_all(RuntimeExit(self.sandbox.generation, signal=9))

    def _fail_all(self, end: RuntimeExit) -> None:
        if self._initializing is not None:
            _, error_type = exit_text(end, self._killed_for)
            self._init_ends(InitFailure("error", error_type, b"", end))
        elif self._run is not None:
            self._fail_run(self._run, end)
            self._settle()
        else:
            self._settle()

    def _fail_run(self, run: _Run, end: RuntimeExit) -> None:
        self._output.finish()
        reason, error_type = exit_text(end, self._killed_for)
        message = f"RequestId: {run.event.request_id} Error: {reason}"
        self._output.add(self._report.exited(message, error_type))
        self._finish(run, error_json(error_type, message), "error", error_type, is_platform_fault=True)

    def _over_memory(self) -> bool:
        if not self.meter.sample():
            return False
        self.kill_for_memory()
        return True

    # ---- between invocations

    def _settle(self) -> None:
        """The invocation is over in every respect."""
        if self._settled.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.last_used = clock.monotonic()
        if self.phase is EnvironmentPhase.INVOKE:
            self._move(EnvironmentPhase.READY)
            if self._is_running:
                self._freezer.freeze_soon()
        self._has_settled()

    def _has_settled(self) -> None:
        self._settled.set()
        callback, self._when_settled = self._when_settled, None
        if callback is not None:
            callback(self)

    def _move(self, phase: EnvironmentPhase) -> None:
        if phase not in _MOVES[self.phase]:
            raise RuntimeError(f"An environment cannot go from {self.phase} to {phase}")
        self.phase = phase
        if self._on_phase is not None:
            self._on_phase(self)
