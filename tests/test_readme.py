"""README's script of asynchronous invocation, run as it stands there."""

import re
from pathlib import Path

import boto3
import pytest

from playground.supervision.trial import Trial

README = Path(__file__).resolve().parents[1] / "README.md"


def test_readmes_script_prints_what_readme_shows(stack: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script, shown = re.findall(r"```python\n(import io, .*?)```\n\n```console\n(.*?)```", README.read_text(), re.DOTALL)[0]
    for name, value in {"ACCESS_KEY_ID": "515151515151", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers the keys it began with

    exec(compile(script, "README.md", "exec"), {})

    assert capsys.readouterr().out == shown
