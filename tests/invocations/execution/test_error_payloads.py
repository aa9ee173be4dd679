"""What callers get when a function fails, to the letter (AWS's recordings and runtime clients)."""

import json
import re
from typing import Any

import pytest

from tests.invocations.execution.workbench import Workbench, texts


def test_a_python_exception_has_its_type_message_and_frames(bench: Workbench) -> None:
    code = 'def handler(event, context):\n    return deeper()\n\ndef deeper():\n    raise ValueError("böse")\n'
    environment = bench.start(code)
    outcome = bench.invoke(environment, request_id="an-id")
    assert json.loads(outcome.payload) == {
        "errorMessage": "böse",
        "errorType": "ValueError",
        "requestId": "an-id",
        "stackTrace": [
            '  File "/var/task/index.py", line 2, in handler\n    return deeper()\n',
            '  File "/var/task/index.py", line 5, in deeper\n    raise ValueError("böse")\n',
        ],
    }
    assert (outcome.status, outcome.function_error) == ("error", "Unhandled")
    error_line = next(text for text in texts(outcome) if text.startswith("[ERROR]"))
    assert error_line.startswith(
        '[ERROR] ValueError: böse\rTraceback (most recent call last):\r\u00a0\u00a0File "/var/task/index.py", line 2'
    )
    assert texts(outcome)[-1].endswith("ms\t")


