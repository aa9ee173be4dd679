"""Starting, and every way of ending: asked to, or killed."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from playground.supervision.trial import BASE_DIR, Trial, free_ports
from tests.playground.supervision.processes import NAMES, alive, eventually, family, health, is_well


def start(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to be refused."""
    command = [sys.executable, str(BASE_DIR / "manage.py"), "playground", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | environment, check=False)


def test_a_started_playground_says_where_it_is_and_how_it_is(stack: Trial) -> None:
    printed = stack.output.read_text()
    assert f"http://localhost:{stack.port}" in printed
    assert f"http://localhost:{stack.endpoint_port}" in printed

    eventually(lambda: is_well(stack), "everything is well")
    for report in health(stack).values():
        assert {*NAMES, "database"} == set(report["parts"])


@pytest.fixture(scope="module")
def once_started(hello_zip: bytes) -> Iterator[Trial]:
    """A playground with a function."""
    with Trial() as trial:
        client, role = trial.boto3("lambda"), "arn:aws:iam::000000000000:role/any"
        client.create_function(FunctionName="kept", Runtime="python3.12", Handler="m.handler", Role=role, Code={"ZipFile": hello_zip})
        client.get_waiter("function_active_v2").wait(FunctionName="kept")
        yield trial


@pytest.fixture
def mortal(once_started: Trial) -> Trial:
    """The same, which may be ended or killed. Whoever does that starts it again; here it is done for who failed before that."""
    process = once_started.process
    if process is None or process.poll() is not None:
        once_started.start()
    return once_started


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_however_it_ends_it_leaves_nothing_and_starts_again(mortal: Trial, number: signal.Signals) -> None:
    trial = mortal
    trial.boto3("lambda").invoke(FunctionName="kept", Payload=b"0")
    everybody = family(trial)
    assert len(everybody) > 5, "there is a warm environment too"

    assert trial.process is not None
    trial.process.send_signal(number)
    status = trial.process.wait(20)

    if number is signal.SIGKILL:
        eventually(lambda: alive(everybody) == [], "all processes are gone")
    else:
        assert (status, alive(everybody)) == (0, [])
    trial.start()
    assert trial.boto3("lambda").invoke(FunctionName="kept", Payload=b"1")["Payload"].read() == b"1"


def test_a_running_invocation_finishes_when_everything_is_asked_to_end_and_nothing_is_left(mortal: Trial) -> None:
    client = mortal.boto3("lambda")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client.invoke(FunctionName="slow", Payload=b'{"seconds": 1.5}')))
    client.update_function_configuration(FunctionName="slow", Timeout=10)
    client.get_waiter("function_updated_v2").wait(FunctionName="slow")
    client.invoke(FunctionName="slow", Payload=b'{"seconds": 0}')
    thread.start()
    eventually(lambda: health(mortal)["service"]["parts"]["service"]["running"] == 1, "the function runs")
    everybody = family(mortal)
    assert mortal.process is not None
    mortal.process.terminate()  # SIGTERM
    thread.join(20)
    assert (mortal.process.wait(20), alive(everybody)) == (0, [])
    mortal.start()

    assert client.invoke(FunctionName="kept", Payload=b"1")["Payload"].read() == b"1"
    assert answers[0]["StatusCode"] == 200
    assert "FunctionError" not in answers[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_process_that_is_killed_comes_back(mortal: Trial, name: str) -> None:
    eventually(lambda: is_well(mortal), "everything is well at first")
    before = mortal.pid(name)
    seen = len(mortal.output.read_text())

    mortal.kill(name)

    eventually(lambda: mortal.pid(name) != before and psutil.pid_exists(mortal.pid(name)) and is_well(mortal), f"{name} is back")
    assert f"{name} was ended by signal 9; starting it again" in mortal.output.read_text()[seen:]


@pytest.mark.parametrize("option", ["--port", "--endpoint-port"])
def test_a_taken_port_is_one_sentence(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port, other = str(taken.getsockname()[1]), str(free_ports(1)[0])
        other_option = {"--port": "--endpoint-port", "--endpoint-port": "--port"}[option]
        ended = start("--data", str(tmp_path), option, port, other_option, other)

    assert ended.returncode == 1
    sentence = f"Port {port} is taken by another program. End that one, or choose another port with {option}."
    assert ended.stderr == f"playground: {sentence}\n"


def test_a_data_folder_has_one_playground(stack: Trial) -> None:
    ended = start("--data", str(stack.data_dir))

    assert ended.returncode == 1
    assert "Another playground is running on" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PLAYGROUND_HOST": "0.0.0.0"}, "there is no login yet: use localhost"),
        ({"PLAYGROUND_PORT": "http"}, "PLAYGROUND_PORT is 'http': give a number from 1 to 65535."),
        ({"PLAYGROUND_PORT": "4566"}, "choose two different ports"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL must look like postgres://"),
        ({"REDIS_URL": "http://host"}, "REDIS_URL must look like redis://"),
        ({"PLAYGROUND_DATA": "/proc/nowhere"}, "cannot be written to"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(environment: dict[str, str], sentence: str, tmp_path: Path) -> None:
    ended = start(**({"PLAYGROUND_DATA": str(tmp_path)} | environment))

    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
