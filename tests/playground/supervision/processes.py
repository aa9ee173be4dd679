"""What the tests of starting, stopping and dying look at."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import psutil

from playground.supervision.trial import Trial

NAMES = ("redis", "service", "worker", "web")


def family(trial: Trial) -> list[psutil.Process]:
    """The supervisor, its processes, and everything they have started, sandboxes included."""
    assert trial.process is not None
    supervisor = psutil.Process(trial.process.pid)
    return [supervisor, *supervisor.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> list[str]:
    """Command lines of those that have not ended."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()) or process.name())
    return found


def eventually(is_so: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Waits until *is_so*."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


def health(trial: Trial) -> dict[str, Any]:
    """Both health reports by the name of who gives it; {} for one that does not answer."""
    found = {}
    for name, url in (("web", f"{trial.dashboard_url}/healthz"), ("service", f"{trial.endpoint_url}/_playground/health")):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                found[name] = json.load(answer)
        except urllib.error.HTTPError as error:
            found[name] = json.load(error)
        except OSError:
            found[name] = {}
    return found


def is_well(trial: Trial) -> bool:
    """Whether both reports say so of every part."""
    return all(report.get("status") == "ok" for report in health(trial).values())
