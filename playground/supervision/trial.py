"""A playground of its own for a test or a measurement: free ports, an empty data folder, the real command."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

BASE_DIR = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
QUIET_PORTS = range(15_000, 32_000)
"""Below those of outgoing connections, of which Linux begins at 32768."""


class Trial:
    """`manage.py playground` in a process group of its own; everything is gone when the `with` block ends."""

    def __init__(self, environment: Mapping[str, str] | None = None, data_dir: Path | None = None) -> None:
        self._own_folder = data_dir is None
        self.data_dir = data_dir or Path(tempfile.mkdtemp(prefix="playground-"))
        self.port, self.endpoint_port, self.https_port = free_ports(3)
        self._environment = {**os.environ, **(environment or {})}
        self._environment.pop("PLAYGROUND_DATA", None)
        self.output = self.data_dir / "output"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint_url(self) -> str:
        """The AWS endpoint."""
        return f"http://localhost:{self.endpoint_port}"

    @property
    def dashboard_url(self) -> str:
        """The pages."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.data_dir, ignore_errors=True)

    def start(self) -> None:
        """Starts it and waits until all processes answer."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), "playground", "--data", str(self.data_dir)]
        command += ["--port", str(self.port), "--endpoint-port", str(self.endpoint_port), "--https-port", str(self.https_port)]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=self._environment, start_new_session=True)
        seen = self.output.stat().st_size
        deadline = time.monotonic() + START_SECONDS
        while b"ready after" not in self.output.read_bytes()[seen:]:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the playground did not start:\n{self.output.read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it as Ctrl-C would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pid(self, name: str) -> int:
        """The process id of "redis", "service", "worker" or "web"."""
        return int((self.data_dir / "run" / f"{name}.pid").read_text())

    def kill(self, name: str) -> None:
        """kill -9."""
        os.kill(self.pid(name), signal.SIGKILL)

    def boto3(self, service: str, **options: Any) -> Any:
        """A client without retries: a 429 is to be seen as it comes."""
        import boto3
        from botocore.config import Config

        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1", "endpoint_url": self.endpoint_url}
        config = Config(retries={"max_attempts": 0}, inject_host_prefix=False, read_timeout=70).merge(options.pop("config", Config()))
        return boto3.client(service, config=config, **{**keys, **options})


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment, and that the system gives to no outgoing connection until somebody does."""
    found: list[int] = []
    for port in random.sample(QUIET_PORTS, len(QUIET_PORTS)):
        if len(found) == count:
            break
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
    return found
