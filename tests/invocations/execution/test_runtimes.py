"""Which interpreter runs what."""

import sys
from pathlib import Path

import pytest

from invocations.execution.runtimes import RUNTIMES, RuntimeMissing, available, nodejs, provided, python, resolve
from tests.invocations.execution.workbench import Workbench, texts

OWN = f"python3.{sys.version_info.minor}"


def test_our_own_interpreter_runs_its_own_version() -> None:
    choice = resolve(OWN)
    assert choice.exact
    assert choice.version == ".".join(str(part) for part in sys.version_info[:3])
    assert python.version_label(choice) == f"python:3.{sys.version_info.minor}.v{sys.version_info.micro}"


def test_every_python_can_run_by_some_interpreter() -> None:
    choices = {runtime: choice for runtime, choice in available().items() if runtime.startswith("python")}
    assert set(choices) == set(python.RUNTIMES)
    present = python.interpreters()
    for runtime, choice in choices.items():
        assert choice.exact == (int(runtime.removeprefix("python3.")) in present)


def test_the_nearest_interpreter_stands_in() -> None:
    present = python.interpreters()
    missing = [minor for minor in range(9, 15) if minor not in present]
    if not missing:
        pytest.skip("every version is here")
    for minor in missing:
        chosen = int(resolve(f"python3.{minor}").version.split(".")[1])
        assert abs(chosen - minor) == min(abs(other - minor) for other in present)


def test_an_unknown_runtime_names_the_ones_that_can_run() -> None:
    with pytest.raises(RuntimeMissing, match=r"The runtime java21 cannot run here\. These can: python3\.9, .*provided\.al2023"):
        resolve("java21")


def test_provided_runtimes_need_nothing() -> None:
    choice = resolve("provided.al2023")
    assert (choice.exact, provided.version_label(choice)) == (True, "provided:al2023.v1")
    assert {"provided.al2", "provided.al2023"} <= set(RUNTIMES) & set(available())


@pytest.mark.parametrize("runtime", python.RUNTIMES)
def test_each_python_runs_a_function_and_says_what_runs_it(bench: Workbench, runtime: str) -> None:
    choice = resolve(runtime)
    environment = bench.start("import sys, json\ndef handler(event, context):\n    return list(sys.version_info[:2])\n", runtime=runtime)
    outcome = bench.invoke(environment)
    assert outcome.payload.decode() == "[3, {}]".format(choice.version.split(".")[1])
    assert texts(outcome)[0].startswith("INIT_START Runtime Version: " + python.version_label(choice))
    failed, _ = bench.fail("def handler(event, context):\n    raise KeyError('k')\n", runtime=runtime)
    assert (failed["errorType"], failed["errorMessage"]) == ("KeyError", "'k'")


@pytest.mark.parametrize("runtime", nodejs.RUNTIMES)
def test_each_node_runs_a_function(bench: Workbench, runtime: str) -> None:
    choice = resolve(runtime)
    code = {"index.mjs": "export const handler = async (event, context) => [process.versions.node, process.env.AWS_EXECUTION_ENV];\n"}
    assert bench.call(code, runtime=runtime) == [choice.version, f"AWS_Lambda_{runtime}"]


def test_boto3_can_be_imported(bench: Workbench) -> None:
    code = "import boto3\ndef handler(event, context):\n    return boto3.client('sqs').meta.endpoint_url\n"
    assert bench.call(code, memory_size_mb=256) == "http://127.0.0.1:4566"


def test_the_search_path_is_awss(isolated: Workbench) -> None:
    path = isolated.call("import sys\ndef handler(event, context):\n    return sys.path\n")
    assert path[:4] == ["/var/task", f"/opt/python/lib/{OWN}/site-packages", "/opt/python", "/var/runtime"]
    assert all(folder.startswith(("/var/lang/", "/usr/lib/")) for folder in path[4:])


def test_packages_of_the_host_are_not_to_be_seen(isolated: Workbench) -> None:
    code = "import importlib.util\ndef handler(event, context):\n    return [importlib.util.find_spec(name) is None for name in event]\n"
    assert isolated.call(code, ["django", "redis", "pytest", "uvloop", "pip"]) == [True] * 5


def test_later_layers_win_and_the_code_wins_over_all(bench: Workbench) -> None:
    first = bench.tree({"python/shared.py": "VALUE = 1\n", "python/only_first.py": "VALUE = 1\n", "data/a.txt": "first"})
    second = bench.tree({"python/shared.py": "VALUE = 2\n", "python/mine.py": "VALUE = 2\n", "data/b.txt": "second"})
    code = """
import os, shared, only_first, mine
def handler(event, context):
    return [shared.VALUE, only_first.VALUE, mine.VALUE, sorted(os.listdir("/opt/data"))]
"""
    files = {"index.py": code, "mine.py": "VALUE = 3\n"}
    for size in (512, 600):
        assert bench.call(files, layer_trees=(first, second), ephemeral_storage_mb=size) == [2, 1, 3, ["a.txt", "b.txt"]]


def test_node_finds_modules_in_layers(bench: Workbench) -> None:
    layer = bench.tree({"nodejs/node_modules/dep/index.js": "module.exports = 'from layer';\n"})
    code = {"index.js": "exports.handler = async () => require('dep');\n"}
    assert bench.call(code, runtime="nodejs20.x", layer_trees=(layer,)) == "from layer"


SHELL = """#!/bin/bash
request() {
  exec 5<>/dev/tcp/127.0.0.1/9001
  head='%s %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s'
  printf "$head" "$1" "/2018-06-01/runtime/$2" "${#3}" "$3" >&5
}
while true; do
  request GET invocation/next ''
  id=""
  while IFS= read -r line <&5; do
    line="${line%$'\\r'}"
    [ -z "$line" ] && break
    case "$line" in Lambda-Runtime-Aws-Request-Id:*) id="${line#*: }";; Content-Length:*) size="${line#*: }";; esac
  done
  IFS= read -r -N "$size" body <&5
  exec 5>&-
  echo "handling $id"
  request POST "invocation/$id/response" "{\\"got\\": $body, \\"handler\\": \\"$_HANDLER\\"}"
  cat <&5 >/dev/null
  exec 5>&-
done
"""


@pytest.mark.parametrize("runtime", provided.RUNTIMES)
def test_any_executable_bootstrap_runs(bench: Workbench, runtime: str) -> None:
    if not Path("/bin/bash").exists():
        pytest.skip("the bootstrap of this test is written in bash")
    environment = bench.start({"bootstrap": SHELL}, runtime=runtime, handler="anything")
    for number in (1, 2):
        outcome = bench.invoke(environment, {"n": number}, request_id="an-id")
        assert outcome.payload.decode() == f'{{"got": {{"n": {number}}}, "handler": "anything"}}'
        assert "handling an-id" in texts(outcome)


def test_a_bootstrap_may_be_in_a_layer(bench: Workbench) -> None:
    layer = bench.tree({"bootstrap": SHELL})
    assert bench.call({"x.sh": "x"}, runtime="provided.al2023", layer_trees=(layer,), handler="h")["handler"] == "h"
