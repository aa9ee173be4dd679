"""The functions that fail in their own way, made when somebody first asks for their error."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

PYTHON, NODE, CUSTOM = "python3.12", "nodejs20.x", "provided.al2023"


@dataclass(frozen=True, slots=True)
class Sample:
    """A function as CreateFunction takes it."""

    runtime: str
    handler: str
    files: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)


_MISBEHAVES = """import os, signal, sys, time

def handler(event, context):
    how = event["how"]
    print("about to fail:", how)
    if how == "exception":
        raise ValueError("no stock left of A-1")
    if how == "timeout":
        time.sleep(60)
    if how == "exit":
        os._exit(0)
    if how == "exit 1":
        os._exit(1)
    if how == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "too large":
        return "x" * (7 * 1024 * 1024)
    if how == "no JSON":
        return {"a", "set"}
    return event
"""
_NODE = """exports.handler = async (event) => {
  if (event.how === "exception") throw new TypeError("no stock left of A-1");
  if (event.how === "rejection") { Promise.reject(new Error("nobody catches this")); await new Promise(done => setTimeout(done, 200)); }
  if (event.how === "never") await new Promise(() => {});
  return event;
};
"""

SAMPLES = {
    "error-python": Sample(PYTHON, "app.handler", {"app.py": _MISBEHAVES}, {"Timeout": 2}),
    "error-node": Sample(NODE, "index.handler", {"index.js": _NODE}),
    "error-import": Sample(PYTHON, "app.handler", {"app.py": "import requests_of_mine\n"}),
    "error-syntax": Sample(PYTHON, "app.handler", {"app.py": "def handler(event, context)\n    return event\n"}),
    "error-no-handler": Sample(PYTHON, "app.main", {"app.py": "def handler(event, context):\n    return event\n"}),
    "error-handler-name": Sample(PYTHON, "handler", {"app.py": "def handler(event, context):\n    return event\n"}),
    "error-node-import": Sample(NODE, "index.handler", {"index.js": 'const left = require("left-pad-of-mine");\n'}),
    "error-node-handler": Sample(NODE, "index.main", {"index.js": "exports.handler = async (event) => event;\n"}),
    "error-no-bootstrap": Sample(CUSTOM, "bootstrap", {"readme.txt": "There is no bootstrap here.\n"}),
    "error-works": Sample(PYTHON, "app.handler", {"app.py": "def handler(event, context):\n    return event\n"}),
}
"""Name -> what it is made of. The names say in every list where they come from."""


def ensure(client: Any, account_id: str, name: str) -> None:
    """Makes the function of that name if it is not there, and waits until it can be invoked."""
    sample = SAMPLES[name]
    try:
        client.get_function(FunctionName=name)
        return
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    client.create_function(
        FunctionName=name,
        Runtime=sample.runtime,
        Handler=sample.handler,
        Role=f"arn:aws:iam::{account_id}:role/playground-sample",
        Description="Made by the error gallery",
        Code={"ZipFile": _zipped(sample.files)},
        **sample.options,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path, text in files.items():
            zipped.writestr(path, text)
    return buffer.getvalue()