@pytest.mark.parametrize(
    ("files", "handler", "error"),
    [
        ({"index.py": "def x(): pass"}, "index.handler", ("Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'")),
        ({"index.py": ""}, "nope.handler", ("Runtime.ImportModuleError", "Unable to import module 'nope': No module named 'nope'")),
        (
            {"index.py": ""},
            "nodot",
            ("Runtime.MalformedHandlerName", "Bad handler 'nodot': not enough values to unpack (expected 2, got 1)"),
        ),
        (
            {"index.py": ""},
            "sys.handler",
            ("Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ),
    ],
)
def test_a_python_handler_that_cannot_be_had(bench: Workbench, files: dict[str, str | bytes], handler: str, error: tuple[str, str]) -> None:
    payload, outcome = bench.fail(files, handler=handler)
    assert payload == {"errorMessage": error[1], "errorType": error[0], "requestId": "", "stackTrace": []}
    assert outcome.error_type == error[0]
    assert texts(outcome)[-1].endswith(f"Status: error\tError Type: {error[0]}")


def test_a_python_syntax_error_names_file_and_line(bench: Workbench) -> None:
    payload, _ = bench.fail("def handler(event, context):\n    return (\n")
    assert payload["errorType"] == "Runtime.UserCodeSyntaxError"
    assert payload["errorMessage"] == "Syntax error in module 'index': '(' was never closed (index.py, line 2)"
    assert payload["stackTrace"] == ['  File "/var/task/index.py" Line 2\n        return (\n']
    assert payload["requestId"] == ""


def test_a_python_module_that_raises_has_the_importers_frames_first(bench: Workbench) -> None:
    payload, outcome = bench.fail("raise RuntimeError('at import')\n")
    assert (payload["errorType"], payload["errorMessage"], payload["requestId"]) == ("RuntimeError", "at import", "")
    assert re.search(r"importlib/__init__.py", payload["stackTrace"][0])
    assert "<frozen importlib._bootstrap>" in payload["stackTrace"][1]
    assert payload["stackTrace"][-1] == "  File \"/var/task/index.py\", line 1, in <module>\n    raise RuntimeError('at import')\n"
    assert outcome.error_type == "Runtime.Unknown"


def test_a_python_result_that_is_no_json(bench: Workbench) -> None:
    payload, _ = bench.fail("def handler(event, context):\n    return {1, 2}\n")
    assert payload["errorType"] == "Runtime.MarshalError"
    assert payload["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"


def test_an_event_that_is_no_json(bench: Workbench) -> None:
    payload, _ = bench.fail("def handler(event, context):\n    return 1\n", b"{")
    assert payload["errorType"] == "Runtime.UnmarshalError"
    assert payload["errorMessage"].startswith("Unable to unmarshal input: ")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("os._exit(127)", "Runtime exited with error: exit status 127"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends(bench: Workbench, statement: str, reason: str) -> None:
    environment = bench.start(f"import os, sys\ndef handler(event, context):\n    {statement}\n")
    outcome = bench.invoke(environment, request_id="an-id")
    assert json.loads(outcome.payload) == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: an-id Error: {reason}"}


def test_a_process_that_ends_while_it_initialises(bench: Workbench) -> None:
    environment = bench.start("import sys\nsys.exit(5)\n")
    assert environment.init_error is not None
    assert environment.init_error.error_type == "Runtime.ExitError"
    outcome = bench.invoke(environment, request_id="an-id")
    reason = "RequestId: an-id Error: Runtime exited with error: exit status 5"
    assert json.loads(outcome.payload) == {"errorType": "Runtime.ExitError", "errorMessage": reason}
    assert texts(outcome)[1].endswith("Phase: init\tStatus: error\tError Type: Runtime.ExitError")


def test_a_response_over_six_megabytes(bench: Workbench) -> None:
    payload, outcome = bench.fail("def handler(event, context):\n    return 'x' * (6 * 1024 * 1024 + 200)\n", memory_size_mb=512)
    assert payload == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert outcome.error_type == "Function.ResponseSizeTooLarge"


NODE = {
    "index.js": """
exports.boom = async () => { throw new TypeError("bumm"); };
exports.text = async () => { throw "only text"; };
exports.callback = (event, context, callback) => callback(new Error("by callback"));
exports.failed = (event, context) => context.fail("by context");
exports.never = async () => { await new Promise(() => {}); };
exports.forgotten = (event, context, callback) => {};
exports.rejected = async () => { Promise.reject(new Error("lost")); await new Promise((done) => setTimeout(done, 500)); };
exports.thrown = async () => {
  setTimeout(() => { throw new RangeError("later"); }, 1);
  await new Promise(() => setTimeout(() => {}, 500));
};
exports.exits = async () => process.exit(3);
exports.circular = async () => { const a = {}; a.a = a; return a; };
exports.number = 3;
""",
    "broken.js": "exports.handler = (",
    "throws.js": "throw new Error('while loading');",
    "needs.js": "require('not-there'); exports.handler = () => {};",
}


@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("index.boom", "TypeError", "bumm"),
        ("index.text", "string", "only text"),
        ("index.callback", "Error", "by callback"),
        ("index.failed", "string", "by context"),
        ("index.rejected", "Runtime.UnhandledPromiseRejection", "Error: lost"),
        ("index.thrown", "RangeError", "later"),
        ("index.circular", "Error", "Unable to stringify response body"),
        ("index.number", "Runtime.HandlerNotFound", "index.number is not a function"),
        ("index.nothing", "Runtime.HandlerNotFound", "index.nothing is undefined or not exported"),
        ("nodot", "Runtime.MalformedHandlerName", "Bad handler"),
        ("broken.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected end of input"),
        ("throws.handler", "Error", "while loading"),
    ],
)
def test_a_node_function_that_fails(bench: Workbench, handler: str, error_type: str, message: str) -> None:
    payload, _ = bench.fail(dict(NODE), handler=handler, runtime="nodejs20.x")
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)
    assert set(payload) == {"errorType", "errorMessage", "trace"}
    assert payload["trace"] == [] if error_type == "string" else payload["trace"][0] == f"{error_type}: {message}"


def test_a_node_exception_has_a_trace_of_the_functions_own_files(bench: Workbench) -> None:
    payload, outcome = bench.fail({"index.js": 'exports.handler = async () => {\n  throw new Error("boom");\n};\n'}, runtime="nodejs20.x")
    assert payload["trace"][:2] == ["Error: boom", "    at exports.handler (/var/task/index.js:2:9)"] or payload["trace"][1].endswith(
        "(/var/task/index.js:2:9)"
    )
    line = next(text for text in texts(outcome) if "\tERROR\t" in text)
    fields = line.split("\t")
    assert fields[2:4] == ["ERROR", "Invoke Error "]
    assert json.loads(fields[4])["errorMessage"] == "boom"


def test_a_node_module_that_is_missing(bench: Workbench) -> None:
    payload, outcome = bench.fail(dict(NODE), handler="needs.handler", runtime="nodejs20.x")
    assert payload["errorType"] == outcome.error_type == "Runtime.ImportModuleError"
    assert payload["errorMessage"] == "Error: Cannot find module 'not-there'\nRequire stack:\n- /var/task/needs.js\n" + "\n".join(
        ["- /var/runtime/user_function.cjs", "- /var/runtime/index.cjs"]
    )


def test_a_node_promise_that_is_never_settled(bench: Workbench) -> None:
    payload, _ = bench.fail(dict(NODE), handler="index.never", runtime="nodejs20.x")
    assert payload["errorType"] == "Runtime.NodeJsExit"
    assert payload["errorMessage"].startswith("The Lambda runtime client detected an unexpected Node.js exit code.")


def test_a_node_callback_that_is_never_called_answers_null(bench: Workbench) -> None:
    assert bench.call(dict(NODE), handler="index.forgotten", runtime="nodejs20.x") is None


def test_a_node_process_that_ends(bench: Workbench) -> None:
    payload, _ = bench.fail(dict(NODE), handler="index.exits", runtime="nodejs20.x")
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"other": "x"}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ({"bootstrap": "not executable"}, "fork/exec bootstrap: permission denied"),
    ],
)
def test_a_provided_runtime_without_a_bootstrap_that_runs(bench: Workbench, files: dict[str, Any], message: str) -> None:
    environment = bench.start(files, runtime="provided.al2023", handler="x")
    outcome = bench.invoke(environment, request_id="an-id")
    expected = {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": f"RequestId: an-id Error: {message}"}
    assert json.loads(outcome.payload) == expected
